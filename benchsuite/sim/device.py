"""A device: what its file says, and where the files are."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchsuite import algorithms
from benchsuite.model import DIGEST, ENCRYPT, BenchsuiteError
from benchsuite.sim.table import CONFIDENCES, SECTIONS
from benchsuite.units import nearest, shown

DIRECTORY = Path(__file__).resolve().parents[1] / "devices"
MOST_BYTES = 1 << 20  # of a file


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
        """As the file has it, or the default."""
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
        found: dict[str, list[str]] = {confidence: [] for confidence in CONFIDENCES}
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
            if quantity.confidence == "assumption" and section != "faults"
        ]


def weakest(confidences: Iterable[str]) -> str:
    order = list(CONFIDENCES)
    return max(confidences, key=order.index)


def names() -> list[str]:
    """Of the devices that come with benchsuite."""
    return sorted(path.stem for path in DIRECTORY.glob("*.toml"))


def find(name: str) -> Path:
    """The file of a device's name, or a path (with a slash in it, or ending in .toml)."""
    if "/" in name or name.endswith(".toml"):
        return Path(name)
    if (path := DIRECTORY / f"{name}.toml").is_file():
        return path
    near = nearest(name, names())
    hint = f"did you mean {near!r}? " if near else ""
    raise BenchsuiteError(
        f"there is no device {shown(name)}: {hint}`benchsuite list devices` shows them; a file of your own "
        "is named by its path (./NAME.toml)"
    )


def load(name: str) -> Device:
    """BenchsuiteError for a file that cannot be read, or is not that of a device."""
    path = find(name)
    try:
        status = path.stat()
        return _load(path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError) as error:  # a path with a null byte in it
        why = getattr(error, "strerror", None) or error
        raise BenchsuiteError(f"device {shown(str(path))}: cannot be read: {why}") from None


@lru_cache(maxsize=256)
def _load(path: Path, _changed: int, size: int) -> Device:
    """Kept as long as the file does not change: a sweep opens a device thousands of times."""
    from benchsuite.sim.reading import read

    if not path.is_file():
        raise BenchsuiteError(f"device {path}: not a file")
    if size > MOST_BYTES:
        raise BenchsuiteError(f"device {path}: more than {MOST_BYTES} bytes: this is no device's file")
    try:
        data = tomllib.loads(path.read_bytes().decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BenchsuiteError(f"device {path}: not TOML: {error}") from None
    return read(data, f"device {path}", path.stem)
