"""Fixed keys: the ASCII that ocf-bench uses, longer. A figure must not depend on chance, and two
runs must be comparable byte by byte."""

from __future__ import annotations

from benchsuite.algorithms import Algorithm

_LETTERS = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"


def cipher_key(algorithm: Algorithm) -> bytes:
    return _LETTERS[: algorithm.key_size]


def mac_key(algorithm: Algorithm) -> bytes:
    return _LETTERS[: algorithm.mac_key_size]


def pattern(size: int, seed: int) -> bytes:
    """Reproducible bytes that repeat with no period a block cipher would hide."""
    state, out = seed * 2654435761 + 1, bytearray()
    while len(out) < size:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out += (state >> 16).to_bytes(6, "little")
    return bytes(out[:size])
