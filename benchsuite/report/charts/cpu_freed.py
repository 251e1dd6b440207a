"""How much of the host's CPU a path leaves free that the base would have used for the same bits."""

from __future__ import annotations

from dataclasses import replace

from benchsuite.report.charts.entries import Data
from benchsuite.report.charts.measures import Figure
from benchsuite.report.charts.panels import Dot, Line, Panel, cpu_by_size


def freed_by_size(data: Data) -> list[Panel]:
    """Percent of the base's CPU seconds per bit that a path does not use; below 0 it uses more. Where a
    workload has no base, or nothing beside it, there is no panel."""
    found = []
    for panel in cpu_by_size(data):
        by_way = {line.way: {dot.x: dot for dot in line.dots} for line in panel.lines}
        lines = []
        for line in panel.lines:
            base = data.base_way(line.way)
            freed = _freed(line, by_way[base]) if base in by_way else ()
            if freed:
                lines.append(replace(line, dots=freed))
        if lines:
            found.append(replace(panel, lines=tuple(lines)))
    return found


def _freed(line: Line, base: dict[int, Dot]) -> tuple[Dot, ...]:
    return tuple(
        Dot(dot.x, _share(dot.figure, base[dot.x].figure), dot.entry) for dot in line.dots if dot.x in base
    )


def _share(own: Figure, base: Figure) -> Figure:
    return Figure(
        100 * (1 - own.middle / base.middle), 100 * (1 - own.high / base.low), 100 * (1 - own.low / base.high)
    )
