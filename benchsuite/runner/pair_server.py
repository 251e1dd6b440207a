"""What runs inside the server of one side of a pair: for each round it forks a fresh process with the case.

A process started from the interpreter takes some 60 ms until it can measure; one forked from a server
that has imported everything, some 10. So a round can be short, and there can be many: what differs from
process to process is noise only where there are many of them. What is loaded here lies where it lies for all
that are forked: so a server is not kept for a second round of the same case (see paired).

After the job {"serve": 1} the server answers {"serving": PROTOCOL, "version": ...}. Then lines come one at a
time, each only after the answer to the one before:

    {"case": {...}, "decided": {...} or null}     -> {"phase": ...}s, then {"open": true, "direct": bool} or
                                                     {"failure": [kind, reason]}
    {"measure": n, "requests": r, "cpu": c}       -> {"values": [[Value's fields], ...]}; on CPU c if not null
    {"finish": round}                             -> {"phase": ...}s, then {"run": WorkerRun without values}
    after the last, or a failure, or its death    -> {"ended": exit status, negative: a signal}

From opening to finishing it is the forked process that answers. The server itself never opens a library.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib import import_module
from typing import Any

from benchsuite import __version__
from benchsuite.backends import Engine, MeasureError, SelfTimed, of, open_case
from benchsuite.model import Case, Value, WorkerRun, from_dict
from benchsuite.native import lib
from benchsuite.runner.priority import give_back

PROTOCOL = 1
_NEEDED = (
    "benchsuite.backends.native",
    "benchsuite.backends.python",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.hmac",
)  # to open, verify and measure; loaded once and not in every process

Tell = Callable[..., None]


def serve(tell: Tell) -> None:
    """Until standard input ends."""
    for name in _NEEDED:
        import_module(name)
    tell(serving=PROTOCOL, version=__version__)
    while line := _line():
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line), tell)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        tell(ended=os.waitstatus_to_exitcode(status))


def _line() -> bytes:
    """One line of standard input, nothing beyond it: what follows may be for the process forked next."""
    line = bytearray()
    while not line.endswith(b"\n"):
        data = os.read(0, 1 << 16)
        if not data:
            return b""
        line += data
    return bytes(line)


def _child(order: dict[str, Any], tell: Tell) -> None:
    lib.bs_end_with_parent()
    try:
        _Round(order, tell).perform()
    except MeasureError as error:
        tell(failure=[error.kind, str(error)])
    except MemoryError:
        tell(failure=["error", "out of memory"])


class _Round:
    """A case in this process, from opening to the last check."""

    def __init__(self, order: dict[str, Any], tell: Tell) -> None:
        case: Case = from_dict(Case, order["case"])
        self.decided: dict[str, str] = order.get("decided") or {}
        self.case = replace(case, backend=self.decided["chosen"]) if self.decided else case
        self.tell = tell
        self.run = WorkerRun(round=0, started=time.time())

    def perform(self) -> None:
        self.tell(phase="opening")
        if not _alone(self.case):
            give_back()
        engine = open_case(self.case)
        if isinstance(engine, SelfTimed) and not of(self.case.backend).deterministic:
            raise MeasureError("unsupported", "it times itself, for seconds: nothing can alternate with it")
        self.tell(phase="verifying before timing")
        checked = engine.verify()
        direct = _alone(self.case) or bool(engine.counters().get("direct"))
        self.tell(open=True, direct=direct)
        while line := _line():
            order = json.loads(line)
            if "finish" in order:
                self._finish(engine, checked, order["finish"])
                return
            self._measure(engine, order)

    def _measure(self, engine: Engine, order: dict[str, Any]) -> None:
        if order["cpu"] is not None:
            os.sched_setaffinity(0, {order["cpu"]})
        values = [engine.run(order["requests"]) for _ in range(order["measure"])]
        self.tell(values=[_fields(value) for value in values])

    def _finish(self, engine: Engine, checked: int, number: int) -> None:
        run = self.run
        run.round, run.ended = number, time.time()
        run.counters, run.latency = engine.counters(), engine.latency()
        run.facts = engine.facts() | self.decided
        self.tell(phase="verifying after timing")
        checked += engine.verify_after()
        run.facts.setdefault("verified", f"{checked} requests" if checked else "nothing to verify")
        engine.close()
        self.tell(run=asdict(run))


def _alone(case: Case) -> bool:
    """One thread, one request: nobody is waited for by spinning."""
    return case.q_len == 1 and case.batch == 0 and case.cbimm == 1 and case.workers == 1


def _fields(value: Value) -> list[Any]:
    return [value.requests, value.wall, value.user, value.system, value.cycles, value.timestamps]
