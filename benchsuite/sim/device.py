"""A device: what its file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchsuite import algorithms
from benchsuite.confidence import LEVELS, UNSAID, weakest
from benchsuite.model import DIGEST, ENCRYPT
from benchsuite.sim.table import SECTIONS


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure, and why one should believe it."""

    value: Any
    confidence: str
    source: str = ""  # a sentence; "" where the file gives none


@dataclass(frozen=True, slots=True)
class Rate:
    """What a unit needs for some algorithms: setup + 8 * size / rate."""

    algorithms: frozenset[str]
    op: str  # "encrypt" (digests count as that), "decrypt", or "" for both
    from_size: int
    to_size: int
    setup_us: Quantity
    rate_mbps: Quantity

    def serves(self, algorithm: str, op: str, size: int) -> bool:
        return algorithm in self.algorithms and self.op in ("", op) and self.from_size <= size <= self.to_size

    @property
    def confidence(self) -> str:
        return weakest((self.setup_us.confidence, self.rate_mbps.confidence))


@dataclass(frozen=True, slots=True)
class Point:
    """A published figure that the device was calibrated on: the model must give it back."""

    algorithm: str
    op: str
    request_size: int
    q_len: int
    batch: int
    cbimm: int
    workers: int
    mbps: Quantity


@dataclass(frozen=True, slots=True)
class Device:
    name: str
    where: str  # the file, for messages
    title: str
    about: str
    distribution: str
    sources: Mapping[str, str]
    quantities: Mapping[str, Mapping[str, Quantity]]  # by section and key: those that the file has
    rates: tuple[Rate, ...]
    points: tuple[Point, ...]

    def given(self, section: str, key: str) -> bool:
        return key in self.quantities.get(section, {})

    def value(self, section: str, key: str) -> Any:
        """The value that the file has, or the default."""
        given = self.quantities.get(section, {}).get(key)
        return given.value if given else next(f.default for f in SECTIONS[section] if f.name == key)

    def rate(self, algorithm: str, op: str, size: int) -> Rate | None:
        wanted = ENCRYPT if op == DIGEST else op
        return next((rate for rate in self.rates if rate.serves(algorithm, wanted, size)), None)

    @property
    def algorithms(self) -> list[str]:
        """In the order of the algorithm table."""
        served = frozenset().union(*(rate.algorithms for rate in self.rates))
        return [name for name in algorithms.ALGORITHMS if name in served]

    @property
    def confidences(self) -> dict[str, list[str]]:
        """Confidence -> the algorithms whose speed is known so well; the best first."""
        found: dict[str, list[str]] = {confidence: [] for confidence in LEVELS}
        for name in self.algorithms:
            found[weakest(rate.confidence for rate in self.rates if name in rate.algorithms)].append(name)
        return {confidence: names for confidence, names in found.items() if names}

    @property
    def assumed(self) -> list[str]:
        """`section.key` of everything beside the rates that is only assumed."""
        return [
            f"{section}.{key}"
            for section, given in self.quantities.items()
            for key, quantity in given.items()
            if quantity.confidence in ("assumption", UNSAID) and section != "faults"
        ]
