"""The worker process: what goes through its pipes, and what becomes of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from benchsuite.model import Case, Failure, Measure, Value, WorkerRun
from benchsuite.runner import process, worker
from benchsuite.runner.process import describe

CASE = Case("null", "aes-128-cbc", request_size=64)
HOW = Measure(processes=1, values=3, warmups=1, min_time=0.001)


def talk(job: dict[str, Any]) -> tuple[list[dict[str, Any]], subprocess.CompletedProcess[str]]:
    done = subprocess.run(
        [sys.executable, "-c", "from benchsuite.runner.worker import main; main()"],
        input=json.dumps(job) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done


def test_it_says_what_it_does_and_answers_last() -> None:
    messages, done = talk(
        {"case": CASE.to_dict(), "measure": {"min_time": 0.001}, "round": 4, "per_request": None}
    )
    assert done.returncode == 0 and done.stderr == ""
    assert [m["phase"] for m in messages if "phase" in m] == [
        "opening",
        "verifying before timing",
        "timing",
        "verifying after timing",
    ]
    (expected,) = [m["expected"] for m in messages if "expected" in m]
    assert expected >= 0.001 * 11
    assert messages[-1]["run"]["round"] == 4
    assert len(messages[-1]["run"]["values"]) == 10


def test_what_cannot_be_measured_is_an_answer() -> None:
    case = CASE.to_dict() | {"backend": "python", "batch": 1}
    messages, done = talk({"case": case, "measure": {}, "round": 0, "per_request": None})
    assert done.returncode == 0
    assert messages[-1]["failure"][0] == "unsupported"


def test_measure_gives_a_run() -> None:
    run = process.measure(CASE, HOW, 2, None)
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
    return worker.Measurement(engine, what, how, 0).perform(per_request)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "tell", lambda **message: None)


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
    with pytest.raises(worker.MeasureError, match="min_time"):
        perform(Engine(0.0), Measure(values=1, warmups=0), per_request=1e-6)


class SelfTimed(Engine):
    """One that decides by itself."""

    def prepare(self, round_number: int, measure: Measure, folder: Path | None) -> tuple[float, str]:
        assert not self.asked
        self.prepared = (round_number, measure, folder)
        return 7.0, "what takes so long"


def test_an_engine_with_its_own_pace_is_neither_calibrated_nor_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(worker, "tell", lambda **message: told.append(message))
    engine, how = SelfTimed(1e-9), Measure(values=3, warmups=0, min_time=1.0)
    what = Case("null", "aes-128-cbc", request_num=1000)
    run = worker.Measurement(engine, what, how, 2, tmp_path).perform(1e-3)  # type: ignore[arg-type]
    assert engine.prepared == (2, how, tmp_path)
    assert len(engine.asked) == len(run.values) == 3 and run.warmups == []
    assert told == [{"phase": "what takes so long", "expected": 21.0}]
    assert 0 < run.started <= run.ended


# Seen from outside


def ended(program: str, monkeypatch: pytest.MonkeyPatch, **limits: Any) -> process.Worker:
    monkeypatch.setattr(process, "command", lambda: [sys.executable, "-c", program])
    started = process.Worker({}, **limits)
    started.wait()
    return started


@pytest.mark.parametrize(
    "number, kind, name",
    [
        (signal.SIGSEGV, "crash", "SIGSEGV"),
        (signal.SIGABRT, "crash", "SIGABRT"),
        (signal.SIGKILL, "killed", "SIGKILL"),
        (signal.SIGTERM, "killed", "SIGTERM"),
        (signal.SIGRTMIN + 3, "killed", f"signal {signal.SIGRTMIN + 3}"),
    ],
)
def test_every_signal_is_told(number: int, kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = ended(f"import os; os.kill(os.getpid(), {int(number)})", monkeypatch)
    found, reason = dead.why_it_died()
    assert found == kind and name in reason


def test_an_end_without_an_answer_tells_the_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = ended("import sys; print('not JSON'); sys.exit('out of luck')", monkeypatch)
    assert dead.answer is None
    assert dead.why_it_died() == ("internal", "the worker ended with status 1 while starting: out of luck")


def test_it_is_given_the_time_it_says_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    told = ended(
        "import json; print(json.dumps({'expected': 60.0})); print(json.dumps({'run': {}}))", monkeypatch
    )
    assert told.limit == process.PATIENCE + 300
    assert told.answer == {"run": {}}
    assert ended("", monkeypatch, deadline=7.0, expected=100.0).limit == 7.0


def test_a_library_that_prints_does_not_come_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        process,
        "_PROGRAM",
        "import os, sys; sys.path[:] = {path!r}\n"
        "from benchsuite.runner import worker\n"
        "open_case = worker.open_case\n"
        "worker.open_case = lambda case: (os.write(1, b'42\\n{{'), open_case(case))[1]\n"
        "worker.main()",
    )
    assert isinstance(process.measure(CASE, HOW, 0, None), WorkerRun)


def test_a_worker_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "command", lambda: [sys.executable, "-c", "import time; time.sleep(600)"])
    failure = process.measure(CASE, HOW, 1, None, deadline=0.3)
    assert isinstance(failure, Failure) and failure.kind == "hang" and failure.round == 1
    failure = process.measure(CASE, HOW, 1, None, deadline=60, budget_left=0.3)
    assert isinstance(failure, Failure) and failure.kind == "budget"


def test_what_a_worker_has_started_is_killed_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import json, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(json.dumps({'phase': str(child.pid)}), flush=True)\n"
        "time.sleep(600)"
    )
    monkeypatch.setattr(process, "command", lambda: [sys.executable, "-c", program])
    started = process.Worker({}, deadline=3.0)
    assert not started.wait()
    child = Path("/proc") / started.phase / "cmdline"
    for _ in range(100):
        if not child.exists() or not child.read_bytes():  # a zombie has no command line
            return
        time.sleep(0.05)
    pytest.fail("the child is still there")


def test_a_worker_that_no_signal_reaches_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that waits in the kernel for a device that is gone; here the signal is what goes missing."""
    started: list[int] = []
    monkeypatch.setattr(process, "command", lambda: [sys.executable, "-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(process, "LAST_WAIT", 0.2)
    kill = os.killpg
    monkeypatch.setattr(os, "killpg", lambda group, number: started.append(group))
    failure = process.measure(CASE, HOW, 1, None, deadline=0.3)
    kill(started[0], signal.SIGKILL)
    assert isinstance(failure, Failure) and failure.kind == "hang"
    assert "cannot be killed either, because it is stuck in the kernel" in failure.reason


def test_a_worker_that_hangs_after_closing_its_pipes_is_not_waited_for_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = "import os, time; os.close(1); os.close(2); time.sleep(600)"
    monkeypatch.setattr(process, "command", lambda: [sys.executable, "-c", program])
    monkeypatch.setattr(process, "LAST_WAIT", 0.2)
    failure = process.measure(CASE, HOW, 1, None, deadline=0.5)
    assert isinstance(failure, Failure) and failure.kind == "hang"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [({"failure": ["lost", "1 of 16"]}, "lost"), ({"run": {}}, "hang")],
    ids=["lost", "run"],
)
def test_an_answer_counts_though_the_worker_does_not_end(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, object], kind: str
) -> None:
    """As with a thread that waits in the kernel for what was lost, which keeps the process and its pipes."""
    program = f"import json, time; print(json.dumps({answer!r}), flush=True); time.sleep(600)"
    monkeypatch.setattr(process, "command", lambda: [sys.executable, "-c", program])
    monkeypatch.setattr(process, "LAST_WAIT", 0.2)
    failure = process.measure(CASE, HOW, 1, None, deadline=60)
    assert isinstance(failure, Failure) and failure.kind == kind and failure.round == 1
