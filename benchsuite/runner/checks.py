"""The jobs of `benchsuite verify` and their answers, apart from other messages: nobody else has to wait until
they are loaded."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from benchsuite import algorithms, backends
from benchsuite.backends.findings import SoFar, Stressed, StressLoad, Survey, Wanted
from benchsuite.runner.messages import Message, Progress, Tell


@dataclass(eq=False, repr=False, slots=True)
class Verify(Message):
    """Answered by Verified. wanted: see Backend.survey."""

    backend: str
    algorithm: str
    wanted: Wanted


@dataclass(eq=False, repr=False, slots=True)
class Verified(Message):
    survey: Survey


@dataclass(eq=False, repr=False, slots=True)
class Stress(Message):
    """Answered by Loaded, after as many of Loading as it takes; SIGINT ends it, with what was found until
    then. See Backend.stress."""

    backend: str
    algorithms: list[str]
    load: StressLoad
    mixed: bool = False


@dataclass(eq=False, repr=False, slots=True)
class Loading(Message):
    so_far: SoFar


@dataclass(eq=False, repr=False, slots=True)
class Loaded(Message):
    found: Stressed


def check(job: Message, tell: Tell) -> Message:
    """What a worker does with such a job."""
    assert isinstance(job, Verify | Stress)
    backend = backends.of(job.backend)

    def phase(what: str) -> None:
        tell(Progress(what))

    if isinstance(job, Verify):
        return Verified(backend.survey(algorithms.find(job.algorithm), job.wanted, phase))
    signal.signal(signal.SIGINT, lambda *_: None)  # that of the native core goes on from here
    found = [algorithms.find(name) for name in job.algorithms]
    return Loaded(backend.stress(found, job.load, phase, lambda so_far: tell(Loading(so_far)), job.mixed))
