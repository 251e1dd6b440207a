"""From the values of a case to its figures.

Figures rest on the median over all values of all worker processes: one disturbed value does not
move it. A case that failed has no figures, even where some of its workers finished.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, lru_cache
from math import sqrt
from statistics import median, quantiles

from benchsuite import arrivals, costs
from benchsuite.confidence import UNSAID, known, weakest
from benchsuite.confidence import simulated as words_of
from benchsuite.facts import STAGES, Environment, Fact
from benchsuite.formats.figure import CLOCK_UNKNOWN, ELAPSED, USER
from benchsuite.model import CaseResult, CouldNotMeasure, Result
from benchsuite.percentiles import Latency, latency

CLOCKS = {
    ELAPSED: "elapsed time",
    USER: "user CPU time",
    CLOCK_UNKNOWN: "elapsed or user CPU time (not known which)",
}
_FRACTION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?(?:e-[0-9]{1,3})?")


class Summary:
    """The figures of a measured case, each worked out when it is asked for: a summary of tens of thousands of
    cases needs few of them. Fractions are of 1, not of 100."""

    def __init__(self, result: CaseResult) -> None:
        """Raises CouldNotMeasure where there is no figure, or such as are none."""
        if result.failure:
            raise CouldNotMeasure(result.failure.reason)
        self._result = result
        self._values = result.values
        if not self._values:
            raise CouldNotMeasure("the run ended before this case was measured")
        for value in self._values:
            if value.requests <= 0 or value.wall <= 0:
                raise CouldNotMeasure("a value has no requests or took no time")
        self._per_request = [value.per_request for value in self._values]
        self.seconds = median(self._per_request)  # per request: what every other figure rests on

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Seconds per request between which the true median lies, as far as the values tell: 95% by their
        ranks, whatever their distribution, widened to every process's own median, because values of one
        process resemble each other. Of few values it is all of them; of a single one itself. What the
        printed digits of imported figures leave open comes on top."""
        low = high = self.seconds
        if self.values > 1:
            ordered, out, medians = sorted(self._per_request), _ranks_outside(self.values), self._medians
            low, high = min(ordered[out], *medians), max(ordered[-1 - out], *medians)
        open_by = precision(self._result)
        return low * (1 - open_by), high * (1 + open_by)

    @property
    def processes(self) -> int:
        """Worker processes that gave values."""
        return len(self._medians)

    @property
    def values(self) -> int:
        """How many values there are."""
        return len(self._values)

    @cached_property
    def _medians(self) -> list[float]:
        """The median of each process that gave values."""
        if len(self._result.runs) == 1:  # of an import nearly always, and there may be thousands
            return [self.seconds]
        return [median(value.per_request for value in run.values) for run in self._result.runs if run.values]

    @property
    def rate(self) -> float:
        """The rate that `seconds` make, in the case's rate_unit."""
        return self._result.case.rate_of(self.seconds)

    @property
    def goodness(self) -> float:
        """A number that is the higher the better the rate is, among those of one unit."""
        return self._result.case.rate_unit.goodness(self.rate)

    @property
    def bits_per_second(self) -> float | None:
        """Bits of payload per second; for a digest of what was hashed; None without a size."""
        return self._result.case.bits_per_second(self.seconds)

    @property
    def requests_per_second(self) -> float:
        """Requests that were done per second."""
        return self.carried_per_second or 1 / self.seconds

    @cached_property
    def open_loop(self) -> bool:
        """Whether requests arrived by a clock. Figures that speak of it are None where they did not."""
        return all(value.offered for value in self._values)

    @property
    def seconds_of_closed_loop(self) -> float | None:
        """Seconds per request where they are what it takes, and not what it waits, too."""
        return None if self.open_loop else self.seconds

    @property
    def latency_mean(self) -> float | None:
        """Seconds from the intended arrival to the completion, of a request that was carried."""
        return self.seconds if self.open_loop else None

    @cached_property
    def offered_per_second(self) -> float | None:
        """Requests that arrived per second."""
        if not self.open_loop:
            return None
        offered = sum(value.offered for value in self._values)
        return offered / sum(value.arriving for value in self._values)

    @cached_property
    def carried_per_second(self) -> float | None:
        """Requests that were done per second."""
        return arrivals.carried_per_second(self._values) if self.open_loop else None

    @property
    def overloaded(self) -> bool:
        """Whether more found a place than was carried: a queue that grows, and no steady state."""
        return self.open_loop and arrivals.overloaded(self._values)

    @property
    def dropped(self) -> float | None:
        """Fraction of what arrived that found no place."""
        if not self.open_loop:
            return None
        return sum(value.dropped for value in self._values) / sum(value.offered for value in self._values)

    @property
    def mbps(self) -> float | None:
        """10^6 bits of payload per second; None without a size."""
        return None if self.bits_per_second is None else self.rate

    @cached_property
    def spread(self) -> float | None:
        """Half the interquartile range of the values, of their median; None of one."""
        if self.values < 2:
            return None
        lower, middle, upper = quantiles(self._per_request, n=4, method="inclusive")
        return (upper - lower) / 2 / middle

    @property
    def process_spread(self) -> float | None:
        """Half the range of the processes' medians, likewise. The pooled quartiles do not see one process out
        of five that differs; its median does."""
        medians = self._medians
        return (max(medians) - min(medians)) / 2 / self.seconds if len(medians) > 1 else None

    @property
    def requests(self) -> int:
        """Requests of all values."""
        return sum(value.requests for value in self._values)

    @property
    def wall(self) -> float:
        """Seconds of all values."""
        return sum([value.wall for value in self._values])

    @property
    def cpu(self) -> float | None:
        """(user + system) / wall over all values: above 1 with several busy threads."""
        busy = [value.cpu for value in self._values if value.cpu is not None]
        return sum(busy) / self.wall if len(busy) == self.values else None

    @property
    def timestamps(self) -> float:
        """Fraction of the time measured that time-stamping took."""
        return sum([value.timestamps for value in self._values]) / self.wall

    @property
    def cycles_per_request(self) -> float | None:
        """The median of the values; None unless every value has a count."""
        counted = [value.cycles / value.requests for value in self._values if value.cycles is not None]
        return median(counted) if len(counted) == self.values else None

    @property
    def cycles_per_byte(self) -> float | None:
        cycles, size = self.cycles_per_request, self._result.case.request_size
        return None if cycles is None or not size else cycles / size

    @property
    def cycles_per_operation(self) -> float | None:
        """Cycles of an operation that has no size; None of what has one: that has cycles_per_byte."""
        return self.cycles_per_request if self.bits_per_second is None else None

    @cached_property
    def cycles_source(self) -> str:
        """ "perf", "perf-user", "tsc", "cntvct", "none"; several joined by "+"."""
        return "+".join(facts(self._result, Fact.CYCLES_SOURCE)) or "none"

    @property
    def submit(self) -> float | None:
        """Fraction of the workers' time inside the driver's process."""
        return costs.submitting(self._result)

    @property
    def poll(self) -> float | None:
        """Fraction of it that the driver's poll kept a CPU busy."""
        return costs.polling(self._result)[0]

    @property
    def poll_wait(self) -> float | None:
        """Fraction of it that it slept in there."""
        return costs.polling(self._result)[1]

    @property
    def joules(self) -> float | None:
        """Joules of a request, by the machine's sensors."""
        return costs.joules(self._result)

    @property
    def joules_per_gbit(self) -> float | None:
        """Joules of 10^9 bits of payload; None without a size."""
        joules, bits = self.joules, self.bits_per_second
        return None if joules is None or bits is None else 1e9 * joules / (bits * self.seconds)

    @property
    def joules_per_operation(self) -> float | None:
        """Joules of an operation that has no size; None of what has one: that has joules_per_gbit."""
        return self.joules if self.bits_per_second is None else None

    @cached_property
    def latency(self) -> dict[str, Latency]:
        """Latency by stage, of those with samples."""
        runs = [run.latency for run in self._result.runs if run.latency]
        found = {stage: latency(run[stage] for run in runs if stage in run) for stage in STAGES if runs}
        return {stage: merged for stage, merged in found.items() if merged}

    @cached_property
    def late(self) -> float | None:
        """Fraction of what arrived that the generator itself noticed late, by more than it may."""
        return arrivals.late(self._result, self.seconds) if self.open_loop else None

    @cached_property
    def generators_own(self) -> float | None:
        """Fraction of the latency that is the generator's own, roughly."""
        rate = self.offered_per_second
        return None if rate is None else arrivals.generators_own(self._result, rate)

    @cached_property
    def counters(self) -> dict[str, int]:
        """Counters of all workers: sums, but see merge_counters."""
        return merge_counters(run.counters for run in self._result.runs)


