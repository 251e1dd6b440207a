"""What is drawn along a parameter: rates, what they cost, what they leave free."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.model import LATENCY, MBPS, RATE_UNITS, REQUESTS, RateUnit


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity: its name, what stands at its axis, how that runs."""

    name: str  # "Mbps"
    y: str
    unit: str
    linear: bool = False
    least: float = float("-inf")  # what is below it is drawn there

    @property
    def identity(self) -> str:
        """In names of files."""
        return self.name.lower().replace(" ", "-")


RATES: dict[RateUnit, Quantity] = {
    MBPS: Quantity("Mbps", MBPS.name, MBPS.name),
    REQUESTS: Quantity("Operations per second", REQUESTS.name, REQUESTS.name),
    LATENCY: Quantity("Mean latency", LATENCY.name, LATENCY.name),
}
assert set(RATES) == set(RATE_UNITS)
CPU = Quantity("CPU per Gbit", "CPU s/Gbit", "s/Gbit")
TAIL = Quantity("p99 latency", "p99 µs", "µs")
DROPPED = Quantity("Dropped", "dropped, %", "%", linear=True, least=0.0)
FREED = Quantity("Host CPU freed", "CPU freed, %", "%", linear=True, least=-100.0)
