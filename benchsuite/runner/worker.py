"""What runs inside a worker process: it says hello, then does one job after the other until its input ends.

Kept light: start-up is not measured but it is waited for. Jobs and answers are those of `messages`.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from benchsuite import backends
from benchsuite.backends import MeasureError, SelfTimed, open_case
from benchsuite.facts import Fact
from benchsuite.model import Case, Failure, Measure, WorkerRun, setting_of
from benchsuite.native import lib
from benchsuite.runner import placing
from benchsuite.runner.measurement import Measurement
from benchsuite.runner.messages import (
    PROTOCOL,
    Decide,
    Decided,
    Decision,
    Describe,
    Described,
    Failed,
    Hello,
    MeasureCase,
    Measured,
    Message,
    Progress,
    ServePairs,
    Simulate,
    Tell,
    decode,
    encode,
)
from benchsuite.series import Series
from benchsuite.version import __version__

if TYPE_CHECKING:
    from pathlib import Path


def _folder(path: str | None) -> Path | None:
    if path is None:
        return None
    from pathlib import Path

    return Path(path)


def measure_case(job: MeasureCase, tell: Tell) -> Measured:
    tell(Progress("opening"))
    case, decided = job.case, job.decided
    placing.confine(job.cpus)
    engine = open_case(case.on(decided[Fact.CHOSEN]) if decided else case)
    placed = placing.settle(job.cpus, engine)
    tell(Progress("verifying before timing"))
    checked = engine.verify()
    tell(Progress("timing"))
    measuring = Measurement(engine, case, job.measure, job.round, tell, _folder(job.shared), job.capacity)
    run = measuring.perform(job.per_request)
    run.counters, run.latency = engine.counters(), engine.latency()
    run.facts |= engine.facts() | decided | placed
    tell(Progress("verifying after timing"))
    checked += engine.verify_after()
    run.facts.setdefault(Fact.VERIFIED, f"{checked} requests" if checked else "nothing to verify")
    engine.close()
    return Measured(run)


def simulate(job: Simulate) -> Measured:
    """One value, and no byte to verify."""
    engine, run = open_case(job.case), WorkerRun(0, started=time.time())
    how = job.measure or Measure()
    assert isinstance(engine, SelfTimed)
    try:
        engine.prepare(0, how, None)
        run.values, run.ended = [engine.run(0)], time.time()
        run.counters, run.latency, run.facts = engine.counters(), engine.latency(), engine.facts()
        if how.log_interval:
            run.series = _series_of(engine, how)
    finally:
        engine.close()
    return Measured(run)


def _series_of(engine: SelfTimed, how: Measure) -> Series:
    from benchsuite.backends.simulated import SimulatedEngine
    from benchsuite.runner.timeline import of_simulation

    assert isinstance(engine, SimulatedEngine)
    return of_simulation(engine.log_interval, engine.ramp_log, engine.value_log)


def decide(job: Decide, tell: Tell) -> Decided:
    from benchsuite.backends import auto

    deciders: dict[str, auto.Decider] = {}  # by setting

    def one(case: Case) -> Decision:
        try:
            setting = setting_of(case.backend)
            if setting not in deciders:
                backend = auto.AutoBackend(setting)
                deciders[setting] = backend.decider(lambda phase: tell(Progress(phase)), job.dead)
            return Decision(deciders[setting].decide(case))
        except MeasureError as error:
            return Decision(failure=Failure(error.kind, str(error)))

    return Decided([one(case) for case in job.cases])


def _perform(job: Message, tell: Tell) -> Message:
    if isinstance(job, MeasureCase):
        return measure_case(job, tell)
    if isinstance(job, Simulate):
        return simulate(job)
    if isinstance(job, Describe):
        return Described(backends.of(job.backend).version())
    if isinstance(job, Decide):
        return decide(job, tell)
    from benchsuite.runner.checks import check

    return check(job, tell)


def answer(job: Message, tell: Tell) -> Message:
    try:
        return _perform(job, tell)
    except MeasureError as error:
        return Failed(error.kind, str(error))
    except MemoryError:
        return Failed("error", "out of memory")


def hello() -> Hello:
    return Hello(PROTOCOL, __version__, sorted(os.sched_getaffinity(0)), backends.names())


def main() -> None:
    lib.bs_end_with_parent()
    answers = os.fdopen(os.dup(1), "wb")  # what a library prints must not come between
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to decide on
    faulthandler.enable()

    speaking = threading.Lock()

    def tell(message: Message) -> None:
        line = encode(message)
        with speaking:
            answers.write(line)
            answers.flush()

    tell(hello())
    for line in sys.stdin.buffer:
        job = decode(line)
        if isinstance(job, ServePairs):
            from benchsuite.runner.pair_server import serve

            serve(tell)
        else:
            tell(answer(job, tell))
    os._exit(0)  # engines are closed and answers out: taking the interpreter apart would take 10 ms
