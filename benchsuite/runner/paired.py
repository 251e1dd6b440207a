"""Two sides measured against each other: in slices of milliseconds that alternate, in one run.

A round is a fresh process of each side with the same case. They take turns, A B B A A B B A ..., so that
each has the same share of every drift, even of one that changes steadily; every second round begins with B.
What one slice has of the machine's state the slices around it have as well, and what a process has by chance
(where its memory lies) the process of the next round has differently. So the round is what one may count: it
has one ratio.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchsuite.facts import Fact
from benchsuite.model import BenchsuiteError, Case, Failure, Value, WorkerRun
from benchsuite.runner.closed_loop import PROBE_TIME
from benchsuite.runner.measurement import busy_seconds
from benchsuite.runner.messages import Measured
from benchsuite.runner.open_loop import CAPACITY_TIME, CAPACITY_VALUES, arrivals, carried, rate_of
from benchsuite.runner.pair_client import Side, SideFailed
from benchsuite.runner.priority import raised
from benchsuite.runner.turns import Finish, Opened, Saturate, Saturated, Take, Taken

SLICE = 0.002  # seconds, at least: shorter than what a scheduler lets a process run before it takes another
SLICES = 16  # per side and round; even
_FEWEST = (
    1,
    4,
)  # requests per outstanding one in a slice: of several outstanding, else it is all start and end
ALIKE = 1.5  # sides whose times differ by less do the same number of requests

Facts = Mapping[str, str]
PerRequest = tuple[float, float]  # seconds, of A and B


@dataclass(frozen=True, slots=True)
class Round:
    """What both sides measured, A first: their values in the order in which they were taken, equally many."""

    runs: tuple[WorkerRun, WorkerRun]

    @property
    def per_request(self) -> PerRequest:
        """Seconds, of the fastest slice of each."""
        a, b = (min(value.per_request for value in run.values) for run in self.runs)
        return a, b


@dataclass(frozen=True, slots=True)
class Lost:
    """A round without figures: which side (0 is A) failed, and why."""

    side: int
    failure: Failure


class Pair:
    """Two sides with their servers. A context manager: nothing is left running."""

    def __init__(
        self,
        a: Side,
        b: Side,
        urgent: bool = True,
        slices: int = SLICES,
        slice_time: float = SLICE,
        cpus: Sequence[int] = (),
        anchored: bool = False,
    ) -> None:
        """urgent: with real-time priority, where that is permitted. cpus: of both sides, in this
        order; none: any. anchored: A is what B is measured beside, a closed loop whatever B is; a rate is
        then a share of B's own capacity."""
        self._anchored = anchored
        self._chosen = tuple(cpus)
        self._capacities: dict[tuple[Case, Case], float] = {}  # requests per second of the base side
        self.sides = (a, b)
        self._urgent, self._slices, self._time = urgent, slices, slice_time
        self._stack = ExitStack()

    def __enter__(self) -> Pair:
        with self._stack as stack:
            self.priority = stack.enter_context(raised(self._urgent))
            for side in self.sides:
                stack.callback(side.end)
            self._renew(0)
            self._stack = stack.pop_all()
        return self

    def _renew(self, number: int) -> None:
        """Other servers for another round: where they lie in memory must not favour one side for good."""
        self._number = number
        for side in self.sides:
            side.end()
            side.begin()
        for side in self.sides:
            side.start()
        a, b = (side.hello.cpus for side in self.sides)
        self._cpus = self._chosen or tuple(cpu for cpu in a if cpu in b)

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def round(
        self,
        cases: tuple[Case, Case],
        number: int,
        per_request: PerRequest | None,
        decided: tuple[Facts | None, Facts | None] = (None, None),
    ) -> Round | Lost:
        """cases: A's and B's. number: of the round; a case has no two of the same. per_request: as an earlier
        round found, which saves calibrating. decided: what `auto` has chosen for each."""
        try:
            if number != self._number:
                self._renew(number)
            return self._round(cases, number, per_request, decided)
        except SideFailed as failed:
            for side in self.sides:
                side.give_up()
            return Lost(self.sides.index(failed.side), failed.failure(number))
        except BaseException:  # interrupted: what was forked must not go on
            for side in self.sides:
                side.end()
            raise

    def _round(
        self,
        cases: tuple[Case, Case],
        number: int,
        per_request: PerRequest | None,
        decided: tuple[Facts | None, Facts | None],
    ) -> Round:
        self._check(cases)
        started, busy = time.time(), busy_seconds()
        for side, case, facts in zip(self.sides, cases, decided, strict=True):
            side.open(case, facts, self._chosen)
        opened = [side.answer(Opened) for side in self.sides]
        # CPUs differ: where one thread does everything, both sides take the same, by turns with the rounds.
        cpu = (
            self._cpus[number % len(self._cpus)]
            if self._cpus and all(each.direct for each in opened)
            else None
        )
        turns = _Turns(self.sides, cpu, number)
        told: tuple[dict[str, str], dict[str, str]] = ({}, {})
        if cases[1].load.open_loop:
            told = self._offer(cases, turns, per_request)
        else:
            per_request = per_request or turns.calibrate(cases)
            turns.prepare(per_request, self._requests(cases, per_request))
        turns.take(self._slices)
        for side in self.sides:
            side.send(Finish(number))
        runs = [self._finished(side) for side in self.sides]
        ended, busy = time.time(), busy_seconds() - busy
        for i, run in enumerate(runs):
            run.facts |= told[i]
            run.warmups, run.values, run.started, run.ended = (
                turns.warmups[i],
                turns.values[i],
                started,
                ended,
            )
            run.machine_busy = max(0.0, busy - sum(value.cpu or 0.0 for value in turns.values[1 - i]))
        return Round((runs[0], runs[1]))

    def _check(self, cases: tuple[Case, Case]) -> None:
        """BenchsuiteError where one side's figures could say nothing of the other's."""
        a, b = cases
        if a.load.open_loop != b.load.open_loop and not self._anchored:
            which = "A" if a.load.open_loop else "B"
            raise BenchsuiteError(
                f"a pair of {a.name} and {b.name}: only {which} is an open loop, whose latency has no ratio "
                "to the time of a closed one\ngive both the same rate, or none"
            )
        if a.load.open_loop and (a.rate, a.rate_percent) != (b.rate, b.rate_percent):
            raise BenchsuiteError(
                f"a pair of {a.name} and {b.name}: requests arrive at other rates, and latencies with them\n"
                "give both the same rate"
            )

    def _offer(
        self, cases: tuple[Case, Case], turns: _Turns, per_request: PerRequest | None
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Prepares an open loop. What a rate is a share of is measured once, on the base side, and is that of
        both; beside an anchor it is the case's own, and measured in every round: what is held against another
        day must not rest on one measurement. What is to be known of each."""
        closed = not cases[0].load.open_loop  # an anchor
        alike = carried(cases[0]), carried(cases[1])
        if cases[1].rate_percent and (closed or alike not in self._capacities):
            self._capacities[alike] = turns.saturate(int(closed))
        known = self._capacities[alike] if cases[1].rate_percent else None
        rate = rate_of(cases[1], known)
        each = [case.workers / rate for case in cases]
        requests = [arrivals(case, rate, self._time) for case in cases]
        rates = [rate, rate]
        if closed:
            each[0] = per_request[0] if per_request else turns.calibrate_one(0, cases[0])
            requests[0], rates[0] = self._of_closed(cases[0], each[0]), 0.0
        turns.prepare((each[0], each[1]), (requests[0], requests[1]), (rates[0], rates[1]))
        told = {Fact.RATE: f"{rate:.6g}"} | ({} if known is None else {Fact.CAPACITY: f"{known:.6g}"})
        return {} if closed else told, dict(told)

    def _requests(self, cases: tuple[Case, Case], per_request: PerRequest) -> tuple[int, int]:
        """In a slice of each side."""
        a, b = map(self._of_closed, cases, per_request)
        if max(per_request) < ALIKE * min(per_request):
            a = b = max(a, b)
        return a, b

    def _of_closed(self, case: Case, seconds: float) -> int:
        """Requests in a slice of a closed loop; seconds: of each."""
        fewest = _FEWEST[case.q_len > 1] * case.q_len
        return max(case.request_num, fewest, int(self._time / max(seconds, 1e-10)))

    def _finished(self, side: Side) -> WorkerRun:
        run = side.answer(Measured).run
        run.facts[Fact.BENCHSUITE] = side.hello.version
        run.facts[Fact.SIDE] = "A" if side is self.sides[0] else "B"
        run.facts[Fact.PRIORITY] = self.priority
        return run


class _Turns:
    """Who measures when in a round."""

    def __init__(self, sides: tuple[Side, Side], cpu: int | None, number: int) -> None:
        """number: of the round."""
        self.sides, self.cpu, self.first, self._number = sides, cpu, number % 2, number
        self.values: tuple[list[Value], list[Value]] = ([], [])
        self.warmups: tuple[list[Value], list[Value]] = ([], [])
        self._rates = (0.0, 0.0)

    def _measure(self, side: int, count: int, requests: int, expected: float) -> list[Value]:
        self.sides[side].send(Take(count, requests, self.cpu, self._rates[side], self._number))
        self.sides[side].phase = "timing"
        return self.sides[side].answer(Taken, expected).values

    def calibrate(self, cases: tuple[Case, Case]) -> PerRequest:
        """Roughly."""
        return self.calibrate_one(0, cases[0]), self.calibrate_one(1, cases[1])

    def calibrate_one(self, side: int, case: Case) -> float:
        """Seconds of a request of a closed loop, roughly."""
        requests = case.q_len
        while True:
            (value,) = self._measure(side, 1, requests, 0.0)
            self.warmups[side].append(value)
            if value.wall >= PROBE_TIME:
                return value.per_request
            requests *= 4

    def saturate(self, side: int) -> float:
        """Requests per second that a side carries at most."""
        self.sides[side].send(Saturate(self.cpu))
        self.sides[side].phase = "measuring its capacity"
        found = self.sides[side].answer(Saturated, CAPACITY_VALUES * CAPACITY_TIME)
        self.warmups[side].extend(found.values)
        return found.capacity

    def prepare(
        self, per_request: PerRequest, requests: tuple[int, int], rates: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """What each slice will have; and a slice of each that does not count. rates: requests per second that
        arrive, where they do so by a clock."""
        self._requests, self._rates = requests, rates
        self._expected = [seconds * count for seconds, count in zip(per_request, requests, strict=True)]
        for side in (self.first, 1 - self.first):
            self.warmups[side].extend(self._slices(side, 1))

    def _slices(self, side: int, count: int) -> list[Value]:
        return self._measure(side, count, self._requests[side], count * self._expected[side])

    def take(self, slices: int) -> None:
        """A B B A A B B A ...: between two turns of the other a side has two slices."""
        side, left = self.first, [slices, slices]
        while any(left):
            count = min(left[side], 1 if left[side] == slices and side == self.first else 2)
            self.values[side].extend(self._slices(side, count))
            left[side] -= count
            side = 1 - side
