"""Sections of plots: panels to choose from, each with its legend and its data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchsuite.model import BYTES
from benchsuite.report.charts.entries import Contender, Data, Entry
from benchsuite.report.charts.ladders import Ladder
from benchsuite.report.charts.measures import PERCENTILE_NAMES, Figure
from benchsuite.report.charts.panels import Panel, split
from benchsuite.report.charts.strips import Strip
from benchsuite.report.html import ladder_svg, panel_svg, strip_svg
from benchsuite.report.html.glyphs import colour, sample
from benchsuite.report.html.markup import BLANK, Html, element, escaped, joined
from benchsuite.report.html.tables import Cell, real, whole
from benchsuite.sheet import as_csv
from benchsuite.sheet.numbers import NONE

SHOWN_AT_ONCE = 8  # panels of a section; of more, a group is chosen


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure of the page, and the group it is chosen by."""

    group: str
    markup: Html


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page. identity: of its element."""

    identity: str
    title: str
    markup: Html


def section(identity: str, title: str, intro: str, *content: object) -> Section:
    markup = element(
        "section",
        element("h2", title, id=f"{identity}-h"),
        element("p", intro, class_="intro") if intro else None,
        *content,
        id=identity,
        aria_labelledby=f"{identity}-h",
    )
    return Section(identity, title, markup)


def plots(identity: str, title: str, intro: str, shown: Sequence[Shown]) -> Section:
    """A section of figures."""
    grid = element("div", *(each.markup for each in shown), class_="panels", id=f"{identity}-panels")
    return section(identity, title, intro, _chooser(identity, title, shown), grid)


def _chooser(identity: str, title: str, shown: Sequence[Shown]) -> Html | None:
    """Which group is looked at; the script unhides it, because without one all are there."""
    groups = list(dict.fromkeys(each.group for each in shown))
    if len(groups) < 2:
        return None
    many = len(shown) > SHOWN_AT_ONCE
    options = [element("option", f"all ({len(shown)} plots)", value="")]
    options += [
        element("option", group, value=group, selected=many and number == 0)
        for number, group in enumerate(groups)
    ]
    choice = element("select", *options, id=f"{identity}-choice", data_panels=f"{identity}-panels")
    label = element("label", "Show", element("span", title, class_="hidden"), for_=f"{identity}-choice")
    return element("p", label, BLANK, choice, class_="chooser", hidden=True)


def panel_figures(identity: str, panels: Sequence[Panel], data: Data) -> list[Shown]:
    """Panels with their legends and data."""
    parts = [part for panel in panels for part in split(panel, data.base)]
    shown = []
    for number, panel in enumerate(parts, 1):
        own = f"{identity}-{number}"
        legend = _legend((curve.contender, curve.remark) for curve in panel.curves)
        drawn = panel_svg.draw(panel, own)
        shown.append(_shown(own, panel, drawn, legend, _left_out(panel.left_out), _data(panel)))
    return shown


def ladder_figures(identity: str, ladders: Sequence[Ladder], name: str, unit: str) -> list[Shown]:
    """Ladders with their legends and data."""
    headers = ["case", "line", unit, "low", "high", "values", "kind"]
    shown = []
    for number, ladder in enumerate(ladders, 1):
        own = f"{identity}-{number}"
        legend = _legend((contender, "") for contender in ladder.contenders)
        spots = [(rung.name, spot) for rung in ladder.rungs for spot in rung.spots]
        rows = [[rung, spot.contender.label, *_figures(spot.figure, spot.entry)] for rung, spot in spots]
        data = details(f"{name}: {ladder.heading}", headers, rows)
        drawn = ladder_svg.draw(ladder, name, unit, own)
        shown.append(_shown(own, ladder, drawn, legend, _left_out(ladder.left_out), data))
    return shown


def _figures(figure: Figure, entry: Entry) -> list[object]:
    """Cells of a row of data."""
    values = whole(entry.figures.values) if entry.figures else Cell(NONE)
    return [real(figure.middle, 6), real(figure.low, 6), real(figure.high, 6), values, entry.kind]


def _left_out(count: int) -> Html | None:
    note = f"{count} more of the same cases are in the table of all cases only."
    return element("p", note, class_="note") if count else None


def _legend(named: Iterable[tuple[Contender, str]]) -> Html:
    """Contenders, and what is remarked of each."""
    items = []
    for contender, remark in named:
        said = joined(BLANK, element("small", remark)) if remark else None
        line, label = sample(contender.style), element("span", contender.label)
        items.append(element("li", line, label, said, class_=colour(contender.style)))
    return element("ul", *items, class_="legend")


def _shown(identity: str, of: Panel | Ladder | Strip, drawn: Html, *below: Html | None) -> Shown:
    title = element("h3", of.heading, said_simulated(of.simulated))
    caption = element("figcaption", title)
    attributes = {"class_": "panel", "id": identity, "data_group": of.group}
    return Shown(of.group, element("figure", caption, drawn, *below, **attributes))


def said_simulated(text: str) -> Html | None:
    """After a heading."""
    return joined(BLANK, element("em", text, class_="sim")) if text else None


def _data(panel: Panel) -> Html:
    x = f"{panel.axis.key} (B)" if panel.axis.unit == BYTES else panel.axis.key
    headers = ["line", x, panel.quantity.y, "low", "high", "values", "kind"]
    rows = [
        [curve.contender.label, whole(dot.x), *_figures(dot.figure, dot.entry)]
        for curve in panel.curves
        for dot in curve.dots
    ]
    return details(f"{panel.name}: {panel.heading}", headers, rows)


def details(name: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    """The data of a plot, folded, as CSV. The script makes a table of it when it is opened: thousands of them
    would be most of the page."""
    cells = [[part.text if isinstance(part, Cell) else part for part in row] for row in rows]
    text = as_csv.write([headers, *cells], end="\n")
    said = f"Data ({len(rows)} row{'s' * (len(rows) != 1)})"
    lines = Html("\n".join(escaped(line) for line in text.splitlines()))
    data = element("pre", lines, data_csv=name, tabindex=0)
    return element("details", element("summary", said), data, class_="data")


def strip_figures(identity: str, strips: Sequence[Strip], name: str, unit: str) -> list[Shown]:
    """Strips with their data, and where they are of percentiles with a key."""
    percentiles = not any(row.figure for strip in strips for row in strip.rows)
    middle = [f"{key} (µs)" for key in PERCENTILE_NAMES] if percentiles else [unit, "low", "high"]
    key = strip_svg.key() if percentiles else None
    shown = []
    for number, strip in enumerate(strips, 1):
        own = f"{identity}-{number}"
        rows = []
        for row in strip.rows:
            band = (row.figure.low, row.figure.high) if row.figure else ()
            rows.append([row.name, *(real(value, 6) for value in (*row.values, *band)), row.entry.kind])
        data = details(f"{name}: {strip.heading}", ["case", *middle, "kind"], rows)
        shown.append(_shown(own, strip, strip_svg.draw(strip, name, unit, own), key, data))
    return shown
