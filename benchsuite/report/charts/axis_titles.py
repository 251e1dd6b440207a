"""What each kind of plot is called, and what stands at its axes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """What a kind of plot says of its axes, and how its y runs."""

    name: str  # "Mbps by size"
    x: str
    y: str
    unit_x: str
    unit_y: str
    linear: bool = False
    least: float = float("-inf")  # what is below it is drawn there


MBPS_BY_SIZE = Look("Mbps by size", "request size", "Mbps", "B", "Mbps")
MBPS_BY_DEPTH = Look("Mbps by q_len", "q_len", "Mbps", "", "Mbps")
OPERATIONS_BY_DEPTH = Look("Operations per second by q_len", "q_len", "requests/s", "", "requests/s")
CPU_BY_SIZE = Look("CPU per Gbit", "request size", "CPU s/Gbit", "B", "s/Gbit")
FREED_BY_SIZE = Look("Host CPU freed", "request size", "CPU freed, %", "B", "%", linear=True, least=-100.0)
