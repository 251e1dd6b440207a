"""A panel on paper: curves with their bands, the crossover or the knee marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchsuite.report.charts import axes
from benchsuite.report.charts.axes import Axis
from benchsuite.report.charts.panels import Curve, Panel
from benchsuite.report.plots.frame import ticks
from benchsuite.report.plots.style import look as style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IDEAL = "ideal: proportional"  # the label of the first such line
_LETTERS = 46  # that fit below the axis


def draw(panel: Panel, base: str, onto: Axes) -> None:
    drawn = panel.quantity
    x_axis = axes.along(panel.axis, panel.xs, 0, _LETTERS, 1)
    y_axis = (
        axes.linear(panel.reach, 0, 1, drawn.least) if drawn.linear else axes.logarithmic(panel.reach, 0, 1)
    )
    onto.set_yscale("linear" if drawn.linear else "log")
    onto.set_xlim(0, _LETTERS)
    onto.set_ylim(*y_axis.limits)
    ticks(onto, "x", [(x_axis.place(at), text) for at, text in x_axis.ticks], grid=False)
    ticks(onto, "y", y_axis.ticks)
    onto.set_xlabel(panel.x)
    onto.set_ylabel(drawn.y)
    if drawn.linear:
        onto.axhline(0, color="#444444", linewidth=0.8)
    for curve in panel.curves:
        _ideal(curve, x_axis, onto)
        _curve(curve, base, drawn.least, x_axis, onto)
    for curve in panel.curves:
        _mark(curve, x_axis, onto)


def _ideal(curve: Curve, x_axis: Axis, onto: Axes) -> None:
    if curve.ideal:
        color = style_of(curve.contender.style, False)["color"]
        xs, figures = zip(*curve.ideal, strict=True)
        places, label = [x_axis.place(x) for x in xs], None if any(_ideals(onto)) else IDEAL
        onto.plot(places, figures, linestyle=":", linewidth=1, color=color, zorder=1.6, label=label)


def _ideals(onto: Axes) -> Iterator[bool]:
    return (line.get_label() == IDEAL for line in onto.lines)


def _curve(curve: Curve, base: str, least: float, x_axis: Axis, onto: Axes) -> None:
    style = style_of(curve.contender.style, curve.contender.backend == base)
    xs = [x_axis.place(dot.x) for dot in curve.dots]
    figures = [dot.figure for dot in curve.dots]
    lows, middles, highs = (
        [max(least, getattr(figure, edge)) for figure in figures] for edge in ("low", "middle", "high")
    )
    label = curve.contender.label + (f": {curve.remark}" if curve.remark else "")
    onto.plot(xs, middles, label=label, **style)
    if any(low < high for low, high in zip(lows, highs, strict=True)):
        onto.fill_between(xs, lows, highs, color=style["color"], alpha=0.15, linewidth=0, zorder=1.5)
        onto.errorbar(
            xs,
            middles,
            [_apart(middles, lows), _apart(highs, middles)],
            fmt="none",
            capsize=2,
            ecolor=style["color"],
            elinewidth=0.8,
            zorder=2,
        )


def _apart(over: list[float], under: list[float]) -> list[float]:
    return [max(0.0, high - low) for high, low in zip(over, under, strict=True)]


def _mark(curve: Curve, x_axis: Axis, onto: Axes) -> None:
    """A ring, a curve down to the axis, and the figure there."""
    if curve.mark is None:
        return
    x, y = x_axis.place(curve.mark.x), curve.mark.y
    onto.vlines(x, onto.get_ylim()[0], y, colors="#222222", linestyles=":", linewidth=0.8, zorder=1.8)
    onto.plot(
        [x], [y], marker="o", markersize=10, markerfacecolor="none", markeredgecolor="#222222", zorder=4
    )
    onto.annotate(
        curve.mark.at,
        (x, onto.get_ylim()[0]),
        xytext=(3, 4),
        textcoords="offset points",
        rotation=90,
        fontsize=7.5,
        va="bottom",
        ha="left",
        color="#222222",
    )
