"""What a worker is asked, a function for each job; the answer, or a failure that says why there is none."""

from __future__ import annotations

import math

from benchsuite import backends
from benchsuite.backends.findings import PREPARING, Stressed, StressLoad, Survey
from benchsuite.model import Case, Failure, Measure, WorkerRun
from benchsuite.places import Place
from benchsuite.runner.channel import Channel, NoAnswer
from benchsuite.runner.checks import Loaded, Stress, Verified, Verify
from benchsuite.runner.messages import Describe, Described, MeasureCase, Measured

VERIFY_SECONDS_PER_BYTE = 4e-6  # of the largest sizes; Python makes and compares every byte


def expected_seconds(measure: Measure, case: Case, per_request: float | None) -> float:
    """How long a worker's measuring should take, without its start-up; what answers several cases counts in
    full, because it may be this one that pays for it."""
    backend = backends.of(case.backend)
    if (seconds := backend.seconds(case)) is not None:
        return seconds
    if shared := backend.shared_seconds(case, measure):
        return shared[1]
    value = measure.min_time * 1.2
    if per_request:
        value = max(value, case.request_num * per_request)
    return value * (measure.values + measure.warmups)


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
) -> WorkerRun | Failure:
    """Measures a case in a fresh process. per_request: what an earlier round found, which saves calibrating.
    deadline: seconds; None: thirty, and five times what it should take. A failure of the kind "budget" says
    that budget_left, seconds, was over first. decided: for a case of `auto`, see runs.auto. shared: a
    folder where the workers of a run leave each other what they have found. place: None: here."""
    channel = Channel(place, deadline, expected_seconds(how, case, per_request))
    job = MeasureCase(case, how, round_number, per_request, decided or {}, shared)
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


def verify(
    backend: str, algorithm: str, sizes: list[int] | None, deadline: float | None = None
) -> Survey | Failure:
    """Everything that can be checked of an algorithm on a backend, in a fresh process. sizes: see
    Backend.survey; deadline: seconds."""
    channel = Channel(None, deadline, sum(sizes or []) * VERIFY_SECONDS_PER_BYTE)
    try:
        return channel.do(Verify(backend, algorithm, sizes), Verified).survey
    except NoAnswer as failed:
        return failed.failure()


def stress(
    backend: str, algorithm: str, load: StressLoad, sizes: list[int], deadline: float | None = None
) -> Stressed | Failure:
    """An algorithm of a backend under load, in a fresh process. sizes: see Backend.stress; deadline: seconds
    beside those of the load."""
    limit = None if deadline is None else deadline + load.seconds
    channel = Channel(None, limit, PREPARING + load.seconds)
    try:
        return channel.do(Stress(backend, algorithm, load, sizes), Loaded).found
    except NoAnswer as failed:
        return failed.failure()
