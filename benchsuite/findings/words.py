"""How findings say what they are of, and their figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchsuite.algorithms import ALGORITHMS
from benchsuite.confidence import simulated
from benchsuite.doubts import SPREAD_LIMIT
from benchsuite.findings.figures import Figures, Range, Sample
from benchsuite.findings.finding import Finding
from benchsuite.model import PARAMETERS, PAYLOAD, Case, CaseResult
from benchsuite.selection.keys import follow_from_others
from benchsuite.sheet import numbers
from benchsuite.sheet.numbers import significant
from benchsuite.sheet.printable import clean
from benchsuite.sweeps import Differing
from benchsuite.units import listed

_WORDS = ("iv", "in_place")  # parameters that are no numbers
_SECONDS = (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0))
_DIGITS = 3

Numbers = dict[str, float | int | str]


class Names:
    """Names of cases by that in which they differ from each other, but for parameters that a sentence says
    otherwise."""

    def __init__(self, cases: Iterable[Case], *said: str) -> None:
        listed = list(cases)
        keys = [key for key in Differing(listed).keys if key not in said]
        known = follow_from_others(keys, listed)
        self.keys = [key for key in keys if key not in known]

    def of(self, case: Case) -> str:
        """`aes-128-gcm decrypt at 1488 B, q_len 4 with software`; the backend where there are several."""
        return self.work(case) + (f" with {case.backend}" if "backend" in self.keys else "")

    def work(self, case: Case) -> str:
        """The same without the backend."""
        work, load = self.algorithm(case), self.load(case)
        return f"{work} at {load}" if load else work

    @property
    def works(self) -> bool:
        """Whether they differ in algorithm or operation."""
        return bool({"algorithm", "op"} & set(self.keys))

    def algorithm(self, case: Case) -> str:
        """`aes-128-gcm decrypt (iv chained)`, the operation where there are several."""
        said = [
            PARAMETERS[key].at(getattr(case, key))
            for key in self.keys
            if key in _WORDS and (key != "iv" or _takes_iv(case))
        ]
        return case.words(op="op" in self.keys) + (f" ({', '.join(said)})" if said else "")

    def load(self, case: Case) -> str:
        """What differs of it besides backend, algorithm and operation: `q_len 4`; "" where nothing does."""
        keys = (key for key in self.keys if not PARAMETERS[key].head and key not in _WORDS)
        return case.words(keys, algorithm=False)


def _takes_iv(case: Case) -> bool:
    """Whether its IV means anything: a signature has none, nor has a hash."""
    known = ALGORITHMS.get(case.algorithm)
    return case.work.kind == PAYLOAD and (known is None or known.iv_size > 0)


def finding(
    kind: str, text: str, numbers: Numbers, of: Figures, samples: Sequence[Sample], cases: int | None = None
) -> Finding:
    """A finding of samples. text: sentences, without the last full stop. cases: that it tells of, where it
    rests on others as well."""
    said = f"{clean(text)}{marks(of, samples)}."
    count = len({id(each) for each in samples}) if cases is None else cases
    return Finding(kind, said, numbers, any(each.simulated for each in samples), count)


def marks(of: Figures, samples: Sequence[Sample]) -> str:
    """What makes a sentence doubtful, in brackets: that it is simulated, and how sure that is; that there are
    few values, or most of them spread widely; that the CPU is emulated."""
    found = [simulated({each.confidence for each in samples})]
    if not of.paired:  # what pairs have in common is no doubt
        found += ["few values"] * any(each.few for each in samples)
        found += ["wide spread"] * (sum(map(_wide, samples)) > len(samples) / 2)
    found += ["on this emulated CPU"] * (of.emulated and not all(each.confidence for each in samples))
    said = "; ".join(filter(None, found))
    return f" ({said})" if said else ""


def _wide(sample: Sample) -> bool:
    """Whether so little is known of a time that its case has a note on it."""
    time = sample.time
    return not sample.few and time.high - time.low > 2 * SPREAD_LIMIT * time.value


def ratio_numbers(ratio: Range) -> Numbers:
    return {"ratio": ratio.value, "low_ratio": ratio.low, "high_ratio": ratio.high}


def number(figure: float) -> str:
    """A figure with three digits: 14.1, 0.8."""
    return significant(figure, _DIGITS) if abs(figure) >= 1 else f"{figure:.{_DIGITS}g}"


def times(ratio: Range) -> str:
    """14.1 times; where the range is wide, with it."""
    return f"{number(ratio.value)} times{around(ratio)}"


def span_of_times(ratios: Iterable[float]) -> str:
    """1.03 to 21.1 times."""
    least, *_, most = sorted([*ratios] * 2)
    return (
        f"{number(least)} times"
        if number(least) == number(most)
        else f"{number(least)} to {number(most)} times"
    )


def around(figure: Range, unit: str = "") -> str:
    """The range of a figure that is not tight, in brackets."""
    if figure.tight:
        return ""
    low, high = number(figure.low), number(figure.high)
    return f" ({low} to {high}{unit})"


def duration(seconds: float) -> str:
    """35.7 µs."""
    unit, factor = _unit(seconds)
    return f"{significant(seconds / factor, _DIGITS)} {unit}"


def duration_known(seconds: Range) -> str:
    """A duration; where its range is wide, with it."""
    if seconds.tight:
        return duration(seconds.value)
    unit, factor = _unit(seconds.value)
    return f"{duration(seconds.value)}{around(seconds.times(1 / factor), f' {unit}')}"


def durations(seconds: Iterable[float]) -> str:
    """5.15 to 50.1 µs: the least and the most, in one unit where that can be read."""
    least, *_, most = sorted([*seconds] * 2)
    if duration(least) == duration(most):
        return duration(least)
    (unit, factor), (other, _) = _unit(least), _unit(most)
    first = significant(least / factor, _DIGITS) if unit == other else duration(least)
    return f"{first} to {duration(most)}"


def _unit(seconds: float) -> tuple[str, float]:
    fitting = [each for each in _SECONDS if abs(seconds) >= each[1]]
    return fitting[-1] if fitting else _SECONDS[0]


def rate(sample: Sample) -> str:
    """The rate as a table has it: 4313 Mbps."""
    return f"{significant(sample.rate, _DIGITS)} {sample.case.rate_unit.name}"


def percent(fraction: float) -> str:
    """88%, 0.3%."""
    return numbers.percent(fraction, 2)


def without(lost: Sequence[CaseResult], measured: Iterable[Case]) -> str:
    """A clause on cases that have no figure, beside such as have one, for the end of a sentence; "" where
    there are none."""
    if not lost:
        return ""
    names = Names([*measured, *(each.case for each in lost)])
    kinds = dict.fromkeys(each.failure.kind if each.failure else "not measured" for each in lost)
    plain = not names.works and "backend" not in names.keys and names.load(lost[0].case)
    said = [names.load(each.case) if plain else names.of(each.case) for each in lost]
    where = f"{'at' if plain else 'of'} {listed(list(dict.fromkeys(said)), 2)}"
    return f"; no figure {where} ({', '.join(kinds)})"
