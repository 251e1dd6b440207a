"""From the values of a case to its figures, and to what makes a figure doubtful.

Figures rest on the median over all values of all worker processes: one disturbed value does not
move it. A case that failed has no figures, even where some of its workers finished.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from math import sqrt
from statistics import median, quantiles
from typing import Any, TypeVar

from benchsuite import costs
from benchsuite.confidence import UNSAID, known, weakest
from benchsuite.confidence import simulated as words_of
from benchsuite.facts import STAGES, Environment, Fact
from benchsuite.formats.figure import CLOCK_UNKNOWN, ELAPSED, USER
from benchsuite.model import CaseResult, CouldNotMeasure, Result, Value, WorkerRun
from benchsuite.sheet.numbers import percent

# Beyond these a figure carries a note.
SPREAD_LIMIT = 0.10
PROCESS_LIMIT = 0.05
FEWEST_VALUES = 5
TIMESTAMP_LIMIT = 0.01
SHORTEST_VALUE = 0.02
OTHER_WORK_LIMIT = 0.25  # CPUs kept busy by something else
PRECISION_LIMIT = 0.01  # what an imported figure's printed digits, or its clock, leave open

_MODEL = "those of a model, no device was measured"
_ONE = "one value: a virtual clock gives the same figure every time"
_FEW = f"fewer than {FEWEST_VALUES} values: the median and the spread mean little"
_SPREAD = f"spread above {percent(SPREAD_LIMIT)}: the machine was not quiet, or the work varies"
_PROCESSES = (
    "worker processes differ from each other by more than values within one: "
    "the figure depends on memory layout or on the CPU that was given, so measure more processes"
)
_SHORT = f"values shorter than {SHORTEST_VALUE * 1000:.0f} ms: start and stop weigh in the figure"
_TIMESTAMPS = f"time-stamping took more than {percent(TIMESTAMP_LIMIT)} of the time measured"
_DROPS = "requests were refused at crypto_q_max and dispatched again"
_HIGH_WATER = "the driver never held q_len requests at once: the queue depth asked for was not reached"
_BARRIER = (
    "tcrypt submits q_len requests, then waits for all of them: a barrier, where other backends "
    "keep q_len outstanding"
)
_TSC = "cycles are ticks of the time-stamp counter, at its constant rate, not cycles the CPU counted"
_CNTVCT = (
    "cycles are ticks of the ARM system counter, at its constant rate of some MHz, not cycles the CPU counted"
)
_USER_CYCLES = "cycles are those of user mode only: the kernel's share is not counted"
_ROUNDED = (
    f"printed with so few digits, or by so coarse a clock, that more than {percent(PRECISION_LIMIT)} is open"
)
CLOCKS = {
    ELAPSED: "elapsed time",
    USER: "user CPU time",
    CLOCK_UNKNOWN: "elapsed or user CPU time (not known which)",
}
_CLOCK = "its time is {}: it compares only with its like"
_FRACTION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?(?:e-[0-9]{1,3})?")
_SHARED_CORE = "two of the CPUs it was placed on are threads of one core, and share its speed"
_ENERGY = "energy is that of {}, the idle machine's share included"
_BUSY = (
    "the CPUs were busy with work that was not the worker's own "
    "(other programs, or kernel threads serving it)"
)


_Found = TypeVar("_Found")
_memory: ContextVar[dict[tuple[str, int], tuple[CaseResult, Any]] | None] = ContextVar(
    "_memory", default=None
)


@contextmanager
def remembering() -> Iterator[None]:
    """While results are shown, and nobody changes them: what rows, groups and findings ask of a case
    is worked out once."""
    if _memory.get() is not None:
        yield
        return
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def _remembered(find: Callable[[CaseResult], _Found]) -> Callable[[CaseResult], _Found]:
    name = find.__name__

    @wraps(find)
    def found(result: CaseResult) -> _Found:
        memory = _memory.get()
        if memory is None:
            return find(result)
        key = name, id(result)
        if key not in memory:
            memory[key] = result, find(result)  # kept, so that its id stays its own
        known: _Found = memory[key][1]
        return known

    return found


@dataclass(frozen=True, slots=True)
class Latency:
    """Latency of the sampled requests of all workers, in nanoseconds. A percentile is the nearest rank:
    the upper bound of the histogram bucket with the ceil(p * count)-th smallest sample, or the
    exact largest sample where that bound lies beyond it. It is never below the true percentile,
    and above it by at most the width of a bucket."""

    count: int
    p50: int
    p90: int
    p99: int
    p99_9: int
    max: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a measured case. Fractions are of 1, not of 100."""

    processes: int  # that gave values
    values: int
    seconds: float  # per request: median of the values
    rate: float  # from `seconds`, in the case's rate_unit
    bits_per_second: float | None  # payload, likewise; for a digest what was hashed; None without a size
    requests_per_second: float
    spread: float | None  # half the interquartile range of the values, of their median; None of one
    process_spread: float | None  # half the range of the processes' medians, likewise
    cpu: float | None  # (user + system) / wall over all values: above 1 with several busy threads
    cycles_per_request: float | None  # median of the values; None unless every value has a count
    cycles_per_byte: float | None
    cycles_source: str  # "perf", "perf-user", "tsc", "cntvct", "none"; several joined by "+"
    submit: float | None  # fraction of the workers' time inside the driver's process
    poll: float | None  # fraction of it that the driver's poll kept a CPU busy
    poll_wait: float | None  # and that it slept in there
    joules: float | None  # of a request, by the machine's sensors
    timestamps: float  # fraction of the time measured that time-stamping took
    requests: int  # of all values
    wall: float  # seconds of all values
    latency: dict[str, Latency]  # by stage, those with samples
    counters: dict[str, int]  # all workers: sums, but see merge_counters

    @property
    def mbps(self) -> float | None:
        """10^6 bits of payload per second; None without a size."""
        return None if self.bits_per_second is None else self.rate

    @property
    def joules_per_gbit(self) -> float | None:
        """Joules of 10^9 bits of payload; None without a size."""
        if self.joules is None or self.bits_per_second is None:
            return None
        return 1e9 * self.joules / (self.bits_per_second * self.seconds)

    @property
    def joules_per_operation(self) -> float | None:
        """Joules of an operation that has no size; None of what has one: that has joules_per_gbit."""
        return self.joules if self.bits_per_second is None else None

    @property
    def cycles_per_operation(self) -> float | None:
        """Cycles of an operation that has no size; None of what has one: that has cycles_per_byte."""
        return self.cycles_per_request if self.bits_per_second is None else None


