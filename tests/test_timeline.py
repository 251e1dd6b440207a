"""The time series of real runs: what they hold, what an interruption leaves, what other work does to them."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyperf
import pytest
from command import PATIENCE, Cli
from hypothesis import given
from hypothesis import strategies as st

from benchsuite import api, store
from benchsuite.backends import MeasureError, open_case
from benchsuite.backends.python_log import PythonLog
from benchsuite.backends.simulated import SimulatedEngine
from benchsuite.course import course
from benchsuite.host.files import Tree
from benchsuite.host.sensors import Sensors
from benchsuite.model import BenchsuiteError, Case, Measure, Value, WorkerRun
from benchsuite.native import lib
from benchsuite.runner import calls
from benchsuite.runner.measurement import Measurement
from benchsuite.runner.messages import Logged, Message
from benchsuite.runner.timeline import NO_LOG, NO_MACHINE, Timeline
from benchsuite.runs.lasting import lasting, too_short
from benchsuite.runs.plan import make_plan
from benchsuite.series import MOST_INTERVALS, VIRTUAL, Series

CBC = Case("null", "aes-128-cbc")


def run_of(case: Case, **how: float) -> tuple[WorkerRun, list[Message]]:
    """In this process."""
    engine, told = open_case(case), list[Message]()
    measure = Measure(**{"values": 3, "warmups": 1, "min_time": 0.05, "log_interval": 0.02} | how)  # type: ignore[arg-type]
    try:
        run = Measurement(engine, case, measure, 0, told.append).perform(None)
        run.counters = engine.counters()
    finally:
        engine.close()
    return run, told


def requests_in(series: Series, ramp: bool | None = None) -> float:
    pairs = enumerate(zip(series.requests_per_second, series.lasts, strict=True))
    return sum((rate or 0) * lasts for i, (rate, lasts) in pairs if ramp in (None, series.is_ramp(i)))


@pytest.mark.parametrize(
    "case",
    [
        CBC,
        Case("null", "aes-128-cbc", q_len=8, batch=1, cbimm=0),
        Case("null", "aes-128-cbc", workers=2),
        Case("python", "sha256", "digest"),
    ],
    ids=["direct", "queues", "two workers", "python"],
)
def test_all_requests_of_the_values_are_in_it(case: Case) -> None:
    run, _ = run_of(case)
    series = run.series
    assert series is not None and len(series) >= 5
    timed = sum(value.requests for value in run.values)  # and such as were too short to be a value
    assert timed * 0.9999 <= requests_in(series) <= run.counters["completed"] * 1.0001
    assert series.begins[0] == 0 and series.ramp == 0
    ends = [begin + lasts for begin, lasts in zip(series.begins, series.lasts, strict=True)]
    assert series.begins[1:] == pytest.approx(ends[:-1], abs=1e-5)
    assert sum(series.sampled) > 0 and series.told("p99_seconds") and series.told("user_cpus")
    for p50, p99 in zip(series.p50_seconds, series.p99_seconds, strict=True):
        assert (p50 is None) == (p99 is None) and (p50 is None or p50 <= (p99 or 0))


def test_a_ramp_is_kept_apart() -> None:
    run, _ = run_of(CBC, ramp=0.2)
    assert run.series is not None
    assert run.series.ramp == pytest.approx(0.2, abs=0.15)
    assert len(run.values) == 3 and sum(value.wall for value in run.warmups) >= 0.18
    timed = sum(value.requests for value in run.values)
    assert requests_in(run.series, ramp=False) >= timed * 0.9
    assert run.series.is_ramp(0) and not run.series.is_ramp(len(run.series) - 1)
    assert run_of(CBC, ramp=0.1, log_interval=0.0)[0].series is None


def test_the_machine_is_read_beside_it(tmp_path: Path) -> None:
    cpu = tmp_path / "sys/devices/system/cpu"
    (cpu / "cpu0/cpufreq").mkdir(parents=True)
    (cpu / "online").write_text("0\n")
    frequency = cpu / "cpu0/cpufreq/scaling_cur_freq"
    frequency.write_text("1800000\n")
    engine = open_case(CBC)
    timeline = Timeline(engine, Measure(log_interval=0.05), lambda message: None, Sensors(Tree(tmp_path)))
    timeline.values_begin()
    time.sleep(0.4)
    frequency.write_text("1200000\n")
    time.sleep(0.4)
    engine.run(1)
    series = timeline.end()
    engine.close()
    assert series.frequency_hz[0] == 1.8e9 and series.frequency_hz[-1] == 1.2e9
    assert set(series.untold) >= {"machine_busy", "temperature_celsius", "throttle_events", "slowed_steps"}
    assert "frequency_hz" not in series.untold


def test_a_backend_that_times_itself_has_no_rate() -> None:
    class Other:
        """An engine without a log."""

    timeline = Timeline(Other(), Measure(log_interval=0.05), lambda message: None)  # type: ignore[arg-type]
    timeline.values_begin()
    time.sleep(0.3)
    series = timeline.end()
    assert len(series) >= 5 and not series.told("requests_per_second")
    assert series.untold["requests_per_second"] == NO_LOG and series.untold["p99_seconds"] == NO_LOG


def test_it_is_told_while_it_goes_on() -> None:
    run, told = run_of(CBC, values=2, min_time=1.0, log_interval=0.1)
    parts = [message.series for message in told if isinstance(message, Logged)]
    assert parts and run.series is not None
    so_far = Series(0.1)
    for part in parts:
        so_far.extend(part)
    assert so_far.begins == run.series.begins[: len(so_far)]


def test_a_case_that_fails_has_told_all_until_then() -> None:
    class Failing:
        """An engine that works for half a second."""

        def __init__(self) -> None:
            self.end = time.monotonic() + 0.5

        def run(self, requests: int) -> Value:
            if time.monotonic() > self.end:
                raise MeasureError("error", "the device is gone")
            time.sleep(0.01)
            return Value(requests, 0.01, 0.0, 0.0)

        def forget_latency(self) -> None: ...

    told: list[Message] = []
    measure = Measure(values=1000, min_time=0.01, log_interval=0.05)
    with pytest.raises(MeasureError, match="the device is gone"):
        Measurement(Failing(), CBC, measure, 0, told.append).perform(1e-3)  # type: ignore[arg-type]
    (part,) = [message.series for message in told if isinstance(message, Logged)]
    assert len(part) >= 5
    assert not any(thread.name == "timeline" for thread in threading.enumerate())


def test_what_a_process_does_after_its_last_run_is_in_no_interval() -> None:
    log = PythonLog(60.0, time.perf_counter_ns())
    log.begins(time.perf_counter_ns())
    log.ends(time.perf_counter_ns(), 1)
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    (row,) = log.take(last=True)
    assert row.user is not None and row.system is not None and row.user + row.system < 0.025


def test_a_long_simulated_run_has_no_interval_without_requests() -> None:
    """More intervals than there is room for in a log that nobody reads meanwhile."""
    engine = open_case(Case("sim:am37x", "aes-128-cbc", request_size=16384, request_num=300_000))
    assert isinstance(engine, SimulatedEngine)
    engine.prepare(0, Measure(log_interval=0.01), None)
    value = engine.run(0)
    engine.close()
    assert value.wall / 0.01 > lib.BS_LOG_ROOM > MOST_INTERVALS >= len(engine.value_log)
    assert sum(row.requests or 0 for row in engine.value_log) >= value.requests - 0.5
    assert all(row.requests for row in engine.value_log)


def test_a_simulated_device_has_one_in_virtual_time() -> None:
    found = api.run(
        "queue-depth",
        backend="sim:hifn7956",
        set={"q_len": 8, "batch": 0, "cbimm": 1, "algorithm": "aes-128-cbc", "request_size": 1024},
        time="200ms",
        log_interval="10ms",
        ramp="50ms",
    )
    (case,) = found.cases
    (run,) = case.runs
    series = run.series
    assert series is not None and series.clock == VIRTUAL and series.ramp == pytest.approx(0.05, rel=0.1)
    rates = [rate for i, rate in enumerate(series.requests_per_second) if not series.is_ramp(i)]
    assert sum(series.lasts) == pytest.approx(0.25, rel=0.1)
    assert rates[3:-2] == pytest.approx([1 / run.values[0].per_request] * len(rates[3:-2]), rel=0.02)
    assert series.untold["frequency_hz"] == NO_MACHINE
    plain = api.run(
        "queue-depth",
        backend="sim:hifn7956",
        set={"q_len": 8, "batch": 0, "cbimm": 1, "algorithm": "aes-128-cbc", "request_size": 1024},
    )
    assert plain.cases[0].values[0].per_request == pytest.approx(run.values[0].per_request, rel=1e-3)
    assert plain.cases[0].runs[0].series is None


def small(cli: Cli, *more: str) -> list[str]:
    return [
        "run",
        "quick",
        "-b",
        "null",
        "-s",
        "q_len=1",
        "-s",
        "batch=0",
        "-s",
        "cbimm=1",
        "-s",
        "request_size=64",
        "-s",
        "algorithm=aes-128-cbc",
        "-o",
        "r.json",
        *more,
    ]


def test_the_file_is_pyperfs_and_says_it_all(cli: Cli) -> None:
    done = cli.run(*small(cli, "--time", "1s", "--log-interval", "50ms", "--ramp", "100ms", "-q"))
    assert done.returncode == 0, done.stderr
    result = store.load(cli.directory / "r.json")
    (run,) = result.cases[0].runs
    assert run.series is not None and run.series.interval == 0.05 and len(run.values) == 10
    assert pyperf.BenchmarkSuite.load(str(cli.directory / "r.json")).get_benchmarks()
    assert "steady" in done.stdout or "varies" in done.stdout or "of null" in done.stdout
    table = cli.run("export", "r.json", "--to", "series-csv").stdout.splitlines()
    assert len(table) == 1 + len(run.series)
    page = cli.run("report", "r.json", "-o", "r.html")
    assert page.returncode == 0
    assert ">Over time</h2>" in (cli.directory / "r.html").read_text()


def test_an_interrupted_run_keeps_what_it_had(cli: Cli) -> None:
    """In the journal, at once; in the result; and --resume measures that process again."""
    arguments = small(cli, "--time", "60s", "--log-interval", "100ms")
    process = cli.start(*arguments)
    journal = cli.directory / "r.json.journal"
    end = time.monotonic() + PATIENCE
    while not (journal.exists() and journal.read_text().count('{"series"') >= 2):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    (case,) = store.load(cli.directory / "r.json").cases
    (run,) = case.runs
    assert run.cut_short and run.series is not None and len(run.series) >= 10 and not case.measured
    assert ">Over time</h2>" in _page(cli)
    resumed = store.resume(cli.directory / "r.json")
    resumed.journal.close()
    (kept,) = resumed.cases[0].runs
    assert kept.series is not None and len(kept.series) >= 10 and resumed.cases[0].rounds == 0


def _page(cli: Cli) -> str:
    assert cli.run("report", "r.json", "-o", "r.html").returncode in (0, 3)  # 3: no case has a figure
    return (cli.directory / "r.html").read_text()


_BUSY = """
import os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
print(flush=True)
end = time.monotonic() + 60
while time.monotonic() < end: pass
"""


def _disturbed_half_way(cpu: int) -> Series:
    """The series of 4 s of requests on this CPU; in the second half three busy loops have nearly all of it.
    For a thread of its own, which stays where it is and what it is."""
    os.sched_setaffinity(0, {cpu})
    engine = open_case(CBC)
    engine.run(1000)
    timeline = Timeline(engine, Measure(log_interval=0.1), lambda message: None)
    timeline.values_begin()
    with contextlib.ExitStack() as loops:
        for busy in (0, 3):
            for _ in range(busy):
                command = [sys.executable, "-c", _BUSY, str(cpu)]
                loop = loops.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE))
                loops.callback(loop.kill)
                assert loop.stdout and loop.stdout.readline()
            if busy:
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
            end = time.monotonic() + 2
            while time.monotonic() < end:
                engine.run(1_000_000)
        series = timeline.end()
    engine.close()
    return series


def test_other_work_on_the_same_cpu_is_seen() -> None:
    """Whatever else goes on here: what begins half-way has 28 times the weight of the thread's own."""
    with ThreadPoolExecutor(1) as threads:
        series = threads.submit(_disturbed_half_way, min(os.sched_getaffinity(0))).result()
    found = course(series)
    assert found and found.change, series.requests_per_second
    assert found.change.ratio < 0.8 and found.change.less_cpu, found


