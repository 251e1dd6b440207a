"""A ladder on paper: a workload in a row, in it each way with its rate, on one logarithmic axis."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from benchsuite.report.charts import axes
from benchsuite.report.charts.operations import Ladder, Row, Spot
from benchsuite.report.plots.style import COLOURS, look
from benchsuite.view.numbers import brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTERS = 30  # of a line of a row's name
GAP = 0.6  # between rows, in lines of a way


def draw(ladder: Ladder, unit: str, onto: Axes) -> None:
    across = axes.logarithmic(ladder.reach, 0, 1)
    onto.set_xscale("log")
    onto.set_xlim(*across.limits)
    onto.set_xticks([at for at, _ in across.ticks], [text for _, text in across.ticks], minor=False)
    onto.minorticks_off()
    onto.set_xlabel(unit)
    places, y = [], 0.0
    for row in ladder.rows:
        places.append(y + (len(row.spots) - 1) / 2)
        for spot in row.spots:
            _spot(spot, y, onto)
            y += 1
        y += _rest(row)
    onto.set_yticks(places, ["\n".join(wrap(row.name, LETTERS) or [row.name]) for row in ladder.rows])
    onto.set_ylim(y - GAP / 2, -0.5 - GAP / 2)  # the first on top
    onto.tick_params(axis="y", length=0)
    onto.grid(axis="y", visible=False)
    for way in ladder.ways:
        onto.plot([], [], label=way.label, linestyle="none", **_look(way.style))


def _rest(row: Row) -> float:
    """Room below a row: its name may have more lines than it has ways."""
    return GAP + max(0, len(wrap(row.name, LETTERS)) - len(row.spots))


def height(ladder: Ladder) -> float:
    """Lines that it takes."""
    return sum(len(row.spots) + _rest(row) for row in ladder.rows)


def _look(style: int) -> dict[str, Any]:
    return {"color": COLOURS[style % len(COLOURS)], "marker": look(style, False)["marker"]}


def _spot(spot: Spot, y: float, onto: Axes) -> None:
    figure, style = spot.figure, spot.way.style
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
