"""The fit: the bounds that come nearest to the points, by least squares of relative distances.

For a shape, and with each point told which bound holds for it, they are linear in the unknowns; so that is
solved, and the points are told anew, until nothing changes. Shapes are tried one by one.

Twice the units, each half as fast, give the same plateau. So there are taken to be as many as go well with
the time of a request alone, which leaves the least outside of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchsuite.fit.bounds import UNITS, UNKNOWNS, Fit, Shape
from benchsuite.fit.sweep import Point, Sweep, kept, line, one_deep
from benchsuite.least_squares import errors, solve
from benchsuite.model import BenchsuiteError
from benchsuite.sim.table import MOST_MBPS

_ROUNDS = 40
_AS_GOOD = 1.05, 0.0005  # RMS distance of a fit that is as good as another: times, and plus
_WORTH_IT = 0.7  # something more in the model must bring the RMS distance down to this share of it
_SAME = 1e-9  # RMS distances
_LOST = 0.005  # of a request's time
_GAIN, _BUSY = 1.05, 0.9  # synchronous: throughput of a queue, CPU
_WAITING = tuple(part / 10 for part in range(1, 10))
_STEP, _STEPS = 1.25, 64  # from one number of units to the next; and then so many between two
MOST_UNITS = 1024


def fit(sweep: Sweep) -> Fit:
    """BenchsuiteError where more bytes take no more time."""
    points = sweep.points
    if sweep.synchronous or (sweep.synchronous is None and _seems_synchronous(kept(points))):
        return _with_errors(_line(points), points)
    _refuse_flat(line(one_deep(points))[1], sweep)
    found = _nearest(points, False, _shapes(points))
    for other in _others(points):
        found = other if other.rms < _WORTH_IT * found.rms - _AS_GOOD[1] else found
    found = _between_steps(found, points)
    found = _without_what_is_lost(found, sweep)
    _refuse_flat(found.per_byte_us, sweep)
    return _with_errors(_with_host(found, points), points)


def _refuse_flat(per_byte: float, sweep: Sweep) -> None:
    if per_byte < 8 / MOST_MBPS:
        raise BenchsuiteError(
            f"from {sweep.sizes[0]} to {sweep.sizes[-1]} bytes a request takes no more time, so there is no "
            "rate to be told; measure larger sizes too"
        )


# ---- one that is waited for ----


def _seems_synchronous(points: Sequence[Point]) -> bool:
    """The CPU is busy all the time, and more outstanding gains nothing."""
    for size in {point.size for point in points}:
        same = [point.us for point in points if point.size == size]
        if max(same) > _GAIN * min(same):
            return False
    return all(point.cpu_us is not None and point.cpu_us >= _BUSY * point.us for point in points)


def _line(points: Sequence[Point]) -> Fit:
    workers = points[0].case.workers  # each with a CPU
    setup, per_byte = line(points)
    rms = _rms([(setup + per_byte * point.size) / point.us for point in points], points)
    full = (UNITS,) * len(points)
    x = (setup * workers, per_byte * workers, 0.0, 0.0, 0.0, 0.0)
    return Fit(*x, Shape(1, None), rms, full, synchronous=True)


# ---- shapes ----


def _others(points: Sequence[Point]) -> Iterator[Fit]:
    """The nearest with more in it than units, the simplest first."""
    yield _nearest(points, True, _shapes(points))
    if _gains_more_than_its_queue(points):
        counts = sorted({point.outstanding for point in points})[1:]
        counted = [shape._replace(enough=count) for shape in _shapes(points) for count in counts]
        yield _nearest(points, False, counted)
        yield _nearest(points, True, counted)
        yield _nearest(points, True, [s._replace(waiting=w) for s in _shapes(points) for w in _WAITING])


def _shapes(points: Sequence[Point]) -> list[Shape]:
    return [Shape(number, depth(points)) for number in units(points)]


def _nearest(points: Sequence[Point], serial: bool, shapes: Sequence[Shape], strict: bool = False) -> Fit:
    """The one with the most units, of those that are as good. shapes: the fewest units first."""
    begin = min(point.us for point in kept(points)) if serial else 0.0
    tried = [_of_shape(points, shape, begin) for shape in shapes]
    tried = [each for each in tried if _can_be(each, strict)] or tried
    best = min(each.rms for each in tried)
    good = [each for each in tried if each.rms <= best * _AS_GOOD[0] + _AS_GOOD[1]]
    good = [replace(each, full=each.seen(points)) for each in good]
    good = [each for each in good if UNITS in each.full] or good
    most = [each for each in good if each.units == good[-1].units]
    return most[len(most) // 2]  # of the shares that do as well: not at a limit


def _between_steps(found: Fit, points: Sequence[Point]) -> Fit:
    """The number of units itself, and one that does not make a bus of the time outside the units, which would
    be full before they are."""
    least, most = max(1, int(found.units / _STEP)), min(math.ceil(found.units * _STEP), units(points)[-1])
    numbers = range(least, most + 1, max(1, (most - least) // _STEPS))
    shapes = [found.shape._replace(units=units) for units in numbers]
    return _nearest(points, bool(found.serial_us), shapes, strict=True)


def _can_be(found: Fit, strict: bool) -> bool:
    """Bytes take no longer outside the units than in them; what does not wait is time for the host's work.
    strict: the bytes' time outside, half of it each way, fills no bus."""
    at_work = (1 - found.shape.waiting) * found.latency_us
    has_time = not found.shape.waiting or at_work >= found.serial_us
    most = 2 * found.per_byte_us / found.units if strict else found.per_byte_us
    return found.outside_us <= most and has_time


