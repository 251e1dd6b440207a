"""Rates along what a workload goes along, with what is looked for there: where a way overtakes the base, from
which depth on more brings little, how near to the ideal it stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log

from benchsuite.compare.crossovers import between
from benchsuite.confidence import simulated
from benchsuite.crossover import Crossover, rounded
from benchsuite.knee import knee
from benchsuite.model import CROSSOVER, KNEE, RATE_UNITS, SCALING, CaseResult, Parameter
from benchsuite.report.charts.entries import Data
from benchsuite.report.charts.measures import mbps, mean_latency, operations
from benchsuite.report.charts.panels import Curve, Dot, Mark, Meeting, Panel, panels
from benchsuite.report.charts.quantities import RATES
from benchsuite.sheet.numbers import percent


def rates(data: Data) -> list[Panel]:
    """Panels of all units of rates."""
    measures = zip(RATE_UNITS, (mbps, operations, mean_latency), strict=True)
    found = [panel for unit, measure in measures for panel in panels(data, RATES[unit], measure)]
    return [_LOOKED_FOR[panel.looked_for](data, panel) if panel.looked_for else panel for panel in found]


def _knees(data: Data, panel: Panel) -> Panel:
    return replace(panel, curves=tuple(_with_knee(curve, panel.axis) for curve in panel.curves))


def _with_knee(curve: Curve, axis: Parameter) -> Curve:
    found = knee([(dot.x, dot.figure.middle) for dot in curve.dots])
    if found is None:
        return curve
    at = axis.at(found.depth)
    mark = None if found.flat or found.rising else Mark(found.depth, found.rate, at)
    return replace(curve, remark=found.words(at), mark=mark)


def _scaling(data: Data, panel: Panel) -> Panel:
    return replace(panel, curves=tuple(_with_ideal(curve, panel.axis) for curve in panel.curves))


def _with_ideal(curve: Curve, axis: Parameter) -> Curve:
    """The ideal is the figure at the smallest x, times x over that."""
    first, last = curve.dots[0], curve.dots[-1]
    if first is last or not first.x:
        return curve
    best, found = first.figure.middle * last.x / first.x, last.figure.middle
    times, share = found / first.figure.middle, found / best
    remark = f"{times:.3g} times at {axis.at(last.x)}, {percent(share, 2)} of the ideal"
    return replace(curve, remark=remark, ideal=((first.x, first.figure.middle), (last.x, best)))


def _crossovers(data: Data, panel: Panel) -> Panel:
    by_contender = {curve.contender: curve for curve in panel.curves}
    curves, meetings = [], []
    for curve in panel.curves:
        base = by_contender.get(data.base_of(curve.contender) or curve.contender)
        if base is None or base is curve or not (found := between(_results(base), _results(curve))):
            curves.append(curve)
            continue
        modelled = simulated(level for level in (*base.confidences, *curve.confidences) if level)
        meetings.append(Meeting(panel.title, base.contender, curve.contender, found, modelled))
        curves.append(_with_crossover(curve, base, found))
    return replace(panel, curves=tuple(curves), meetings=tuple(meetings))


def _results(curve: Curve) -> list[CaseResult]:
    return [dot.entry.row.result for dot in curve.dots]


def _with_crossover(curve: Curve, base: Curve, found: Crossover) -> Curve:
    if found.start is None:
        return curve
    if found.at is None:
        return replace(curve, remark=f"faster than {base.contender.label} from {found.start} B on")
    at = rounded(found.at)
    remark = f"crosses {base.contender.label} at {at}"
    return replace(curve, remark=remark, mark=Mark(found.at, height(base.dots, found.at), at))


def height(dots: Sequence[Dot], x: float) -> float:
    """The height of a curve at x, straight on logarithmic axes as the crossover has it."""
    left = max((dot for dot in dots if dot.x <= x), key=lambda dot: dot.x, default=dots[0])
    right = min((dot for dot in dots if dot.x >= x), key=lambda dot: dot.x, default=dots[-1])
    if left.x == right.x:
        return left.figure.middle
    share = (log(x) - log(left.x)) / (log(right.x) - log(left.x))
    return float(left.figure.middle ** (1 - share) * right.figure.middle**share)


_LOOKED_FOR: dict[str, Callable[[Data, Panel], Panel]] = {
    CROSSOVER: _crossovers,
    KNEE: _knees,
    SCALING: _scaling,
}
