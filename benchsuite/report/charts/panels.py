"""Plots of a figure over a parameter: a panel for each workload, a curve for each contender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

from benchsuite.compare.crossovers import between
from benchsuite.crossover import Crossover, rounded, sentence
from benchsuite.knee import knee
from benchsuite.model import Case, CaseResult
from benchsuite.report.charts.entries import Contender, Data, Entry, by_style, simulation
from benchsuite.report.charts.measures import Figure, Measure, cpu_per_gbit, mbps
from benchsuite.view.heading import part_heading

MOST_CURVES = 6  # of a panel: more are told apart by nobody
SIZE, DEPTH = "request_size", "q_len"


@dataclass(frozen=True, slots=True)
class Dot:
    """x: the parameter. A figure of an entry."""

    x: int
    figure: Figure
    entry: Entry


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a curve that the plot is about: the knee, or where it crosses the base."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """dots: the smallest x first. remark: what is said of the curve, in words."""

    contender: Contender
    dots: tuple[Dot, ...]
    remark: str = ""
    mark: Mark | None = None

    @property
    def simulated(self) -> bool:
        return any(dot.entry.row.simulated for dot in self.dots)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A challenger against the base over the sizes of a workload."""

    workload: str
    base: Contender
    challenger: Contender
    found: Crossover
    simulated: bool

    @property
    def words(self) -> str:
        return sentence(self.found, self.base.label, self.challenger.label)


@dataclass(frozen=True, slots=True)
class Panel:
    """title names the workload, group its algorithm. part: which of how many plots of this workload.
    left_out: cases that are drawn nowhere because a curve has one of the same x already."""

    title: str
    group: str
    key: Case
    curves: tuple[Curve, ...]
    meetings: tuple[Meeting, ...] = ()
    part: tuple[int, int] = (1, 1)
    left_out: int = 0

    @property
    def simulated(self) -> str:
        return simulation(curve.simulated for curve in self.curves)

    @property
    def heading(self) -> str:
        return part_heading(self.title, self.part)


def by_size(data: Data) -> list[Panel]:
    """Mbps by request_size, with the crossovers against the base."""
    return [_with_meetings(data, panel) for panel in panels(data, SIZE, mbps)]


def by_depth(data: Data, measure: Measure = mbps) -> list[Panel]:
    """A rate by q_len, with the knees."""
    return [
        replace(panel, curves=tuple(_with_knee(curve) for curve in panel.curves))
        for panel in panels(data, DEPTH, measure)
    ]


def cpu_by_size(data: Data) -> list[Panel]:
    """CPU seconds per Gbit by request_size."""
    return panels(data, SIZE, cpu_per_gbit)


def panels(data: Data, x: str, measure: Measure) -> list[Panel]:
    """A panel for each workload with several x. Not split yet: see `split`."""
    found: dict[Case, dict[Contender, dict[int, Dot]]] = {}
    left_out: dict[Case, int] = {}
    for entry in data.measured:
        figure, at = measure(entry), getattr(entry.case, x)
        if figure is None or at < 1:
            continue
        key = entry.case.without("backend", x)
        dots = found.setdefault(key, {}).setdefault(entry.contender, {})
        left_out[key] = left_out.get(key, 0) + (at in dots)
        dots.setdefault(at, Dot(at, figure, entry))
    return [
        Panel(
            data.name(key, x),
            data.name(key, *(name for name in data.varying if name != "algorithm")),
            key,
            tuple(
                Curve(each, tuple(of[each][at] for at in sorted(of[each])))
                for each in sorted(of, key=by_style)
            ),
            left_out=left_out[key],
        )
        for key, of in found.items()
        if len({at for dots in of.values() for at in dots}) > 1
    ]


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


def _with_knee(curve: Curve) -> Curve:
    found = knee([(dot.x, dot.figure.middle) for dot in curve.dots])
    if found is None:
        return curve
    mark = None if found.flat or found.rising else Mark(found.depth, found.rate, str(found))
    return replace(curve, remark=str(found), mark=mark)


def _with_meetings(data: Data, panel: Panel) -> Panel:
    by_contender = {curve.contender: curve for curve in panel.curves}
    curves, meetings = [], []
    for curve in panel.curves:
        base = by_contender.get(data.base_of(curve.contender) or curve.contender)
        if base is None or base is curve or not (found := between(_results(base), _results(curve))):
            curves.append(curve)
            continue
        simulated = base.simulated or curve.simulated
        meetings.append(Meeting(panel.title, base.contender, curve.contender, found, simulated))
        curves.append(_with_crossover(curve, base, found))
    return replace(panel, curves=tuple(curves), meetings=tuple(meetings))


def _results(curve: Curve) -> list[CaseResult]:
    return [dot.entry.row.result for dot in curve.dots]


def _with_crossover(curve: Curve, base: Curve, found: Crossover) -> Curve:
    if found.start is None:
        return curve
    if found.at is None:
        return replace(curve, remark=f"faster than {base.contender.label} from {found.start} B on")
    text = f"crosses {base.contender.label} at {rounded(found.at)}"
    return replace(curve, remark=text, mark=Mark(found.at, height(base.dots, found.at), text))


def height(dots: Sequence[Dot], x: float) -> float:
    """The height of a curve at x, straight on logarithmic axes as the crossover has it."""
    left = max((dot for dot in dots if dot.x <= x), key=lambda dot: dot.x, default=dots[0])
    right = min((dot for dot in dots if dot.x >= x), key=lambda dot: dot.x, default=dots[-1])
    if left.x == right.x:
        return left.figure.middle
    share = (log(x) - log(left.x)) / (log(right.x) - log(left.x))
    return float(left.figure.middle ** (1 - share) * right.figure.middle**share)
