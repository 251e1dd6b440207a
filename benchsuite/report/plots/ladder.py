"""A ladder on paper: a workload in a row, in it each contender with its rate, on one logarithmic axis."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from benchsuite.report.charts import axes
from benchsuite.report.charts.ladders import Ladder, Rung, Spot
from benchsuite.report.plots.frame import ticks
from benchsuite.report.plots.style import COLOURS, look
from benchsuite.sheet.numbers import brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTERS = 30  # of a line of a row's name
GAP = 0.6  # between rungs, in lines of a contender


def draw(ladder: Ladder, unit: str, onto: Axes) -> None:
    x_axis = axes.logarithmic(ladder.reach, 0, 1)
    onto.set_xscale("log")
    onto.set_xlim(*x_axis.limits)
    onto.set_xlabel(unit)
    places, y = [], 0.0
    for rung in ladder.rungs:
        places.append(y + (len(rung.spots) - 1) / 2)
        for spot in rung.spots:
            _spot(spot, y, onto)
            y += 1
        y += _rest(rung)
    onto.set_ylim(y - GAP / 2, -0.5 - GAP / 2)  # the first on top
    ticks(onto, "x", x_axis.ticks)
    names = ["\n".join(wrap(rung.name, LETTERS) or [rung.name]) for rung in ladder.rungs]
    ticks(onto, "y", zip(places, names, strict=True), grid=False, marks=False)
    for contender in ladder.contenders:
        onto.plot([], [], label=contender.label, linestyle="none", **_look(contender.style))


def _rest(rung: Rung) -> float:
    """Room below a rung: its name may have more lines than it has contenders."""
    return GAP + max(0, len(wrap(rung.name, LETTERS)) - len(rung.spots))


def height(ladder: Ladder) -> float:
    """Lines that it takes."""
    return sum(len(rung.spots) + _rest(rung) for rung in ladder.rungs)


def _look(style: int) -> dict[str, Any]:
    return {"color": COLOURS[style % len(COLOURS)], "marker": look(style, False)["marker"]}


def _spot(spot: Spot, y: float, onto: Axes) -> None:
    figure, style = spot.figure, spot.contender.style
    onto.plot([figure.low, figure.high], [y, y], color=COLOURS[style % len(COLOURS)], linewidth=1, alpha=0.7)
    onto.plot([figure.middle], [y], linestyle="none", **_look(style))
    low, high = onto.get_xlim()
    left = figure.high > low * (high / low) ** 0.85
    onto.annotate(
        brief(figure.middle),
        (figure.low if left else figure.high, y),
        xytext=(-5 if left else 5, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=7,
        color="#444444",
    )
