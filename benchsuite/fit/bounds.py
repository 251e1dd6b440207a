"""What is fitted: the bounds of a closed network, which a device with constant times attains.

From one completion to the next, with q outstanding and s bytes, a device takes the longest of

    (latency + setup + (outside + per_byte) * s) / min(q, depth)    nothing is full: a request's whole way
    (setup + per_byte * s) / units                                  its units are
    serial                                                          something else is, whatever the size

Where interrupts are coalesced, requests wait for others to be finished. That ends in one of two ways. Either
so many are outstanding that the count is reached: fewer than `enough` wait `coalesced` longer. Or the host is
never idle, and looks for completions without an interrupt: where it is full, a share of the latency is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from benchsuite.fit.sweep import Point

NOTHING, UNITS, SERIAL = range(3)  # what is full
UNKNOWNS = ("setup_us", "per_byte_us", "latency_us", "outside_us", "serial_us", "coalesced_us")
_SEEN = 1.02  # times longer than with nothing full, and it shows


class Shape(NamedTuple):
    """What is not found by least squares, but tried."""

    units: int
    depth: int | None  # None: never BUSY
    waiting: float = 0.0  # share of the latency that is waiting for an interrupt
    enough: int = 1  # so many outstanding wait no more

    def held(self, outstanding: int) -> int:
        return min(outstanding, self.depth or outstanding)

    def bound(self, x: Sequence[float], size: int, outstanding: int) -> tuple[int, float]:
        """Which one holds, and its microseconds. x: as UNKNOWNS."""
        setup, per_byte, latency, outside, serial, coalesced = x
        held = self.held(outstanding)
        units = (setup + per_byte * size) / self.units
        whole = (latency + coalesced * (held < self.enough) + setup + (outside + per_byte) * size) / held
        if serial > max(whole - self.waiting * latency / held, units):
            return SERIAL, serial
        return (UNITS, units) if units > whole else (NOTHING, whole)

    def row(self, full: int, size: int, outstanding: int) -> tuple[float, ...]:
        """By what the unknowns are multiplied in that bound."""
        held = self.held(outstanding)
        if full == NOTHING:
            return 1 / held, size / held, 1 / held, size / held, 0.0, (held < self.enough) / held
        if full == UNITS:
            return 1 / self.units, size / self.units, 0.0, 0.0, 0.0, 0.0
        return 0.0, 0.0, 0.0, 0.0, 1.0, 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Microseconds, and microseconds a byte."""

    setup_us: float
    per_byte_us: float
    latency_us: float  # of a request's way, outside the units
    outside_us: float  # of a byte's, likewise
    serial_us: float  # 0: nothing else is ever full
    coalesced_us: float  # 0: interrupts do not wait for a count
    shape: Shape
    rms: float  # relative
    full: tuple[int, ...]  # by point: which bound holds
    synchronous: bool = False
    host_us: float = 0.0  # CPU time of a request, part of latency_us
    cpus: int = 1
    errors: dict[str, float] = field(default_factory=dict)  # standard errors, by the names of UNKNOWNS
    weights: tuple[float, ...] = ()  # of the points; none: all are 1
    contradicted: str = ""  # why the points are not those of such a device

    @property
    def units(self) -> int:
        return self.shape.units

    @property
    def depth(self) -> int | None:
        return self.shape.depth

    @property
    def waiting_us(self) -> float:
        """For an interrupt, of a request alone."""
        return self.coalesced_us + self.shape.waiting * self.latency_us

    @property
    def rate_mbps(self) -> float:
        return 8 / self.per_byte_us

    @property
    def unknowns(self) -> list[float]:
        return [getattr(self, name) for name in UNKNOWNS]

    def us(self, size: int, outstanding: int) -> float:
        return self.shape.bound(self.unknowns, size, outstanding)[1]

    def alone_us(self, size: int) -> float:
        """The whole way of a request, without waiting for others."""
        return self.latency_us + self.setup_us + (self.outside_us + self.per_byte_us) * size

    def knee(self, size: int) -> float:
        """So many outstanding fill it."""
        busy = max((self.setup_us + self.per_byte_us * size) / self.units, self.serial_us)
        return self.alone_us(size) / busy

    def seen(self, points: Sequence[Point]) -> tuple[int, ...]:
        """Which bound holds for each point, where it shows."""
        found = []
        for point in points:
            full, us = self.shape.bound(self.unknowns, point.size, point.outstanding)
            whole = self.alone_us(point.size) / self.shape.held(point.outstanding)
            found.append(full if us > _SEEN * whole or full == SERIAL else NOTHING)
        return tuple(found)
