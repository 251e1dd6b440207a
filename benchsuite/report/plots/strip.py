"""A strip on paper: a case in a row, its percentiles, or its rate, on one logarithmic axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchsuite.report.charts import axes
from benchsuite.report.charts.measures import PERCENTILE_NAMES
from benchsuite.report.charts.strips import Strip, StripRow
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
    onto.set_xticks([at for at, _ in x_axis.ticks], [text for _, text in x_axis.ticks], minor=False)
    onto.minorticks_off()
    onto.set_xlabel(unit)
    names = ["\n".join(row.lines(LETTERS, MOST)) for row in strip.rows]
    onto.set_yticks(range(len(names)), names)
    onto.set_ylim(len(names) - 0.5, -0.5)  # the first on top
    onto.tick_params(axis="y", length=0)
    onto.grid(axis="y", visible=False)
    for y, row in enumerate(strip.rows):
        _row(row, y, x_axis.limits[0], onto)
    if strip.rows and not strip.rows[0].figure:
        for shape, name in zip(SHAPES, PERCENTILE_NAMES, strict=True):
            onto.plot([], [], marker=shape, linestyle="none", color=INK, label=name)


def height(strip: Strip) -> int:
    """Lines that its names take."""
    return sum(len(row.lines(LETTERS, MOST)) for row in strip.rows)


def _row(row: StripRow, y: int, least: float, onto: Axes) -> None:
    """`least` is drawn for what no logarithmic axis has a place for."""
    style = row.entry.contender.style
    colour = COLOURS[style % len(COLOURS)]
    reach = [max(figure, least) for figure in row.reach]
    onto.plot([min(reach), max(reach)], [y, y], color=colour, linewidth=1, alpha=0.7)
    if row.figure:
        onto.plot(row.values, [y], color=colour, linestyle="none", marker=look(style, False)["marker"])
        return
    for shape, value in zip(SHAPES, row.values, strict=True):
        onto.plot([max(value, least)], [y], marker=shape, linestyle="none", color=colour, markersize=5)
