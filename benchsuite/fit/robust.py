"""The fit that single disturbed measurements do not spoil: least squares, iteratively reweighted.

A point's weight goes by its distance from the model (the logarithm of the ratio, so that twice as slow is as
far as twice as fast), in units of the scale: 1.4826 times the median of all distances (MAD), but at least
what the model itself may be off. Up to 3 it is 1, from there it redescends (Hampel's function), from 6 on 0.
So without such a point this is least squares. It begins with the least absolute distances (`start`), because
where least squares begin, the points that are far off have already spoiled model and scale.

A disturbance hits single points, and slows. Where more than a quarter of them lie far, or every one of a
size or a depth, or any is far too fast, the model is wrong there and not the points: then all are fitted
alike, and it is said. Simulated points nothing disturbs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import log
from statistics import median

from benchsuite.fit import search, start
from benchsuite.fit.bounds import Fit
from benchsuite.fit.sweep import LITTLE, Point, Sweep
from benchsuite.model import BenchsuiteError
from benchsuite.sheet.numbers import percent

MOST_FAR = 0.25  # share of the points that may be given little weight
FEWEST = 6  # points: of fewer none can be told to be the one that is disturbed
_LEAST_SCALE = 0.05  # what the model may be off where nothing is disturbed
_MOST_SCALE = 0.15  # beyond it nothing is near, so nothing is far
_NEAR = 0.1  # with every point as near as this no other beginning is tried
_MAD = 1.4826  # times it, of a normal distribution: the standard deviation
_WHOLE, _NONE = 3.0, 6.0  # scales
_ROUNDS = 10
_SAME = 0.02  # weights
_SERIES = 3  # points of a size or a depth are no coincidence


def fit(sweep: Sweep) -> Fit:
    """BenchsuiteError where more bytes take no more time. Deterministic."""
    points = sweep.points
    alike = sweep.simulated or len(points) < FEWEST
    plain = refused = None
    try:
        plain = search.fit(sweep)
    except BenchsuiteError as error:
        if alike:
            raise
        refused = error
    if plain and (alike or max(map(abs, _distances(plain, points))) <= _NEAR):
        return plain
    found = _reweighted(sweep, plain)
    if isinstance(found, Fit):
        return found
    if plain:
        return replace(plain, contradicted=found)
    assert refused
    raise refused


def _reweighted(sweep: Sweep, plain: Fit | None) -> Fit | str:
    """The fit, or why the points contradict it."""
    points = sweep.points
    off = start.nearest(points, search.depth(points), search.units(points)[-1])
    weights = _weights(off, 2)
    for _ in range(_ROUNDS):
        if why := _contradicted(points, weights, off):
            return why
        found = plain if plain and min(weights) == 1 else search.fit(weighed(sweep, weights))
        off = _distances(found, points)
        again = _weights(off, sum(1 for x in found.unknowns if x))
        if max(abs(a - b) for a, b in zip(weights, again, strict=True)) < _SAME:
            break
        weights = again
    return replace(found, weights=tuple(weights))


def weighed(sweep: Sweep, weights: Sequence[float]) -> Sweep:
    """weights: by point; none: all count alike."""
    weights = weights or (1.0,) * len(sweep.points)
    pairs = zip(sweep.points, weights, strict=True)
    return replace(sweep, points=[replace(point, weight=weight) for point, weight in pairs])


def _distances(found: Fit, points: Sequence[Point]) -> list[float]:
    return [log(found.us(point.size, point.outstanding) / point.us) for point in points]


def _weights(off: Sequence[float], unknowns: int) -> list[float]:
    free = max(1, len(off) - unknowns)
    scale = max(_MAD * median(map(abs, off)) * len(off) / free, _LEAST_SCALE)
    return [_weight(abs(each) / scale) for each in off]


def _weight(far: float) -> float:
    if far <= _WHOLE:
        return 1.0
    return max(0.0, _NONE - far) / (_NONE - _WHOLE) * _WHOLE / far


def _contradicted(points: Sequence[Point], weights: Sequence[float], off: Sequence[float]) -> str:
    """Why these are no single points, or ""."""
    middle = median(map(abs, off))
    if _MAD * middle > _MOST_SCALE:
        return f"half of the {len(points)} points lie more than {percent(middle, 2)} off the nearest model"
    far = [(p, d) for p, weight, d in zip(points, weights, off, strict=True) if weight < LITTLE]
    if len(far) > MOST_FAR * len(points):
        return (
            f"{len(far)} of {len(points)} points lie far from the nearest model, which is more than a quarter"
        )
    fast = sum(d > 0 for _, d in far)
    if fast:
        return (
            f"{fast} of {len(points)} points {'is' if fast == 1 else 'are'} far faster than the nearest model"
        )
    for name, key in (("bytes", "size"), ("requests outstanding", "outstanding")):
        total = Counter(getattr(point, key) for point in points)
        for value, count in sorted(Counter(getattr(point, key) for point, _ in far).items()):
            if count == total[value] >= _SERIES:
                return f"all {count} points with {value} {name} are far slower than the nearest model"
    return ""
