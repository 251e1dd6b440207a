"""Where a fit begins that single points cannot spoil: the bounds with the least absolute distances.

Least squares follow a point that is far off, and of several models choose the one that explains it. Absolute
distances do not (each point has its distance's inverse as its weight, in turn), and models are compared by
distances that are bounded. This only tells which points are far: so few numbers of units are tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log

from benchsuite.fit.bounds import Shape
from benchsuite.fit.search import rows
from benchsuite.fit.sweep import Point, one_deep
from benchsuite.least_squares import solve

_ROUNDS, _MORE = 8, 20  # of reweighting: for every model, and for the nearest
_NEAR = 0.005  # nearer is no better
_FAR = 0.3  # farther is no worse
_WAITING = (0.3, 0.6, 0.9)
_SIMPLER = 0.9  # something more in the model must bring the distances down to this share

Model = tuple[float, Shape, list[float]]  # how far off, shape, unknowns


def distances(points: Sequence[Point], shape: Shape, x: Sequence[float]) -> list[float]:
    """Logarithms of the model's over the measured time."""
    return [log(shape.bound(x, point.size, point.outstanding)[1] / point.us) for point in points]


def nearest(points: Sequence[Point], depth: int | None, most_units: int) -> list[float]:
    """The distances of the nearest model. The points' weights are not looked at."""
    units = [1]
    while units[-1] < most_units:
        units.append(min(most_units, 2 * units[-1]))
    best: Model | None = None
    for shapes, serial in _families([Shape(each, depth) for each in units], points):
        tried = [
            _settled(points, shape, x, _ROUNDS) for shape in shapes for x in _begins(points, shape, serial)
        ]
        found = min(tried, key=lambda each: each[0])
        if best is None or found[0] < _SIMPLER * best[0]:
            best = found
    assert best  # there is a shape
    _, shape, x = _settled(points, best[1], best[2], _MORE)
    return distances(points, shape, x)


def _families(shapes: list[Shape], points: Sequence[Point]) -> Iterator[tuple[list[Shape], bool]]:
    """Models as `search` tries them, the simplest first, and whether something else may be full."""
    counts = sorted({point.outstanding for point in points})[1:]
    counted = [shape._replace(enough=count) for shape in shapes for count in counts]
    waiting = [shape._replace(waiting=part) for shape in shapes for part in _WAITING]
    yield shapes, False
    yield shapes, True
    yield counted, False
    yield counted, True
    yield waiting, True


def _begins(points: Sequence[Point], shape: Shape, serial: bool) -> Iterator[list[float]]:
    alone = one_deep(points)
    setup, per_byte = (part * shape.held(alone[0].outstanding) for part in line(alone))
    full = sorted(point.us for point in points)[len(points) // 10] if serial else 0.0
    for part in (0.1, 0.9):
        yield [part * setup, per_byte, (1 - part) * setup, 0.0, full, 0.0]


def line(points: Sequence[Point]) -> tuple[float, float]:
    """A line as `sweep.line` finds, but with the least absolute distances."""
    rows = [(1 / point.us, point.size / point.us) for point in points]
    ones = [1.0] * len(points)
    x = solve(rows, ones)
    for _ in range(_MORE):
        off = [abs(x[0] * row[0] + x[1] * row[1] - 1) for row in rows]
        x = solve(rows, ones, [_NEAR / max(_NEAR, each) for each in off])
    return x[0], x[1]


def _settled(points: Sequence[Point], shape: Shape, x: list[float], rounds: int) -> Model:
    best: Model | None = None
    ones = [1.0] * len(points)
    for left in range(rounds, -1, -1):
        bounds = [shape.bound(x, point.size, point.outstanding) for point in points]
        ratios = [us / point.us for (_, us), point in zip(bounds, points, strict=True)]
        if min(ratios) <= 0:
            break
        off = sum(min(_FAR, abs(log(ratio))) for ratio in ratios) / len(points)
        if best is None or off < best[0]:
            best = off, shape, x
        if left:
            x = solve(
                rows(points, shape, [which for which, _ in bounds]),
                ones,
                [_weight(ratio) for ratio in ratios],
            )
    return best or (_FAR, shape, x)


def _weight(ratio: float) -> float:
    """Weight of a point for absolute distances; one that is too fast weighs no more than one that is not."""
    return _NEAR / max(_NEAR, abs(log(ratio))) / max(1.0, ratio) ** 2
