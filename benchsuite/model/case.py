"""Case, work and load: one point of the parameter matrix, and its two views."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from operator import attrgetter
from typing import Any, Self

from benchsuite.model.parameter import BYTES, CROSSOVER, KNEE, SCALING, Parameter

ENCRYPT, DECRYPT, DIGEST = "encrypt", "decrypt", "digest"
PER_REQUEST, CHAINED = "per-request", "chained"
PAYLOAD, OPERATION = "payload", "operation"  # kinds of work
CONSTANT, POISSON, BURST = "constant", "poisson", "burst"  # how requests arrive; of bursts, `burst:N`
UNLIMITED = 2**32 - 1  # a backlog


def driver_of(backend: str) -> str:
    """The name of a backend without its setting: `software` of `software:/path`. No backend needs to be known
    for it: results come from other machines and other programs, too."""
    return backend.partition(":")[0]


def setting_of(backend: str) -> str:
    """The setting of a backend, after its colon; or ""."""
    return backend.partition(":")[2]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RateUnit:
    """What the figure of a case is told in. about: the cases it is for, in words. falls: less is better."""

    name: str  # in the header of a column, at an axis
    about: str
    falls: bool = False

    def goodness(self, figure: float) -> float:
        """A number that is the higher the better the figure is."""
        return -figure if self.falls else figure


MBPS = RateUnit("Mbps", "with a size")  # 10^6 bits of payload per second
REQUESTS = RateUnit("requests/s", "without a size, in operations (requests) per second")
LATENCY = RateUnit("mean µs", "of an open loop, by their mean latency in microseconds", falls=True)
RATE_UNITS = (MBPS, REQUESTS, LATENCY)


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
    rate: int
    rate_percent: int
    arrival: str
    backlog: int

    def needs(self, *free: str) -> str:
        """What a backend needs that leaves only these keys free and is not met, as `batch 0, workers 1`; ""
        where the load is such."""
        if self.open_loop:  # what else says how requests arrive goes with it
            free = (*free, *OPEN_LOOP)
        said = [PARAMETERS[key].at(PARAMETERS[key].usual) for key in self.unusual if key not in free]
        return ", ".join([*said, PARAMETERS["rate"].at(0)] if self.open_loop else said)

    @property
    def open_loop(self) -> bool:
        """Whether requests arrive by a clock, and not when the one before is done."""
        return bool(self.rate or self.rate_percent)

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
    rate: int = _parameter(
        0,
        least=0,
        most=10**9,
        none_at_0=True,
        title="rate\n/s",
        axis="offered requests per second",
        about="Requests that arrive per second, of all workers, whether or not the last one is done.",
    )
    rate_percent: int = _parameter(
        0,
        least=0,
        most=1000,
        none_at_0=True,
        linear=True,
        title="rate\n%",
        axis="offered, % of capacity",
        about="Requests that arrive, in per cent of what can be carried when one is always waiting.",
        phrase="rate {}%",
    )
    arrival: str = _parameter(CONSTANT)
    backlog: int = _parameter(
        UNLIMITED,
        least=0,
        most=UNLIMITED,
        words={UNLIMITED: "unlimited"},
        about="Requests that may wait before the driver; one that finds no place is dropped.",
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
            f"{key}={each.spelled(value)}"
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
            told = self.rate_unit is LATENCY or key not in OPEN_LOOP  # of a closed loop nothing arrives
            if not of.head and told and (value or not of.none_at_0):
                parts.append(of.at(value))
        return ", ".join(parts)

    @property
    def rate_unit(self) -> RateUnit:
        """What its figure is told in, everywhere: bits where it has a payload, else requests; of an open
        loop, whose rate is given, the latency."""
        if self.rate or self.rate_percent:
            return LATENCY
        return MBPS if self.request_size else REQUESTS

    def rate_of(self, seconds: float) -> float:
        """The figure, in rate_unit, of requests that take so many seconds each."""
        if self.rate_unit is LATENCY:
            return seconds * 1e6
        bits = self.bits_per_second(seconds)
        return 1 / seconds if bits is None else bits / 1e6

    def bits_per_second(self, seconds: float) -> float | None:
        """Bits of payload per second, likewise; None where there is no payload, and of an open loop."""
        return self.request_size * 8 / seconds if self.rate_unit is MBPS else None

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _NAMES}

    def told(self) -> dict[str, Any]:
        """The parameters for other programs: None of a number that stands for a word, as `unlimited`."""
        return self.to_dict() | {key: None for key in _WORDED if getattr(self, key) in PARAMETERS[key].words}


_NAMES = tuple(each.name for each in fields(Case))
_BESIDE_BACKEND = attrgetter(*_NAMES[1:])
_NAMES_OF_WORK = tuple(each.name for each in fields(Work))
_NAMES_OF_LOAD = tuple(each.name for each in fields(Load))


def _shown(of: Field[Any]) -> Parameter:
    shown: dict[str, Any] = {"title": of.name, **of.metadata}
    return Parameter(of.name, "" if of.default is MISSING else of.default, **shown)


_ALL = [_shown(each) for each in fields(Case)]
NEUTRAL = tuple(each for each in _ALL if each.neutral)
PARAMETERS = {each.key: each for each in _ALL if not each.neutral}  # what makes a case another case
_AFTER_HEAD = tuple((key, each) for key, each in PARAMETERS.items() if not each.head)
OPEN_LOOP = (
    "rate",
    "rate_percent",
    "arrival",
    "backlog",
)  # which say that, and how, requests arrive by a clock
_WORDED = tuple(key for key, each in PARAMETERS.items() if each.words)
LOAD = tuple(each.name for each in fields(Load) if each.name in PARAMETERS)
USUAL = Case("", "")
