"""A panel as SVG: curves with their bands over a parameter, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Iterator

from benchsuite.report.charts import axes
from benchsuite.report.charts.axes import Axis
from benchsuite.report.charts.panels import Curve, Dot, Panel
from benchsuite.report.html.glyphs import colour, dash, marker
from benchsuite.report.html.markup import Html, drawing, element, joined
from benchsuite.sheet.numbers import brief

WIDTH, HEIGHT = 360, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 38
PER_LETTER = 6.6  # widths of a digit, about, at the size the style gives to text of a drawing


def draw(panel: Panel, identity: str) -> Html:
    """`identity`: of the element, no other's."""
    x_axis = axes.along(panel.axis, panel.xs, LEFT + 8, WIDTH - RIGHT - 8, PER_LETTER)
    bottom, drawn = HEIGHT - BOTTOM, panel.quantity
    y_axis = (
        axes.linear(panel.reach, bottom, TOP, drawn.least)
        if drawn.linear
        else axes.logarithmic(panel.reach, bottom, TOP)
    )
    ideals = [_ideal(curve, x_axis, y_axis) for curve in panel.curves if curve.ideal]
    curves = [_curve(curve, panel, x_axis, y_axis) for curve in panel.curves]
    name = f"{panel.name}: {panel.heading}" + (f" ({panel.simulated})" if panel.simulated else "")
    grid = _grid(x_axis, y_axis, panel)
    return drawing(name, description(panel), identity, WIDTH, HEIGHT, grid, *ideals, *curves)


def description(panel: Panel) -> str:
    """The plot for whoever cannot see it; the figures themselves are in the table below it."""
    said = []
    for curve in panel.curves:
        first, last = curve.dots[0], curve.dots[-1]
        at = panel.axis.at(first.x)
        text = f"{curve.contender.label}: {brief(first.figure.middle)} {panel.quantity.unit} at {at}"
        if last is not first:
            text += f", {brief(last.figure.middle)} at {panel.axis.at(last.x)}"
        said.append(text + (f"; {curve.remark}" if curve.remark else ""))
    return f"{panel.quantity.y} over {panel.x}. " + ". ".join(said) + "."


def _grid(x_axis: Axis, y_axis: Axis, panel: Panel) -> Html:
    parts = []
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for at, label in y_axis.ticks:
        y = y_axis.place(at)
        zero = " zero" if panel.quantity.linear and at == 0 else ""
        parts.append(element("path", class_=f"grid{zero}", d=f"M{LEFT} {y:.1f}H{right}"))
        parts.append(element("text", label, x=LEFT - 5, y=f"{y + 4:.1f}", class_="end"))
    for at, label in x_axis.ticks:
        x = x_axis.place(at)
        parts.append(element("path", class_="grid", d=f"M{x:.1f} {bottom}v4"))
        parts.append(element("text", label, x=f"{x:.1f}", y=bottom + 16, class_="mid"))
    parts.append(element("path", class_="frame", d=f"M{LEFT} {TOP}V{bottom}H{right}"))
    parts.append(element("text", panel.x, x=(LEFT + right) / 2, y=HEIGHT - 4, class_="mid name"))
    parts.append(
        element(
            "text",
            panel.quantity.y,
            x=0,
            y=0,
            class_="mid name",
            transform=f"translate(11 {(TOP + bottom) / 2:.0f}) rotate(-90)",
        )
    )
    return joined(*parts)


def _curve(curve: Curve, panel: Panel, x_axis: Axis, y_axis: Axis) -> Html:
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
            marker(style, x, y, tip(curve.contender.label, dot, panel))
            for (x, y), dot in zip(points, curve.dots, strict=True)
        ),
        class_=colour(style),
    )


def _ideal(curve: Curve, x_axis: Axis, y_axis: Axis) -> Html:
    ends = "L".join(f"{x_axis.place(x):.1f} {y_axis.place(figure):.1f}" for x, figure in curve.ideal)
    return element("path", class_=f"ideal {colour(curve.contender.style)}", d=f"M{ends}")


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


def tip(label: str, dot: Dot, panel: Panel) -> str:
    figure = dot.figure
    band = f" ({brief(figure.low)} to {brief(figure.high)})" if figure.low < figure.high else ""
    return f"{label}, {panel.axis.at(dot.x)}: {brief(figure.middle)} {panel.quantity.unit}{band}"
