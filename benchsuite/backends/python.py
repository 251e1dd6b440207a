"""The `python` backend: what a Python caller of the `cryptography` package gets.

One call chain per request (python_calls.py), whose result is a new object: in_place means nothing here. One
thread, the caller's.
"""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable
from typing import Any

import cryptography
from cryptography.hazmat.backends.openssl.backend import backend as openssl

from benchsuite import algorithms
from benchsuite.algorithms import Algorithm
from benchsuite.backends.backend import Backend, Engine, Interval, Phase
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import Survey, Wanted
from benchsuite.backends.fixed_keys import cipher_key, mac_key, pattern
from benchsuite.backends.python_calls import performer
from benchsuite.backends.python_log import PythonLog
from benchsuite.backends.reference import Reference
from benchsuite.facts import Fact
from benchsuite.model import CHAINED, DECRYPT, Case, Value

FIRST_SAMPLE_EVERY, MAX_SAMPLE_EVERY = 64, 65536  # powers of two
SAMPLING_SHARE = 0.005  # of the wall time, half of what is promised


def stamp_cost(clock: Callable[[], int] = time.perf_counter_ns) -> float:
    """Nanoseconds of a timestamp: the least of several batches, because one that was interrupted says nothing
    about the cost."""
    batches, batch = 9, 200
    spent = []
    for _ in range(batches):
        start = clock()
        for _ in range(batch):
            clock()
        spent.append(clock() - start)
    return min(spent) / batch


class PythonBackend(Backend):
    name = "python"
    about = "the cryptography package, as a Python program calls it"

    def version(self) -> str:
        self.check_setting()
        return f"cryptography {cryptography.__version__} ({openssl.openssl_version_text()})"

    def open_case(self, case: Case) -> Engine:
        return PythonEngine(case, self.version())

    def survey(self, algorithm: Algorithm, wanted: Wanted, phase: Phase) -> Survey:
        from benchsuite.backends.python_survey import PythonSurvey

        self.version()
        return PythonSurvey(algorithm, phase).perform(wanted)


class PythonEngine:
    """An engine (see backend.py) over a loop in Python."""

    def __init__(self, case: Case, version: str) -> None:
        if needs := case.load.needs("q_len", "crypto_q_max"):
            raise MeasureError(
                "unsupported", f"the python backend has no queues or threads: it needs {needs}"
            )
        if case.iv == CHAINED:
            raise MeasureError("unsupported", "the python backend makes a context per request: no chained IV")
        self.case, self.algorithm = case, algorithms.find(case.algorithm)
        if case.tag_size and case.tag_size not in self.algorithm.tag_sizes:
            sizes = ", ".join(map(str, self.algorithm.tag_sizes)) or "no"
            raise MeasureError("unsupported", f"{case.algorithm} has tags of {sizes} bytes alone")
        self.version = version
        self._perform = performer(self.algorithm, case.op, tag_size=case.tag_size)
        key, mac = cipher_key(self.algorithm), mac_key(self.algorithm)
        self._reference = Reference(self.algorithm, key, mac, case.tag_size or None)
        self._requests = [self._request(seed, case.request_size) for seed in range(case.q_len)]
        self._completed = self._sampled = 0
        self._latency: dict[int, int] = {}
        self._log: PythonLog | None = None
        self._stamp_ns = stamp_cost()
        self._sample_every, self._fastest = FIRST_SAMPLE_EVERY, math.inf

    def _request(self, seed: int, size: int) -> tuple[bytes, bytes, bytes]:
        """(iv, aad, what the function takes as data)."""
        iv, aad = pattern(self.algorithm.iv_size, seed + 1), pattern(self.case.aad_size, seed + 2)
        data = pattern(size, seed + 3)
        if self.case.op == DECRYPT:
            text, tag = self._reference.encrypt(iv, aad, data)
            return iv, aad, text + tag
        return iv, aad, data

    def verify(self) -> int:
        """Each slot's result against the reference. Both are the cryptography package: what this
        catches is a wrong call, and `benchsuite verify` adds published vectors."""
        for iv, aad, data in self._requests:
            got = self._perform(iv, aad, data)
            if self.case.op == DECRYPT:
                end = len(data) - (self._reference.tag_size if self.algorithm.authenticated else 0)
                expected = self._reference.decrypt(iv, aad, data[:end], data[end:])
            else:
                text, tag = self._reference.encrypt(iv, aad, data)
                expected = tag if self.algorithm.kind in ("digest", "hmac") else text + tag
            if got != expected:
                raise MeasureError(
                    "wrong-bytes", f"{self.algorithm.name} {self.case.op} differs from the reference"
                )
        return len(self._requests)

    def run(self, requests: int) -> Value:
        perform, slots, clock, every = self._perform, self._requests, time.perf_counter_ns, self._sample_every
        samples: list[int] = []
        left, log = requests, self._log
        if log:
            log.begins(clock())
        before, begin = resource.getrusage(resource.RUSAGE_SELF), clock()
        try:
            while left > 0:
                for iv, aad, data in slots[:left]:
                    if left % every:
                        perform(iv, aad, data)
                    else:
                        start = clock()
                        perform(iv, aad, data)
                        samples.append((end := clock()) - start)
                        if log:
                            log.sample(end, requests - left + 1, samples[-1])
                    left -= 1
        except Exception as error:
            raise MeasureError("error", f"a request failed: {type(error).__name__}: {error}") from error
        wall, after = clock() - begin, resource.getrusage(resource.RUSAGE_SELF)
        if log:
            log.ends(begin + wall, requests)
        self._completed += requests
        self._sampled += len(samples)
        for sample in samples:
            self._latency[sample] = self._latency.get(sample, 0) + 1
        self._adapt_sampling(wall / requests)
        return Value(
            requests=requests,
            wall=wall / 1e9,
            user=after.ru_utime - before.ru_utime,
            system=after.ru_stime - before.ru_stime,
            timestamps=2 * len(samples) * self._stamp_ns / 1e9,
        )

    def _adapt_sampling(self, per_request: float) -> None:
        """Sets how many samples cost SAMPLING_SHARE of the time, by the fastest run: after one that was
        disturbed the next would stamp too many."""
        self._fastest = min(self._fastest, per_request)
        self._sample_every = 1
        while (
            self._sample_every < MAX_SAMPLE_EVERY
            and self._sample_every * SAMPLING_SHARE * self._fastest < 2 * self._stamp_ns
        ):
            self._sample_every *= 2

    def verify_after(self) -> int:
        return self.verify()

    def log(self, interval: float) -> None:
        self._log = PythonLog(interval, time.perf_counter_ns())

    def take_log(self, last: bool) -> list[Interval]:
        found = self._log.take(last) if self._log else []
        self._log = None if last else self._log
        return found

    def counters(self) -> dict[str, int]:
        return {
            "submitted": self._completed,
            "completed": self._completed,
            "failed": 0,
            "sampled": self._sampled,
        }

    def forget_latency(self) -> None:
        self._latency.clear()

    def latency(self) -> dict[str, dict[str, Any]]:
        buckets = [[ns, count] for ns, count in sorted(self._latency.items())]
        return {"lat": {"max": buckets[-1][0] if buckets else 0, "buckets": buckets}}

    def facts(self) -> dict[str, str]:
        return {
            Fact.VERSION: self.version,
            Fact.PATH: "Python, caller's thread",
            Fact.CYCLES_SOURCE: "none",
            Fact.LATENCY_CLOCK: "time.perf_counter_ns",
        }

    def close(self) -> None:
        """Nothing is held."""