@_remembered
def summary(result: CaseResult) -> Summary:
    """The figures of a case. Raises CouldNotMeasure, saying why, where there are none."""
    values = _values(result)
    case = result.case
    wall = sum(value.wall for value in values)
    middle = seconds(result)
    cycles = _cycles_per_request(result)
    poll, poll_wait = costs.polling(result)
    return Summary(
        processes=sum(1 for run in result.runs if run.values),
        values=len(values),
        seconds=middle,
        rate=case.rate_of(middle),
        bits_per_second=case.bits_per_second(middle),
        requests_per_second=1 / middle,
        spread=_spread([value.per_request for value in values]),
        process_spread=_process_spread(result.runs, middle),
        cpu=_cpu(values),
        cycles_per_request=cycles,
        cycles_per_byte=None if cycles is None or not case.request_size else cycles / case.request_size,
        cycles_source="+".join(facts(result, Fact.CYCLES_SOURCE)) or "none",
        submit=costs.submitting(result),
        poll=poll,
        poll_wait=poll_wait,
        joules=costs.joules(result),
        timestamps=sum(value.timestamps for value in values) / wall,
        requests=sum(value.requests for value in values),
        wall=wall,
        latency=_latencies(result.runs),
        counters=merge_counters(run.counters for run in result.runs),
    )


@_remembered
def seconds(result: CaseResult) -> float:
    """Seconds per request: the median of the values. Raises CouldNotMeasure where there is none."""
    return median(value.per_request for value in _values(result))


def _values(result: CaseResult) -> list[Value]:
    """The values of a case. Raises CouldNotMeasure where there are none, or such as are no figures."""
    if result.failure:
        raise CouldNotMeasure(result.failure.reason)
    values = result.values
    if not values:
        raise CouldNotMeasure("the run ended before this case was measured")
    if any(value.requests <= 0 or value.wall <= 0 for value in values):
        raise CouldNotMeasure("a value has no requests or took no time")
    return values


def facts(result: CaseResult, key: str) -> list[str]:
    """What the workers of a case say of `key`, each answer once, in order."""
    if len(result.runs) == 1:  # of an import nearly always, and there may be thousands
        told = result.runs[0].facts.get(key)
        return [told] if told else []
    return list(dict.fromkeys(run.facts[key] for run in result.runs if run.facts.get(key)))


def simulated(result: CaseResult) -> bool:
    """Whether a case's time is a model's: its backend is `sim` or a worker says so."""
    from benchsuite import backends

    backend = backends.find(result.backend)
    return (backend is not None and backend.simulated) or "yes" in facts(result, Fact.SIMULATED)


@_remembered
def confidence(result: CaseResult) -> str:
    """How sure a simulated figure is: one of confidence.LEVELS; "" where nothing is simulated. To people it
    is said by `simulated_in_words`."""
    if not simulated(result):
        return ""
    return weakest(map(known, facts(result, Fact.CONFIDENCE) or [UNSAID]))


