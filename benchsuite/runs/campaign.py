"""Measuring in pairs until every case is decided, or the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from benchsuite.compare.evidence import Estimate
from benchsuite.compare.sequential import Sequential, next_look
from benchsuite.facts import Fact
from benchsuite.model import Case, CaseResult, CouldNotMeasure, Failure
from benchsuite.runner.paired import Lost, Pair, PerRequest

Taken = Mapping[str, str] | None  # what `auto` chose, as facts


@dataclass(slots=True)
class Task:
    """A case on both sides, and what has been measured of it. decided: of each side, where `auto` chose."""

    results: tuple[CaseResult, CaseResult]
    metric: str
    decided: tuple[Taken, Taken] = (None, None)
    per_request: PerRequest | None = None
    seconds: float = 0.0  # that a round of it took

    @property
    def cases(self) -> tuple[Case, Case]:
        return self.results[0].case, self.results[1].case

    @property
    def rounds(self) -> int:
        return min(len(result.runs) for result in self.results)

    @property
    def lost(self) -> bool:
        return any(result.failure for result in self.results)


class Observer(Protocol):
    """Told of every step; what it raises ends the campaign."""

    def round(self, index: int, task: Task) -> None: ...
    def open(self, cases: int) -> None: ...


class Campaign:
    """Rounds go over all open cases, forwards and backwards by turns, so that none has the better hour."""

    def __init__(
        self,
        tasks: list[Task],
        sequential: Sequential,
        estimate: Callable[[Task], Estimate | None],
        budget: float,
        rounds: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """budget: seconds. estimate: of what a task has so far; CouldNotMeasure where that can be nothing,
        None where there is nothing to compare it with. rounds: each case gets so many, whatever they say;
        None: until the sequential rule has no more to ask of it."""
        self.tasks, self.sequential, self.estimate, self.rounds = tasks, sequential, estimate, rounds
        self._clock = clock
        self._end = clock() + budget
        self._looked = [0] * len(tasks)  # at so many rounds

    def perform(self, pair: Pair, observer: Observer) -> bool:
        """True when every case is decided (or has its rounds), or has failed; False when time ran out before.
        In between, KeyboardInterrupt passes through. Call finish() then."""
        number = 0
        while open_ := self._open():
            for index in open_ if number % 2 == 0 else reversed(open_):
                if not self._round(pair, index, number):
                    return False
                observer.round(index, self.tasks[index])
            observer.open(len(self._open()))
            number += 1
        return True

    def finish(self) -> None:
        """A look at what was measured since the last one of each case: time, and not what was seen, has set
        the moment."""
        for index, task in enumerate(self.tasks):
            if not task.lost and task.rounds > self._looked[index]:
                self._look(index)

    def _open(self) -> list[int]:
        alive = [index for index, task in enumerate(self.tasks) if not task.lost]
        if self.rounds is not None:
            return [index for index in alive if self.tasks[index].rounds < self.rounds]
        open_ = set(self.sequential.open())
        return [index for index in alive if index in open_]

    def _round(self, pair: Pair, index: int, number: int) -> bool:
        """False: there is no time for it."""
        task = self.tasks[index]
        begin = self._clock()
        if begin + task.seconds > self._end:
            return False
        outcome = pair.round(task.cases, number, task.per_request, task.decided)
        task.seconds = self._clock() - begin
        if isinstance(outcome, Lost):
            task.results[outcome.side].failure = outcome.failure
            return True
        before, now = task.per_request or outcome.per_request, outcome.per_request
        task.per_request = min(before[0], now[0]), min(before[1], now[1])
        for result, run in zip(task.results, outcome.runs, strict=True):
            run.facts[Fact.DECIDE_ON] = task.metric
            result.runs.append(run)
        if task.rounds >= next_look(self._looked[index]):
            self._look(index)
        return True

    def _look(self, index: int) -> None:
        task = self.tasks[index]
        self._looked[index] = task.rounds
        try:
            if found := self.estimate(task):
                self.sequential.look(index, found, task.rounds)
        except CouldNotMeasure as error:  # what decides is not there: no round more would bring it
            task.results[1].failure = Failure("error", str(error))
