"""What was measured: values, runs of worker processes, cases, a result; and why there is no figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from benchsuite.model.case import Case, driver_of
from benchsuite.series import Series


@dataclass(frozen=True, slots=True)
class Value:
    """One timed figure. Seconds are for all `requests` together; cycles is None where the machine
    counts none, user and system are where nobody counted what this figure alone took of the CPUs.

    What follows timestamps is of an open loop, and 0 elsewhere. requests is what was carried then."""

    requests: int
    wall: float
    user: float | None
    system: float | None
    cycles: int | None = None
    timestamps: float = 0.0  # seconds of wall that time-stamping took
    offered: int = 0  # requests that arrived
    dropped: int = 0  # of them, those that found no place
    arriving: float = 0.0  # seconds in which they were offered
    latency: float = 0.0  # seconds from the intended arrival to the completion, of all that were carried
    carrying: float = 0.0  # seconds in which they were carried, from the first completion to the last

    @property
    def per_request(self) -> float:
        """Seconds of a request: its share of the time; of an open loop its mean latency."""
        return (self.latency if self.offered else self.wall) / self.requests

    @property
    def cpu(self) -> float | None:
        """CPU seconds, or None."""
        return None if self.user is None or self.system is None else self.user + self.system


@dataclass(frozen=True, slots=True)
class Energy:
    """What sensors counted while values were timed. of: which they were, in words."""

    joules: dict[str, float]  # by sensor
    of: str
    requests: int  # performed meanwhile
    seconds: float

    @property
    def total(self) -> float:
        """Joules of all of them."""
        return sum(self.joules.values())


@dataclass(slots=True)
class WorkerRun:
    """What one worker process measured of one case."""

    round: int
    warmups: list[Value] = field(default_factory=list)  # calibration and warm-up, in order
    values: list[Value] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)  # as bs_counters
    # "slat", "clat", "lat" -> {"max": ns, "buckets": [[upper_ns, count], ...]} of sampled requests
    latency: dict[str, dict[str, Any]] = field(default_factory=dict)
    # strings: version (what was measured), cycles_source, clock, path ("direct", "threads", ...)
    facts: dict[str, str] = field(default_factory=dict)
    started: float = 0.0  # seconds since the epoch
    ended: float = 0.0
    machine_busy: float = 0.0  # CPU seconds all CPUs were busy between the two
    series: Series | None = None  # where it was asked for: see Measure.log_interval
    energy: Energy | None = None  # where a sensor tells it

    @property
    def cut_short(self) -> bool:
        """Whether it was ended before it had values: there is only what was noted until then."""
        return self.series is not None and not self.values


# Why a case has no figure.
FAILURES = {
    "unavailable": "the backend cannot run here",
    "unsupported": "the backend does not do this algorithm or these parameters",
    "wrong-bytes": "the output differs from the reference",
    "error": "requests failed",
    "lost": "a completion never came",
    "crash": "the worker died of a signal of its own making",
    "hang": "the worker gave no answer in time",
    "killed": "somebody killed the worker",
    "budget": "the time budget ran out first",
    "machine-crash": "the machine went down while this case ran",
    "internal": "a defect of benchsuite itself",
}


@dataclass(frozen=True, slots=True)
class Failure:
    kind: str  # a key of FAILURES
    reason: str  # one line, for people
    round: int = 0


@dataclass(slots=True)
class CaseResult:
    """A case with its runs. With a failure its runs are kept, but are no figure. label: the user's, of the
    backend. origin: the backend that was measured, where case.backend is only what it is called
    (compare.labels makes such cases, to be shown). tags: the user's, all that it has. environment: what the
    case does not share with the others of a result that was merged."""

    case: Case
    runs: list[WorkerRun] = field(default_factory=list)
    failure: Failure | None = None
    label: str = ""
    origin: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the case, with the label of its backend."""
        return (self.case.on(self.label) if self.label else self.case).name

    @property
    def measured_name(self) -> str:
        """The name of the case, with what was measured in place of what it is called."""
        return self.case.on(self.backend).name

    @property
    def backend(self) -> str:
        """The backend that was measured, whatever it is called."""
        return self.origin or self.case.backend

    def called(self, name: str) -> CaseResult:
        """The same with its backend called so; `origin` keeps what was measured."""
        return replace(self, case=self.case.on(name), origin=self.backend)

    @property
    def driver(self) -> str:
        return driver_of(self.backend)

    @property
    def rounds(self) -> int:
        """How many worker processes have measured it to their end."""
        return sum(not run.cut_short for run in self.runs)

    @property
    def values(self) -> list[Value]:
        return [value for run in self.runs for value in run.values]

    @property
    def measured(self) -> bool:
        return self.failure is None and any(run.values for run in self.runs)


def common_tags(cases: Iterable[CaseResult]) -> dict[str, str]:
    """The tags that all of the cases have alike."""
    first, *others = [case.tags for case in cases] or [{}]
    return {key: tag for key, tag in first.items() if all(each.get(key) == tag for each in others)}


@dataclass(slots=True)
class Result:
    """One execution of a profile, or several merged. `complete` is False when it was interrupted or ran out
    of budget before every case had its share. note: the user's. command: the command line that made it, as
    it was typed, or what called; several, of a run that was resumed, are a line each."""

    profile: str
    why: str
    environment: dict[str, Any]
    cases: list[CaseResult]
    complete: bool = True
    note: str = ""
    command: str = ""

    @property
    def tags(self) -> dict[str, str]:
        """The tags that all of its cases have in common."""
        return common_tags(self.cases)
