"""Algorithms that are put beside one, to be used in turn with it: what is left of the one, as the key size of
a unit or the mode of an engine, then meets the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from benchsuite.algorithms import ALGORITHMS, Algorithm

MOST_KIN, MOST_STRANGERS = 4, 2
OF_A_KIND = 2  # that differ in the same way
STRANGERS = ("aes-256-gcm", "sha256", "aes-128-cbc")


def any_of_them(algorithm: Algorithm) -> bool:
    """Leaves nothing out: whoever uses them finds out which are served."""
    return True


def relatives(algorithm: Algorithm, may_be: Callable[[Algorithm], bool] = any_of_them) -> list[Algorithm]:
    """Algorithms that a driver or device may mistake for this one: first those that differ in the key size
    only, the mode, or the digest; then some of another kind."""
    kin = list(islice(_kin(algorithm, may_be), MOST_KIN))
    others = (ALGORITHMS[name] for name in STRANGERS if ALGORITHMS[name].kind != algorithm.kind)
    strangers = (other for other in others if other not in kin and may_be(other))
    return kin + list(islice(strangers, MOST_STRANGERS))


def _kin(algorithm: Algorithm, may_be: Callable[[Algorithm], bool]) -> Iterator[Algorithm]:
    """Yields those that may be, of each difference some, the smallest difference first."""
    groups: dict[frozenset[str], list[Algorithm]] = {}
    for other in ALGORITHMS.values():
        groups.setdefault(_difference(algorithm, other), []).append(other)
    for difference in sorted(groups, key=lambda one: ("family" in one, len(one), sorted(one))):
        if difference:
            yield from islice(filter(may_be, groups[difference]), OF_A_KIND)


def _difference(one: Algorithm, other: Algorithm) -> frozenset[str]:
    parts = _parts(other)
    return frozenset(name for name, value in _parts(one).items() if parts[name] != value)


def _parts(algorithm: Algorithm) -> dict[str, str]:
    family, _, rest = algorithm.cipher.removeprefix("rfc4106-").partition("-")
    bits, _, mode = rest.rpartition("-")
    return {
        "bits": bits,
        "mode": mode,
        "digest": algorithm.digest,
        "kind": algorithm.kind,
        "family": family,
        "salt": str(algorithm.salt_size),
    }
