"""A strip as SVG: a row for each case, its figures on one logarithmic axis."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from benchsuite.report.charts import axes
from benchsuite.report.charts.axes import Axis
from benchsuite.report.charts.measures import PERCENTILE_NAMES
from benchsuite.report.charts.strips import Strip, StripRow
from benchsuite.report.html.glyphs import colour, marker
from benchsuite.report.html.markup import Html, drawing, element, joined
from benchsuite.sheet.numbers import brief

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 360, 10, 14, 6, 34
ROW, TEXT = 18, 13  # heights: of what is drawn in a row, and of a line of its name
LETTERS, MOST = 52, 156  # of a line of a row's name, and of all of it; the whole is in its tip and the data
# A shape for each percentile, drawn from where it stands: see the key below each plot.
SHAPES = (
    "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "m0-5v10",
    "m0-5v10m-2.5 0h5m0-10h-5",
    "m-3-5l3 5l-3 5",
    "m-3.5-4l7 8m0-8l-7 8",
)


def draw(strip: Strip, name: str, unit: str, identity: str) -> Html:
    """Rows of percentiles (several values) or of rates (one value and its band)."""
    names = [row.lines(LETTERS, MOST) for row in strip.rows]
    tops = list(accumulate((ROW + TEXT * len(lines) for lines in names), initial=TOP))
    bottom = tops[-1]
    figures = [figure for row in strip.rows for figure in row.reach]
    x_axis = axes.logarithmic(figures, LEFT, WIDTH - RIGHT)
    said = f"{name}: {strip.heading}" + (f" ({strip.simulated})" if strip.simulated else "")
    lines = (_row(*each, x_axis, unit) for each in zip(strip.rows, names, tops[:-1], strict=True))
    return drawing(
        said,
        _description(strip, unit),
        identity,
        WIDTH,
        bottom + BOTTOM,
        grid(x_axis, TOP, bottom, unit),
        *lines,
    )


def _description(strip: Strip, unit: str) -> str:
    first, last = strip.rows[0], strip.rows[-1]
    said = [f"{row.name} {_said(row, unit)}" for row in ([first, last] if first is not last else [first])]
    return f"{len(strip.rows)} cases, one in a row; first and last: {'. '.join(said)}."


def _said(row: StripRow, unit: str) -> str:
    if row.figure:
        low, high = row.figure.low, row.figure.high
        return f"{brief(row.values[0])} {unit}" + (f" ({brief(low)} to {brief(high)})" if low < high else "")
    named = zip(PERCENTILE_NAMES, row.values, strict=True)
    return ", ".join(f"{name} {brief(value)}" for name, value in named) + f" {unit}"


def grid(x_axis: Axis, top: float, bottom: float, unit: str) -> Html:
    """Ticks below, with their lines, and the unit."""
    parts = []
    for at, label in x_axis.ticks:
        x = x_axis.place(at)
        parts.append(element("path", class_="grid", d=f"M{x:.1f} {top}V{bottom + 4}"))
        parts.append(element("text", label, x=f"{x:.1f}", y=bottom + 15, class_="mid"))
    parts.append(element("path", class_="frame", d=f"M{LEFT} {bottom}H{WIDTH - RIGHT}"))
    parts.append(element("text", unit, x=WIDTH / 2, y=bottom + 29, class_="mid name"))
    return joined(*parts)


def _row(row: StripRow, name: list[str], top: int, x_axis: Axis, unit: str) -> Html:
    y = top + TEXT * len(name) + 9
    style = row.entry.contender.style
    places = [x_axis.place(value) for value in row.values]
    reach = [x_axis.place(value) for value in row.reach]
    tip = f"{row.name} {_said(row, unit)}"
    glyphs = [marker(style, places[0], y, tip)] if row.figure else _percentiles(places, y, tip)
    return element(
        "g",
        *(
            element("text", line, x=LEFT, y=top + TEXT * number, class_="rowname")
            for number, line in enumerate(name, 1)
        ),
        element("path", class_="span", d=f"M{min(reach):.1f} {y}H{max(reach):.1f}"),
        *glyphs,
        class_=colour(style),
    )


def _percentiles(places: Sequence[float], y: float, tip: str | None = None) -> list[Html]:
    """The median's disc, and the rest as strokes."""
    disc, *strokes = (f"M{x:.1f} {y}{shape}" for x, shape in zip(places, SHAPES, strict=True))
    return [
        element("path", class_="m", d=disc, data_t=tip),
        element("path", class_="tick", d="".join(strokes)),
    ]


def key() -> Html:
    """A legend of the shapes."""
    items = [
        element("li", _shape(index), element("span", name)) for index, name in enumerate(PERCENTILE_NAMES)
    ]
    return element("ul", *items, class_="legend key")


def _shape(index: int) -> Html:
    path = element("path", class_="tick" if index else "m", d=f"M7 7{SHAPES[index]}")
    return element("svg", path, class_="sample", viewBox="0 0 14 14", width=14, height=14, aria_hidden="true")
