"""The figures of a result as findings use them: times with the range in which they are known to lie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from benchsuite import cpu_lists, doubts, stats
from benchsuite.compare.crossovers import FLOOR, usual_base
from benchsuite.compare.matching import is_paired
from benchsuite.facts import Environment
from benchsuite.model import LATENCY, PARAMETERS, Case, CaseResult, CouldNotMeasure, Result
from benchsuite.sweeps import Differing, Values, sweeps

NOTABLE = 0.02  # a difference that is told, however well it is known
LOOSE = 0.05  # by which a figure of few values may be off, on either side; a wider range is said


class Range(NamedTuple):
    """A figure, and between what it lies as far as is known."""

    value: float
    low: float
    high: float

    def over(self, other: Range) -> Range:
        """The quotient of two figures above 0."""
        return Range(self.value / other.value, self.low / other.high, self.high / other.low)

    def less(self, other: Range) -> Range:
        return Range(self.value - other.value, self.low - other.high, self.high - other.low)

    def times(self, factor: float) -> Range:
        return Range(self.value * factor, self.low * factor, self.high * factor)

    @property
    def tight(self) -> bool:
        """Whether the figure may stand without its range."""
        return self.high - self.low <= 2 * LOOSE * abs(self.value)

    @property
    def more(self) -> bool:
        """Whether a ratio is notably above 1."""
        return self.low > 1 + NOTABLE

    @property
    def fewer(self) -> bool:
        """Whether a ratio is notably below 1."""
        return self.high < 1 / (1 + NOTABLE)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A case with figures. time: seconds of a request, of an open loop its mean latency. confidence: how sure
    what is simulated is, else "". few: so few values that little is known of their spread, and `time`
    is taken to be wider. clock: what the time is of."""

    result: CaseResult
    figures: stats.Summary
    time: Range
    confidence: str
    few: bool
    clock: str

    @property
    def simulated(self) -> bool:
        return bool(self.confidence)

    @property
    def case(self) -> Case:
        return self.result.case

    @property
    def backend(self) -> str:
        return self.result.case.backend

    @property
    def rate(self) -> float:
        return self.case.rate_of(self.time.value)


@dataclass(frozen=True, slots=True)
class Line:
    """Cases of one backend that differ in one number parameter. common: what they share, key blank; samples:
    at least two, by rising value; lost: cases of the line without a figure."""

    key: str
    common: Case
    samples: tuple[Sample, ...]
    lost: tuple[CaseResult, ...]

    @property
    def backend(self) -> str:
        return self.common.backend

    def value(self, sample: Sample) -> int:
        return int(getattr(sample.case, self.key))


class Figures:
    """Everything that a result says of closed loops, whose times are rates; `opened` has the rest. Of several
    figures of a case the first counts, as in every chart."""

    def __init__(self, result: Result, *, opened: bool = False) -> None:
        """opened: of the open loops instead, whose times are latencies."""
        self.whole = result
        cases = [each for each in result.cases if (each.case.rate_unit is LATENCY) == opened]
        self.result = replace(result, cases=cases)
        self.emulated = stats.emulated(result)
        self.paired = is_paired(result)  # then verdicts say more than sides by themselves
        self.samples: list[Sample] = []
        self.lost: list[CaseResult] = []
        for case in cases:
            found = _sample(case)
            if found:
                self.samples.append(found)
            else:
                self.lost.append(case)

    @cached_property
    def opened(self) -> Figures:
        """The figures of its open loops."""
        return Figures(self.whole, opened=True)

    @cached_property
    def base(self) -> str:
        return usual_base(self.result.cases)

    @cached_property
    def working(self) -> list[Sample]:
        """Samples that are more than the engine's floor."""
        return [each for each in self.samples if each.backend != FLOOR]

    @cached_property
    def differing(self) -> Differing:
        """The parameters in which its cases differ."""
        return Differing([each.case for each in self.result.cases])

    @cached_property
    def contests(self) -> list[list[Sample]]:
        """Samples that more than one backend has of the same work under the same load."""
        return self.groups(self.working, "backend")

    def groups(self, samples: Iterable[Sample], *keys: str) -> list[list[Sample]]:
        """Samples that differ in these parameters alone, two at least of each group; each value once."""
        own_keys = [key for key in keys if key in self.differing.keys]
        if not own_keys:
            return []
        own, common = attrgetter(*own_keys), self.differing.but(*keys)
        found: dict[Values, dict[Values, Sample]] = defaultdict(dict)
        for each in samples:
            case = each.result.case
            found[common(case)].setdefault(own(case), each)
        return [list(of.values()) for of in found.values() if len(of) > 1]

    @cached_property
    def cpus(self) -> int:
        """CPUs that the run could use; 0: not told."""
        if chosen := self.result.environment.get(Environment.CPUS_CHOSEN):
            return len(cpu_lists.read(str(chosen)))
        told = self.result.environment.get(Environment.CPUS_USABLE)
        return told if isinstance(told, int) else 0

    def lines(self, key: str) -> list[Line]:
        """The lines along a parameter, as the one rule of sweeps has it."""
        return self._lines[key]

    @cached_property
    def _lines(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = defaultdict(list)
        known: dict[str, dict[Values, dict[str, _OnLine]]] = {}
        for sweep in sweeps(each.case for each in self.result.cases):
            if sweep.key not in known:
                known[sweep.key] = self._by_line(sweep.key)
            common = self.differing.but("backend", sweep.key)(sweep.common)
            for of_backend in known[sweep.key].get(common, {}).values():
                samples = tuple(of_backend.samples[value] for value in sorted(of_backend.samples))
                if len(samples) > 1:
                    without = samples[0].case.without(sweep.key)
                    found[sweep.key].append(Line(sweep.key, without, samples, tuple(of_backend.lost)))
        return found

    def _by_line(self, key: str) -> dict[Values, dict[str, _OnLine]]:
        """What is on every line along a parameter, by what is common and by backend."""
        found: dict[Values, dict[str, _OnLine]] = defaultdict(lambda: defaultdict(_OnLine))
        common = self.differing.but("backend", key)
        for each in self.samples:
            if PARAMETERS[key].on_axis(getattr(each.case, key)):
                line = found[common(each.case)][each.backend]
                line.samples.setdefault(getattr(each.case, key), each)
        for lost in self.lost:
            found[common(lost.case)][lost.case.backend].lost.append(lost)
        return found


@dataclass(slots=True)
class _OnLine:
    """samples: by value."""

    samples: dict[int, Sample] = field(default_factory=dict)
    lost: list[CaseResult] = field(default_factory=list)


def ratio(first: Sample, second: Sample) -> Range | None:
    """How many times as long the first takes as the second; None where their clocks are not known to be the
    same."""
    return first.time.over(second.time) if of_one_clock(first, second) else None


def of_one_clock(first: Sample, second: Sample) -> bool:
    """Whether their times are known to be by the same clock."""
    return first.clock == second.clock or bool(stats.clocks_agree((first.clock, second.clock)))


def all_of(lines: Sequence[Line]) -> list[Sample]:
    return [sample for line in lines for sample in line.samples]


def _sample(case: CaseResult) -> Sample | None:
    try:
        figures = stats.summary(case)
    except CouldNotMeasure:
        return None
    middle, (low, high) = figures.seconds, figures.interval
    few = figures.values < doubts.FEWEST_VALUES and not stats.deterministic(case)
    open_by = LOOSE if few else 0.0
    low, high = min(low, middle) * (1 - open_by), max(high, middle) * (1 + open_by)
    return Sample(case, figures, Range(middle, low, high), stats.confidence(case), few, stats.clock(case))
