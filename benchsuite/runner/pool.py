"""Cases that give the same figures wherever and whenever they are measured (Backend.deterministic): many
of them to a process, a process for every CPU.

What a fresh process for every round is for, noise that differs from process to process, is not there; its
start-up would take twenty times as long as a case. Otherwise it is as in rounds: a process that crashes,
hangs or is killed fails the case it was at, and the cases it had not begun go to another one.
"""

from __future__ import annotations

import math
import os
import selectors
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import IO

from benchsuite import backends
from benchsuite.model import Failure, Plan, WorkerRun
from benchsuite.places import Place
from benchsuite.runner.channel import Channel, NoAnswer
from benchsuite.runner.messages import Failed, Measured, Simulate

AHEAD = 4  # cases that a process has been given and not answered: it never waits for us
DOING = "simulating"

Outcome = WorkerRun | Failure


def processes_for(cases: int) -> int:
    return min(len(os.sched_getaffinity(0)), cases)


class _Hand:
    """A process at work. `given` are the cases it has not answered, the one it is at first."""

    def __init__(self, place: Place | None, deadline: float | None) -> None:
        self.channel = Channel(place, deadline)
        self.channel.phase = DOING
        self.streams = self.channel.streams
        self.given: deque[int] = deque()
        self.since = time.monotonic()  # when it began with the case it is at

    def give(self, index: int, plan: Plan) -> None:
        self.given.append(index)
        if len(self.given) == 1:
            self._begin(plan)
        how = plan.measures[index]
        self.channel.send(Simulate(plan.cases[index], how if how.log_interval else None))

    def _begin(self, plan: Plan) -> None:
        """With the case that is first now."""
        self.since = time.monotonic()
        if self.given:
            case = plan.cases[self.given[0]]
            self.channel.expected = backends.of(case.backend).seconds(case) or 0.0

    def answered(self, plan: Plan) -> int:
        index = self.given.popleft()
        self._begin(plan)
        return index

    @property
    def until(self) -> float:
        """When the case it is at should be done."""
        return self.since + self.channel.limit if self.given else math.inf


class _Crowd:
    """The processes, and the cases that none of them has been given yet."""

    def __init__(self, plan: Plan, indices: list[int], deadline: float | None, place: Place | None) -> None:
        self.plan, self.deadline, self.place = plan, deadline, place
        self.waiting = deque(indices)
        self.hands: list[_Hand] = []
        self.selector = selectors.DefaultSelector()

    def hire(self) -> None:
        """Hires as many as there is work for, and CPUs; elsewhere the first one says how many those are."""
        while self.waiting and len(self.hands) < min(self.cpus, len(self.waiting) + len(self.hands)):
            hand = _Hand(self.place, self.deadline)
            self.hands.append(hand)
            for stream in hand.streams:
                self.selector.register(stream, selectors.EVENT_READ, hand)
            self.supply(hand, 1)  # so that each has some, though there be few
        for hand in self.hands:
            self.supply(hand, AHEAD)

    @property
    def cpus(self) -> int:
        if self.place is None or self.place.local:
            return len(os.sched_getaffinity(0))
        return max((len(hand.channel.hello.cpus) for hand in self.hands if hand.channel.hello), default=1)

    def supply(self, hand: _Hand, up_to: int) -> None:
        while self.waiting and len(hand.given) < up_to:
            hand.give(self.waiting.popleft(), self.plan)

    def dismiss(self, hand: _Hand) -> None:
        """What it was not at goes to others."""
        for stream in hand.streams:
            with suppress(KeyError):
                self.selector.unregister(stream)
        hand.channel.end()
        self.hands.remove(hand)
        self.waiting.extendleft(reversed(hand.given))

    def outcomes(self, at_most: float) -> Iterator[tuple[int, Outcome]]:
        """What comes within so many seconds."""
        soonest = min((hand.until for hand in self.hands), default=math.inf)
        wait = max(0.0, min(at_most, soonest - time.monotonic()))
        for key, _ in self.selector.select(wait):
            hand: _Hand = key.data
            if hand in self.hands:
                yield from self._heard(hand, key.fileobj)  # type: ignore[arg-type]
        for hand in self.hands[:]:
            if time.monotonic() >= hand.until:
                yield from self._lost(hand, hand.channel.late())

    def _heard(self, hand: _Hand, stream: IO[bytes]) -> Iterator[tuple[int, Outcome]]:
        channel = hand.channel
        try:
            channel.take(stream)
            while channel.received and hand.given:
                outcome = _outcome(channel)  # if it makes no sense, the case is lost
                yield hand.answered(self.plan), outcome
                self.supply(hand, AHEAD)
            if channel.silent:
                raise channel.ended(time.monotonic())
        except NoAnswer as failed:
            yield from self._lost(hand, failed)
        if stream.closed and hand in self.hands:
            self.selector.unregister(stream)

    def _lost(self, hand: _Hand, why: NoAnswer) -> Iterator[tuple[int, Outcome]]:
        """The case that it was at."""
        if hand.given:
            yield hand.answered(self.plan), why.failure()
        self.dismiss(hand)

    def end(self) -> None:
        for hand in self.hands[:]:
            self.dismiss(hand)
        self.selector.close()


def _outcome(channel: Channel) -> Outcome:
    answer = channel.received.popleft()
    if isinstance(answer, Failed):
        return Failure(answer.kind, answer.reason)
    return channel.checked(answer, Measured).run


def run(
    plan: Plan,
    indices: list[int],
    deadline: float | None,
    budget_left: Callable[[], float],
    place: Place | None = None,
) -> Generator[tuple[int, Outcome], None, None]:
    """Each of these cases with what it gave, as they get ready. For those that are missing at the end the
    budget (seconds) did not last. deadline, place: as in calls.measure."""
    crowd = _Crowd(plan, indices, deadline, place)
    try:
        while crowd.waiting or any(hand.given for hand in crowd.hands):
            left = budget_left()
            if left <= 0:
                return
            crowd.hire()
            yield from crowd.outcomes(left)
    finally:
        crowd.end()
