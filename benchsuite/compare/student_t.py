"""Student's t distribution: the probability beyond a point, and the point to a probability.

Two functions, because the library that has them takes 200 MB and is not built for every machine that has
crypto to measure. The tail is the incomplete beta function, by its continued fraction (DLMF 8.17.22).
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, lgamma, log

_PRECISE = 1e-15
_TINY = 1e-300
_MOST_STEPS = 10_000


def tail(t: float, df: float) -> float:
    """The tail P(T > t) with df > 0 degrees of freedom, not necessarily whole; correct to some nine digits,
    also where it is small."""
    if t == 0:
        return 0.5
    near, far = df / (df + t * t), t * t / (df + t * t)  # both: 1 - near has no digits left where t is small
    beyond = 0.5 * _beta(near, far, df / 2, 0.5) if abs(t) < inf else 0.0
    return beyond if t > 0 else 1 - beyond


@lru_cache(maxsize=10_000)  # a report asks for the same points for every case
def point(p: float, df: float) -> float:
    """The point t with P(T > t) = p, for 0 < p < 1; inf where it is beyond 1e300."""
    if p > 0.5:
        return -point(1 - p, df)
    low, high = 0.0, 1.0
    while tail(high, df) > p:
        low, high = high, high * 2
        if high > 1e300:
            return inf
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if tail(middle, df) > p else (low, middle)
    return high


def _beta(x: float, y: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for 0 <= x <= 1 and y = 1 - x."""
    if x <= 0 or y <= 0:
        return float(y <= 0)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(y, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Lentz's way through the continued fraction."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISE:
            break
    return value


def _not_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
