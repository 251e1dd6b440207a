"""What a worker is asked, a function for each job; the answer, or a failure that says why there is none."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable, Sequence

from benchsuite import backends
from benchsuite.backends.findings import PREPARING, UNDER_LOAD, SoFar, Stressed, StressLoad, Survey, Wanted
from benchsuite.model import Case, Failure, Measure, WorkerRun
from benchsuite.places import Place
from benchsuite.runner.channel import Channel, NoAnswer
from benchsuite.runner.checks import Loaded, Loading, Stress, Verified, Verify
from benchsuite.runner.closed_loop import IN_PARTS
from benchsuite.runner.messages import Describe, Described, MeasureCase, Measured
from benchsuite.runner.open_loop import value_seconds
from benchsuite.series import Series

LAST_WORDS = 15.0  # seconds in which a load that is to end must have said what was found
_LONGER_WHOLE, _LONGER_IN_PARTS = 1.2, 1.03  # times: how long a value becomes, to what it has to be
VERIFY_SECONDS_PER_BYTE = 4e-6  # of the largest sizes; Python makes and compares every byte


def expected_seconds(measure: Measure, case: Case, per_request: float | None) -> float:
    """How long a worker's measuring should take, without its start-up; what answers several cases counts in
    full, because it may be this one that pays for it."""
    backend = backends.of(case.backend)
    if (seconds := backend.seconds(case)) is not None:
        return seconds
    if shared := backend.shared_seconds(case, measure):
        return shared[1]
    value = measure.min_time * (_LONGER_WHOLE if measure.min_time < IN_PARTS else _LONGER_IN_PARTS)
    if case.load.open_loop:
        value = value_seconds(case, measure.min_time)
    elif per_request:
        value = max(value, case.request_num * per_request)
    return measure.ramp + value * (measure.values + (0 if measure.ramp else measure.warmups))


def measure(
    case: Case,
    how: Measure,
    round_number: int,
    per_request: float | None,
    deadline: float | None = None,
    budget_left: float = math.inf,
    decided: dict[str, str] | None = None,
    shared: str | None = None,
    place: Place | None = None,
    logged: Callable[[Series], None] | None = None,
    cpus: Sequence[int] = (),
    capacity: float | None = None,
) -> WorkerRun | Failure:
    """Measures a case in a fresh process. per_request: what an earlier round found, which saves calibrating.
    deadline: seconds; None: thirty, and five times what it should take. A failure of the kind "budget" says
    that budget_left, seconds, was over first. decided: for a case of `auto`, see runs.auto. shared: a
    folder where the workers of a run leave each other what they have found. place: None: here. logged: is
    told what a time series has more, as it comes; what it raises ends the process. cpus: chosen by the
    user. capacity: of a case whose rate is a share of it, as an earlier round found it."""
    channel = Channel(place, deadline, expected_seconds(how, case, per_request))
    channel.logged = logged or channel.logged
    job = MeasureCase(case, how, round_number, per_request, decided or {}, shared, list(cpus), capacity)
    try:
        return channel.do(job, Measured, budget_left).run
    except NoAnswer as failed:
        return failed.failure(round_number)


def describe(backend: str, place: Place | None = None) -> str | Failure:
    """What a backend measures, asked in a process of its own: a library that crashes when it is loaded
    must not take the run with it."""
    try:
        return Channel(place).do(Describe(backend), Described).version
    except NoAnswer as failed:
        return failed.failure()


def verify(backend: str, algorithm: str, wanted: Wanted, deadline: float | None = None) -> Survey | Failure:
    """Everything that can be checked of an algorithm on a backend, in a fresh process. wanted: see
    Backend.survey; deadline: seconds."""
    channel = Channel(None, deadline, sum(wanted.sizes or []) * VERIFY_SECONDS_PER_BYTE)
    try:
        return channel.do(Verify(backend, algorithm, wanted), Verified).survey
    except NoAnswer as failed:
        return failed.failure()


def stress(
    backend: str,
    algorithms: list[str],
    load: StressLoad,
    deadline: float | None = None,
    watch: Callable[[SoFar], None] | None = None,
    mixed: bool = False,
) -> Stressed | Failure:
    """An algorithm of a backend under load, or several at once, in a fresh process. deadline: seconds in
    which it must say something, as it does while requests come back. watch, mixed: see Backend.stress. Ctrl-C
    ends the load, and what was found until then is the answer."""
    channel = Channel(None, deadline, PREPARING)
    try:
        channel.send(Stress(backend, algorithms, load, mixed), last=True)
        return _loaded(channel, watch)
    except NoAnswer as failed:
        return failed.failure()
    finally:
        channel.end()


def _loaded(channel: Channel, watch: Callable[[SoFar], None] | None) -> Stressed:
    interrupted = False
    while True:
        try:
            message = channel.receive(LAST_WORDS if interrupted else math.inf)
            if not isinstance(message, Loading):
                found = channel.checked(message, Loaded).found
                channel.finish()
                return found
            if watch and not interrupted:
                watch(message.so_far)
        except KeyboardInterrupt:
            if interrupted or channel.phase != UNDER_LOAD:
                raise
            interrupted = True
            os.kill(channel.pid, signal.SIGINT)
