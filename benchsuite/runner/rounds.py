"""The order of a run: rounds interleaved over cases, within a time budget."""

from __future__ import annotations

import math
import tempfile
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from benchsuite import backends
from benchsuite.facts import Fact
from benchsuite.model import BenchsuiteError, Case, CaseResult, Failure, Measure, Plan, WorkerRun
from benchsuite.places import Place
from benchsuite.runner import pool
from benchsuite.runner.calls import expected_seconds, measure
from benchsuite.runner.open_loop import carried
from benchsuite.series import Series
from benchsuite.units import format_duration, many

START_UP = 0.06  # seconds of a worker process beside its measuring, for estimates
LEAST_VALUES = 3
PLANNED_SHARE = 0.9  # of a budget: the rest is for a machine slower than estimated


class Observer(Protocol):
    """Told of every step; what it raises ends the run."""

    def starts(self, index: int, round_number: int) -> None: ...
    def logged(self, index: int, round_number: int, part: Series) -> None: ...
    def measured(self, index: int, run: WorkerRun) -> None: ...
    def failed(self, index: int, failure: Failure) -> None: ...


@dataclass(frozen=True, slots=True)
class Settings:
    budget: float | None = None  # seconds for the whole run, at most
    deadline: float | None = None  # seconds a worker may take; None: by what is expected
    place: Place | None = None  # where workers live; None: here
    cpus: tuple[int, ...] = ()  # for the workers, in this order; none: any


def worker_seconds(plan: Plan, measures: tuple[Measure, ...] | None = None) -> list[float]:
    """By case, what one worker process should take, start-up and verification included. What answers several
    cases is shared out among them."""
    measures = measures or plan.measures
    shared = [
        backends.of(case.backend).shared_seconds(case, how)
        for case, how in zip(plan.cases, measures, strict=True)
    ]
    sharing = Counter(found[0] for found in shared if found)
    beside = pool.processes_for(len(plan.cases))

    def seconds(case: Case, how: Measure, found: tuple[Hashable, float] | None) -> float:
        if backends.of(case.backend).deterministic:
            return expected_seconds(how, case, None) / beside
        return START_UP + (found[1] / sharing[found[0]] if found else expected_seconds(how, case, None))

    return [seconds(case, how, found) for case, how, found in zip(plan.cases, measures, shared, strict=True)]


def estimate(plan: Plan, measures: tuple[Measure, ...] | None = None) -> float:
    """Seconds the whole plan should take."""
    measures = measures or plan.measures
    return sum(
        how.processes * seconds for how, seconds in zip(measures, worker_seconds(plan, measures), strict=True)
    )


def within(plan: Plan, budget: float | None) -> tuple[Measure, ...]:
    """The plan's measures, cut down to what a budget allows: fewer values first (not below three), then
    fewer processes. BenchsuiteError when not even one process per case fits."""
    if budget is None or estimate(plan) <= budget * PLANNED_SHARE:
        return plan.measures
    planned = budget * PLANNED_SHARE
    for processes in range(max(how.processes for how in plan.measures), 0, -1):
        most = tuple(replace(how, processes=min(how.processes, processes)) for how in plan.measures)
        if estimate(plan, _fewer_values(most, 0)) <= planned:
            return _most_values(plan, most, planned)
    least = _rounded_up(estimate(plan, _fewer_values(most, 0)) / PLANNED_SHARE)
    raise BenchsuiteError(
        f"a budget of {format_duration(budget)} is too short for {many(len(plan.cases), 'case')}: "
        f"it takes at least {format_duration(least)}\n"
        "raise --budget, or narrow the matrix with --set"
    )