def test_time_becomes_values_of_a_second_at_most() -> None:
    assert lasting(["q_len=4"], 60.0, 1.0, 5.0) == (
        "q_len=4",
        "values=60",
        "min_time=1.0",
        "processes=1",
        "log_interval=1.0",
        "ramp=5.0",
    )
    assert lasting(["processes=3"], 2.0) == ("processes=3", "values=10", "min_time=0.2")
    assert lasting([], 100_000.0)[:2] == ("values=10000", "min_time=10.0")
    with pytest.raises(BenchsuiteError, match="--time and --set min_time: give one of them"):
        lasting(["min_time=1s"], 60.0)
    with pytest.raises(BenchsuiteError, match="--ramp and --set ramp"):
        lasting(["ramp=1s"], ramp=1.0)
    with pytest.raises(BenchsuiteError, match="at least 10ms"):
        lasting([], 0.001)


def test_a_run_that_is_shorter_than_an_interval_is_hinted_at() -> None:
    plan = make_plan("quick", ["log_interval=1s"], ["null"])
    assert re.search(r"less than an interval of 1s: --time 60s", too_short(plan))
    assert not too_short(make_plan("quick", lasting((), 60.0, 1.0), ["null"]))


def test_pairs_refuse_it(cli: Cli) -> None:
    done = cli.run("gate", "ci", "--paired", "null", "new=null", "-s", "log_interval=1s")
    assert done.returncode == 2 and "slices of milliseconds" in done.stderr
    assert "leave log_interval out" in done.stderr


