"""Open loops along what they go along, beside their mean latency: its tail, and what was dropped."""

from __future__ import annotations

from benchsuite.report.charts.entries import Data
from benchsuite.report.charts.measures import dropped, tail_latency
from benchsuite.report.charts.panels import Panel, panels
from benchsuite.report.charts.quantities import DROPPED, TAIL


def loads(data: Data) -> list[Panel]:
    """Panels of the tail, then of what was dropped where anything was."""
    drops = [panel for panel in panels(data, DROPPED, dropped) if any(panel.reach)]
    return panels(data, TAIL, tail_latency) + drops