_summaries: ContextVar[dict[int, Summary] | None] = ContextVar("_summaries", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """While results are shown, and nobody changes them: rows, groups and findings share the summary of a
    case, so that each of its figures is worked out once."""
    known = _summaries.get()
    token = _summaries.set({} if known is None else known)
    try:
        yield
    finally:
        _summaries.reset(token)


def summary(result: CaseResult) -> Summary:
    """The figures of a case. Raises CouldNotMeasure, saying why, where there are none."""
    known = _summaries.get()
    if known is None:
        return Summary(result)
    found = known.get(id(result))
    if found is None:
        found = known[id(result)] = Summary(result)  # it keeps the result, whose id so stays its own
    return found


def facts(result: CaseResult, key: str) -> list[str]:
    """What the workers of a case say of `key`, each answer once, in order."""
    if len(result.runs) == 1:  # of an import nearly always, and there may be thousands
        told = result.runs[0].facts.get(key)
        return [told] if told else []
    return list(dict.fromkeys(run.facts[key] for run in result.runs if run.facts.get(key)))


def simulated(result: CaseResult) -> bool:
    """Whether a case's time is a model's: its backend is `sim` or a worker says so."""
    return _is_model(result.backend) or "yes" in facts(result, Fact.SIMULATED)


@lru_cache(maxsize=4096)
def _is_model(backend: str) -> bool:
    from benchsuite import backends

    found = backends.find(backend)
    return found is not None and found.simulated


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


def emulated(result: Result) -> bool:
    """Whether a result is from a lab whose CPU is not the host's: its environment says so."""
    return "tcg" in str(result.environment.get(Environment.LAB, "")).split(", ")


def clock(result: CaseResult) -> str:
    """What the seconds of a case are of: a key of CLOCKS, or several of them. What was measured here, and
    not imported, is elapsed time."""
    return " and ".join(facts(result, Fact.IMPORTED_CLOCK)) or ELAPSED


def clock_in_words(result: CaseResult) -> str:
    return " and ".join(CLOCKS.get(each, each) for each in clock(result).split(" and "))


def clocks_agree(clocks: Iterable[str]) -> bool | None:
    """Whether times by these clocks may be set against each other. Of different clocks a ratio has no
    meaning; where the clock of some is not known, and others have another, it may have none: None."""
    found = {each for clock in set(clocks) for each in clock.split(" and ")}
    return len(found) < 2 or (None if len(found) == 2 and CLOCK_UNKNOWN in found else False)


def deterministic(result: CaseResult) -> bool:
    """Whether measuring it again would give the same: a simulation on a virtual clock."""
    return facts(result, Fact.CLOCK) == ["virtual"]


def precision(result: CaseResult) -> float:
    """How far the printed digits of imported figures leave them open, as a fraction, at most 0.99; 0 where
    nothing says so."""
    told = facts(result, Fact.IMPORTED_PRECISION)
    found = [float(text) for text in told if _FRACTION.fullmatch(text)]
    return min(0.99, max(found)) if found else 0.0


def _ranks_outside(count: int) -> int:
    """How many of so many sorted values can go at either end, so that the rest spans the median of what they
    were drawn from in 95 of 100 cases; by the normal approximation of the ranks, rounded outwards."""
    return max(0, int((count - 1.96 * sqrt(count)) / 2) - 1)


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
