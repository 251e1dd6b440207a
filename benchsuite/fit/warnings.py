"""What a fit does not tell, and where it does not hold, in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchsuite.fit.bounds import UNITS, Fit
from benchsuite.fit.robust import weighed
from benchsuite.fit.sweep import LITTLE, Point, Sweep, kept, line, one_deep
from benchsuite.sheet.numbers import percent
from benchsuite.units import format_size

POOR = 0.05  # RMS distance
_MOST_LISTED = 8  # points
_BEND, _BETTER = 0.02, 3  # a line this far off, where two lines are so many times nearer


def warnings(fit: Fit, sweep: Sweep, off: float = 0.0) -> list[str]:
    """The most serious first. off: what the device is off when it is simulated (RMS)."""
    points = weighed(sweep, fit.weights).points
    said = [*_poor(max(fit.rms, off)), *_two_regimes(kept(points)), *_contradicted(fit), *_far(fit, sweep)]
    said += _few(sweep)
    if not fit.synchronous:
        said += [*_parallel(fit, sweep), *_ring(fit, sweep)]
    return said


def units_told(fit: Fit, sweep: Sweep) -> bool:
    """The points tell how many there are: they were full, and were not with fewer outstanding."""
    return UNITS in fit.full and len(sweep.depths) > 1


def _poor(off: float) -> list[str]:
    if off < POOR:
        return []
    return [
        f"the model does not fit well: it is {percent(off, 2)} off (RMS), see the residuals; do not rely on "
        "it between the points"
    ]


def _contradicted(fit: Fit) -> list[str]:
    if not fit.contradicted:
        return []
    return [
        f"{fit.contradicted}: that is not chance, so all count alike, and the fit follows them too; "
        "measure again with nothing else running, and if it stays so, the device is not one of this model: "
        "fit parts of it, with --from-size and --to-size"
    ]


def _far(fit: Fit, sweep: Sweep) -> list[str]:
    said = far(fit, sweep)
    if not said:
        return []
    return [
        f"{said}, with nothing else running, and fit that; points that stay there show what "
        "the model does not"
    ]


def far(fit: Fit, sweep: Sweep) -> str:
    """Which points were given little weight, or ""."""
    found = [point for point in weighed(sweep, fit.weights).points if point.weight < LITTLE]
    if not found:
        return ""
    listed = [_where(fit, point) for point in found[:_MOST_LISTED]]
    if len(found) > len(listed):
        listed.append(f"and {len(found) - len(listed)} more")
    lie, were, them = ("lies", "was", "it") if len(found) == 1 else ("lie", "were", "them")
    return (
        f"{len(found)} of {len(sweep.points)} points {lie} far from the model and {were} given little "
        f"weight: {'; '.join(listed)}; measure {them} again"
    )


def _where(fit: Fit, point: Point) -> str:
    times = point.us / fit.us(point.size, point.outstanding)
    way = f"{times:.2g} times slower" if times > 1 else f"{1 / times:.2g} times faster"
    return f"{point.size} bytes at q_len {point.case.q_len} ({way})"


def _two_regimes(points: Sequence[Point]) -> list[str]:
    """The device does something else from some size on: two lines where the model has one."""
    alone = sorted(one_deep(points), key=lambda point: point.size)
    sizes = sorted({point.size for point in alone})
    whole = _off(alone)
    if len(sizes) < 4 or whole < _BEND:
        return []
    parts = [
        ([p for p in alone if p.size <= size], [p for p in alone if p.size > size]) for size in sizes[:-1]
    ]
    first, last = min(parts, key=lambda part: _off(*part))
    if _off(first, last) * _BETTER > whole:
        return []
    return [
        f"two regimes: with as few outstanding as were measured, up to {format_size(first[-1].size)} bytes "
        f"{_line(first)}, from {format_size(last[0].size)} bytes {_line(last)}; one line is "
        f"{percent(whole, 2)} off (RMS): fit them apart, with --to-size and --from-size, "
        "and put both [[algorithm]]s into one file"
    ]


def _off(*parts: Sequence[Point]) -> float:
    squares = []
    for part in parts:
        setup, per_byte = line(part)
        squares += [((setup + per_byte * point.size) / point.us - 1) ** 2 for point in part]
    return math.sqrt(sum(squares) / len(squares))


def _line(points: Sequence[Point]) -> str:
    setup, per_byte = line(points)
    return f"{setup:.4g} us + {per_byte * 1000:.4g} ns a byte"


def _few(sweep: Sweep) -> list[str]:
    if len(sweep.sizes) > 2:
        return []
    return ["two sizes only: that a line lies between them is assumed; measure one more to see it"]


def _parallel(fit: Fit, sweep: Sweep) -> list[str]:
    most = sweep.depths[-1]
    if len(sweep.depths) == 1:
        return [
            f"only {most} outstanding was measured: units and ring depth are assumed; measure a sweep, as "
            "with --set q_len=1,2,4,8,16,32"
        ]
    if UNITS not in fit.full:
        why = (
            "something that takes one request at a time is full before the units are"
            if fit.serial_us
            else f"throughput still rises at {most} outstanding: measure a larger q_len"
        )
        return [
            f"{why}; that there are {fit.units} units, and what of a request's time is in them, is assumed"
        ]
    if fit.units > 1 and fit.depth is None:
        return [
            f"a queue that holds {fit.units} requests, and says nothing when it is full, would look the same "
            f"as {fit.units} units"
        ]
    return []


def _ring(fit: Fit, sweep: Sweep) -> list[str]:
    if fit.depth is not None or len(sweep.depths) == 1:
        return []
    return [
        f"the driver never said BUSY: its ring holds the largest q_len, {sweep.depths[-1]}, or more; the "
        "file has that, as an assumption"
    ]
