"""A ladder as SVG: a row for each workload, in it a line for each contender with its rate on one logarithmic
axis and in figures beside it. No bars: on such an axis their lengths would say nothing."""

from __future__ import annotations

from itertools import accumulate
from textwrap import wrap

from benchsuite.report.charts import axes
from benchsuite.report.charts.axes import Axis
from benchsuite.report.charts.ladders import Ladder, Rung, Spot
from benchsuite.report.html.glyphs import colour, marker
from benchsuite.report.html.markup import Html, drawing, element
from benchsuite.report.html.strip_svg import BOTTOM, LEFT, RIGHT, WIDTH, grid
from benchsuite.sheet.numbers import brief

# Heights: above, of a line of a rung's name, of a contender on it, and below it.
TOP, NAME, SPOT, GAP = 4, 14, 14, 8
LETTERS = 52  # of a line of a rung's name
ROOM = 46  # that a figure needs beside its mark


def draw(ladder: Ladder, name: str, unit: str, identity: str) -> Html:
    names = [wrap(rung.name, LETTERS) or [rung.name] for rung in ladder.rungs]
    heights = (
        NAME * len(lines) + SPOT * len(rung.spots) + GAP
        for lines, rung in zip(names, ladder.rungs, strict=True)
    )
    tops = list(accumulate(heights, initial=TOP))
    x_axis = axes.logarithmic(ladder.reach, LEFT + 6, WIDTH - RIGHT)
    said = f"{name}: {ladder.heading}" + (f" ({ladder.simulated})" if ladder.simulated else "")
    rows = (_rung(*each, x_axis, unit) for each in zip(ladder.rungs, names, tops[:-1], strict=True))
    ticks = grid(x_axis, TOP, tops[-1], unit)
    height = tops[-1] + BOTTOM
    return drawing(said, _description(ladder, unit), identity, WIDTH, height, ticks, *rows)


def _description(ladder: Ladder, unit: str) -> str:
    """The plot for whoever cannot see it."""
    said = [
        f"{rung.name}: "
        + ", ".join(f"{spot.contender.label} {brief(spot.figure.middle)}" for spot in rung.spots)
        for rung in ladder.rungs
    ]
    return f"{unit}, a workload in a row. " + ". ".join(said) + "."


def _rung(rung: Rung, name: list[str], top: float, x_axis: Axis, unit: str) -> Html:
    first = top + NAME * len(name)
    return element(
        "g",
        *(
            element("text", line, x=LEFT, y=top + NAME * number - 3, class_="rowname")
            for number, line in enumerate(name, 1)
        ),
        *(
            _spot(rung, spot, first + SPOT * (number + 0.5), x_axis, unit)
            for number, spot in enumerate(rung.spots)
        ),
    )


def _spot(rung: Rung, spot: Spot, y: float, x_axis: Axis, unit: str) -> Html:
    figure, style = spot.figure, spot.contender.style
    low, x, high = (x_axis.place(rate) for rate in (figure.low, figure.middle, figure.high))
    band = f" ({brief(figure.low)} to {brief(figure.high)})" if figure.low < figure.high else ""
    tip = f"{rung.name}, {spot.contender.label}: {brief(figure.middle)} {unit}{band}"
    left = high + 8 + ROOM > WIDTH
    at = low - 8 if left else high + 8
    return element(
        "g",
        element("path", class_="span", d=f"M{low:.1f} {y}H{high:.1f}") if high - low >= 1 else None,
        marker(style, x, y, tip),
        element("text", brief(figure.middle), x=f"{at:.1f}", y=y + 4, class_="end" if left else None),
        class_=colour(style),
    )
