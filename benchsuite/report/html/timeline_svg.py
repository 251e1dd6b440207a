"""A timeline as SVG: strips on one time axis, the ramp shaded, a change marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from benchsuite.report.charts import axes
from benchsuite.report.charts.axes import Axis
from benchsuite.report.charts.timelines import Band, Point, Timeline
from benchsuite.report.html.glyphs import colour, dash
from benchsuite.report.html.markup import Html, drawing, element, joined
from benchsuite.sheet.numbers import brief

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 360, 46, 10, 4, 34
NAME, ROW, GAP = 15, 78, 6  # heights: of a strip's name, of a strip, and below it
LEAST_APART = 11  # of ticks


def draw(timeline: Timeline, identity: str) -> Html:
    count = len(timeline.bands)
    tops = list(accumulate([NAME + ROW + GAP] * count, initial=TOP))
    bottom = tops[-1] - GAP
    x_axis = axes.linear([0, timeline.seconds], LEFT, WIDTH - RIGHT)
    said = f"Over time: {timeline.heading}"
    return drawing(
        said,
        _description(timeline),
        identity,
        WIDTH,
        bottom + BOTTOM,
        _ramp(timeline, x_axis, tops[:-1]),
        _times(timeline, x_axis, bottom),
        *(_band(band, top, x_axis, timeline) for band, top in zip(timeline.bands, tops[:-1], strict=True)),
        *(_change(at, x_axis, bottom) for at in timeline.changes),
    )


def _description(timeline: Timeline) -> str:
    """The plot for whoever cannot see it."""
    said = [f"{timeline.seconds:.3g} s"]
    for band in timeline.bands:
        if band.reach:
            said.append(f"{band.name} from {brief(min(band.reach))} to {brief(max(band.reach))}")
    if timeline.changes:
        said.append("the rate changed at " + ", ".join(f"{at:.3g} s" for at in timeline.changes))
    return "; ".join(said) + "."


def _ramp(timeline: Timeline, x_axis: Axis, tops: Sequence[int]) -> Html:
    if not timeline.ramp:
        return joined()
    left, right = x_axis.place(0), x_axis.place(timeline.ramp)
    boxes = (f"M{left:.1f} {top + NAME}H{right:.1f}v{ROW}H{left:.1f}z" for top in tops)
    return element("path", class_="ramp", d="".join(boxes))


def _times(timeline: Timeline, x_axis: Axis, bottom: int) -> Html:
    parts = []
    for at, label in x_axis.ticks:
        x = x_axis.place(at)
        parts.append(element("path", class_="grid", d=f"M{x:.1f} {TOP + NAME}V{bottom + 4}"))
        parts.append(element("text", label, x=f"{x:.1f}", y=bottom + 15, class_="mid"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    return joined(*parts, element("text", timeline.x, x=middle, y=bottom + 29, class_="mid name"))


def _band(band: Band, above: int, x_axis: Axis, timeline: Timeline) -> Html:
    top, bottom = above + NAME, above + NAME + ROW
    make = axes.linear if band.linear else axes.logarithmic
    y_axis = make(band.reach, bottom, top)
    style = timeline.entry.contender.style
    parts = [element("text", band.name, x=LEFT, y=top - 4, class_="rowname")]
    last = float("inf")
    for at, label in y_axis.ticks:
        y = y_axis.place(at)
        if last - y >= LEAST_APART:
            parts.append(element("path", class_="grid", d=f"M{LEFT} {y:.1f}H{WIDTH - RIGHT}"))
            parts.append(element("text", label, x=LEFT - 5, y=f"{y + 4:.1f}", class_="end"))
            last = y
    parts.append(element("path", class_="frame", d=f"M{LEFT} {top}V{bottom}H{WIDTH - RIGHT}"))
    for number, line in enumerate(band.lines):
        for piece in line:
            parts += _piece(piece, x_axis, y_axis, number, len(band.lines), band)
    return element("g", *parts, class_=colour(style))


def _piece(
    points: Sequence[Point], x_axis: Axis, y_axis: Axis, number: int, of: int, band: Band
) -> list[Html]:
    places = [(x_axis.place(point.at), y_axis.place(point.middle)) for point in points]
    parts = []
    if any(point.low < point.high for point in points):
        above = [f"{x_axis.place(point.at):.1f} {y_axis.place(point.high):.1f}" for point in points]
        below = [f"{x_axis.place(point.at):.1f} {y_axis.place(point.low):.1f}" for point in reversed(points)]
        parts.append(element("path", class_="band", d=f"M{'L'.join(above + below)}z"))
    process = f"process {number + 1}: " if of > 1 else ""
    figures = [point.middle for point in points]
    tip = f"{process}{band.title} {brief(min(figures))} to {brief(max(figures))} {band.unit}"
    if len(places) == 1:
        x, y = places[0]
        return [
            *parts,
            element("path", class_="m", d=f"M{x - 2:.1f} {y:.1f}a2 2 0 1 0 4 0a2 2 0 1 0-4 0z", data_t=tip),
        ]
    d = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return [*parts, element("path", class_="l thin", d=d, stroke_dasharray=dash(number * 8), data_t=tip)]


def _change(at: float, x_axis: Axis, bottom: int) -> Html:
    return element("path", class_="drop", d=f"M{x_axis.place(at):.1f} {TOP + NAME}V{bottom}")
