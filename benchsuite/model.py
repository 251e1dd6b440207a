"""Nouns that every floor above shares: case, work, load, value, run, result, and errors for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from functools import cache
from operator import attrgetter
from typing import Any, Self

from benchsuite.series import Series

ENCRYPT, DECRYPT, DIGEST = "encrypt", "decrypt", "digest"
PER_REQUEST, CHAINED = "per-request", "chained"
WALL, CPU, CYCLES = "wall", "cpu", "cycles"
PAYLOAD, OPERATION = "payload", "operation"  # kinds of work
BYTES = "bytes"  # a unit
CROSSOVER, KNEE, SCALING = "crossover", "knee", "scaling"  # what is looked for along a parameter
METRICS = (WALL, CPU, CYCLES)  # what a value has of each request: wall time, CPU time, cycles


def driver_of(backend: str) -> str:
    """The name of a backend without its setting: `software` of `software:/path`. No backend needs to be known
    for it: results come from other machines and other programs, too."""
    return backend.partition(":")[0]


def setting_of(backend: str) -> str:
    """The setting of a backend, after its colon; or ""."""
    return backend.partition(":")[2]


class BenchsuiteError(Exception):
    """A mistake of the user's, or a refusal: the message is one or two lines that say what, where and what to
    do next. The command line prints it and exits with `exit_status`."""

    exit_status = 2


class NotAvailable(BenchsuiteError):
    """A backend that was spelled out, and is not there: a library that was not built, say."""


class CouldNotMeasure(BenchsuiteError):
    """A figure that there is not, although nothing is wrong with the input."""

    exit_status = 3


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RateUnit:
    """What a rate is told in. about: the cases it is for, in words."""

    name: str  # in the header of a column, at an axis
    about: str


MBPS = RateUnit("Mbps", "with a size")  # 10^6 bits of payload per second
REQUESTS = RateUnit("requests/s", "without a size, in operations (requests) per second")
RATE_UNITS = (MBPS, REQUESTS)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameter:
    """A parameter of a case, and how it is shown wherever cases are. What goes over PARAMETERS, as files,
    tables and charts do, has every one, also those that are still to come."""

    key: str  # the field of Case
    usual: Any  # its value where nobody says another
    title: str  # over a column, in one line or two
    unit: str = ""  # BYTES
    letter: str = ""  # where one narrow column holds several
    head: bool = False  # says what it is by itself, so that its key is not said
    named: bool = False  # is in the name of a case, even with its usual value
    neutral: bool = False  # does not change what is measured, so that cases which differ in it are the same
    least: int = 1  # of a number
    most: int | None = None
    none_at_0: bool = False  # 0 stands for what has none, which is no point on an axis
    # What follows is of its axis, where cases go along it.
    axis: str = ""  # its title, where that is not what it is called
    about: str = ""  # a sentence, for whoever sees it for the first time
    linear: bool = False  # else logarithmic
    looked_for: str = ""  # CROSSOVER, KNEE or SCALING; or nothing
    phrase: str = ""  # a value in words, "{} B"; or else its key and the value

    @property
    def called(self) -> str:
        """Its short name, without a line break."""
        return self.title.replace("\n", "_")

    def at(self, value: Any) -> str:
        """A value in words, where there is no header: `64 B`, `q_len 4`."""
        return (self.phrase or f"{self.key} {{}}").format(spelled(value))

    @property
    def blank(self) -> Any:
        """What stands for it in a case of which it is no part."""
        return "" if isinstance(self.usual, str) else 0

    @property
    def number(self) -> bool:
        return isinstance(self.usual, int) and not isinstance(self.usual, bool)

    @property
    def sweepable(self) -> bool:
        """Whether cases may go along it: a number that is more than a switch."""
        return self.number and (self.most is None or self.most - self.least > 1)


def _parameter(usual: Any = MISSING, **shown: Any) -> Any:
    """The field of a parameter."""
    return field(default=usual, metadata=shown)


@cache
def _blanks(kind: Any, keys: tuple[str, ...]) -> tuple[tuple[str, Any], ...]:
    """Fields of a view in their order, each with what stands for it without these keys; MISSING: itself.
    (dataclasses.replace() takes several times as long, and findings on thousands of cases ask often.)"""
    found: dict[str, Any] = {each.name: MISSING for each in fields(kind)}
    found |= {each.key: each.usual for each in NEUTRAL if each.key in found}
    found |= {key: PARAMETERS[key].blank for key in keys}
    return tuple(found.items())


@cache
def _usual(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The parameters of a view in their order, each with its usual value."""
    return tuple((each.name, PARAMETERS[each.name].usual) for each in fields(kind) if each.name in PARAMETERS)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Parameters:
    """Base of a case and of its views."""

    def without(self, *keys: str) -> Self:
        """The same with these blank, and with what is neutral as usual: equal for all that differ in nothing
        else. `case.without("backend")` is the same for the same work under the same load on any backend."""
        kind: Any = type(self)
        blanks = _blanks(kind, keys)
        return type(self)(*(getattr(self, name) if blank is MISSING else blank for name, blank in blanks))

    @property
    def unusual(self) -> tuple[str, ...]:
        """Keys of those that have another value than the usual one; a neutral one is never unusual."""
        kind: Any = type(self)
        usual = _usual(kind)
        return tuple(key for key, value in usual if getattr(self, key) != value)


