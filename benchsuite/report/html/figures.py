"""Sections of plots: panels to choose from, each with its legend and its data."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.report.charts.axis_titles import Look
from benchsuite.report.charts.entries import Data, Entry, Way
from benchsuite.report.charts.measures import PERCENTILE_NAMES
from benchsuite.report.charts.operations import Ladder
from benchsuite.report.charts.panels import DEPTH, SIZE, Panel, split
from benchsuite.report.charts.strips import Strip
from benchsuite.report.delimited import cell
from benchsuite.report.html import drawing, ladder_svg, strip_svg
from benchsuite.report.html.glyphs import colour, sample
from benchsuite.report.html.markup import BLANK, Html, element, escaped, joined
from benchsuite.report.html.tables import Cell, figure, whole

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
        element("option", group, value=group, selected=many and index == 0)
        for index, group in enumerate(groups)
    ]
    choice = element("select", *options, id=f"{identity}-choice", data_panels=f"{identity}-panels")
    label = element("label", "Show", element("span", title, class_="hidden"), for_=f"{identity}-choice")
    return element("p", label, BLANK, choice, class_="chooser", hidden=True)


def panel_figures(identity: str, panels: Sequence[Panel], data: Data, look: Look) -> list[Shown]:
    x = DEPTH if look.x == DEPTH else SIZE
    shown: list[Shown] = []
    for panel in [part for whole_panel in panels for part in split(whole_panel, data.base)]:
        own = f"{identity}-{len(shown) + 1}"
        legend = element("ul", *(_legend(line.way, line.remark) for line in panel.lines), class_="legend")
        drawn = drawing.draw(panel, look, own)
        rows = _data(panel, data, look, x)
        shown.append(
            Shown(
                panel.group,
                _figure(
                    own,
                    panel.heading,
                    panel.simulated,
                    panel.group,
                    drawn,
                    legend,
                    _left_out(panel.left_out),
                    rows,
                ),
            )
        )
    return shown


def ladder_figures(identity: str, ladders: Sequence[Ladder], name: str, unit: str) -> list[Shown]:
    shown = []
    for number, ladder in enumerate(ladders, 1):
        own = f"{identity}-{number}"
        legend = element("ul", *(_legend(way) for way in ladder.ways), class_="legend")
        rows = [
            [
                row.name,
                spot.way.label,
                figure(spot.figure.middle, 6),
                figure(spot.figure.low, 6),
                figure(spot.figure.high, 6),
                _values(spot.entry),
                spot.entry.kind,
            ]
            for row in ladder.rows
            for spot in row.spots
        ]
        headers = ["case", "line", unit, "low", "high", "values", "kind"]
        data = details(f"{name}: {ladder.heading}", headers, rows)
        drawn = ladder_svg.draw(ladder, name, unit, own)
        markup = _figure(
            own,
            ladder.heading,
            ladder.simulated,
            ladder.group,
            drawn,
            legend,
            _left_out(ladder.left_out),
            data,
        )
        shown.append(Shown(ladder.group, markup))
    return shown


def _left_out(count: int) -> Html | None:
    note = f"{count} more of the same cases are in the table of all cases only."
    return element("p", note, class_="note") if count else None


def _legend(way: Way, remark: str = "") -> Html:
    said = joined(BLANK, element("small", remark)) if remark else None
    return element("li", sample(way.style), element("span", way.label), said, class_=colour(way.style))


def _figure(
    identity: str, heading: str, simulated: str, group: str, drawn: Html, *below: Html | None
) -> Html:
    title = element("h3", heading, said_simulated(simulated))
    return element(
        "figure", element("figcaption", title), drawn, *below, class_="panel", id=identity, data_group=group
    )


def said_simulated(text: str) -> Html | None:
    """After a heading."""
    return joined(BLANK, element("em", text, class_="sim")) if text else None


def _data(panel: Panel, data: Data, look: Look, x: str) -> Html:
    headers = ["line", f"{x}{' (B)' if look.unit_x else ''}", look.y, "low", "high", "values", "kind"]
    rows = [
        [
            line.way.label,
            whole(dot.x),
            figure(dot.figure.middle, 6),
            figure(dot.figure.low, 6),
            figure(dot.figure.high, 6),
            _values(dot.entry),
            dot.entry.kind,
        ]
        for line in panel.lines
        for dot in line.dots
    ]
    return details(f"{look.name}: {panel.heading}", headers, rows)


def _values(entry: Entry) -> Cell:
    return whole(entry.figures.values) if entry.figures else Cell("-")


def details(name: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    """The data of a plot, folded, as CSV. The script makes a table of it when it is opened: thousands of them
    would be most of the page."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([cell(part.text if isinstance(part, Cell) else part) for part in row] for row in rows)
    said = f"Data ({len(rows)} row{'s' * (len(rows) != 1)})"
    lines = Html("\n".join(escaped(line) for line in text.getvalue().splitlines()))
    data = element("pre", lines, data_csv=name, tabindex=0)
    return element("details", element("summary", said), data, class_="data")


def strip_figures(identity: str, strips: Sequence[Strip], name: str, unit: str) -> list[Shown]:
    percentiles = not any(row.figure for strip in strips for row in strip.rows)
    shown = []
    for number, strip in enumerate(strips, 1):
        own = f"{identity}-{number}"
        below = [strip_svg.key()] if percentiles else []
        rows = [
            [row.name, *(figure(value, 6) for value in row.values)]
            + ([figure(row.figure.low, 6), figure(row.figure.high, 6)] if row.figure else [])
            + [row.entry.kind]
            for row in strip.rows
        ]
        headers = ["case", *(f"{key} (µs)" for key in PERCENTILE_NAMES), "kind"]
        headers = headers if percentiles else ["case", unit, "low", "high", "kind"]
        drawn = strip_svg.draw(strip, name, unit, own)
        data = details(f"{name}: {strip.heading}", headers, rows)
        shown.append(
            Shown(strip.group, _figure(own, strip.heading, strip.simulated, strip.group, drawn, *below, data))
        )
    return shown
