"""A timeline on paper: strips on one time axis, the ramp shaded, a change marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchsuite.report.charts import axes
from benchsuite.report.charts.timelines import Band, Timeline
from benchsuite.report.plots.frame import ticks
from benchsuite.report.plots.style import COLOURS, DASHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 1.05  # inches of a strip


def draw(timeline: Timeline, onto: Sequence[Axes]) -> None:
    """onto: one for each strip, from the top."""
    x_axis = axes.linear([0, timeline.seconds], 0, 1)
    for band, place in zip(timeline.bands, onto, strict=True):
        _band(band, timeline, place)
        place.set_xlim(*x_axis.limits)
        last = place is onto[-1]
        ticks(place, "x", [(at, text if last else "") for at, text in x_axis.ticks])
        if timeline.ramp:
            place.axvspan(0, timeline.ramp, color="#888888", alpha=0.18, linewidth=0, zorder=0.5)
        for at in timeline.changes:
            place.axvline(at, color="#444444", linewidth=0.8, linestyle=":")
    onto[-1].set_xlabel(timeline.x)


def _band(band: Band, timeline: Timeline, onto: Axes) -> None:
    make = axes.linear if band.linear else axes.logarithmic
    y_axis = make(band.reach, 0, 1)
    onto.set_yscale("linear" if band.linear else "log")
    onto.set_ylim(*y_axis.limits)
    ticks(onto, "y", y_axis.ticks)
    onto.set_title(band.name, loc="left", fontsize=8, fontweight="normal")
    colour = COLOURS[timeline.entry.contender.style % len(COLOURS)]
    for number, line in enumerate(band.lines):
        for piece in line:
            times, middles = [point.at for point in piece], [point.middle for point in piece]
            marker = "." if len(piece) == 1 else ""
            dashes = DASHES[number % len(DASHES)]
            onto.plot(times, middles, color=colour, linestyle=dashes, marker=marker, linewidth=1.1)
            lows, highs = [point.low for point in piece], [point.high for point in piece]
            if lows != highs:
                onto.fill_between(times, lows, highs, color=colour, alpha=0.15, linewidth=0, zorder=1.5)
