"""Plots of a figure along a parameter: a panel for each workload, a curve for each contender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchsuite.confidence import simulated
from benchsuite.crossover import Crossover, sentence
from benchsuite.model import MBPS, PARAMETERS, REQUESTS, Case, Parameter
from benchsuite.report.charts.entries import Contender, Data, Entry, by_style
from benchsuite.report.charts.measures import Figure, Measure
from benchsuite.report.charts.quantities import RATES, Quantity
from benchsuite.view.heading import part_heading

_SEARCHED = (RATES[MBPS], RATES[REQUESTS])
MOST_CURVES = 6  # of a panel: more are told apart by nobody


@dataclass(frozen=True, slots=True)
class Dot:
    """x: the parameter. A figure of an entry."""

    x: int
    figure: Figure
    entry: Entry


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a curve that the plot is about: the knee, or where it crosses the base. at: where, in
    words."""

    x: float
    y: float
    at: str


@dataclass(frozen=True, slots=True)
class Curve:
    """dots: the smallest x first. remark: what is said of the curve, in words. ideal: x and figure at the
    ends of the line that it would be at best; () where nobody knows."""

    contender: Contender
    dots: tuple[Dot, ...]
    remark: str = ""
    mark: Mark | None = None
    ideal: tuple[tuple[int, float], ...] = ()

    @property
    def confidences(self) -> list[str]:
        """How sure each dot is; "" of one that was measured."""
        return [dot.entry.row.confidence for dot in self.dots]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A challenger against the base over the sizes of a workload."""

    workload: str
    base: Contender
    challenger: Contender
    found: Crossover
    simulated: str  # in words; "" where nothing of it is

    @property
    def words(self) -> str:
        return sentence(self.found, self.base.label, self.challenger.label)


@dataclass(frozen=True, slots=True)
class Panel:
    """title names the workload, group its algorithm. axis: the parameter along which it goes. part: which of
    how many plots of this workload. left_out: cases that are drawn nowhere because a curve has one of the
    same x already."""

    quantity: Quantity
    axis: Parameter
    title: str
    group: str
    key: Case
    curves: tuple[Curve, ...]
    meetings: tuple[Meeting, ...] = ()
    part: tuple[int, int] = (1, 1)
    left_out: int = 0

    @property
    def simulated(self) -> str:
        return simulated(level for curve in self.curves for level in curve.confidences)

    @property
    def heading(self) -> str:
        return part_heading(self.title, self.part)

    @property
    def looked_for(self) -> str:
        """What is looked for along it; "" in a latency, and in a cost."""
        return self.axis.looked_for if self.quantity in _SEARCHED else ""

    @property
    def name(self) -> str:
        """What is drawn: `Mbps by workers`."""
        return f"{self.quantity.name} by {self.axis.called}"

    @property
    def x(self) -> str:
        """What stands at its x axis."""
        unit = f" ({self.axis.unit})" if self.axis.unit else ""
        return (self.axis.axis or self.axis.called) + unit

    @property
    def xs(self) -> list[int]:
        return [dot.x for curve in self.curves for dot in curve.dots]

    @property
    def reach(self) -> list[float]:
        """All figures that have to be on its y axis."""
        dots = [dot for curve in self.curves for dot in curve.dots]
        edges = [edge for dot in dots for edge in (dot.figure.low, dot.figure.high)]
        return edges + [figure for curve in self.curves for _, figure in curve.ideal]


def panels(data: Data, quantity: Quantity, measure: Measure) -> list[Panel]:
    """A panel for each series of cases in which somebody has several x: by parameter in the order of
    PARAMETERS. Not split yet: see `split`."""
    figures = [(entry, figure) for entry in data.measured if (figure := measure(entry))]
    found = []
    for key in dict.fromkeys(sweep.key for sweep in data.sweeps):
        axis = PARAMETERS[key]
        lines: dict[Case, list[tuple[Entry, Figure]]] = {}
        for entry, figure in figures:
            if axis.on_axis(getattr(entry.case, axis.key)):
                lines.setdefault(entry.case.without("backend", key), []).append((entry, figure))
        series = (lines.get(sweep.common) for sweep in data.sweeps if sweep.key == key)
        drawn = (_panel(data, quantity, axis, line) for line in series if line)
        found += [panel for panel in drawn if any(len(curve.dots) > 1 for curve in panel.curves)]
    return found


def _panel(data: Data, quantity: Quantity, axis: Parameter, line: Sequence[tuple[Entry, Figure]]) -> Panel:
    curves: dict[Contender, dict[int, Dot]] = {}
    for entry, figure in line:
        x = getattr(entry.case, axis.key)
        curves.setdefault(entry.contender, {}).setdefault(x, Dot(x, figure, entry))
    key = line[0][0].case.without("backend", axis.key)
    return Panel(
        quantity,
        axis,
        data.name(key, axis.key),
        data.name(key, *(name for name in data.varying if name != "algorithm")),
        key,
        tuple(
            Curve(each, tuple(curves[each][x] for x in sorted(curves[each])))
            for each in sorted(curves, key=by_style)
        ),
        left_out=len(line) - sum(map(len, curves.values())),
    )


def split(panel: Panel, base: str) -> list[Panel]:
    """Parts with at most MOST_CURVES each. The base's curves are in every one, as long as they are few."""
    if len(panel.curves) <= MOST_CURVES:
        return [panel]
    bases = [curve for curve in panel.curves if curve.contender.backend == base]
    bases = bases if len(bases) < MOST_CURVES // 2 else []
    others = [curve for curve in panel.curves if curve not in bases]
    room = MOST_CURVES - len(bases)
    chunks = [others[start : start + room] for start in range(0, len(others), room)]
    return [
        replace(panel, curves=(*bases, *chunk), part=(number, len(chunks)))
        for number, chunk in enumerate(chunks, 1)
    ]
