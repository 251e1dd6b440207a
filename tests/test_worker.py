"""The worker process: what goes through its pipes, and how it measures. What becomes of it: test_channel."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchsuite import __version__, backends
from benchsuite.backends import MeasureError
from benchsuite.model import Case, Failure, Measure, Value, WorkerRun
from benchsuite.runner.calls import describe, measure
from benchsuite.runner.measurement import Measurement
from benchsuite.runner.messages import (
    PROTOCOL,
    Describe,
    Described,
    Failed,
    Hello,
    MeasureCase,
    Measured,
    Message,
    Progress,
    decode,
    encode,
)

CASE = Case("null", "aes-128-cbc", request_size=64)
HOW = Measure(processes=1, values=3, warmups=1, min_time=0.001)


def talk(*jobs: Message) -> tuple[list[Message], subprocess.CompletedProcess[bytes]]:
    done = subprocess.run(
        [sys.executable, "-c", "from benchsuite.runner.worker import main; main()"],
        input=b"".join(map(encode, jobs)),
        capture_output=True,
        timeout=60,
    )
    return [decode(line) for line in done.stdout.splitlines()], done


def test_it_says_hello_and_what_it_does_and_answers_last() -> None:
    messages, done = talk(MeasureCase(CASE, Measure(min_time=0.001), 4))
    assert done.returncode == 0 and done.stderr == b""
    hello, *said, last = messages
    assert isinstance(hello, Hello)
    assert (hello.protocol, hello.version) == (PROTOCOL, __version__)
    assert set(hello.cpus) == os.sched_getaffinity(0)
    assert set(hello.backends) == set(backends.known())
    told = [message for message in said if isinstance(message, Progress)]
    assert len(told) == len(said)
    assert [message.phase for message in told if message.phase] == [
        "opening",
        "verifying before timing",
        "timing",
        "verifying after timing",
    ]
    (expected,) = [message.expected for message in told if message.expected is not None]
    assert expected >= 0.001 * 11
    assert isinstance(last, Measured) and last.run.round == 4 and len(last.run.values) == 10


def test_what_cannot_be_measured_is_an_answer_and_the_next_job_has_its_own() -> None:
    bad = MeasureCase(replace(CASE, backend="python", batch=1), Measure(), 0)
    messages, done = talk(bad, Describe("null"))
    assert done.returncode == 0
    refused, described = messages[-2:]
    assert isinstance(refused, Failed) and refused.kind == "unsupported"
    assert isinstance(described, Described) and described.version == "null driver"


def test_measure_gives_a_run() -> None:
    run = measure(CASE, HOW, 2, None)
    assert isinstance(run, WorkerRun)
    assert run.round == 2 and len(run.values) == 3
    assert all(isinstance(value, Value) for value in run.warmups + run.values)
    assert all(value.wall >= 0.001 for value in run.values)


def test_describe_says_what_would_be_measured() -> None:
    assert "OpenSSL" in str(describe("software"))
    assert isinstance(describe("python"), str)
    failure = describe("software:/no/such.so")
    assert isinstance(failure, Failure) and failure.kind == "unavailable"


class Engine:
    """Requests that take what the test says, in a clock of its own."""

    def __init__(self, *seconds: float) -> None:
        self.seconds, self.asked = list(seconds), []
        self.forgotten: int | None = None

    def forget_latency(self) -> None:
        """Called once, between the warm-ups and the first value."""
        assert self.forgotten is None
        self.forgotten = len(self.asked)

    def run(self, requests: int) -> Value:
        self.asked.append(requests)
        each = self.seconds.pop(0) if len(self.seconds) > 1 else self.seconds[0]
        return Value(requests, requests * each, requests * each, 0.0)


def perform(engine: Engine, how: Measure, per_request: float | None = None, **case: Any) -> WorkerRun:
    what = Case("null", "aes-128-cbc", **case)
    return Measurement(engine, what, how, 0, lambda message: None).perform(per_request)  # type: ignore[arg-type]


def test_calibration_grows_from_q_len_and_is_a_warmup() -> None:
    engine = Engine(1e-6)
    run = perform(engine, Measure(values=2, warmups=1, min_time=0.02), q_len=3)
    assert engine.asked[:6] == [3, 12, 48, 192, 768, 3072]
    assert len(run.warmups) == 6 + 1 and len(run.values) == 2
    assert engine.forgotten == 6 + 1  # latency is that of the values
    assert all(0.02 <= value.wall < 0.03 for value in run.values)


def test_an_earlier_figure_saves_calibrating() -> None:
    run = perform(Engine(1e-6), Measure(values=2, warmups=1, min_time=0.02), per_request=1e-6)
    assert len(run.warmups) == 1


def test_request_num_is_the_least() -> None:
    engine = Engine(1e-3)
    perform(engine, Measure(values=2, warmups=0, min_time=0.001), per_request=1e-3, request_num=500)
    assert engine.asked == [500, 500]


def test_a_value_that_fell_short_is_a_warmup_and_made_longer() -> None:
    run = perform(Engine(1e-6, 1e-8), Measure(values=3, warmups=0, min_time=0.02), per_request=1e-4)
    assert len(run.values) == 3 and run.warmups
    assert all(value.wall >= 0.02 for value in run.values)
    assert all(value.wall < 0.02 for value in run.warmups)


def test_a_clock_that_stands_still_is_an_error_not_a_loop() -> None:
    with pytest.raises(MeasureError, match="min_time"):
        perform(Engine(0.0), Measure(values=1, warmups=0), per_request=1e-6)


class SelfTimed(Engine):
    """One that decides by itself."""

    def prepare(self, round_number: int, measure: Measure, folder: Path | None) -> tuple[float, str]:
        assert not self.asked
        self.prepared = (round_number, measure, folder)
        return 7.0, "what takes so long"


def test_an_engine_with_its_own_pace_is_neither_calibrated_nor_repeated(tmp_path: Path) -> None:
    told: list[Message] = []
    engine, how = SelfTimed(1e-9), Measure(values=3, warmups=0, min_time=1.0)
    what = Case("null", "aes-128-cbc", request_num=1000)
    run = Measurement(engine, what, how, 2, told.append, tmp_path).perform(1e-3)  # type: ignore[arg-type]
    assert engine.prepared == (2, how, tmp_path)
    assert len(engine.asked) == len(run.values) == 3 and run.warmups == []
    assert list(map(encode, told)) == [encode(Progress("what takes so long", 21.0))]
    assert 0 < run.started <= run.ended
