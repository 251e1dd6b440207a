"""The points of a result that one device can be fitted to: one backend, one algorithm, one way of
dispatching, several sizes and depths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from benchsuite import stats
from benchsuite.facts import Fact
from benchsuite.least_squares import solve
from benchsuite.model import LOAD, OPEN_LOOP, PARAMETERS, BenchsuiteError, Case, CaseResult, Result
from benchsuite.units import many, nearest, shown

LITTLE = 0.5  # a weight below it


@dataclass(frozen=True, slots=True)
class Point:
    case: Case
    us: float  # from one completion to the next
    cpu_us: float | None  # of the host's CPUs, per request
    busy: int
    high_water: int  # most requests the driver held
    weight: float = 1.0  # in the fit, 0 to 1

    @property
    def size(self) -> int:
        return self.case.request_size

    @property
    def outstanding(self) -> int:
        return self.case.q_len * self.case.workers

    @property
    def mbps(self) -> float:
        return self.size * 8 / self.us


@dataclass(frozen=True, slots=True)
class Sweep:
    points: list[Point]  # by size, then by what is outstanding
    simulated: bool
    version: str  # what was measured
    synchronous: bool | None = None  # whether the driver's caller waits; None: nobody said
    left_out: list[str] = field(default_factory=list)  # sentences
    least_size: int | None = None  # where a range was asked for
    most_size: int | None = None

    @property
    def case(self) -> Case:
        """What all have in common."""
        return self.points[0].case

    @property
    def sizes(self) -> list[int]:
        return sorted({point.size for point in self.points})

    @property
    def depths(self) -> list[int]:
        return sorted({point.outstanding for point in self.points})


def sweep(
    result: Result,
    backend: str = "",
    algorithm: str = "",
    op: str = "",
    from_size: int | None = None,
    to_size: int | None = None,
    side: str = "",
) -> Sweep:
    """Filters: "" leaves the choice to the result, which then must have but one. BenchsuiteError where
    nothing is left, or too much, or only one size."""
    measured = [case for case in result.cases if case.measured]
    if not measured:
        raise BenchsuiteError(
            "there is nothing to fit: no case of the result was measured; run a sweep first, such as "
            "`benchsuite run sizes --set q_len=1,2,4,8,16,32`"
        )
    measured = [case for case in measured if case.case.request_size]
    if not measured:
        raise BenchsuiteError(
            "there is nothing to fit: no case of the result has a size, and a device is fitted to several"
        )
    closed = [case for case in measured if not case.case.load.open_loop]
    if not closed:
        raise BenchsuiteError(
            "there is nothing to fit: all cases are open loops, and a latency under load is no time of a "
            "request; leave rate out"
        )
    opened, measured = len(measured) - len(closed), closed
    measured = _of_side(measured, side)
    for option, wanted, key in (
        ("--backend", backend, lambda case: case.backend),
        ("--algorithm", algorithm, lambda case: case.algorithm),
        ("--op", op, lambda case: case.op),
    ):
        measured = _only(measured, option, wanted, key)
    _one_side(measured)
    failed = sum(
        1
        for case in result.cases
        if not case.measured and _workload(case.case) == _workload(measured[0].case)
    )
    chosen, left_out = _one_way(_between(measured, from_size, to_size))
    if failed:
        left_out.append(f"{failed} of its cases have no figure and are not used")
    if opened:
        left_out.append(f"{many(opened, 'open loop')}: not used, for a latency is not the time of a request")
    points = sorted((_point(case) for case in chosen), key=lambda p: (p.size, p.outstanding))
    if len({point.size for point in points}) < 2:
        raise BenchsuiteError(
            f"all points have {points[0].size} bytes: set-up and rate can be told apart by two sizes only; "
            "measure more, as with --set request_size=64,1024,8192"
        )
    simulated = any(stats.simulated(case) for case in chosen)
    version = "; ".join(stats.facts(chosen[0], Fact.VERSION))
    ways = {way for case in chosen for way in stats.facts(case, Fact.DRIVER)}
    waits = ways == {"synchronous"} if ways else None
    return Sweep(points, simulated, version, waits, left_out, from_size, to_size)


def _between(cases: list[CaseResult], least: int | None, most: int | None) -> list[CaseResult]:
    found = [
        case
        for case in cases
        if (least or 0) <= case.case.request_size and (most is None or case.case.request_size <= most)
    ]
    if not found:
        sizes = sorted({case.case.request_size for case in cases})
        raise BenchsuiteError(
            f"no point from {least or 1} to {most or sizes[-1]} bytes: the result has {sizes[0]} to "
            f"{sizes[-1]}"
        )
    return found


def _only(cases: list[CaseResult], option: str, wanted: str, key: Callable[[Case], str]) -> list[CaseResult]:
    there = list(dict.fromkeys(key(case.case) for case in cases))
    listed = ", ".join(map(shown, there))
    if wanted and wanted not in there:
        near = nearest(wanted, there)
        hint = f"did you mean {near!r}? " if near else ""
        raise BenchsuiteError(
            f"{option} {shown(wanted)}: no measured case of the result has it: {hint}it has {listed}"
        )
    if not wanted and len(there) > 1:
        raise BenchsuiteError(
            f"the result has more than one {option.lstrip('-')}, and a device is fitted to one: {listed}; "
            f"choose by {option}"
        )
    return [case for case in cases if key(case.case) == (wanted or there[0])]


def _of_side(cases: list[CaseResult], wanted: str) -> list[CaseResult]:
    """Cases of one side of a result that was measured in pairs; all, where none is wanted."""
    there = _sides(cases)
    if wanted and wanted not in there:
        has = f"only side {there[0]}" if there else "no sides: it was not measured in pairs"
        raise BenchsuiteError(f"--side {wanted}: the result has {has}")
    return [case for case in cases if not wanted or wanted in stats.facts(case, Fact.SIDE)]


def _one_side(cases: list[CaseResult]) -> None:
    """Where both sides had the same backend, the same cases were measured on both."""
    if len(_sides(cases)) > 1:
        raise BenchsuiteError(
            "the result was measured in pairs, and one device cannot be fitted to both sides: choose by "
            "--side A or --side B"
        )


def _sides(cases: list[CaseResult]) -> list[str]:
    return sorted({fact for case in cases for fact in stats.facts(case, Fact.SIDE)})


def _workload(case: Case) -> tuple[str, str, str]:
    return case.backend, case.algorithm, case.op


def _one_way(cases: list[CaseResult]) -> tuple[list[CaseResult], list[str]]:
    """Cases with the batch, cbimm and so on that most have, and a sentence on the others; of equally many
    those with the usual ones."""
    ways: dict[Case, list[CaseResult]] = {}
    for case in cases:
        ways.setdefault(case.case.without(*_SWEPT), []).append(case)
    chosen = max(
        ways,
        key=lambda way: (len(ways[way]), *(getattr(way, key) == PARAMETERS[key].usual for key in _DISPATCH)),
    )
    others = sum(len(found) for way, found in ways.items() if way != chosen)
    if not others:
        return ways[chosen], []
    return ways[chosen], [
        f"{others} cases are not used, which differ from {dispatch(chosen)} in how they dispatch"
    ]


_SWEPT = ("request_size", "q_len", "crypto_q_max")  # in which the cases of a sweep may differ
_DISPATCH = tuple(key for key in LOAD if key not in (*_SWEPT, *OPEN_LOOP))


def dispatch(case: Case) -> str:
    """How the requests of a sweep are dispatched, as `batch=0, cbimm=1, workers=1`."""
    return ", ".join(f"{key}={getattr(case, key)}" for key in _DISPATCH)


def _point(case: CaseResult) -> Point:
    figures = stats.summary(case)
    counters = figures.counters
    cpu = None if figures.cpu is None else figures.cpu * figures.seconds * 1e6
    return Point(
        case.case, figures.seconds * 1e6, cpu, counters.get("busy", 0), counters.get("high_water", 0)
    )


def line(points: Sequence[Point]) -> tuple[float, float]:
    """Microseconds, and microseconds a byte, of the line through the points."""
    weights = [point.weight for point in points]
    found = solve([[1 / p.us, p.size / p.us] for p in points], [1.0] * len(points), weights)
    return found[0], found[1]


def kept(points: Iterable[Point]) -> list[Point]:
    """Points that count."""
    return [point for point in points if point.weight >= LITTLE]


def one_deep(points: Iterable[Point]) -> list[Point]:
    """Points with the fewest outstanding."""
    listed = list(points)
    least = min(point.outstanding for point in listed)
    return [point for point in listed if point.outstanding == least]