def units(points: Sequence[Point]) -> list[int]:
    """No more than what a queue gains, and of many only some numbers."""
    points = kept(points)
    gain = max(first.us / last.us for first in one_deep(points) for last in points if last.size == first.size)
    most = min(max(1, math.ceil(gain * 1.05)), MOST_UNITS, max(point.outstanding for point in points))
    found = [1]
    while found[-1] < most:
        found.append(min(most, max(found[-1] + 1, round(found[-1] * _STEP))))
    return found


def _gains_more_than_its_queue(points: Sequence[Point]) -> bool:
    """Twice as many outstanding, and more than twice the throughput: not all have to wait for the same."""
    points = kept(points)
    return any(
        first.us * first.outstanding > _GAIN * last.us * last.outstanding
        for first in one_deep(points)
        for last in points
        if last.size == first.size
    )


def depth(points: Sequence[Point]) -> int | None:
    """What a driver that said BUSY held at most."""
    return max((point.high_water for point in points if point.busy and point.high_water), default=None)


def _of_shape(points: Sequence[Point], shape: Shape, serial: float) -> Fit:
    """The best of several beginnings: each ends where it is best nearby."""
    alone = one_deep(points)
    setup, per_byte = (part * shape.held(alone[0].outstanding) for part in line(alone))
    begin = ([part * setup, per_byte, (1 - part) * setup, 0.0, serial, 0.0] for part in (0.0, 0.5, 1.0))
    been: set[tuple[int, ...]] = set()
    return min((_settled(points, shape, x, been) for x in begin), key=lambda each: each.rms)


def _settled(points: Sequence[Point], shape: Shape, x: list[float], been: set[tuple[int, ...]]) -> Fit:
    """been: what was full on the way of other beginnings, which goes on as theirs did."""
    found = None
    full: tuple[int, ...] = ()
    for _ in range(_ROUNDS):
        before = full
        bounds = [shape.bound(x, point.size, point.outstanding) for point in points]
        full = tuple(which for which, _ in bounds)
        rms = _rms([us / point.us for (_, us), point in zip(bounds, points, strict=True)], points)
        if x[1] > 0 and (found is None or rms <= found.rms + _SAME):
            found = Fit(x[0], x[1], x[2], x[3], x[4], x[5], shape, rms, full)
        if full == before or full in been:
            break
        been.add(full)
        x = solve(rows(points, shape, full), [1.0] * len(points), [point.weight for point in points])
    assert found  # the beginning has a rate
    return found


def rows(points: Sequence[Point], shape: Shape, full: Sequence[int]) -> list[list[float]]:
    return [
        [part / point.us for part in shape.row(which, point.size, point.outstanding)]
        for point, which in zip(points, full, strict=True)
    ]


def _rms(fits: Sequence[float], points: Sequence[Point]) -> float:
    weights = [point.weight for point in points]
    squares = sum(weight * (each - 1) ** 2 for each, weight in zip(fits, weights, strict=True))
    return math.sqrt(squares / sum(weights))


# ---- afterwards ----


def _without_what_is_lost(found: Fit, sweep: Sweep) -> Fit:
    """Bytes' time outside the units that is lost in what the fit is off."""
    size = sweep.sizes[-1]
    lost = found.outside_us * size < max(_LOST, found.rms) * found.alone_us(size)
    return replace(found, outside_us=0.0) if lost else found


def _with_host(found: Fit, points: Sequence[Point]) -> Fit:
    """The host's share of a request's way: the least CPU time of one. What is full whatever the size may
    be just that, and is, if an interrupt is no longer waited for."""
    points = kept(points)
    times = [(point.cpu_us, point.us) for point in points if point.cpu_us is not None]
    if len(times) < len(points):
        return replace(found, host_us=found.serial_us) if found.shape.waiting else found
    least = min(cpu for cpu, _ in times)
    host = min(least, _BUSY * min(us for _, us in times))
    cpus = max(1, math.ceil(max(cpu / us for cpu, us in times) - 0.05))
    one_cpu = _BUSY * found.serial_us <= least <= found.serial_us / _BUSY
    if found.serial_us and (one_cpu or found.shape.waiting):
        host = found.serial_us
    if UNITS not in found.full and found.latency_us < host:  # then they are not told apart
        moved = min(host - found.latency_us, found.setup_us)
        found = replace(found, setup_us=found.setup_us - moved, latency_us=found.latency_us + moved)
    return replace(found, host_us=min(host, found.latency_us), cpus=cpus)


def _with_errors(found: Fit, points: Sequence[Point]) -> Fit:
    used = [i for i, value in enumerate(found.unknowns) if value > 0]
    told = [found.shape.bound(found.unknowns, point.size, point.outstanding)[0] for point in points]
    unweighed = rows(points, found.shape, told)
    count = sum(point.weight for point in points)
    weighed = [
        [part * math.sqrt(point.weight) for part in row] for row, point in zip(unweighed, points, strict=True)
    ]
    variance = found.rms**2 * count / max(1, count - len(used))
    of_used = errors([[row[i] for i in used] for row in weighed], variance)
    return replace(found, errors={UNKNOWNS[i]: error for i, error in zip(used, of_used, strict=True)})
