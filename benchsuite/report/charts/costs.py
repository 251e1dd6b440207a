"""CPU time that bits cost, and the share of it that a path leaves free of what the base uses for the same."""

from __future__ import annotations

from dataclasses import replace

from benchsuite.report.charts.entries import Data
from benchsuite.report.charts.measures import Figure, cpu_per_gbit
from benchsuite.report.charts.panels import Curve, Dot, Panel, panels
from benchsuite.report.charts.quantities import CPU, FREED


def costs(data: Data) -> list[Panel]:
    """CPU seconds per Gbit. A workload that goes along several parameters is drawn along the first: what it
    costs changes less along the others."""
    drawn: set[int] = set()
    found = []
    for panel in panels(data, CPU, cpu_per_gbit):
        own = {id(dot.entry) for curve in panel.curves for dot in curve.dots}
        if not own <= drawn:
            found.append(panel)
            drawn |= own
    return found


def freed(data: Data) -> list[Panel]:
    """Percent of the base's CPU seconds per bit that a path does not use; below 0 it uses more. Where a
    workload has no base, or nothing beside it, there is no panel."""
    found = []
    for panel in costs(data):
        by_contender = {curve.contender: {dot.x: dot for dot in curve.dots} for curve in panel.curves}
        curves = []
        for curve in panel.curves:
            base = data.base_of(curve.contender)
            left = _freed(curve, by_contender[base]) if base in by_contender else ()
            if left:
                curves.append(replace(curve, dots=left))
        if curves:
            found.append(replace(panel, quantity=FREED, curves=tuple(curves)))
    return found


def _freed(curve: Curve, base: dict[int, Dot]) -> tuple[Dot, ...]:
    return tuple(
        Dot(dot.x, _share(dot.figure, base[dot.x].figure), dot.entry) for dot in curve.dots if dot.x in base
    )


def _share(own: Figure, base: Figure) -> Figure:
    return Figure(
        100 * (1 - own.middle / base.middle), 100 * (1 - own.high / base.low), 100 * (1 - own.low / base.high)
    )
