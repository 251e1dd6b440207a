"""Verdicts on many cases: what Holm allows, the rule's bounds, and how many more rounds it would take."""

from __future__ import annotations

import random
from dataclasses import replace
from math import exp, inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.compare.evidence import Estimate, one
from benchsuite.compare.verdicts import (
    DRIFT,
    FASTER,
    NOISE,
    SAME,
    SLIGHTLY_SLOWER,
    SLOWER,
    UNDECIDED,
    Rule,
    Verdict,
    holm,
    judge,
)

RULE = Rule()


def verdict(change: float, error: float, rounds: int = 20, rule: Rule = RULE) -> Verdict:
    """Of a case by itself, with `change` as a fraction of time."""
    (found,) = judge([Estimate(log(1 + change), error, rounds - 1, rounds)], [rule])
    return found


@pytest.mark.parametrize(
    ("change", "error", "kind"),
    [
        (0.05, 0.003, SLOWER),
        (-0.05, 0.003, FASTER),
        (0.0, 0.003, SAME),
        (0.015, 0.003, SAME),
        (-0.015, 0.003, SAME),
        (0.05, 0.02, UNDECIDED),
        (0.0, 0.04, UNDECIDED),
        (0.02, 0.0005, SAME),
        (0.5, 0.05, SLOWER),
        (0.03, 0.0005, SLIGHTLY_SLOWER),
        (-0.03, 0.0005, FASTER),
        (0.045, 0.003, SLOWER),
        (0.045, 0.0015, SLIGHTLY_SLOWER),
    ],
)
def test_kinds(change: float, error: float, kind: str) -> None:
    assert verdict(change, error).kind == kind


def test_ratios_are_of_rates() -> None:
    slower = verdict(0.25, 0.001)
    assert slower.ratio == pytest.approx(0.8)
    assert slower.low < 0.8 < slower.high < 0.81
    assert verdict(-0.2, 0.001).ratio == pytest.approx(1.25)


def test_no_interval_of_one_round() -> None:
    (found,) = judge([one([0.3])], [RULE])
    assert (found.kind, found.low, found.high, found.more, found.why) == (UNDECIDED, 0.0, inf, None, NOISE)
    assert found.ratio == pytest.approx(exp(-0.3))


def test_within_the_drift_nothing_is_slower_and_no_number_of_rounds_helps() -> None:
    apart = replace(RULE, drift=0.1)
    found = verdict(0.08, 0.0005, 1000, apart)
    assert (found.kind, found.why, found.more) == (UNDECIDED, DRIFT, None)
    assert verdict(0.08, 0.0005, 1000).kind == SLOWER
    assert verdict(0.2, 0.003, rule=apart).kind == SLOWER
    assert verdict(0.01, 0.003, rule=apart).kind == SAME


@given(st.floats(-0.4, 0.4), st.floats(5e-4, 0.3), st.integers(3, 200))
def test_more_rounds_are_asked_for_exactly_where_they_help(change: float, error: float, rounds: int) -> None:
    found = verdict(change, error, rounds)
    assert (found.kind == UNDECIDED) == bool(found.why)
    assert found.more is None or (found.kind == UNDECIDED and found.more >= 1)
    assert found.low <= found.ratio <= found.high


@pytest.mark.parametrize("true", [0.0, 0.05, 0.08])
def test_the_rounds_asked_for_are_about_enough(true: float) -> None:
    """From ten rounds on: with as many as it said, most cases of that change and noise are decided."""
    rng = random.Random(5)
    decided = tried = 0
    for _ in range(300):
        figures = [rng.gauss(log(1 + true), 0.05) for _ in range(10)]
        (found,) = judge([one(figures)], [RULE])
        if found.kind != UNDECIDED or found.more is None or found.more > 2000:
            continue
        # The same change and spread as seen, so that what is tested is the arithmetic and not luck.
        seen = one(figures)
        spread = seen.error * 10**0.5
        more = [rng.gauss(seen.change, spread) for _ in range(10 + found.more)]
        tried += 1
        decided += judge([one(more)], [RULE])[0].kind != UNDECIDED
    assert tried > 50
    assert decided / tried > 0.4


# Holm

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@given(CHANCES, st.floats(0.001, 0.2))
def test_holm_rejects_at_least_what_bonferroni_does_and_nothing_above_alpha(
    chances: list[float], alpha: float
) -> None:
    fallen = holm(chances, alpha)
    for chance, rejected in zip(chances, fallen, strict=True):
        assert rejected or chance > alpha / len(chances)
        assert not rejected or chance <= alpha


@given(CHANCES, st.floats(0.001, 0.2))
def test_holm_keeps_the_order(chances: list[float], alpha: float) -> None:
    fallen = holm(chances, alpha)
    kept = [chance for chance, rejected in zip(chances, fallen, strict=True) if not rejected]
    assert all(
        chance <= min(kept, default=1) for chance, rejected in zip(chances, fallen, strict=True) if rejected
    )


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005], 0.05) == [True, False, False, True]
    assert holm([0.01, 0.02, 0.03, 0.005], 0.05) == [True, True, True, True]
    assert holm([], 0.05) == []


def test_family_wise_error_at_the_bound() -> None:
    """The worst case that the rule allows: every case truly slower by the smallest effect, exactly. Alpha is
    what a family may be wrong in, however many cases it has."""
    rng = random.Random(6)
    rule = Rule(alpha=0.05)
    for cases in (1, 30):
        families = 400
        wrong = sum(
            any(
                found.kind == SLOWER
                for found in judge(
                    [one([rng.gauss(log(1.02), 0.02) for _ in range(12)]) for _ in range(cases)],
                    [rule] * cases,
                )
            )
            for _ in range(families)
        )
        assert wrong / families < 0.08, cases


def test_two_files_of_three_processes_find_what_is_large() -> None:
    rng = random.Random(7)
    from benchsuite.compare.evidence import difference

    def file(slower: float) -> list[Estimate]:
        return [one([rng.gauss(slower, 0.02) for _ in range(3)]) for _ in range(18)]

    rule = Rule(alpha=0.05, drift=0.1)
    found = judge([difference(a, b) for a, b in zip(file(0), file(0.3), strict=True)], [rule] * 18)
    assert [each.kind for each in found].count(SLOWER) >= 15
    found = judge([difference(a, b) for a, b in zip(file(0), file(0.08), strict=True)], [rule] * 18)
    assert not [each for each in found if each.kind in (SLOWER, FASTER)]
