"""Crossovers in results: from which size one backend beats another, and whether that has moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from benchsuite import stats
from benchsuite.confidence import simulated, weakest
from benchsuite.crossover import Crossover, Point, crossover, sentence
from benchsuite.model import Case, CaseResult, CouldNotMeasure, Result

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


def usual_base(cases: Iterable[CaseResult]) -> str:
    """The backend that others are held against where nobody names one: software, any libcrypto, or the first
    that is more than the engine's floor; "" without a figure."""
    drivers = {case.case.backend: case.driver for case in cases if case.measured}
    if SOFTWARE in drivers:
        return SOFTWARE
    libcryptos = [name for name, driver in drivers.items() if driver == SOFTWARE]
    working = [name for name in drivers if name != FLOOR]
    return next(iter(libcryptos or working or drivers), "")


def meetings(cases: Iterable[CaseResult], base: str | None = None, fewest: int = 2) -> list[Meeting]:
    """Meetings of every other backend with the base (None: the first there is), in the order of the backends,
    then of the work. fewest: see between()."""
    found: dict[Case, dict[str, list[CaseResult]]] = {}
    backends: dict[str, None] = {}
    for case in cases:
        backends.setdefault(case.case.backend)
        work = case.case.without("backend", "request_size")
        found.setdefault(work, {}).setdefault(case.case.backend, []).append(case)
    first = base or next(iter(backends), "")
    # Of thousands of backends most have no work in common with the base: only what is there is looked at.
    shared: dict[str, list[Case]] = {}
    for work, by_backend in found.items():
        if len(by_backend.get(first, ())) >= fewest:
            for name, of in by_backend.items():
                if len(of) >= fewest:
                    shared.setdefault(name, []).append(work)
    listed = []
    for challenger in backends:
        for work in shared.get(challenger, []) if challenger != first else []:
            sides = found[work][first], found[work][challenger]
            if met := between(*sides, fewest):
                modelled = [level for level in map(stats.confidence, chain(*sides)) if level]
                worst = weakest(modelled) if modelled else ""
                listed.append(Meeting(work, first, challenger, met, worst, simulated(modelled)))
    return listed


def between(
    base: Iterable[CaseResult], challenger: Iterable[CaseResult], fewest: int = 2
) -> Crossover | None:
    """The crossover of cases that differ in their sizes alone. None where fewer than `fewest` sizes have a
    figure on both sides, or not all times are known to be by the same clock. Of several figures of a size the
    first counts, as in every chart."""
    both = base, challenger
    sides = [[case for case in side if case.measured and case.case.request_size] for side in both]
    if not stats.clocks_agree(chain(*sides)):
        return None
    points = [_points(side) for side in sides]
    if len(points[0].keys() & points[1].keys()) < fewest:
        return None
    return crossover(points[0].values(), points[1].values())


def _points(cases: Iterable[CaseResult]) -> dict[int, Point]:
    points: dict[int, Point] = {}
    for case in cases:
        try:
            seconds, (low, high) = stats.seconds(case), stats.interval(case)
        except CouldNotMeasure:
            continue
        size = case.case.request_size
        points.setdefault(size, Point(size, seconds, min(low, seconds), max(high, seconds)))
    return points


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
