"""A panel on paper: lines with their bands, the crossover or the knee marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchsuite.crossover import rounded
from benchsuite.report.charts import axes
from benchsuite.report.charts.axis_titles import Look
from benchsuite.report.charts.panels import SIZE, Line, Panel
from benchsuite.report.plots.style import look as style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LETTERS = 46  # that fit below the axis


def draw(panel: Panel, look: Look, base: str, onto: Axes) -> None:
    dots = [dot for line in panel.lines for dot in line.dots]
    edges = [edge for dot in dots for edge in (dot.figure.low, dot.figure.high)]
    across = axes.sizes([dot.x for dot in dots], 0, _LETTERS, 1)
    up = axes.linear(edges, 0, 1, look.least) if look.linear else axes.logarithmic(edges, 0, 1)
    onto.set_xscale("log")
    onto.set_yscale("linear" if look.linear else "log")
    onto.set_xlim(*across.limits)
    onto.set_ylim(*up.limits)
    onto.set_xticks([at for at, _ in across.ticks], [text for _, text in across.ticks], minor=False)
    onto.set_yticks([at for at, _ in up.ticks], [text for _, text in up.ticks], minor=False)
    onto.minorticks_off()
    onto.grid(axis="x", visible=False)
    onto.set_xlabel(f"{look.x} (bytes)" if look.unit_x else look.x)
    onto.set_ylabel(look.y)
    if look.linear:
        onto.axhline(0, color="#444444", linewidth=0.8)
    for line in panel.lines:
        _line(line, base, look.least, onto)
    for line in panel.lines:
        _mark(line, look, onto)


def _line(line: Line, base: str, least: float, onto: Axes) -> None:
    style = style_of(line.way.style, line.way.backend == base)
    xs = [dot.x for dot in line.dots]
    figures = [dot.figure for dot in line.dots]
    lows, middles, highs = (
        [max(least, getattr(figure, edge)) for figure in figures] for edge in ("low", "middle", "high")
    )
    label = line.way.label + (f": {line.remark}" if line.remark else "")
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


def _mark(line: Line, look: Look, onto: Axes) -> None:
    """A ring, a line down to the axis, and the figure there."""
    if line.mark is None:
        return
    x, y = line.mark.x, line.mark.y
    onto.vlines(x, onto.get_ylim()[0], y, colors="#222222", linestyles=":", linewidth=0.8, zorder=1.8)
    onto.plot(
        [x], [y], marker="o", markersize=10, markerfacecolor="none", markeredgecolor="#222222", zorder=4
    )
    text = rounded(x) if look.unit_x else f"{SIZE if look.unit_x else 'q_len'} {x:.0f}"
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
