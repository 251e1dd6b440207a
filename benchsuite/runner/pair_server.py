"""What runs inside the server of one side of a pair: for each round it forks a fresh process with the case.

A process started from the interpreter takes some 60 ms until it can measure; one forked from a server
that has imported everything, some 10. So a round can be short, and there can be many: what differs from
process to process is noise only where there are many of them. What is loaded here lies where it lies for all
that are forked: so a server is not kept for a second round of the same case (see paired).

From opening a case to finishing it the forked process answers. The server itself never opens a library.
"""

from __future__ import annotations

import os
import sys
import time
from importlib import import_module

from benchsuite.backends import Engine, MeasureError, SelfTimed, of, open_case
from benchsuite.facts import Fact
from benchsuite.model import Value, WorkerRun
from benchsuite.native import lib
from benchsuite.runner import placing
from benchsuite.runner.messages import Failed, Measured, Message, Progress, Tell, decode
from benchsuite.runner.open_loop import capacity, offer
from benchsuite.runner.priority import give_back
from benchsuite.runner.turns import Ended, Finish, Open, Opened, Ready, Saturate, Saturated, Take, Taken

_NEEDED = (
    "benchsuite.backends.native",
    "benchsuite.backends.python",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.hmac",
)  # to open, verify and measure; loaded once and not in every process


def serve(tell: Tell) -> None:
    """Until standard input ends."""
    for name in _NEEDED:
        import_module(name)
    tell(Ready())
    while order := _next():
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _child(order, tell)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        tell(Ended(os.waitstatus_to_exitcode(status)))


def _next() -> Message | None:
    """One line of standard input, nothing beyond it: what follows may be for the process forked next."""
    line = bytearray()
    while not line.endswith(b"\n"):
        data = os.read(0, 1 << 16)
        if not data:
            return None
        line += data
    return decode(bytes(line))


def _child(order: Message, tell: Tell) -> None:
    lib.bs_end_with_parent()
    assert isinstance(order, Open)
    try:
        _Round(order, tell).perform()
    except MeasureError as error:
        tell(Failed(error.kind, str(error)))
    except MemoryError:
        tell(Failed("error", "out of memory"))


class _Round:
    """A case in this process, from opening to the last check."""

    def __init__(self, order: Open, tell: Tell) -> None:
        self.decided = order.decided
        chosen = self.decided[Fact.CHOSEN] if self.decided else order.case.backend
        self.case = order.case.on(chosen)
        self.cpus = [] if of(chosen).deterministic else order.cpus
        self.placed: dict[str, str] = {}
        self.tell = tell
        self._rate = 0.0  # at which requests arrive
        self.run = WorkerRun(round=0, started=time.time())

    def perform(self) -> None:
        self.tell(Progress("opening"))
        if not self.case.load.alone:  # where nobody is waited for by spinning
            give_back()
        placing.confine(self.cpus)
        engine = open_case(self.case)
        self.placed = placing.settle(self.cpus, engine)
        if isinstance(engine, SelfTimed) and not of(self.case.backend).deterministic:
            raise MeasureError("unsupported", "it times itself, for seconds: nothing can alternate with it")
        self.tell(Progress("verifying before timing"))
        checked = engine.verify()
        self.tell(Opened(self.case.load.alone or bool(engine.counters().get("direct"))))
        while order := _next():
            if isinstance(order, Take):
                self._take(engine, order)
            elif isinstance(order, Saturate):
                self._saturate(engine, order)
            elif isinstance(order, Finish):
                self._finish(engine, checked, order.round)
                return

    def _move(self, cpu: int | None) -> None:
        if cpu is not None:
            if self.cpus:  # by turns with the rounds
                self.placed = placing.move(self.cpus, cpu)
            else:
                os.sched_setaffinity(0, {cpu})

    def _saturate(self, engine: Engine, order: Saturate) -> None:
        self._move(order.cpu)
        values: list[Value] = []
        found = capacity(engine, self.case, values)
        self.tell(Saturated(found, values))

    def _take(self, engine: Engine, order: Take) -> None:
        self._move(order.cpu)
        if order.rate and order.rate != self._rate:
            offer(engine, order.rate, order.number, order.requests)
            self._rate = order.rate
        self.tell(Taken([engine.run(order.requests) for _ in range(order.values)]))

    def _finish(self, engine: Engine, checked: int, number: int) -> None:
        run = self.run
        run.round, run.ended = number, time.time()
        run.counters, run.latency = engine.counters(), engine.latency()
        run.facts = engine.facts() | self.decided | self.placed
        self.tell(Progress("verifying after timing"))
        checked += engine.verify_after()
        run.facts.setdefault(Fact.VERIFIED, f"{checked} requests" if checked else "nothing to verify")
        engine.close()
        self.tell(Measured(run))