def simulated_in_words(*results: CaseResult) -> str:
    """`simulated, a guess`: the words that stand wherever figures of a model are printed, with how sure they
    are; "partly simulated, ..." where some were measured; "" where all were."""
    return words_of(map(confidence, results))


def simulated_note(*results: CaseResult) -> str:
    """A note on figures of a model, to be read below a table."""
    times = "the times are" if all(map(simulated, results)) else "some times are"
    return f"{simulated_in_words(*results)}: {times} {_MODEL}"


def says_simulated(note: str) -> bool:
    """Whether a note is one that `simulated_note` makes."""
    return note.endswith(_MODEL)


def emulated(result: Result) -> bool:
    """Whether a result is from a lab whose CPU is not the host's: its environment says so."""
    return "tcg" in str(result.environment.get(Environment.LAB, "")).split(", ")


def clock(result: CaseResult) -> str:
    """What the seconds of a case are of: a key of CLOCKS, or several of them. What was measured here, and
    not imported, is elapsed time."""
    return " and ".join(facts(result, Fact.IMPORTED_CLOCK)) or ELAPSED


def clock_in_words(result: CaseResult) -> str:
    return " and ".join(CLOCKS.get(each, each) for each in clock(result).split(" and "))


def clocks_agree(results: Iterable[CaseResult]) -> bool | None:
    """Whether their times may be set against each other. Of different clocks a ratio has no meaning; where
    the clock of some is not known, and others have another, it may have none: None."""
    found = {each for result in results for each in clock(result).split(" and ")}
    return len(found) < 2 or (None if len(found) == 2 and CLOCK_UNKNOWN in found else False)


def deterministic(result: CaseResult) -> bool:
    """Whether measuring it again would give the same: a simulation on a virtual clock."""
    return facts(result, Fact.CLOCK) == ["virtual"]


def _spread(figures: list[float]) -> float | None:
    if len(figures) < 2:
        return None
    lower, middle, upper = quantiles(figures, n=4, method="inclusive")
    return (upper - lower) / 2 / middle


def _process_spread(runs: list[WorkerRun], overall: float) -> float | None:
    """The pooled quartiles do not see one process out of five that differs; its median does."""
    medians = [median(value.per_request for value in run.values) for run in runs if run.values]
    return (max(medians) - min(medians)) / 2 / overall if len(medians) > 1 else None


@_remembered
def interval(result: CaseResult) -> tuple[float, float]:
    """Seconds per request between which the true median lies, as far as the values tell: 95% by their
    ranks, whatever their distribution, widened to every process's own median, because values of one
    process resemble each other. Of few values it is all of them; of a single one itself. What the printed
    digits of imported figures leave open comes on top. Raises CouldNotMeasure where there is none."""
    values = sorted(value.per_request for value in _values(result))
    medians = [median(value.per_request for value in run.values) for run in result.runs if run.values]
    out = _ranks_outside(len(values))
    open_by = precision(result)
    return min(values[out], *medians) * (1 - open_by), max(values[-1 - out], *medians) * (1 + open_by)


def precision(result: CaseResult) -> float:
    """How far the printed digits of imported figures leave them open, as a fraction, at most 0.99; 0 where
    nothing says so."""
    found = [text for text in facts(result, Fact.IMPORTED_PRECISION) if _FRACTION.fullmatch(text)]
    return min(0.99, max(map(float, found), default=0.0))


def _ranks_outside(count: int) -> int:
    """How many of so many sorted values can go at either end, so that the rest spans the median of what they
    were drawn from in 95 of 100 cases; by the normal approximation of the ranks, rounded outwards."""
    return max(0, int((count - 1.96 * sqrt(count)) / 2) - 1)


def _cpu(values: list[Value]) -> float | None:
    busy = [value.cpu for value in values if value.cpu is not None]
    return sum(busy) / sum(value.wall for value in values) if len(busy) == len(values) else None


def _cycles_per_request(result: CaseResult) -> float | None:
    counted = [value.cycles / value.requests for value in result.values if value.cycles is not None]
    return median(counted) if len(counted) == len(result.values) else None


def merge_counters(counters: Iterable[dict[str, int]]) -> dict[str, int]:
    """The counters of several workers as one: sums, except high_water (largest), first_error
    (first that is not 0) and direct (1 only if 1 everywhere)."""
    merged: dict[str, int] = {}
    for one in counters:
        for key, count in one.items():
            if key not in merged:
                merged[key] = count
            elif key == "high_water":
                merged[key] = max(merged[key], count)
            elif key == "first_error":
                merged[key] = merged[key] or count
            elif key == "direct":
                merged[key] = min(merged[key], count)
            else:
                merged[key] += count
    return merged


