"""A panel as SVG: curves with their bands over a parameter, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Iterator

from benchsuite.report.charts import axes
from benchsuite.report.charts.axes import Axis
from benchsuite.report.charts.axis_titles import PlotKind
from benchsuite.report.charts.panels import Curve, Dot, Panel
from benchsuite.report.html.glyphs import colour, dash, marker
from benchsuite.report.html.markup import Html, drawing, element, joined
from benchsuite.sheet.numbers import brief

WIDTH, HEIGHT = 360, 240
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 38
PER_LETTER = 6.6  # widths of a digit, about, at the size the style gives to text of a drawing


def draw(panel: Panel, kind: PlotKind, identity: str) -> Html:
    """`identity`: of the element, no other's."""
    dots = [dot for curve in panel.curves for dot in curve.dots]
    x_axis = axes.sizes([dot.x for dot in dots], LEFT + 8, WIDTH - RIGHT - 8, PER_LETTER)
    reach = [edge for dot in dots for edge in (dot.figure.low, dot.figure.high)]
    bottom = HEIGHT - BOTTOM
    linear = kind.linear
    y_axis = axes.linear(reach, bottom, TOP, kind.least) if linear else axes.logarithmic(reach, bottom, TOP)
    curves = [_curve(curve, kind, x_axis, y_axis) for curve in panel.curves]
    name = f"{kind.name}: {panel.heading}" + (f" ({panel.simulated})" if panel.simulated else "")
    grid = _grid(x_axis, y_axis, kind)
    return drawing(name, description(panel, kind), identity, WIDTH, HEIGHT, grid, *curves)


def description(panel: Panel, kind: PlotKind) -> str:
    """The plot for whoever cannot see it; the figures themselves are in the table below it."""
    said = []
    for curve in panel.curves:
        first, last = curve.dots[0], curve.dots[-1]
        at = f"{first.x} {kind.unit_x}".rstrip()
        text = f"{curve.contender.label}: {brief(first.figure.middle)} {kind.unit_y} at {at}"
        if last is not first:
            text += f", {brief(last.figure.middle)} at {last.x}"
        said.append(text + (f"; {curve.remark}" if curve.remark else ""))
    return f"{kind.y} over {kind.x}. " + ". ".join(said) + "."


def _grid(x_axis: Axis, y_axis: Axis, kind: PlotKind) -> Html:
    parts = []
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for at, label in y_axis.ticks:
        y = y_axis.place(at)
        zero = " zero" if kind.linear and at == 0 else ""
        parts.append(element("path", class_=f"grid{zero}", d=f"M{LEFT} {y:.1f}H{right}"))
        parts.append(element("text", label, x=LEFT - 5, y=f"{y + 4:.1f}", class_="end"))
    for at, label in x_axis.ticks:
        x = x_axis.place(at)
        parts.append(element("path", class_="grid", d=f"M{x:.1f} {bottom}v4"))
        parts.append(element("text", label, x=f"{x:.1f}", y=bottom + 16, class_="mid"))
    parts.append(element("path", class_="frame", d=f"M{LEFT} {TOP}V{bottom}H{right}"))
    parts.append(element("text", kind.x, x=(LEFT + right) / 2, y=HEIGHT - 4, class_="mid name"))
    parts.append(
        element(
            "text",
            kind.y,
            x=0,
            y=0,
            class_="mid name",
            transform=f"translate(10 {(TOP + bottom) / 2:.0f}) rotate(-90)",
        )
    )
    return joined(*parts)


def _curve(curve: Curve, kind: PlotKind, x_axis: Axis, y_axis: Axis) -> Html:
    style = curve.contender.style
    points = [(x_axis.place(dot.x), y_axis.place(dot.figure.middle)) for dot in curve.dots]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    whiskers = "".join(_whisker(dot, x_axis, y_axis) for dot in curve.dots)
    return element(
        "g",
        element("path", class_="band", d=_band(curve, x_axis, y_axis)) if len(curve.dots) > 1 else None,
        element("path", class_="whisker", d=whiskers) if whiskers else None,
        element("path", class_="l", d=path, stroke_dasharray=dash(style)) if len(curve.dots) > 1 else None,
        *_mark(curve, x_axis, y_axis),
        *(
            marker(style, x, y, tip(curve.contender.label, dot, kind))
            for (x, y), dot in zip(points, curve.dots, strict=True)
        ),
        class_=colour(style),
    )


def _mark(curve: Curve, x_axis: Axis, y_axis: Axis) -> Iterator[Html]:
    """A ring, and a curve down to the axis."""
    if curve.mark:
        x, y = x_axis.place(curve.mark.x), y_axis.place(curve.mark.y)
        yield element("path", class_="drop", d=f"M{x:.1f} {y:.1f}V{HEIGHT - BOTTOM}")
        yield element("circle", class_="ring", cx=f"{x:.1f}", cy=f"{y:.1f}", r=8)


def _band(curve: Curve, x_axis: Axis, y_axis: Axis) -> str:
    over = [f"{x_axis.place(dot.x):.1f} {y_axis.place(dot.figure.high):.1f}" for dot in curve.dots]
    under = [f"{x_axis.place(dot.x):.1f} {y_axis.place(dot.figure.low):.1f}" for dot in reversed(curve.dots)]
    return f"M{'L'.join(over + under)}Z"


def _whisker(dot: Dot, x_axis: Axis, y_axis: Axis) -> str:
    x, high, low = x_axis.place(dot.x), y_axis.place(dot.figure.high), y_axis.place(dot.figure.low)
    return (
        ""
        if low - high < 1
        else f"M{x:.1f} {high:.1f}V{low:.1f}M{x - 3:.1f} {high:.1f}h6m-6 {low - high:.1f}h6"
    )


def tip(label: str, dot: Dot, kind: PlotKind) -> str:
    figure = dot.figure
    band = f" ({brief(figure.low)} to {brief(figure.high)})" if figure.low < figure.high else ""
    at = f"{dot.x} {kind.unit_x}" if kind.unit_x else f"{kind.x} {dot.x}"
    return f"{label}, {at}: {brief(figure.middle)} {kind.unit_y}{band}"
