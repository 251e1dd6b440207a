"""Cases that give the same figures wherever and whenever they are measured (Backend.deterministic): many
of them to a process, a process for every CPU.

What a fresh process for every round is for, noise that differs from process to process, is not there; its
start-up would take twenty times as long as a case. Otherwise it is as in rounds: a process that crashes,
hangs or is killed fails the case it was at, and the cases it had not begun go to another one.
"""

from __future__ import annotations

import json
import math
import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Any

from benchsuite import backends
from benchsuite.model import Failure, Plan, WorkerRun
from benchsuite.runner.process import (
    LAST_WAIT,
    MAX_STDERR,
    PATIENCE,
    command,
    last_words,
    launch,
    why_it_died,
    worker_run,
)

AHEAD = 4  # cases that a process has been given and not answered: it never waits for us
DOING = "simulating"

Outcome = WorkerRun | Failure


def processes_for(cases: int) -> int:
    return min(len(os.sched_getaffinity(0)), cases)


class _Hand:
    """A process at work. `given` are the cases it has not answered, the one it is at first."""

    def __init__(self) -> None:
        self.process = launch(command())
        self.given: deque[int] = deque()
        self.since = time.monotonic()  # when it began with the case it is at
        self._out, self._err = bytearray(), bytearray()
        self._tell({"alike": 1})

    def _tell(self, job: dict[str, Any]) -> None:
        assert self.process.stdin
        with suppress(BrokenPipeError):  # it is dead, which its other pipes will say
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()

    def give(self, index: int, plan: Plan) -> None:
        if not self.given:
            self.since = time.monotonic()
        self.given.append(index)
        self._tell({"case": plan.cases[index].to_dict()})

    def read(self, stream: Any) -> list[dict[str, Any]] | None:
        """The answers that have come, or None: the stream has ended."""
        data = os.read(stream.fileno(), 1 << 16)
        if not data:
            return None
        if stream is self.process.stderr:
            self._err += data[: max(0, MAX_STDERR - len(self._err))]
            return []
        *lines, rest = (self._out + data).split(b"\n")
        self._out = bytearray(rest)
        return [json.loads(line) for line in lines]

    def answered(self) -> int:
        self.since = time.monotonic()
        return self.given.popleft()

    def end(self) -> None:
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(LAST_WAIT)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream
            with suppress(BrokenPipeError):
                stream.close()

    def why_it_died(self) -> tuple[str, str]:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(LAST_WAIT)
        code = self.process.returncode
        return why_it_died(0 if code is None else code, DOING, last_words(bytes(self._err)))


class _Crowd:
    """The processes, and the cases that none of them has been given yet."""

    def __init__(self, plan: Plan, indices: list[int], deadline: float | None) -> None:
        self.plan, self.deadline = plan, deadline
        self.waiting = deque(indices)
        self.hands: list[_Hand] = []
        self.selector = selectors.DefaultSelector()

    def hire(self) -> None:
        """As many as there is work for."""
        while self.waiting and len(self.hands) < processes_for(len(self.waiting) + len(self.hands)):
            hand = _Hand()
            self.hands.append(hand)
            for stream in (hand.process.stdout, hand.process.stderr):
                self.selector.register(stream, selectors.EVENT_READ, hand)  # type: ignore[arg-type]
            self.supply(hand, 1)  # so that each has some, though there be few
        for hand in self.hands:
            self.supply(hand, AHEAD)

    def supply(self, hand: _Hand, up_to: int) -> None:
        while self.waiting and len(hand.given) < up_to:
            hand.give(self.waiting.popleft(), self.plan)

    def dismiss(self, hand: _Hand) -> None:
        """What it was not at goes to others."""
        for stream in (hand.process.stdout, hand.process.stderr):
            with suppress(KeyError):
                self.selector.unregister(stream)  # type: ignore[arg-type]
        hand.end()
        self.hands.remove(hand)
        self.waiting.extendleft(reversed(hand.given))

    def limit(self, hand: _Hand) -> float:
        """Seconds that the case it is at may take."""
        if self.deadline is not None:
            return self.deadline
        case = self.plan.cases[hand.given[0]]
        return PATIENCE + 5 * (backends.of(case.backend).seconds(case) or 0.0)

    def late(self, hand: _Hand) -> Failure | None:
        limit = self.limit(hand)
        if time.monotonic() < hand.since + limit:
            return None
        waited = f"no answer within {limit:.3g} s, while {DOING}"
        return Failure("hang", f"{waited}; a longer --deadline if it is only slow")

    def outcomes(self, at_most: float) -> Iterator[tuple[int, Outcome]]:
        """What comes within so many seconds."""
        soonest = min((hand.since + self.limit(hand) for hand in self.hands if hand.given), default=math.inf)
        wait = max(0.0, min(at_most, soonest - time.monotonic()))
        for key, _ in self.selector.select(wait):
            hand: _Hand = key.data
            if hand in self.hands:
                yield from self._heard(hand, key.fileobj)
        for hand in [hand for hand in self.hands if hand.given]:
            if failure := self.late(hand):
                yield hand.answered(), failure
                self.dismiss(hand)

    def _heard(self, hand: _Hand, stream: Any) -> Iterator[tuple[int, Outcome]]:
        answers, of_errors = hand.read(stream), stream is hand.process.stderr
        for answer in answers or []:
            yield hand.answered(), _outcome(answer)
            self.supply(hand, AHEAD)
        if answers is None and of_errors:
            self.selector.unregister(stream)
        elif answers is None:
            if hand.given:
                kind, reason = hand.why_it_died()
                yield hand.answered(), Failure(kind, reason)
            self.dismiss(hand)

    def end(self) -> None:
        for hand in self.hands[:]:
            self.dismiss(hand)
        self.selector.close()


def _outcome(answer: dict[str, Any]) -> Outcome:
    return Failure(*answer["failure"]) if "failure" in answer else worker_run(answer["run"])


def run(
    plan: Plan, indices: list[int], deadline: float | None, budget_left: Callable[[], float]
) -> Generator[tuple[int, Outcome], None, None]:
    """Each of these cases with what it gave, as they get ready. For those that are missing at the end the
    budget (seconds) did not last. deadline: as in process.measure."""
    crowd = _Crowd(plan, indices, deadline)
    try:
        while crowd.waiting or any(hand.given for hand in crowd.hands):
            left = budget_left()
            if left <= 0:
                return
            crowd.hire()
            yield from crowd.outcomes(left)
    finally:
        crowd.end()
