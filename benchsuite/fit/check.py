"""The fitted device, simulated at the points it was fitted to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchsuite import backends
from benchsuite.backends.simulated import SimulatedEngine
from benchsuite.fit.sweep import Point
from benchsuite.model import PER_REQUEST, Measure

_MEASURE = Measure(min_time=0.001)


@dataclass(frozen=True, slots=True)
class Residual:
    point: Point
    mbps: float  # simulated

    @property
    def relative(self) -> float:
        return self.mbps / self.point.mbps - 1


def residuals(device: Path, points: Iterable[Point]) -> list[Residual]:
    """device: the file. Raises MeasureError for what it cannot do."""
    return [Residual(point, _simulated(device, point)) for point in points]


def rms(found: Sequence[Residual]) -> float:
    """Root mean square of what the points are off, each by its weight."""
    squares = sum(each.point.weight * each.relative**2 for each in found)
    return math.sqrt(squares / sum(each.point.weight for each in found))


def _simulated(device: Path, point: Point) -> float:
    path = device if "/" in str(device) else Path(".", device)
    case = replace(point.case, backend=f"sim:{path.resolve()}", request_num=1, iv=PER_REQUEST)
    engine = backends.open_case(case)
    assert isinstance(engine, SimulatedEngine)
    try:
        engine.prepare(0, _MEASURE, None)
        return case.request_size * 8 / engine.run(0).per_request / 1e6
    finally:
        engine.close()