def _fewer_values(measures: tuple[Measure, ...], percent: int) -> tuple[Measure, ...]:
    return tuple(
        replace(how, values=max(min(LEAST_VALUES, how.values), how.values * percent // 100))
        for how in measures
    )


def _most_values(plan: Plan, measures: tuple[Measure, ...], seconds: float) -> tuple[Measure, ...]:
    """The largest share of the values that takes at most so long; no value at all is known to."""

    def takes(percent: int) -> float:
        return estimate(plan, _fewer_values(measures, percent))

    return _fewer_values(measures, bisect_right(range(101), seconds, key=takes) - 1)


def _rounded_up(seconds: float) -> float:
    return math.ceil(seconds * 10) / 10 if seconds < 10 else math.ceil(seconds)


def schedule(measures: tuple[Measure, ...]) -> list[tuple[int, int]]:
    """(round, case index) in order. Every second round runs backwards, so that a steady drift of the
    machine weighs on all cases alike."""
    order = []
    for round_number in range(max((how.processes for how in measures), default=0)):
        indices = [i for i, how in enumerate(measures) if round_number < how.processes]
        order += [(round_number, i) for i in (reversed(indices) if round_number % 2 else indices)]
    return order


def _per_request(result: CaseResult) -> float | None:
    values = result.values
    return min(value.per_request for value in values) if values else None


class _Capacities:
    """What rates are shares of, as the first process found it: measured once for all cases that differ in
    nothing but how much is offered."""

    def __init__(self, results: list[CaseResult]) -> None:
        self._alike: dict[Case, list[CaseResult]] = defaultdict(list)
        for result in results:
            self._alike[carried(result.case)].append(result)

    def of(self, case: Case) -> float | None:
        """Requests per second; None where nobody has measured it yet."""
        if not case.rate_percent:
            return None
        runs = (run for result in self._alike[carried(case)] for run in result.runs)
        return next((float(run.facts[Fact.CAPACITY]) for run in runs if Fact.CAPACITY in run.facts), None)


def run(
    plan: Plan,
    measures: tuple[Measure, ...],
    results: list[CaseResult],
    observer: Observer,
    settings: Settings,
    clock: Callable[[], float] = time.monotonic,
    decided: Mapping[int, dict[str, str]] | None = None,
) -> bool:
    """Measures what `results` (one per case, perhaps of an earlier attempt) still lacks, and fills it in.
    True when every case had its share; False when the budget ran out before. KeyboardInterrupt passes
    through, with everything finished so far in `results`. decided: by case, what `auto` has chosen."""
    with _shared_folder(plan, measures) as shared:
        return _run(plan, measures, results, observer, settings, clock, decided or {}, shared)


@contextmanager
def _shared_folder(plan: Plan, measures: tuple[Measure, ...]) -> Iterator[str | None]:
    """For what the workers leave each other, where there are cases that do."""
    if any(
        backends.of(case.backend).shared_seconds(case, how)
        for case, how in zip(plan.cases, measures, strict=True)
    ):
        with tempfile.TemporaryDirectory(prefix="benchsuite-") as folder:
            yield folder
    else:
        yield None


def _run(
    plan: Plan,
    measures: tuple[Measure, ...],
    results: list[CaseResult],
    observer: Observer,
    settings: Settings,
    clock: Callable[[], float],
    decided: Mapping[int, dict[str, str]],
    shared: str | None,
) -> bool:
    begin, capacities = clock(), _Capacities(results)

    def budget_left() -> float:
        return math.inf if settings.budget is None else begin + settings.budget - clock()

    if not _simulate(plan, results, observer, settings, budget_left):
        return _out_of_budget(results, observer, settings)
    for round_number, index in schedule(measures):
        result = results[index]
        if result.failure or any(run.round == round_number for run in result.runs if not run.cut_short):
            continue
        if backends.of(plan.cases[index].backend).deterministic:
            continue
        if budget_left() <= 0:
            return _out_of_budget(results, observer, settings)
        observer.starts(index, round_number)
        case, how = plan.cases[index], measures[index]
        outcome = measure(
            case,
            how,
            round_number,
            _per_request(result),
            settings.deadline,
            budget_left(),
            decided.get(index),
            shared,
            settings.place,
            _Noting(result, round_number, partial(observer.logged, index, round_number)),
            settings.cpus,
            capacities.of(case),
        )
        if isinstance(outcome, Failure) and outcome.kind == "budget":
            return _out_of_budget(results, observer, settings)
        _take(results, index, outcome, observer)
    return True


class _Noting:
    """Keeps the time series of a worker as far as it has told it: should it be ended before it has values,
    that is a run by itself."""

    def __init__(self, result: CaseResult, round_number: int, then: Callable[[Series], None]) -> None:
        self._result, self._then = result, then
        self._run = WorkerRun(round_number)

    def __call__(self, part: Series) -> None:
        if self._run.series is None:
            self._run.series = Series(part.interval, clock=part.clock)
            self._result.runs.append(self._run)
        self._run.series.extend(part)
        self._then(part)


def _simulate(
    plan: Plan,
    results: list[CaseResult],
    observer: Observer,
    settings: Settings,
    budget_left: Callable[[], float],
) -> bool:
    """The cases that can be had all at once, and before anything is measured that they would disturb. False:
    the budget ran out."""
    open_ = [
        index
        for index, result in enumerate(results)
        if not result.failure and not result.runs and backends.of(plan.cases[index].backend).deterministic
    ]
    with closing(pool.run(plan, open_, settings.deadline, budget_left, settings.place)) as outcomes:
        for index, outcome in outcomes:
            _take(results, index, outcome, observer)
    return all(results[index].runs or results[index].failure for index in open_)


def _take(results: list[CaseResult], index: int, outcome: WorkerRun | Failure, observer: Observer) -> None:
    if isinstance(outcome, Failure):
        results[index].failure = outcome
        observer.failed(index, outcome)
    else:
        runs = results[index].runs
        runs[:] = [run for run in runs if run.round != outcome.round] + [outcome]
        observer.measured(index, outcome)


def _out_of_budget(results: list[CaseResult], observer: Observer, settings: Settings) -> bool:
    reason = f"the budget of {format_duration(settings.budget or 0)} ran out before it had a figure"
    for index, result in enumerate(results):
        if not result.runs and not result.failure:
            result.failure = Failure("budget", reason)
            observer.failed(index, result.failure)
    return False
