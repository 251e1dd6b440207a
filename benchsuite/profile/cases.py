"""One point of a matrix made a case: what follows from the algorithm, and what does not go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchsuite.algorithms import Algorithm
from benchsuite.model import CHAINED, DECRYPT, DIGEST, PER_REQUEST, BenchsuiteError, Case
from benchsuite.profile.rates import arrivals

Origin = Callable[[str], str]  # key -> where its value comes from


def make_case(algorithm: Algorithm, given: Mapping[str, Any], round_size: bool, origin: Origin) -> Case:
    """Make a case. given: a value for every sweeping key, None where the algorithm decides."""
    point = dict(given)
    point["request_size"] = _size(algorithm, point["request_size"], round_size, origin)
    point["tag_size"] = _tag_size(algorithm, point["tag_size"], origin)
    point |= arrivals(point, origin)
    if DIGEST in algorithm.ops:
        return Case(**point | {"op": DIGEST, "iv": PER_REQUEST, "in_place": True, "aad_size": 0})
    point["in_place"] = _in_place(algorithm, point, origin)
    if point["iv"] == CHAINED:
        _check_chained(algorithm, point, origin)
        point["aad_size"] = point["tag_size"] = 0
    elif not algorithm.authenticated:
        point["aad_size"] = 0
    elif point["aad_size"] is None:
        point["aad_size"] = algorithm.aad_size
    return Case(**point)


def _size(algorithm: Algorithm, size: int, round_size: bool, origin: Origin) -> int:
    unit, least = algorithm.block, algorithm.min_size
    rounded = max(least, -(-size // unit) * unit)
    if size == rounded or round_size:
        return rounded
    if size < least:
        expected = f"takes at least {least} bytes, not {size}: try {least}"
    else:
        expected = f"takes multiples of {unit} bytes, not {size}: try {rounded - unit} or {rounded}"
    raise BenchsuiteError(f"{origin('request_size')}: {algorithm.name} {expected}, or round_size = true")


def _tag_size(algorithm: Algorithm, size: int, origin: Origin) -> int:
    """-> 0 where it is the algorithm's own, which is so in no name of a case then."""
    if not size or not algorithm.tag_sizes:
        return 0
    if size in algorithm.tag_sizes:
        return algorithm.cut_to(size)
    if algorithm.kind == "digest":
        expected = f"is a digest, and whole: {algorithm.tag_size} bytes, not {size}"
    else:
        expected = f"has tags of {_lengths(algorithm.tag_sizes)} bytes, not {size}"
    raise BenchsuiteError(
        f"{origin('tag_size')}: {algorithm.name} {expected}; leave tag_size out for its own"
    )


def _lengths(sizes: tuple[int, ...]) -> str:
    """`4, 8 or 12 to 16`; `1 to 20`."""
    runs: list[list[int]] = []
    for size in sizes:
        if runs and size == runs[-1][-1] + 1:
            runs[-1].append(size)
        else:
            runs.append([size])
    said = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"{', '.join(said[:-1])} or {said[-1]}" if len(said) > 1 else said[0]


def _in_place(algorithm: Algorithm, point: Mapping[str, Any], origin: Origin) -> bool:
    keeps_input = algorithm.authenticated and point["op"] == DECRYPT
    if keeps_input and point["in_place"]:
        raise BenchsuiteError(
            f"{origin('in_place')}: {algorithm.name} decrypt cannot work in place: every request "
            "needs text and tag again; leave in_place out"
        )
    return not keeps_input if point["in_place"] is None else bool(point["in_place"])


def _check_chained(algorithm: Algorithm, point: Mapping[str, Any], origin: Origin) -> None:
    """Refuse what cannot be chained: a request begins where the one before it ended, so there is one at a
    time."""
    for key, only in (("q_len", 1), ("batch", 0), ("cbimm", 1)):
        if point[key] != only:
            raise BenchsuiteError(
                f"{origin('iv')}: chained needs {key} = {only}, not {point[key]}: each request begins where "
                "the one before it ended"
            )
    if not algorithm.chainable or (algorithm.kind == "aead" and point["op"] == DECRYPT):
        raise BenchsuiteError(
            f"{origin('iv')}: chained is for ECB, CBC, CTR and encryption with plain GCM, not for "
            f"{algorithm.name} {point['op']}"
        )
    if point["tag_size"]:
        raise BenchsuiteError(
            f"{origin('tag_size')}: a chained message has no tag while it goes on: leave tag_size out"
        )
    if point["aad_size"]:
        raise BenchsuiteError(
            f"{origin('aad_size')}: a chained message has none, not {point['aad_size']}: leave it out"
        )
