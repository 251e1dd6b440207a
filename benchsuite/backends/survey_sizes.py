"""Sizes of the requests that `benchsuite verify` makes: implementations change their way at blocks, at lanes
of several blocks, cache lines, packets, pages and powers of two, and are wrong on one side of the change."""

from __future__ import annotations

import random
from collections.abc import Iterable

from benchsuite.algorithms import Algorithm
from benchsuite.backends.verify import odd_sizes
from benchsuite.native import lib

KIB = 1024
MOST_USUAL: int = lib.BS_USUAL_SIZE  # above it is asked for apart

_DENSE = range(1, 273)  # seventeen blocks of AES and four of SHA-256, byte by byte
_BESIDE = (-17, -16, -15, -8, -1, 0, 1, 8, 15, 16, 17)  # of a power of two
_POWERS = [1 << power for power in range(9, 17)]
_PACKETS = (1280, 1408, 1420, 1488, 1500, 1514, 9000, 9018)
# Between powers of two: a limit or a band may lie there.
_BETWEEN = (20000, 24576, 32769, 33000, 36864, 40000, 40001, 48000, 49152, 52224, 57344, 60001, 65000, 65280)
_BLOCKS = (5, 6, 8, 9, 12, 16, 17, 32, 33, 64)  # of a hash, in front of one that ends near its padding

# The sizes up to MOST_USUAL; rounded down to what an algorithm takes.
SIZES = tuple(
    sorted(
        {*_DENSE, *range(288, 1025, 16), *range(2 * KIB, 16 * KIB, 512), *_PACKETS, *_BETWEEN}
        | {power + beside for power in _POWERS for beside in _BESIDE if power + beside <= MOST_USUAL}
    )
)
LARGE = (65537, 65551, 65552, 66000, 69632, 98304, 131071, 131072, 131088)
LARGEST = 1 << 20
ENORMOUS = (16 << 20) + 77  # of a digest or HMAC

# Bytes that a hash takes at once; its padding has 8 or 16 bytes of length and one more.
_HASH_BLOCKS = {"sha384": 128, "sha512": 128, "sha512-224": 128, "sha512-256": 128, "sha3-256": 136}


def usable(algorithm: Algorithm, sizes: Iterable[int]) -> list[int]:
    """The sizes, each rounded down to one that the algorithm takes."""
    rounded = {size // algorithm.block * algorithm.block for size in sizes}
    return sorted(size for size in rounded if size >= algorithm.min_size)


def taken_as_they_are(algorithm: Algorithm, sizes: Iterable[int]) -> list[int]:
    """The sizes that the algorithm takes; 0 is an empty text."""
    least = 0 if algorithm.min_size == 1 else algorithm.min_size
    return sorted(size for size in {*sizes} if size >= least and not size % algorithm.block)


def padding_edges(algorithm: Algorithm) -> set[int]:
    """Sizes at which the padding of the algorithm's hash just has room, or needs another block."""
    if not algorithm.digest:
        return set()
    block = _HASH_BLOCKS.get(algorithm.digest, 64)
    ends = {block - 17, block - 16, block - 9, block - 8, block - 1, 0, 1}
    return {blocks * block + end for blocks in _BLOCKS for end in ends}


def verified_sizes(algorithm: Algorithm, wanted: Iterable[int] | None) -> list[int]:
    """The sizes that are verified. wanted: a profile's, each with its odd neighbours; None: SIZES and the
    algorithm's own edges, of slow ciphers fewer large ones."""
    if wanted is not None:
        return sorted({odd for size in wanted for odd in odd_sizes(algorithm, size)})
    sizes = usable(algorithm, {*SIZES, *padding_edges(algorithm)})
    if not is_slow(algorithm):
        return sizes
    small = [size for size in sizes if size <= 4 * KIB]
    return small + usable(
        algorithm,
        [4 * KIB + 8, 8 * KIB, *_PACKETS, 16 * KIB, 20000, 40000, 57344, MOST_USUAL - 8, MOST_USUAL],
    )


def large_sizes(algorithm: Algorithm) -> list[int]:
    """Sizes above MOST_USUAL, up to LARGEST."""
    return usable(algorithm, [65552, LARGEST] if is_slow(algorithm) else [*LARGE, LARGEST])


def is_slow(algorithm: Algorithm) -> bool:
    """Whether it takes the reference 40 ms for a megabyte."""
    return "des-" in algorithm.cipher


def in_disorder(sizes: Iterable[int], seed: int) -> list[int]:
    """The sizes in an order in which neighbours differ: what is left of a larger request shows in a smaller
    one after it, and the other way round."""
    mixed = sorted(sizes)
    random.Random(seed).shuffle(mixed)
    return mixed