def latency(histograms: Iterable[dict[str, Any]]) -> Latency | None:
    """Percentiles of several histograms ({"max": ns, "buckets": [[upper_ns, count], ...]}) taken
    together; None without a sample."""
    buckets: Counter[int] = Counter()
    largest = 0
    for histogram in histograms:
        largest = max(largest, histogram["max"])
        for upper, count in histogram["buckets"]:
            buckets[upper] += count
    total = buckets.total()
    if not total:
        return None
    p50, p90, p99, p99_9 = (_percentile(buckets, total, mille, largest) for mille in (500, 900, 990, 999))
    return Latency(total, p50, p90, p99, p99_9, largest)


def _percentile(buckets: Counter[int], total: int, mille: int, largest: int) -> int:
    rank = -(-total * mille // 1000)  # in thousandths, so that no float decides at a boundary
    seen = 0
    for upper in sorted(buckets):
        seen += buckets[upper]
        if seen >= rank:
            return min(upper, largest)
    raise AssertionError("a rank is at most the number of samples")


def _latencies(runs: list[WorkerRun]) -> dict[str, Latency]:
    if not any(run.latency for run in runs):
        return {}
    found = {stage: latency(run.latency[stage] for run in runs if stage in run.latency) for stage in STAGES}
    return {stage: merged for stage, merged in found.items() if merged}


def notes(result: CaseResult) -> list[str]:
    """What a reader has to know before believing the figures of a case; [] is a case without
    doubts. The sentences hold no figures of the case, so equal doubts are equal strings."""
    simulation = [simulated_note(result)] if simulated(result) else []
    try:
        figures = summary(result)
    except CouldNotMeasure:
        return simulation
    virtual = deterministic(result)
    doubts = {
        _ONE: virtual and figures.values == 1,
        _FEW: not virtual and figures.values < FEWEST_VALUES,
        _SPREAD: (figures.spread or 0) > SPREAD_LIMIT,
        _PROCESSES: (figures.process_spread or 0) > max(PROCESS_LIMIT, 2 * (figures.spread or 0)),
        # A value is calibrated to the minimum, not above it: allow for the noise around it.
        _SHORT: not virtual and median(value.wall for value in result.values) < 0.9 * SHORTEST_VALUE,
        _TIMESTAMPS: figures.timestamps > TIMESTAMP_LIMIT,
        _DROPS: figures.counters.get("drops", 0) > 0,
        _HIGH_WATER: _queue_not_filled(result, figures),
        _BARRIER: "barrier" in facts(result, Fact.WAY),
        _TSC: "tsc" in figures.cycles_source,
        _CNTVCT: "cntvct" in figures.cycles_source,
        _USER_CYCLES: "perf-user" in figures.cycles_source,
        _SHARED_CORE: bool(facts(result, Fact.SHARED_CORE)),
        _BUSY: not virtual and _other_work(result.runs) > OTHER_WORK_LIMIT,
    }
    applying = [note for note, applies in doubts.items() if applies]
    if sensors := costs.joules_of(result):
        applying.append(_ENERGY.format(sensors))
    # What was imported may say what is found here, too.
    return list(dict.fromkeys(simulation + applying + imported_notes(result)))


def imported_notes(result: CaseResult) -> list[str]:
    """The `notes` that stay with a figure wherever it is set beside another: how exactly it was printed,
    of which clock it is, and what else its source says of it."""
    said = [note for notes in facts(result, Fact.IMPORTED_NOTES) for note in notes.splitlines()]
    rounded = [_ROUNDED] * (precision(result) > PRECISION_LIMIT)
    unsaid = clock(result) != ELAPSED and not any("CPU time" in note for note in said)
    return list(dict.fromkeys(rounded + [_CLOCK.format(clock_in_words(result))] * unsaid + said))


def _queue_not_filled(result: CaseResult, figures: Summary) -> bool:
    """Only an asynchronous driver is expected to hold what q_len asks for; high_water is per worker."""
    asynchronous = "asynchronous" in facts(result, Fact.DRIVER)
    return asynchronous and figures.counters.get("high_water", 0) < result.case.q_len


def _other_work(runs: list[WorkerRun]) -> float:
    """CPUs that work other than the workers' kept busy, on average. Time outside the values
    (start, set-up, verification), and values whose CPU seconds nobody counted, are taken to be the worker's
    own, so this errs towards none."""
    elapsed = other = 0.0
    for run in runs:
        span = run.ended - run.started
        timed = run.warmups + run.values
        untimed = max(0.0, span - sum(value.wall for value in timed))
        own = sum(value.wall if value.cpu is None else value.cpu for value in timed) + untimed
        elapsed += span
        other += max(0.0, run.machine_busy - own)
    return other / elapsed if elapsed > 0 else 0.0
