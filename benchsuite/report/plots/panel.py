"""A panel on paper: curves with their bands, the crossover or the knee marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchsuite.crossover import rounded
from benchsuite.report.charts import axes
from benchsuite.report.charts.axis_titles import PlotKind
from benchsuite.report.charts.panels import SIZE, Curve, Panel
from benchsuite.report.plots.style import look as style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LETTERS = 46  # that fit below the axis


def draw(panel: Panel, kind: PlotKind, base: str, onto: Axes) -> None:
    dots = [dot for curve in panel.curves for dot in curve.dots]
    edges = [edge for dot in dots for edge in (dot.figure.low, dot.figure.high)]
    x_axis = axes.sizes([dot.x for dot in dots], 0, _LETTERS, 1)
    y_axis = axes.linear(edges, 0, 1, kind.least) if kind.linear else axes.logarithmic(edges, 0, 1)
    onto.set_xscale("log")
    onto.set_yscale("linear" if kind.linear else "log")
    onto.set_xlim(*x_axis.limits)
    onto.set_ylim(*y_axis.limits)
    onto.set_xticks([at for at, _ in x_axis.ticks], [text for _, text in x_axis.ticks], minor=False)
    onto.set_yticks([at for at, _ in y_axis.ticks], [text for _, text in y_axis.ticks], minor=False)
    onto.minorticks_off()
    onto.grid(axis="x", visible=False)
    onto.set_xlabel(f"{kind.x} (bytes)" if kind.unit_x else kind.x)
    onto.set_ylabel(kind.y)
    if kind.linear:
        onto.axhline(0, color="#444444", linewidth=0.8)
    for curve in panel.curves:
        _curve(curve, base, kind.least, onto)
    for curve in panel.curves:
        _mark(curve, kind, onto)


def _curve(curve: Curve, base: str, least: float, onto: Axes) -> None:
    style = style_of(curve.contender.style, curve.contender.backend == base)
    xs = [dot.x for dot in curve.dots]
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


def _mark(curve: Curve, kind: PlotKind, onto: Axes) -> None:
    """A ring, a curve down to the axis, and the figure there."""
    if curve.mark is None:
        return
    x, y = curve.mark.x, curve.mark.y
    onto.vlines(x, onto.get_ylim()[0], y, colors="#222222", linestyles=":", linewidth=0.8, zorder=1.8)
    onto.plot(
        [x], [y], marker="o", markersize=10, markerfacecolor="none", markeredgecolor="#222222", zorder=4
    )
    text = rounded(x) if kind.unit_x else f"{SIZE if kind.unit_x else 'q_len'} {x:.0f}"
    onto.annotate(
        text,
        (x, onto.get_ylim()[0]),
        xytext=(3, 4),
        textcoords="offset points",
        rotation=90,
        fontsize=7.5,
        va="bottom",
        ha="left",
        color="#222222",
    )
