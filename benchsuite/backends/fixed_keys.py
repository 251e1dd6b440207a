"""Keys of ciphers and MACs, always the same: the ASCII that ocf-bench uses, longer. A figure must not depend
on chance, and two runs must be comparable byte by byte."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes

from benchsuite.algorithms import Algorithm

_LETTERS = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"


def cipher_key(algorithm: Algorithm, worker: int = 0) -> bytes:
    """A worker's key. The first one has the letters; those of the others follow from these."""
    return _of_worker(_LETTERS[: algorithm.key_size], worker)


def mac_key(algorithm: Algorithm, worker: int = 0) -> bytes:
    """A worker's key, likewise."""
    return _of_worker(_LETTERS[: algorithm.mac_key_size], worker)


def _of_worker(key: bytes, worker: int) -> bytes:
    if not worker or not key:
        return key
    context = hashes.Hash(hashes.SHAKE128(len(key)))
    context.update(key + worker.to_bytes(4, "little"))
    return context.finalize()


def pattern(size: int, seed: int) -> bytes:
    """Reproducible bytes without a period that a cipher could hide."""
    if not size:
        return b""
    context = hashes.Hash(hashes.SHAKE128(size))
    context.update(seed.to_bytes(8, "little"))
    return context.finalize()