@dataclass(frozen=True, slots=True)
class Work(_Parameters):
    """What a request asks for: the view of a case that has nothing of who does it, and how it is driven."""

    algorithm: str
    op: str
    request_size: int
    iv: str
    in_place: bool
    aad_size: int
    tag_size: int

    @property
    def kind(self) -> str:
        """PAYLOAD or OPERATION: whether it takes the longer the more bytes there are, or has none, as a
        signature, its check, a handshake."""
        return PAYLOAD if self.request_size else OPERATION


@dataclass(frozen=True, slots=True)
class Load(_Parameters):
    """How requests are driven: the view of a case that has nothing of what they ask for, and of whom."""

    q_len: int
    batch: int
    cbimm: int
    workers: int
    request_num: int
    crypto_q_max: int

    def needs(self, *free: str) -> str:
        """What a backend needs that leaves only these keys free, as `batch 0, cbimm 1, workers 1`; "" where
        the load is such."""
        bound = [key for key in LOAD if key not in free]
        met = not set(bound) & set(self.unusual)
        return "" if met else ", ".join(f"{key} {PARAMETERS[key].usual}" for key in bound)

    @property
    def alone(self) -> bool:
        """Whether there is one request at a time, in the thread that asks for it."""
        return not self.needs("crypto_q_max")  # which bounds a queue


