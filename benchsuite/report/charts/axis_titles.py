"""Kinds of plots: their names, and what stands at their axes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlotKind:
    """A kind of plot: its name, what stands at its axes, how its y runs."""

    name: str  # "Mbps by size"
    x: str
    y: str
    unit_x: str
    unit_y: str
    linear: bool = False
    least: float = float("-inf")  # what is below it is drawn there


MBPS_BY_SIZE = PlotKind("Mbps by size", "request size", "Mbps", "B", "Mbps")
MBPS_BY_DEPTH = PlotKind("Mbps by q_len", "q_len", "Mbps", "", "Mbps")
OPERATIONS_BY_DEPTH = PlotKind("Operations per second by q_len", "q_len", "requests/s", "", "requests/s")
CPU_BY_SIZE = PlotKind("CPU per Gbit", "request size", "CPU s/Gbit", "B", "s/Gbit")
FREED_BY_SIZE = PlotKind(
    "Host CPU freed", "request size", "CPU freed, %", "B", "%", linear=True, least=-100.0
)
