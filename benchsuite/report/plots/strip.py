"""A strip on paper: a case in a row, its percentiles, or its rate, on one logarithmic axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchsuite.report.charts import axes
from benchsuite.report.charts.measures import PERCENTILE_NAMES
from benchsuite.report.charts.strips import Strip
from benchsuite.report.plots.frame import ticks
from benchsuite.report.plots.style import COLOURS, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHAPES = ("o", "|", "d", ">", "x")  # of the percentiles
INK = "#444444"
LETTERS, MOST = 46, 138  # of a line of a row's name, and of all of it


def draw(strip: Strip, unit: str, onto: Axes) -> None:
    figures = [figure for row in strip.rows for figure in row.reach]
    x_axis = axes.logarithmic(figures, 0, 1)
    onto.set_xscale("log")
    onto.set_xlim(*x_axis.limits)
    onto.set_xlabel(unit)
    names = ["\n".join(row.lines(LETTERS, MOST)) for row in strip.rows]
    onto.set_ylim(len(names) - 0.5, -0.5)  # the first on top
    ticks(onto, "x", x_axis.ticks)
    ticks(onto, "y", enumerate(names), grid=False, marks=False)
    _rows(strip, x_axis.limits[0], onto)
    if strip.rows and not strip.rows[0].figure:
        for shape, name in zip(SHAPES, PERCENTILE_NAMES, strict=True):
            onto.plot([], [], marker=shape, linestyle="none", color=INK, label=name)


def height(strip: Strip) -> int:
    """Lines that its names take."""
    return sum(len(row.lines(LETTERS, MOST)) for row in strip.rows)


def _rows(strip: Strip, least: float, onto: Axes) -> None:
    """Draw the rows, a kind of mark at a time: an artist for each mark would be most of the time of a plot.
    `least` is drawn for what no logarithmic axis has a place for."""
    spans = [[max(figure, least) for figure in row.reach] for row in strip.rows]
    colours = [COLOURS[row.entry.contender.style % len(COLOURS)] for row in strip.rows]
    onto.hlines(
        range(len(spans)),
        [min(span) for span in spans],
        [max(span) for span in spans],
        colors=colours,
        linewidth=1,
        alpha=0.7,
        capstyle="projecting",
        zorder=2,
    )
    found: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for y, (row, colour) in enumerate(zip(strip.rows, colours, strict=True)):
        shapes = (look(row.entry.contender.style, False)["marker"],) if row.figure else SHAPES
        for shape, value in zip(shapes, row.values, strict=True):
            found.setdefault((shape, colour), []).append((max(value, least), y))
    for (shape, colour), places in found.items():
        xs, ys = zip(*places, strict=True)
        onto.plot(xs, ys, marker=shape, linestyle="none", color=colour)
