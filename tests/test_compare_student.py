"""Student's t against closed forms, published tables and itself."""

from __future__ import annotations

from math import atan, inf, isclose, pi, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.compare.student_t import point, tail

T = st.floats(-1e3, 1e3)


@given(T)
def test_one_degree_is_cauchys(t: float) -> None:
    assert isclose(tail(t, 1), 0.5 - atan(t) / pi, rel_tol=1e-9, abs_tol=1e-15)


@given(T)
def test_two_degrees_have_a_closed_form(t: float) -> None:
    assert isclose(tail(t, 2), 0.5 - t / (2 * sqrt(2 + t * t)), rel_tol=1e-6, abs_tol=1e-12)


@given(st.floats(-6, 6))
def test_many_degrees_are_the_normal(t: float) -> None:
    assert isclose(tail(t, 1e7), 1 - NormalDist().cdf(t), rel_tol=1e-4)


# From the tables of every textbook: the point that 2.5%, 0.5% and 0.05% lie beyond.
TABLE = {
    1: (12.706, 63.657, 636.619),
    2: (4.303, 9.925, 31.599),
    4: (2.776, 4.604, 8.610),
    9: (2.262, 3.250, 4.781),
    19: (2.093, 2.861, 3.883),
    30: (2.042, 2.750, 3.646),
    120: (1.980, 2.617, 3.373),
}


@pytest.mark.parametrize("df", TABLE)
def test_the_tables(df: int) -> None:
    found = [point(p, df) for p in (0.025, 0.005, 0.0005)]
    assert found == [pytest.approx(t, abs=0.0006) for t in TABLE[df]]


@given(st.floats(1e-9, 1 - 1e-9), st.floats(0.5, 500))
def test_point_is_tail_backwards(p: float, df: float) -> None:
    assert isclose(tail(point(p, df), df), p, rel_tol=1e-6)


@given(T, T, st.floats(0.5, 500))
def test_the_tail_falls_and_is_symmetric(a: float, b: float, df: float) -> None:
    low, high = sorted((a, b))
    assert 0 <= tail(high, df) <= tail(low, df) * (1 + 1e-9) <= 1 + 1e-9
    assert isclose(tail(-a, df), 1 - tail(a, df), rel_tol=1e-9, abs_tol=1e-12)


def test_the_ends() -> None:
    assert tail(0, 3) == 0.5
    assert tail(inf, 3) == 0 and tail(-inf, 3) == 1
    assert point(0.5, 3) == pytest.approx(0, abs=1e-12)
