"""The nouns every floor above shares: case, value, run, result, and errors for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

ENCRYPT, DECRYPT, DIGEST = "encrypt", "decrypt", "digest"
PER_REQUEST, CHAINED = "per-request", "chained"
WALL, CPU, CYCLES = "wall", "cpu", "cycles"
METRICS = (WALL, CPU, CYCLES)  # what a value has of each request: wall time, CPU time, cycles


class BenchsuiteError(Exception):
    """A user's mistake or a refusal: the message is one or two lines that say what, where and what
    to do next. The command line prints it and exits with `exit_status`."""

    exit_status = 2


class NotAvailable(BenchsuiteError):
    """A backend that was spelled out, and is not there: a library that was not built, say."""


class CouldNotMeasure(BenchsuiteError):
    """Nothing wrong with the input, but there is no figure."""

    exit_status = 3


@dataclass(frozen=True, slots=True)
class RateUnit:
    """What a rate is told in. about: the cases it is for, in words."""

    name: str  # in the header of a column, at an axis
    about: str


MBPS = RateUnit("Mbps", "with a size")  # 10^6 bits of payload per second
REQUESTS = RateUnit("requests/s", "without a size, in operations (requests) per second")
RATE_UNITS = (MBPS, REQUESTS)


@dataclass(frozen=True, slots=True)
class Case:
    """One point of the parameter matrix. Sizes in bytes; a request_size of 0 is work that has none, as a
    signature. Validated by profile.expand()."""

    backend: str
    algorithm: str
    op: str = ENCRYPT
    request_size: int = 1488
    q_len: int = 1
    batch: int = 0
    cbimm: int = 1
    workers: int = 1
    iv: str = PER_REQUEST
    in_place: bool = True
    aad_size: int = 0
    request_num: int = 1
    crypto_q_max: int = 1000

    @property
    def name(self) -> str:
        """`backend/algorithm/op/request_size=..,q_len=..,batch=..,cbimm=..`, then whatever differs
        from the usual. request_num is no part of it: it does not change what is measured."""
        parts = [f"{key}={getattr(self, key)}" for key in ("request_size", "q_len", "batch", "cbimm")]
        if self.workers != 1:
            parts.append(f"workers={self.workers}")
        if self.iv != PER_REQUEST:
            parts.append(f"iv={self.iv}")
        if not self.in_place and self.op == ENCRYPT:
            parts.append("in_place=false")
        if self.aad_size:
            parts.append(f"aad_size={self.aad_size}")
        if self.crypto_q_max != 1000:
            parts.append(f"crypto_q_max={self.crypto_q_max}")
        return f"{self.backend}/{self.algorithm}/{self.op}/{','.join(parts)}"

    @property
    def rate_unit(self) -> RateUnit:
        """What its rate is told in, everywhere: bits where it has a payload, else requests."""
        return MBPS if self.request_size else REQUESTS

    def rate(self, seconds: float) -> float:
        """Of requests that take so many seconds each, in rate_unit."""
        bits = self.bits_per_second(seconds)
        return 1 / seconds if bits is None else bits / 1e6

    def bits_per_second(self, seconds: float) -> float | None:
        """Of payload, likewise; None where it has none."""
        return self.request_size * 8 / seconds if self.request_size else None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Measure:
    """How each case is measured."""

    processes: int = 3  # fresh worker processes (rounds)
    values: int = 10  # values per process
    warmups: int = 1  # per process, kept apart
    min_time: float = 0.02  # seconds per value, at least
    decide_on: str = WALL  # a key of METRICS: what verdicts rest on


@dataclass(frozen=True, slots=True)
class Plan:
    """A profile expanded: what a run will do, in order."""

    profile: str
    why: str
    cases: tuple[Case, ...]
    measures: tuple[Measure, ...]  # one per case
    labels: dict[str, str] = field(default_factory=dict)  # of backends, by backend: see profile.labels

    def name(self, case: Case) -> str:
        """The case's name with the label of its backend."""
        return replace(case, backend=self.labels.get(case.backend, case.backend)).name

    def results(self) -> list[CaseResult]:
        """One for each case, with nothing measured yet."""
        return [CaseResult(case, label=self.labels.get(case.backend, "")) for case in self.cases]


@dataclass(frozen=True, slots=True)
class Value:
    """One timed figure. Seconds are for all `requests` together; cycles is None where the machine
    counts none, user and system are where nobody counted what this figure alone took of the CPUs."""

    requests: int
    wall: float
    user: float | None
    system: float | None
    cycles: int | None = None
    timestamps: float = 0.0  # seconds of wall that time-stamping took

    @property
    def per_request(self) -> float:
        return self.wall / self.requests

    @property
    def cpu(self) -> float | None:
        """CPU seconds, or None."""
        return None if self.user is None or self.system is None else self.user + self.system


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
    (compare.labels makes such cases, to be shown)."""

    case: Case
    runs: list[WorkerRun] = field(default_factory=list)
    failure: Failure | None = None
    label: str = ""
    origin: str = ""

    @property
    def name(self) -> str:
        """The case's, with the label of its backend."""
        return replace(self.case, backend=self.label or self.case.backend).name

    @property
    def measured_name(self) -> str:
        """The case's, with what was measured in place of what it is called."""
        return replace(self.case, backend=self.backend).name

    @property
    def backend(self) -> str:
        """What was measured, whatever it is called."""
        return self.origin or self.case.backend

    @property
    def driver(self) -> str:
        return self.backend.partition(":")[0]

    @property
    def values(self) -> list[Value]:
        return [value for run in self.runs for value in run.values]

    @property
    def measured(self) -> bool:
        return self.failure is None and any(run.values for run in self.runs)


@dataclass(slots=True)
class Result:
    """One execution of a profile. `complete` is False when it was interrupted or ran out of budget
    before every case had its share."""

    profile: str
    why: str
    environment: dict[str, Any]
    cases: list[CaseResult]
    complete: bool = True


def from_dict(cls: type, data: Any) -> Any:
    """A frozen record (Case, Measure, Value, Failure) or WorkerRun from what to_dict/asdict made.
    Raises ValueError naming the key for anything missing, unknown or of the wrong type."""
    if not isinstance(data, dict):
        raise ValueError(f"{cls.__name__}: expected an object, not {type(data).__name__}")
    known = {f.name for f in fields(cls)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise ValueError(f"{cls.__name__}: unknown key {unknown[0]!r}")
    try:
        return cls(**data)
    except TypeError as error:
        raise ValueError(f"{cls.__name__}: {error}") from None
