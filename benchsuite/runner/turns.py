"""Messages of a pair's turns: after ServePairs, each only after the answer to the one before.

A file of their own because most workers serve no pair, and their start is waited for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from benchsuite.model import Case, Value
from benchsuite.records import Signed
from benchsuite.runner.messages import Message


@dataclass(eq=False, repr=False, slots=True)
class Ready(Message):
    """Everything is loaded."""


@dataclass(eq=False, repr=False, slots=True)
class Open(Message):
    """A case, in a process that is forked for it. Answered by Opened, or Failed and then Ended."""

    case: Case
    decided: dict[str, str] = field(default_factory=dict)
    cpus: list[int] = field(default_factory=list)  # that the user chose, in their order; none: any


@dataclass(eq=False, repr=False, slots=True)
class Opened(Message):
    direct: bool  # one thread does everything


@dataclass(eq=False, repr=False, slots=True)
class Take(Message):
    """So many values of so many requests, on this CPU if not None. Answered by Taken."""

    values: int
    requests: int
    cpu: int | None = None
    rate: float = 0.0  # requests per second that arrive, from now on the same; 0: a closed loop
    number: int = 0  # of the arrivals: see Offering


@dataclass(eq=False, repr=False, slots=True)
class Saturate(Message):
    """What is carried when a request is always waiting? On this CPU if not None. Answered by Saturated."""

    cpu: int | None = None


@dataclass(eq=False, repr=False, slots=True)
class Saturated(Message):
    capacity: float  # requests per second
    values: list[Value]  # that it was found by


@dataclass(eq=False, repr=False, slots=True)
class Taken(Message):
    values: list[Value]


@dataclass(eq=False, repr=False, slots=True)
class Finish(Message):
    """Verify once more, and end. Answered by Measured, without values, and then Ended."""

    round: int


@dataclass(eq=False, repr=False, slots=True)
class Ended(Message):
    """The forked process: its exit status, negative for a signal."""

    status: Signed
