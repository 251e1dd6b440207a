"""Everything `benchsuite verify` checks of the `python` backend and one algorithm: both operations, many
sizes, several lengths of AAD, forged tags, published vectors."""

from __future__ import annotations

from collections.abc import Iterable

from benchsuite.algorithms import Algorithm
from benchsuite.backends import vectors
from benchsuite.backends.backend import Phase
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import Survey
from benchsuite.backends.fixed_keys import cipher_key, mac_key, pattern
from benchsuite.backends.python_calls import performer
from benchsuite.backends.reference import Reference
from benchsuite.backends.survey import AAD_SIZES, verified_sizes
from benchsuite.backends.vectors import Vector
from benchsuite.backends.verify import differs
from benchsuite.model import DECRYPT


class PythonSurvey:
    """The survey of the `python` backend, which has no buffers, queues or chains of its own."""

    def __init__(self, algorithm: Algorithm, phase: Phase) -> None:
        self.algorithm, self.phase, self.found = algorithm, phase, Survey()

    def perform(self, wanted: Iterable[int] | None) -> Survey:
        sizes = verified_sizes(self.algorithm, wanted)
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
