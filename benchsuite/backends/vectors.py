"""Published known answers (tests/vectors, installed as benchsuite/vectors): what neither a backend nor
the reference had a hand in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DIRECTORY = Path(__file__).parents[1] / "vectors"
_BYTES = ("key", "mac_key", "iv", "aad", "plain", "text", "tag")


@dataclass(frozen=True, slots=True)
class Vector:
    """Names as in the table of algorithms. A digest or HMAC has no text."""

    algorithm: str
    source: str  # where it is published
    key: bytes
    mac_key: bytes
    iv: bytes
    aad: bytes
    plain: bytes
    text: bytes  # ciphertext
    tag: bytes


@cache
def load() -> tuple[Vector, ...]:
    """The published vectors, file by file."""
    return tuple(
        Vector(table["algorithm"], table["source"], *(bytes.fromhex(table.get(key, "")) for key in _BYTES))
        for path in sorted(DIRECTORY.glob("*.toml"))
        for table in tomllib.loads(path.read_text())["vector"]
    )


def of(algorithm: str) -> list[Vector]:
    return [vector for vector in load() if vector.algorithm == algorithm]