def test_an_interval_of_a_millisecond_is_refused(cli: Cli) -> None:
    done = cli.run(*small(cli, "--log-interval", "1ms"))
    assert done.returncode == 2 and "--log-interval: '1ms' is not a time from 10ms to 1h" in done.stderr
    assert not (cli.directory / "r.json").exists()


def test_the_estimate_is_the_time_that_was_asked_for() -> None:
    plan = make_plan("quick", lasting((), 10.0, ramp=1.0), ["null"])
    assert 11 <= calls.expected_seconds(plan.measures[0], plan.cases[0], None) < 11.5


class Changing:
    """An engine that becomes three times slower while it works, and then faster again; its wall time is made
    up."""

    def __init__(self) -> None:
        self.clock = 0.0

    def run(self, requests: int) -> Value:
        each = 3e-3 if 1.0 < self.clock < 2.5 else 1e-3
        self.clock += requests * each
        return Value(requests, requests * each, requests * each, 0.0, 10 * requests)

    def forget_latency(self) -> None: ...


class Busy(Changing):
    """An engine that others take the CPU from, now more and now less."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    def run(self, requests: int) -> Value:
        each = self.chance.choice([1e-6, 1.5e-6, 2e-6, 3e-6])
        self.clock += requests * each
        return Value(requests, requests * each, requests * each, 0.0)


@given(st.randoms(use_true_random=False))
def test_a_time_of_seconds_is_kept_on_a_busy_machine(chance: random.Random) -> None:
    """No value is thrown away because it was over a little too early."""
    engine, how = Busy(chance), Measure(values=10, warmups=1, min_time=0.3)  # --time 3s
    run = Measurement(engine, CBC, how, 0, lambda message: None).perform(1e-6)  # type: ignore[arg-type]
    assert len(run.values) == 10 and len(run.warmups) == 1
    assert 11 * 0.3 <= engine.clock < 11 * 0.3 * 1.5


class Lucky(Busy):
    """An engine of which now and then a call takes a twenty-fifth of its time, as of two threads that meet
    without sleeping."""

    lucky = False

    def run(self, requests: int) -> Value:
        self.lucky = not self.lucky and self.chance.random() < 0.3
        each = 1e-6 if self.lucky else 25e-6
        self.clock += requests * each
        return Value(requests, requests * each, requests * each, 0.0)


@given(st.randoms(use_true_random=False))
def test_a_moment_that_is_fast_makes_no_value_long(chance: random.Random) -> None:
    how = Measure(values=10, warmups=0, min_time=0.2)
    run = Measurement(Lucky(chance), CBC, how, 0, lambda message: None).perform(25e-6)  # type: ignore[arg-type]
    assert max(value.wall for value in run.values) < 3 * 0.2


@pytest.mark.parametrize("min_time", [0.2, 0.6, 4.0])
def test_a_long_value_is_as_long_as_asked_for_whatever_the_speed(min_time: float) -> None:
    measure = Measure(values=2, warmups=0, min_time=min_time)
    run = Measurement(Changing(), CBC, measure, 0, lambda message: None).perform(1e-3)  # type: ignore[arg-type]
    assert len(run.values) == 2 and not run.warmups
    for value in run.values:
        assert (
            min_time <= value.wall <= min_time + 3 * min(1.0, min_time / 4) + 0.01
        )  # a part that was slower
        assert value.user == pytest.approx(value.wall) and value.cycles == 10 * value.requests
