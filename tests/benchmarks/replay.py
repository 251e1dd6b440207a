"""Ways to decide whether something became slower, replayed on the same recorded slices.

A record is of unchanged code: rounds of pairs, over all cases of a profile by turns. A gate is a window of
it, as long as a minute of measuring. The paired way takes each round's ratio. The others measure one side
after the other, as they do in life: the first half of the window, both its sides, is the base, the second
half the change. Slow-downs are put in by multiplying.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import mean, median

import pyperf  # type: ignore[import-untyped]
from pyperf._compare import is_significant_benchs  # type: ignore[import-untyped]
from pytest_benchmark.utils import PercentageRegressionCheck
from recorded import BUDGET, Record, Recorded, Slices, figures, play, rounds_of
from scipy.stats import mannwhitneyu  # type: ignore[import-untyped]

from benchsuite import profile
from benchsuite.compare.verdicts import SLOWER

PLAN = profile.expand(profile.load(profile.find("ci")), cpus=2)


def windows(kept: Record, rounds: int, most: int) -> Iterator[Record]:
    """As many as there are, at most so many, evenly over the record."""
    last = len(kept[0]) - rounds
    starts = range(0, last + 1, max(1, -(-(last + 1) // most)))
    for start in starts:
        yield [of_case[start : start + rounds] for of_case in kept]


# Ways. A way gets a window and by what each case is slower, and says which cases it calls slower, and how
# many rounds of each it looked at on average.

Way = Callable[[Record, Sequence[float], str], tuple[list[bool], float]]


def paired(window: Record, effects: Sequence[float], metric: str) -> tuple[list[bool], float]:
    """This project's gate."""
    known = {id(each): figures(each) for of_case in window for each in of_case}
    kinds, rounds, _ = play(PLAN, window, known, [exp(effect) for effect in effects], metric)
    return [kind == SLOWER for kind in kinds], mean(rounds)


def paired_once(window: Record, effects: Sequence[float], metric: str) -> tuple[list[bool], float]:
    """The same rounds, the ratio of medians against a fixed limit of 3%: what pairing alone does."""
    found = []
    for of_case, effect in zip(window, effects, strict=True):
        found.append(median(_ratio(each, metric) for each in of_case) + effect > log(1.03))
    return found, len(window[0])


def _ratio(round_: Recorded, metric: str) -> float:
    a, b = figures(round_)
    return log(b[metric] / a[metric])


def one_after_the_other(decide: Callable[[list[Slices], list[Slices]], bool]) -> Way:
    """decide: from the rounds of the base and of the change, each the values of one process."""

    def way(window: Record, effects: Sequence[float], metric: str) -> tuple[list[bool], float]:
        half = len(window[0]) // 2
        found = []
        for of_case, effect in zip(window, effects, strict=True):
            runs = [slices for each in of_case for slices in getattr(each, metric)]
            slower = 1.0 if not effect else 2.718281828459045**effect
            found.append(decide(runs[: 2 * half], [[x * slower for x in run] for run in runs[2 * half :]]))
        return found, len(window[0])

    return way


def _flat(runs: list[Slices]) -> Slices:
    return [value for run in runs for value in run]


def pytest_benchmark(field: str, percent: float) -> Way:
    """--benchmark-compare-fail=FIELD:PERCENT%, by its own code."""
    check = PercentageRegressionCheck(field, percent)
    of: dict[str, Callable[[Slices], float]] = {"mean": mean, "median": median, "min": min}

    def decide(base: list[Slices], other: list[Slices]) -> bool:
        return bool(check.fails({field: of[field](_flat(other))}, {field: of[field](_flat(base))}))

    return one_after_the_other(decide)


def pyperf_compare_to(base: list[Slices], other: list[Slices]) -> bool:
    """Significant and slower, by its own code."""
    benchmarks = []
    for runs in (base, other):
        made = [pyperf.Run(run, metadata={"name": "x"}, collect_metadata=False) for run in runs]
        benchmarks.append(pyperf.Benchmark(made))
    significant, _ = is_significant_benchs(*benchmarks)
    return bool(significant) and benchmarks[1].mean() > benchmarks[0].mean()


def mann_whitney(level: float, factor: float = 1.0, by_process: bool = False) -> Way:
    """One-sided; of all values, or of each process's median."""

    def decide(base: list[Slices], other: list[Slices]) -> bool:
        a, b = ([median(run) for run in runs] if by_process else _flat(runs) for runs in (base, other))
        return bool(
            mannwhitneyu(b, a, alternative="greater").pvalue < level and median(b) > factor * median(a)
        )

    return one_after_the_other(decide)


WAYS: dict[str, Way] = {
    "benchsuite gate (pairs, sequential, Holm)": paired,
    "pairs, ratio of medians > 3%": paired_once,
    "pytest-benchmark mean:5%": pytest_benchmark("mean", 5),
    "pytest-benchmark median:5%": pytest_benchmark("median", 5),
    "pytest-benchmark min:5%": pytest_benchmark("min", 5),
    "pytest-benchmark mean:10%": pytest_benchmark("mean", 10),
    "pyperf compare_to": one_after_the_other(pyperf_compare_to),
    "Mann-Whitney, values, p < .05": mann_whitney(0.05),
    "Mann-Whitney, processes, p < .05": mann_whitney(0.05, by_process=True),
    "Mann-Whitney, processes, p < .05/30": mann_whitney(0.05 / 30, by_process=True),
    "Mann-Whitney, values, p < .002 and 1.05": mann_whitney(0.002, 1.05),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Shares of 1, and rounds of each case that were looked at."""

    gates: int
    false_alarms: float  # gates of unchanged cases that raised any
    found: float  # slow-downs
    rounds: float


def judge(way: Way, kept: Record, metric: str, most: int, slow: int, share: float) -> Judged:
    """Over windows of a minute: of each a gate without change, and one with `slow` cases that are slower by
    `share`; which ones goes round."""
    rounds = rounds_of(kept, BUDGET)
    cases, gates, alarms, found, looked = len(kept), 0, 0, 0, []
    for number, window in enumerate(windows(kept, rounds, most)):
        gates += 1
        called, taken = way(window, [0.0] * cases, metric)
        alarms += any(called)
        looked.append(taken)
        chosen = {(number * slow + i * 7) % cases for i in range(slow)}
        effects = [log(1 + share) if i in chosen else 0.0 for i in range(cases)]
        called, _ = way(window, effects, metric)
        found += sum(called[i] for i in chosen) / len(chosen)
    return Judged(gates, alarms / gates, found / gates, mean(looked))
