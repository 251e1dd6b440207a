"""The jobs of `benchsuite verify` and their answers, apart from other messages: nobody else has to wait until
they are loaded."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite import algorithms, backends
from benchsuite.backends.findings import Stressed, StressLoad, Survey
from benchsuite.runner.messages import Message, Progress, Tell


@dataclass(eq=False, repr=False, slots=True)
class Verify(Message):
    """Answered by Verified. sizes: see Backend.survey."""

    backend: str
    algorithm: str
    sizes: list[int] | None = None


@dataclass(eq=False, repr=False, slots=True)
class Verified(Message):
    survey: Survey


@dataclass(eq=False, repr=False, slots=True)
class Stress(Message):
    """Answered by Loaded. sizes: see Backend.stress."""

    backend: str
    algorithm: str
    load: StressLoad
    sizes: list[int]


@dataclass(eq=False, repr=False, slots=True)
class Loaded(Message):
    found: Stressed


def check(job: Message, tell: Tell) -> Message:
    """What a worker does with such a job."""
    assert isinstance(job, Verify | Stress)
    backend, algorithm = backends.of(job.backend), algorithms.find(job.algorithm)

    def phase(what: str) -> None:
        tell(Progress(what))

    if isinstance(job, Verify):
        return Verified(backend.survey(algorithm, job.sizes, phase))
    return Loaded(backend.stress(algorithm, job.load, job.sizes, phase))
