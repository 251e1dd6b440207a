"""From rounds to an estimate: trimmed means, errors, and what chance would do. Random data has fixed
seeds."""

from __future__ import annotations

import random
from dataclasses import replace
from math import inf, isclose, sqrt
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.compare.evidence import (
    FEWEST_LENDERS,
    LEAST_ERROR,
    SMALL_SAMPLE,
    Estimate,
    difference,
    moderated,
    one,
    together,
)
from benchsuite.compare.student_t import point

FIGURES = st.lists(st.floats(-3, 3), min_size=1, max_size=40)


@given(FIGURES)
def test_an_estimate_lies_between_its_figures_and_knows_how_many_there_were(figures: list[float]) -> None:
    estimate = one(figures)
    assert min(figures) - 1e-9 <= estimate.change <= max(figures) + 1e-9
    assert estimate.rounds == len(figures)
    assert (estimate.error == inf) == (len(figures) < 2)
    assert estimate.error >= LEAST_ERROR


@given(FIGURES, st.floats(-2, 2))
def test_a_change_of_all_rounds_is_a_change_of_the_estimate(figures: list[float], by: float) -> None:
    before, after = one(figures), one([figure + by for figure in figures])
    assert isclose(after.change, before.change + by, abs_tol=1e-9)
    assert after.error == before.error or isclose(after.error, before.error, rel_tol=1e-6, abs_tol=1e-9)


def test_few_rounds_are_the_t_test() -> None:
    figures = [0.01, 0.02, 0.015, 0.03]
    estimate = one(figures)
    assert estimate.change == pytest.approx(mean(figures))
    assert estimate.error == pytest.approx(stdev(figures) / 2)
    assert estimate.freedom == 3


def test_yuen_by_hand() -> None:
    """Ten rounds: one cut at either end, the rest pulled in; and a little more for being few."""
    figures = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 50.0]
    pulled = [0.2, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9]
    estimate = one(figures)
    assert estimate.change == pytest.approx(0.55)
    assert estimate.error == pytest.approx(stdev(pulled) * 3 / sqrt(8 * 7) * (1 + SMALL_SAMPLE / 7))
    assert estimate.freedom == 7


def test_an_outlier_moves_nothing_much() -> None:
    rng = random.Random(1)
    figures = [rng.gauss(0, 0.01) for _ in range(20)]
    spoiled = [*figures[:-1], 3.0]
    assert abs(one(spoiled).change - one(figures).change) < 0.004
    assert one(spoiled).error < 2 * one(figures).error


def test_equal_rounds_are_not_certain() -> None:
    estimate = one([0.5] * 6)
    assert estimate.error == LEAST_ERROR
    assert 0 < estimate.chance_above(0.498) < 0.05


def test_a_single_round_decides_nothing() -> None:
    estimate = one([0.7])
    assert estimate.chance_above(0.0) == estimate.chance_below(0.0) == 1.0
    assert estimate.interval(0.95) == (-inf, inf)
    assert difference(estimate, one([0.1, 0.2])).error == inf


def test_welch_by_hand() -> None:
    a, b = Estimate(1.0, 0.03, 4, 5), Estimate(1.5, 0.04, 9, 10)
    found = difference(a, b)
    assert (found.change, found.rounds) == (0.5, 5)
    assert found.error == pytest.approx(0.05)
    assert found.freedom == pytest.approx(0.0025**2 / (0.0009**2 / 4 + 0.0016**2 / 9))


def test_intervals_hold_what_they_promise() -> None:
    """95 of 100, of clean noise and of noise with outliers, at the numbers of rounds there are."""
    rng = random.Random(2)
    for count in (3, 5, 8, 20):
        for outliers in (0.0, 0.1):
            held = 0
            for _ in range(1500):
                wide = [rng.random() < outliers for _ in range(count)]
                low, high = one([rng.gauss(0, 0.2 if bad else 0.01) for bad in wide]).interval(0.95)
                held += low <= 0 <= high
            assert held / 1500 > 0.93, (count, outliers, held)


def test_chances_are_true_far_out() -> None:
    """A gate of thirty cases rejects at chances of 1e-4: there, too, they must not be too small."""
    rng = random.Random(8)
    tries = 40_000
    for count in (10, 14):
        chances = [one([rng.gauss(0, 1) for _ in range(count)]).chance_above(0.0) for _ in range(tries)]
        for level in (0.01, 0.001):
            assert sum(chance <= level for chance in chances) / tries < 1.4 * level


def test_what_is_usual_helps_where_rounds_are_few() -> None:
    """The error of two rounds is anything at all; beside others it is near the true one."""
    rng = random.Random(3)
    alone, beside = [], []
    for _ in range(300):
        estimates = [one([rng.gauss(0, 0.01), rng.gauss(0, 0.01)]) for _ in range(12)]
        alone += [each.interval(0.95)[1] - each.change for each in estimates]
        beside += [each.interval(0.95)[1] - each.change for each in moderated(estimates)]
    assert mean(beside) < mean(alone) / 3


def test_what_is_usual_hardly_matters_where_rounds_are_many() -> None:
    rng = random.Random(4)
    noisy = one([rng.gauss(0, 0.1) for _ in range(100)])
    quiet = [one([rng.gauss(0, 0.01) for _ in range(100)]) for _ in range(11)]
    assert moderated([noisy, *quiet])[0].error == pytest.approx(noisy.error, rel=0.05)


def test_a_few_cases_lend_nothing() -> None:
    few = [Estimate(0.1 * i, 0.01, 1, 2) for i in range(FEWEST_LENDERS - 1)]
    assert moderated(few) == few
    unknown = replace(few[0], error=inf)
    assert moderated([*few, few[0], unknown])[-1] == unknown


def test_a_mean_of_cases() -> None:
    found = together([Estimate(0.1, 0.03, 9, 10), Estimate(0.3, 0.04, 9, 12)])
    assert found.change == pytest.approx(0.2)
    assert found.error == pytest.approx(0.025)
    assert found.rounds == 10 and found.freedom > 9


@given(st.floats(-0.5, 0.5), st.floats(1e-3, 0.5), st.integers(2, 60), st.floats(-0.5, 0.5))
def test_chances_are_those_of_the_interval(change: float, error: float, freedom: int, bound: float) -> None:
    estimate = Estimate(change, error, freedom, freedom + 1)
    assert isclose(estimate.chance_above(bound) + estimate.chance_below(bound), 1, abs_tol=1e-9)
    low, _ = estimate.interval(0.9)
    assert (estimate.chance_above(bound) < 0.05) == (bound < low) or isclose(bound, low, abs_tol=1e-6)
    assert isclose(low, change - point(0.05, freedom) * error, abs_tol=1e-9)
