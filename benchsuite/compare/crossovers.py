"""Crossovers in results: from which size one backend beats another, and whether that has moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from benchsuite import stats
from benchsuite.confidence import simulated, weakest
from benchsuite.crossover import Crossover, Point, crossover, sentence
from benchsuite.model import Case, CaseResult, CouldNotMeasure, Result
from benchsuite.sweeps import Differing, Values

SOFTWARE, FLOOR = "software", "null"
_FOLLOWS = ("in_place", "aad_size", "tag_size")  # from the algorithm, nearly always


@dataclass(frozen=True, slots=True)
class Meeting:
    """A challenger against the base, over the sizes of one work under one load. case: without backend and
    size."""

    case: Case
    base: str
    challenger: str
    found: Crossover
    confidence: str  # the weakest of what is simulated; "" where nothing is
    simulated_in_words: str

    @property
    def simulated(self) -> bool:
        return bool(self.confidence)

    @property
    def words(self) -> str:
        """What was found, with the mark of what is a model's."""
        mark = f" ({self.simulated_in_words})" if self.simulated else ""
        return sentence(self.found, self.base, self.challenger) + mark


@dataclass(frozen=True, slots=True)
class _Side:
    """Cases of one backend that differ in their sizes alone: the figures by size, what their clocks are, and
    how sure those are that are simulated."""

    points: dict[int, Point]
    clocks: set[str]
    modelled: set[str]


def usual_base(cases: Iterable[CaseResult]) -> str:
    """The backend that others are held against where nobody names one: software, any libcrypto, or the first
    that is more than the engine's floor; "" without a figure."""
    drivers: dict[str, str] = {}
    for case in cases:
        if case.case.backend not in drivers and case.measured:
            drivers[case.case.backend] = case.driver
    if SOFTWARE in drivers:
        return SOFTWARE
    libcryptos = [name for name, driver in drivers.items() if driver == SOFTWARE]
    working = [name for name in drivers if name != FLOOR]
    return next(iter(libcryptos or working or drivers), "")


def meetings(cases: Iterable[CaseResult], base: str | None = None, fewest: int = 2) -> list[Meeting]:
    """Meetings of every other backend with the base (None: the first there is), in the order of the backends,
    then of the work. fewest: see between()."""
    cases = list(cases)
    work = Differing([each.case for each in cases]).but("backend", "request_size")
    found: dict[Values, dict[str, list[CaseResult]]] = {}
    backends: dict[str, list[Meeting]] = {}
    for case in cases:
        backends.setdefault(case.case.backend, [])
        found.setdefault(work(case.case), {}).setdefault(case.case.backend, []).append(case)
    first = base or next(iter(backends), "")
    # Of thousands of backends most have no work in common with the base: only what is there is looked at.
    for by_backend in found.values():
        if len(own := by_backend.pop(first, [])) >= fewest:
            side, common = _side(own), own[0].case.without("backend", "request_size")
            for challenger, of in by_backend.items():
                if len(of) >= fewest and (
                    met := _meeting(common, first, side, challenger, _side(of), fewest)
                ):
                    backends[challenger].append(met)
    return list(chain(*backends.values()))


def _meeting(
    case: Case, base: str, ours: _Side, challenger: str, theirs: _Side, fewest: int
) -> Meeting | None:
    found = _crossover(ours, theirs, fewest)
    if not found:
        return None
    modelled = ours.modelled | theirs.modelled
    return Meeting(case, base, challenger, found, weakest(modelled) if modelled else "", simulated(modelled))


def between(
    base: Iterable[CaseResult], challenger: Iterable[CaseResult], fewest: int = 2
) -> Crossover | None:
    """The crossover of cases that differ in their sizes alone. None where fewer than `fewest` sizes have a
    figure on both sides, or not all times are known to be by the same clock. Of several figures of a size the
    first counts, as in every chart."""
    return _crossover(_side(base), _side(challenger), fewest)


def _crossover(base: _Side, challenger: _Side, fewest: int) -> Crossover | None:
    if not stats.clocks_agree(base.clocks | challenger.clocks):
        return None
    if len(base.points.keys() & challenger.points.keys()) < fewest:
        return None
    return crossover(base.points.values(), challenger.points.values())


def _side(cases: Iterable[CaseResult]) -> _Side:
    side = _Side({}, set(), set())
    for case in cases:
        if level := stats.confidence(case):
            side.modelled.add(level)
        size = case.case.request_size
        try:
            figures = stats.summary(case)
        except CouldNotMeasure:
            continue
        if size:
            side.clocks.add(stats.clock(case))
        if size and size not in side.points:
            (low, high), middle = figures.interval, figures.seconds
            side.points[size] = Point(size, middle, min(low, middle), max(high, middle))
    return side


def of_one(result: Result, base: str | None) -> dict[str, list[str]]:
    """Sentences on the crossovers of one result, by challenger."""
    found: dict[str, list[str]] = {}
    for each in meetings(result.cases, base):
        found.setdefault(each.challenger, []).append(f"{name(each.case)}: {each.words}")
    return found


def moved(base: Result, other: Result) -> list[str]:
    """Sentences on the crossovers that are not the same in both."""
    before, after = (
        {(each.case, each.base, each.challenger): each for each in meetings(result.cases)}
        for result in (base, other)
    )
    return sorted(
        f"crossover, {name(now.case)}: {then} in Base; {now.words} in Other"
        for key, now in after.items()
        if key in before
        and (then := sentence(before[key].found, now.base, now.challenger))
        != sentence(now.found, now.base, now.challenger)
    )


def name(work: Case) -> str:
    """The work in words, with what is not usual of it and of the load."""
    return work.words(key for key in work.unusual if key not in _FOLLOWS)
