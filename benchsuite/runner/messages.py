"""Everything that is said between benchsuite and its worker processes, a line of JSON each.

A worker says Hello before anything else. What follows is one of three ways to go on (see channel): one job
and its answer, many jobs one after the other, or turns of a pair. While it works it may say Progress; where a
job cannot be done the answer is Failed.

The tag of a message is the name of its class, its fields are those of a record (see records): whatever is
missing, unknown or of another type is a ValueError that names the key.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

from benchsuite.model import Case, Failure, Measure, WorkerRun
from benchsuite.records import BadRecord, an_object, loads, record_from, record_to, show, text
from benchsuite.series import Series

PROTOCOL = 3  # higher with every change that an older benchsuite would not understand
TAG = "message"

_classes: dict[str, type[Message]] = {}
_LATE = dict.fromkeys(
    ("Verify", "Verified", "Stress", "Loading", "Loaded"), "benchsuite.runner.checks"
) | dict.fromkeys(("Ready", "Open", "Opened", "Take", "Taken", "Finish", "Ended"), "benchsuite.runner.turns")


class Message:
    """A dataclass of which each side of a channel knows what it means. Their like are not compared or printed
    in earnest, and a worker that is being started is waited for: so neither is generated."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        _classes[cls.__name__] = cls


Tell = Callable[[Message], None]


# What a worker says


@dataclass(eq=False, repr=False, slots=True)
class Hello(Message):
    """The first line of every worker."""

    protocol: int
    version: str  # of its benchsuite
    cpus: list[int]  # that it may use
    backends: list[str]  # names of those in its build


@dataclass(eq=False, repr=False, slots=True)
class Progress(Message):
    """What it is doing from now on, if that changes; and how many seconds it will, if that is known now."""

    phase: str = ""
    expected: float | None = None


@dataclass(eq=False, repr=False, slots=True)
class Logged(Message):
    """What has been added to the time series since the last one, while a case is being measured."""

    series: Series


@dataclass(eq=False, repr=False, slots=True)
class Failed(Message):
    """There is no other answer to this job."""

    kind: str  # a key of model.FAILURES
    reason: str


@dataclass(eq=False, repr=False, slots=True)
class Measured(Message):
    run: WorkerRun


@dataclass(eq=False, repr=False, slots=True)
class Described(Message):
    version: str


@dataclass(eq=False, repr=False, slots=True)
class Decided(Message):
    """In the order of the cases."""

    decisions: list[Decision]


@dataclass(eq=False, repr=False, slots=True)
class Decision:
    """Facts of what `auto` has chosen, or why it could choose nothing."""

    facts: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None


# Jobs


@dataclass(eq=False, repr=False, slots=True)
class MeasureCase(Message):
    """Answered by Measured."""

    case: Case
    measure: Measure
    round: int
    per_request: float | None = None  # seconds, as an earlier round found
    decided: dict[str, str] = field(default_factory=dict)  # facts of what `auto` has chosen for this case
    shared: str | None = None  # a folder that all workers of a run have
    cpus: list[int] = field(default_factory=list)  # that the user chose, in their order; none: any
    capacity: float | None = None  # requests per second, as an earlier round found it


@dataclass(eq=False, repr=False, slots=True)
class Simulate(Message):
    """A case of a deterministic backend. Answered by Measured. measure: None, where nothing is asked for that
    it has."""

    case: Case
    measure: Measure | None = None


@dataclass(eq=False, repr=False, slots=True)
class Describe(Message):
    """What would a backend measure? Answered by Described."""

    backend: str


@dataclass(eq=False, repr=False, slots=True)
class Decide(Message):
    """What does `auto` take for these cases? Answered by Decided. dead: what an earlier process was asking
    when it died, and how it did."""

    cases: list[Case]
    dead: dict[str, str]


@dataclass(eq=False, repr=False, slots=True)
class ServePairs(Message):
    """What follows are the turns of a pair. Answered by Ready. serve: by this key a benchsuite of protocol 1
    knows the job; it answers, and can be told apart."""

    serve: int


def encode(message: Message) -> bytes:
    """One line."""
    told = {TAG: type(message).__name__, **record_to(message)}
    return json.dumps(told, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def decode(line: bytes) -> Message:
    """ValueError for what is no message."""
    told = an_object(loads(line.decode()), "the line")
    name = text(told.pop(TAG, ""), TAG)
    if name in _LATE:
        import_module(_LATE[name])
    if name not in _classes:
        raise BadRecord(TAG, f"expected one of {', '.join(_classes)}, not {show(name)}")
    message: Message = record_from(_classes[name], told, name)
    return message
