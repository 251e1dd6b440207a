"""A panel as SVG: lines with their bands over a parameter, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Iterator

from benchsuite.report.charts import axes
from benchsuite.report.charts.axes import Axis
from benchsuite.report.charts.axis_titles import Look
from benchsuite.report.charts.panels import Dot, Line, Panel
from benchsuite.report.html.glyphs import colour, dash, marker
from benchsuite.report.html.markup import Html, drawing, element, joined
from benchsuite.view.numbers import brief

WIDTH, HEIGHT = 360, 240
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 38
PER_LETTER = 6.6  # widths of a digit, about, at the size the style gives to text of a drawing


def draw(panel: Panel, look: Look, identity: str) -> Html:
    """`identity`: of the element, no other's."""
    dots = [dot for line in panel.lines for dot in line.dots]
    across = axes.sizes([dot.x for dot in dots], LEFT + 8, WIDTH - RIGHT - 8, PER_LETTER)
    reach = [edge for dot in dots for edge in (dot.figure.low, dot.figure.high)]
    bottom = HEIGHT - BOTTOM
    linear = look.linear
    up = axes.linear(reach, bottom, TOP, look.least) if linear else axes.logarithmic(reach, bottom, TOP)
    lines = [_line(line, look, across, up) for line in panel.lines]
    name = f"{look.name}: {panel.heading}" + (f" ({panel.simulated})" if panel.simulated else "")
    grid = _grid(across, up, look)
    return drawing(name, description(panel, look), identity, WIDTH, HEIGHT, grid, *lines)


def description(panel: Panel, look: Look) -> str:
    """The plot for whoever cannot see it; the figures themselves are in the table below it."""
    said = []
    for line in panel.lines:
        first, last = line.dots[0], line.dots[-1]
        at = f"{first.x} {look.unit_x}".rstrip()
        text = f"{line.way.label}: {brief(first.figure.middle)} {look.unit_y} at {at}"
        if last is not first:
            text += f", {brief(last.figure.middle)} at {last.x}"
        said.append(text + (f"; {line.remark}" if line.remark else ""))
    return f"{look.y} over {look.x}. " + ". ".join(said) + "."


def _grid(across: Axis, up: Axis, look: Look) -> Html:
    parts = []
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for at, label in up.ticks:
        y = up.place(at)
        zero = " zero" if look.linear and at == 0 else ""
        parts.append(element("path", class_=f"grid{zero}", d=f"M{LEFT} {y:.1f}H{right}"))
        parts.append(element("text", label, x=LEFT - 5, y=f"{y + 4:.1f}", class_="end"))
    for at, label in across.ticks:
        x = across.place(at)
        parts.append(element("path", class_="grid", d=f"M{x:.1f} {bottom}v4"))
        parts.append(element("text", label, x=f"{x:.1f}", y=bottom + 16, class_="mid"))
    parts.append(element("path", class_="frame", d=f"M{LEFT} {TOP}V{bottom}H{right}"))
    parts.append(element("text", look.x, x=(LEFT + right) / 2, y=HEIGHT - 4, class_="mid name"))
    parts.append(
        element(
            "text",
            look.y,
            x=0,
            y=0,
            class_="mid name",
            transform=f"translate(10 {(TOP + bottom) / 2:.0f}) rotate(-90)",
        )
    )
    return joined(*parts)


def _line(line: Line, look: Look, across: Axis, up: Axis) -> Html:
    style = line.way.style
    points = [(across.place(dot.x), up.place(dot.figure.middle)) for dot in line.dots]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    whiskers = "".join(_whisker(dot, across, up) for dot in line.dots)
    return element(
        "g",
        element("path", class_="band", d=_band(line, across, up)) if len(line.dots) > 1 else None,
        element("path", class_="whisker", d=whiskers) if whiskers else None,
        element("path", class_="l", d=path, stroke_dasharray=dash(style)) if len(line.dots) > 1 else None,
        *_mark(line, across, up),
        *(
            marker(style, x, y, tip(line.way.label, dot, look))
            for (x, y), dot in zip(points, line.dots, strict=True)
        ),
        class_=colour(style),
    )


def _mark(line: Line, across: Axis, up: Axis) -> Iterator[Html]:
    """A ring, and a line down to the axis."""
    if line.mark:
        x, y = across.place(line.mark.x), up.place(line.mark.y)
        yield element("path", class_="drop", d=f"M{x:.1f} {y:.1f}V{HEIGHT - BOTTOM}")
        yield element("circle", class_="ring", cx=f"{x:.1f}", cy=f"{y:.1f}", r=8)


def _band(line: Line, across: Axis, up: Axis) -> str:
    over = [f"{across.place(dot.x):.1f} {up.place(dot.figure.high):.1f}" for dot in line.dots]
    under = [f"{across.place(dot.x):.1f} {up.place(dot.figure.low):.1f}" for dot in reversed(line.dots)]
    return f"M{'L'.join(over + under)}Z"


def _whisker(dot: Dot, across: Axis, up: Axis) -> str:
    x, high, low = across.place(dot.x), up.place(dot.figure.high), up.place(dot.figure.low)
    return (
        ""
        if low - high < 1
        else f"M{x:.1f} {high:.1f}V{low:.1f}M{x - 3:.1f} {high:.1f}h6m-6 {low - high:.1f}h6"
    )


def tip(label: str, dot: Dot, look: Look) -> str:
    figure = dot.figure
    band = f" ({brief(figure.low)} to {brief(figure.high)})" if figure.low < figure.high else ""
    at = f"{dot.x} {look.unit_x}" if look.unit_x else f"{look.x} {dot.x}"
    return f"{label}, {at}: {brief(figure.middle)} {look.unit_y}{band}"
