"""The share of the host's CPU that a path leaves free, of what the base uses for the same bits."""

from __future__ import annotations

from dataclasses import replace

from benchsuite.report.charts.entries import Data
from benchsuite.report.charts.measures import Figure
from benchsuite.report.charts.panels import Curve, Dot, Panel, cpu_by_size


def freed_by_size(data: Data) -> list[Panel]:
    """Percent of the base's CPU seconds per bit that a path does not use; below 0 it uses more. Where a
    workload has no base, or nothing beside it, there is no panel."""
    found = []
    for panel in cpu_by_size(data):
        by_contender = {curve.contender: {dot.x: dot for dot in curve.dots} for curve in panel.curves}
        curves = []
        for curve in panel.curves:
            base = data.base_of(curve.contender)
            freed = _freed(curve, by_contender[base]) if base in by_contender else ()
            if freed:
                curves.append(replace(curve, dots=freed))
        if curves:
            found.append(replace(panel, curves=tuple(curves)))
    return found


def _freed(curve: Curve, base: dict[int, Dot]) -> tuple[Dot, ...]:
    return tuple(
        Dot(dot.x, _share(dot.figure, base[dot.x].figure), dot.entry) for dot in curve.dots if dot.x in base
    )


def _share(own: Figure, base: Figure) -> Figure:
    return Figure(
        100 * (1 - own.middle / base.middle), 100 * (1 - own.high / base.low), 100 * (1 - own.low / base.high)
    )
