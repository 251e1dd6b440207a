"""Everything `benchsuite verify` checks of one backend and one algorithm: both operations, many sizes, in
place and out of place, several lengths of AAD, forged tags, chained requests, a loaded queue, published
vectors.

What the backend refuses beyond the algorithm itself (another length of AAD, a chain) is no fault; the survey
says so. The first wrong byte ends it: MeasureError, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field

from benchsuite import algorithms, backends
from benchsuite.algorithms import Algorithm
from benchsuite.backends import vectors
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.keys import cipher_key, mac_key, pattern
from benchsuite.backends.python import performer
from benchsuite.backends.reference import Reference
from benchsuite.backends.session import Params, Session
from benchsuite.backends.vectors import Vector
from benchsuite.backends.verify import Checker, differs, odd_sizes
from benchsuite.model import DECRYPT, Case
from benchsuite.native import Driver

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

Phase = Callable[[str], None]


@dataclass(slots=True)
class Survey:
    """What was checked, and found right."""

    requests: int = 0
    vectors: int = 0
    refused: list[str] = field(default_factory=list)  # why something was left out
    chosen: str = ""  # the backends that `auto` took


def usable(algorithm: Algorithm, sizes: Iterable[int]) -> list[int]:
    """The sizes, each rounded down to one that the algorithm takes."""
    rounded = {size // algorithm.block * algorithm.block for size in sizes}
    return sorted(size for size in rounded if size >= algorithm.min_size)


def survey(backend: str, name: str, sizes: Iterable[int] | None, phase: Phase) -> Survey:
    """sizes: of a profile's requests, each checked with its odd neighbours; None: SIZES. phase is told what
    comes next. MeasureError("unsupported") when the backend has no such algorithm."""
    found, algorithm = backends.parse(backend), algorithms.find(name)
    backends.version(backend)
    if sizes is None:
        all_sizes = usable(algorithm, SIZES)
    else:
        all_sizes = sorted({odd for size in sizes for odd in odd_sizes(algorithm, size)})
    if found.driver is None:
        if own := getattr(found.module, "survey", None):
            checked: Survey = own(found.setting, algorithm, sizes, phase)
            return checked
        return _PythonSurvey(algorithm, phase).perform(all_sizes)
    return _NativeSurvey(found.driver, found.setting, backend, algorithm, phase).perform(all_sizes)


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


class _NativeSurvey:
    """Of a driver of the native core."""

    def __init__(
        self, driver: Driver, setting: str, backend: str, algorithm: Algorithm, phase: Phase
    ) -> None:
        self.driver, self.setting, self.backend = driver, setting, backend
        self.algorithm, self.phase, self.found = algorithm, phase, Survey()

    def perform(self, sizes: list[int]) -> Survey:
        for op in self.algorithm.ops:
            self.phase(f"verifying {op}")
            params = Params(self.driver, self.setting, self.algorithm, op, self.algorithm.aad_size, sizes[-1])
            params.check()
            self._requests(params, sizes)
            for aad_size in AAD_SIZES if self.algorithm.authenticated else ():
                self._if_served(
                    f"{aad_size} bytes of AAD", lambda op=op, aad=aad_size: self._aad(op, aad, sizes)
                )
            if self.algorithm.chainable and not (self.algorithm.authenticated and op == DECRYPT):
                self._if_served(f"chained {op}", lambda op=op: self._chained(op))
            self._if_served(f"a loaded queue, {op}", lambda op=op: self._loaded(op, sizes[-1]))
            self.phase(f"verifying published vectors, {op}")
            for vector in vectors.of(self.algorithm.name):
                self._if_served(vector.source, lambda op=op, vector=vector: self._vector(op, vector))
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
        params = Params(self.driver, self.setting, self.algorithm, op, aad_size, sizes[-1])
        params.check()
        self._requests(params, sizes[::4])

    def _chained(self, op: str) -> None:
        for size in usable(self.algorithm, CHAIN_SIZES):
            params = Params(self.driver, self.setting, self.algorithm, op, 0, size, chained=True)
            params.check()
            with closing(Session(params)) as session:
                self.found.requests += Checker(params).chain(session, size)

    def _loaded(self, op: str, largest: int) -> None:
        """Many at once, through dispatch queue, return queue and callback thread."""
        case = Case(
            self.backend,
            self.algorithm.name,
            op,
            min(largest, 4096),
            q_len=8,
            batch=1,
            cbimm=0,
            in_place=False,
            aad_size=self.algorithm.aad_size,
        )
        with closing(backends.open_case(case)) as engine:
            checked = engine.verify()
            engine.run(LOADED_REQUESTS)
            self.found.requests += checked + engine.verify_after()

    def _vector(self, op: str, vector: Vector) -> None:
        params = Params(
            self.driver,
            self.setting,
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


class _PythonSurvey:
    """Of the `python` backend, which has no buffers, queues or chains of its own."""

    def __init__(self, algorithm: Algorithm, phase: Phase) -> None:
        self.algorithm, self.phase, self.found = algorithm, phase, Survey()

    def perform(self, sizes: list[int]) -> Survey:
        self.phase("verifying")
        key, mac = cipher_key(self.algorithm), mac_key(self.algorithm)
        reference = Reference(self.algorithm, key, mac)
        for aad_size in (self.algorithm.aad_size, *AAD_SIZES) if self.algorithm.authenticated else (0,):
            for size in sizes:
                iv, aad = pattern(self.algorithm.iv_size, size + 2), pattern(aad_size, size + 1)
                plain = pattern(size, size)
                text, tag = reference.encrypt(iv, aad, plain)
                known = Vector(self.algorithm.name, "", key, mac, iv, aad, plain, text, tag)
                self._answer(known, f"{size} bytes")
                if self.algorithm.authenticated:
                    self._refuses_forgery(known)
        self.phase("verifying published vectors")
        for vector in vectors.of(self.algorithm.name):
            self._answer(vector, vector.source)
            self.found.vectors += 1
        return self.found

    def _answer(self, known: Vector, how: str) -> None:
        for op in self.algorithm.ops:
            perform = performer(self.algorithm, op, known.key, known.mac_key)
            sealed = known.tag if self.algorithm.kind in ("digest", "hmac") else known.text + known.tag
            source, expected = (sealed, known.plain) if op == DECRYPT else (known.plain, sealed)
            try:
                got = perform(known.iv, known.aad, source)
            except Exception as error:
                raise self._wrong("error", op, how, f"{type(error).__name__}: {error}") from error
            if len(got) != len(expected):
                raise self._wrong("wrong-bytes", op, how, f"{len(got)} bytes, not {len(expected)}")
            if problem := differs(got, expected):
                raise self._wrong("wrong-bytes", op, how, problem)
            self.found.requests += 1

    def _refuses_forgery(self, known: Vector) -> None:
        perform = performer(self.algorithm, DECRYPT, known.key, known.mac_key)
        forged = known.text + known.tag[:-1] + bytes([known.tag[-1] ^ 1])
        try:
            perform(known.iv, known.aad, forged)
        except Exception:
            self.found.requests += 1
            return
        raise self._wrong("wrong-bytes", DECRYPT, f"{len(known.plain)} bytes", "a forged tag was accepted")

    def _wrong(self, kind: str, op: str, how: str, what: str) -> MeasureError:
        return MeasureError(kind, f"{self.algorithm.name} {op}, {how}: {what}")
