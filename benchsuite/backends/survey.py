"""Everything `benchsuite verify` checks of one backend and one algorithm: both operations, many sizes, in
place and out of place, several lengths of AAD, forged tags, chained requests, a loaded queue, published
vectors.

What the backend refuses beyond the algorithm itself (another length of AAD, a chain) is no fault; the survey
says so. The first wrong byte ends it: MeasureError, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from typing import Protocol

from benchsuite.algorithms import Algorithm
from benchsuite.backends import vectors
from benchsuite.backends.backend import Engine, Phase
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import Survey
from benchsuite.backends.session import ByDriver, Params, Session
from benchsuite.backends.vectors import Vector
from benchsuite.backends.verify import Checker, odd_sizes
from benchsuite.model import DECRYPT, Case

# Around the sizes where implementations change their way: blocks, cache lines, a packet, a page, and more.
SIZES = (
    1,
    8,
    15,
    16,
    17,
    24,
    31,
    32,
    33,
    48,
    63,
    64,
    65,
    127,
    128,
    129,
    255,
    256,
    257,
    512,
    1023,
    1024,
    1025,
    1420,
    1488,
    4095,
    4096,
    4097,
    16384,
    65536,
)
AAD_SIZES = (0, 1, 12, 20, 65)  # beside the algorithm's own
CHAIN_SIZES = (13, 16, 64, 1000, 1024)
LOADED_REQUESTS = 200


def usable(algorithm: Algorithm, sizes: Iterable[int]) -> list[int]:
    """The sizes, each rounded down to one that the algorithm takes."""
    rounded = {size // algorithm.block * algorithm.block for size in sizes}
    return sorted(size for size in rounded if size >= algorithm.min_size)


def verified_sizes(algorithm: Algorithm, sizes: Iterable[int] | None) -> list[int]:
    """The sizes that are verified. sizes: a profile's, each with its odd neighbours; None: SIZES."""
    if sizes is None:
        return usable(algorithm, SIZES)
    return sorted({odd for size in sizes for odd in odd_sizes(algorithm, size)})


class Opening(ByDriver, Protocol):
    def __str__(self) -> str: ...
    def open_case(self, case: Case) -> Engine: ...


class _VectorChecker(Checker):
    """Holds requests against a vector instead of the reference."""

    def __init__(self, params: Params, vector: Vector) -> None:
        super().__init__(params)
        self.vector = vector

    def wrong(self, size: int, how: str, what: str) -> MeasureError:
        return super().wrong(size, f"{how}, {self.vector.source}", what)

    def expected(self, iv: bytes, aad: bytes, data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
        plain, text, tag = self.vector.plain, self.vector.text, self.vector.tag
        if self.op == DECRYPT:
            return text, tag, plain, tag
        return plain, bytes(len(tag)), text, tag


class DriverSurvey:
    """The survey of a driver of the native core."""

    def __init__(self, backend: Opening, algorithm: Algorithm, phase: Phase) -> None:
        self.backend, self.algorithm, self.phase, self.found = backend, algorithm, phase, Survey()

    def perform(self, wanted: Iterable[int] | None) -> Survey:
        sizes = verified_sizes(self.algorithm, wanted)
        for op in self.algorithm.ops:
            self.phase(f"verifying {op}")
            params = Params(self.backend, self.algorithm, op, self.algorithm.aad_size, sizes[-1])
            params.check()
            self._requests(params, sizes)
            for aad_size in AAD_SIZES if self.algorithm.authenticated else ():
                self._if_served(f"{aad_size} bytes of AAD", partial(self._aad, op, aad_size, sizes))
            if self.algorithm.chainable and not (self.algorithm.authenticated and op == DECRYPT):
                self._if_served(f"chained {op}", partial(self._chained, op))
            self._if_served(f"a loaded queue, {op}", partial(self._loaded, op, sizes[-1]))
            self.phase(f"verifying published vectors, {op}")
            for vector in vectors.of(self.algorithm.name):
                self._if_served(vector.source, partial(self._vector, op, vector))
        return self.found

    def _if_served(self, what: str, check: Callable[[], None]) -> None:
        try:
            check()
        except MeasureError as error:
            if error.kind != "unsupported":
                raise
            self._refused(f"{what}: {error}")

    def _refused(self, sentence: str) -> None:
        if sentence not in self.found.refused:
            self.found.refused.append(sentence)

    def _requests(self, params: Params, sizes: list[int]) -> None:
        checker = Checker(params)
        with closing(Session(params)) as session:
            self.found.requests += checker.session(session, sizes)
        if checker.refused:
            self._refused(f"{params.op} of {', '.join(map(str, checker.refused))} bytes: not served")

    def _aad(self, op: str, aad_size: int, sizes: list[int]) -> None:
        params = Params(self.backend, self.algorithm, op, aad_size, sizes[-1])
        params.check()
        self._requests(params, sizes[::4])

    def _chained(self, op: str) -> None:
        for size in usable(self.algorithm, CHAIN_SIZES):
            params = Params(self.backend, self.algorithm, op, 0, size, chained=True)
            params.check()
            with closing(Session(params)) as session:
                self.found.requests += Checker(params).chain(session, size)

    def _loaded(self, op: str, largest: int) -> None:
        """Many at once, through dispatch queue, return queue and callback thread."""
        case = Case(
            str(self.backend),
            self.algorithm.name,
            op,
            min(largest, 4096),
            q_len=8,
            batch=1,
            cbimm=0,
            in_place=False,
            aad_size=self.algorithm.aad_size,
        )
        with closing(self.backend.open_case(case)) as engine:
            checked = engine.verify()
            engine.run(LOADED_REQUESTS)
            self.found.requests += checked + engine.verify_after()

    def _vector(self, op: str, vector: Vector) -> None:
        params = Params(
            self.backend,
            self.algorithm,
            op,
            len(vector.aad),
            len(vector.plain),
            key=vector.key,
            mac=vector.mac_key,
        )
        params.check()
        with closing(Session(params)) as session:
            for in_place in (False, True):
                _VectorChecker(params, vector).check(session, vector.iv, vector.aad, vector.plain, in_place)
        self.found.vectors += op != DECRYPT  # each counts once
        self.found.requests += 2