@dataclass(frozen=True, slots=True)
class Case(_Parameters):
    """One point of the parameter matrix: work for a backend, under a load. Sizes in bytes; a request_size of
    0 is work that has none, as a signature. Validated by profile.expand()."""

    backend: str = _parameter(head=True)
    algorithm: str = _parameter(head=True)
    op: str = _parameter(ENCRYPT, head=True)
    request_size: int = _parameter(
        1488,
        title="size",
        unit=BYTES,
        named=True,
        least=0,
        none_at_0=True,
        axis="request size",
        about="Bytes of payload in a request.",
        looked_for=CROSSOVER,
        phrase="{} B",
    )
    q_len: int = _parameter(1, letter="q", named=True, about="Requests kept outstanding.", looked_for=KNEE)
    batch: int = _parameter(
        0,
        letter="b",
        named=True,
        least=0,
        about="How requests come to the driver: 0, each at once, in the caller's context; 1, through the "
        "dispatch queue; N, likewise, at most N for each kick.",
    )
    cbimm: int = _parameter(1, letter="c", named=True, least=0, most=1)
    workers: int = _parameter(
        1, about="So many workers at once, each with its own session and queues.", looked_for=SCALING
    )
    iv: str = _parameter(PER_REQUEST)
    in_place: bool = _parameter(True, title="in\nplace")
    aad_size: int = _parameter(0, unit=BYTES, least=0, about="Additional authenticated bytes.")
    tag_size: int = _parameter(
        0, unit=BYTES, least=0, about="Bytes of the tag; 0 stands for the algorithm's own."
    )  # 0: the algorithm's own, and only that has none here
    request_num: int = _parameter(1, neutral=True)
    crypto_q_max: int = _parameter(
        1000, title="crypto\nq_max", about="Requests outstanding beyond which a dispatch is refused."
    )

    @property
    def work(self) -> Work:
        return Work(*(getattr(self, name) for name in _NAMES_OF_WORK))

    @property
    def load(self) -> Load:
        return Load(*(getattr(self, name) for name in _NAMES_OF_LOAD))

    def on(self, backend: str) -> Case:
        """The same on another backend."""
        return Case(backend, *_BESIDE_BACKEND(self))

    @property
    def name(self) -> str:
        """`backend/algorithm/op/request_size=..,q_len=..,batch=..,cbimm=..`, then whatever differs
        from the usual."""
        implied = "" if self.op == ENCRYPT else "in_place"  # which follows from the algorithm
        parts = ",".join(
            f"{key}={spelled(value)}"
            for key, each in _AFTER_HEAD
            if ((value := getattr(self, key)) != each.usual and key != implied) or each.named
        )
        return f"{self.backend}/{self.algorithm}/{self.op}/{parts}"

    def words(self, keys: Iterable[str] = (), *, algorithm: bool = True, op: bool = True) -> str:
        """The work, and what else of the case is asked for by key, as people say it:
        `aes-128-cbc encrypt, 64 B, q_len 4`. What has no size says none."""
        said = f"{self.algorithm} {self.op}" if op and self.op != DIGEST else self.algorithm
        parts = [said] if algorithm else []
        for key in keys:
            of, value = PARAMETERS[key], getattr(self, key)
            if not of.head and (value or not of.none_at_0):
                parts.append(of.at(value))
        return ", ".join(parts)

    @property
    def rate_unit(self) -> RateUnit:
        """What its rate is told in, everywhere: bits where it has a payload, else requests."""
        return MBPS if self.request_size else REQUESTS

    def rate_of(self, seconds: float) -> float:
        """The rate, in rate_unit, of requests that take so many seconds each."""
        bits = self.bits_per_second(seconds)
        return 1 / seconds if bits is None else bits / 1e6

    def bits_per_second(self, seconds: float) -> float | None:
        """Bits of payload per second, likewise; None where there is no payload."""
        return self.request_size * 8 / seconds if self.request_size else None

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = tuple(each.name for each in fields(Case))
_BESIDE_BACKEND = attrgetter(*_NAMES[1:])
_NAMES_OF_WORK = tuple(each.name for each in fields(Work))
_NAMES_OF_LOAD = tuple(each.name for each in fields(Load))


def spelled(value: Any) -> str:
    """A parameter's value as a profile spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(of: Field[Any]) -> Parameter:
    shown: dict[str, Any] = {"title": of.name, **of.metadata}
    return Parameter(of.name, "" if of.default is MISSING else of.default, **shown)


_ALL = [_shown(each) for each in fields(Case)]
NEUTRAL = tuple(each for each in _ALL if each.neutral)
PARAMETERS = {each.key: each for each in _ALL if not each.neutral}  # what makes a case another case
_AFTER_HEAD = tuple((key, each) for key, each in PARAMETERS.items() if not each.head)
LOAD = tuple(each.name for each in fields(Load) if each.name in PARAMETERS)
USUAL = Case("", "")


@dataclass(frozen=True, slots=True)
class Measure:
    """How each case is measured."""

    processes: int = 3  # fresh worker processes (rounds)
    values: int = 10  # values per process
    warmups: int = 1  # per process, kept apart
    min_time: float = 0.02  # seconds per value, at least
    decide_on: str = WALL  # a key of METRICS: what verdicts rest on
    log_interval: float = 0.0  # seconds of an interval of the time series; 0: none is kept
    ramp: float = 0.0  # seconds that a process works before its first value; they are kept apart


@dataclass(frozen=True, slots=True)
class Plan:
    """A profile expanded: what a run will do, in order."""

    profile: str
    why: str
    cases: tuple[Case, ...]
    measures: tuple[Measure, ...]  # one per case
    labels: dict[str, str] = field(default_factory=dict)  # of backends, by backend: see profile.labels

    def name(self, case: Case) -> str:
        """The name of a case, with the label of its backend."""
        return case.on(self.labels.get(case.backend, case.backend)).name

    def results(self) -> list[CaseResult]:
        """Results of the cases, with nothing measured yet."""
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
