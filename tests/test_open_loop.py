"""Runs in which requests arrive by a clock: what is counted, what a rate is a share of, how many arrive, and
who takes none. No assertion is on a speed; of times only what cannot be shorter."""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pausing
import pytest
from command import PATIENCE, Cli
from hypothesis import given
from hypothesis import strategies as st

from benchsuite import backends, store
from benchsuite.backends import MeasureError, Offering
from benchsuite.backends.native import NativeEngine
from benchsuite.facts import Fact
from benchsuite.model import UNLIMITED, Case, CaseResult, Measure, Value, WorkerRun
from benchsuite.runner.calls import expected_seconds
from benchsuite.runner.measurement import Measurement
from benchsuite.runner.open_loop import LEAST_ARRIVALS, LEAST_BURSTS, arrivals, offer, rate_of

RATE = 20_000
NULL = Case("null", "aes-128-cbc", request_size=64)
OPEN = replace(NULL, rate=RATE)
SHARE = replace(NULL, rate_percent=10)

PROFILE = """
why = "A test."
[measure]
processes = 3
values = 2
warmups = 1
min_time = "2ms"
[[matrix]]
why = "Requests arrive."
algorithm = "aes-128-cbc"
request_size = 64
rate = {rate}
"""


def opened(case: Case) -> NativeEngine:
    engine = backends.open_case(case)
    assert isinstance(engine, NativeEngine)
    return engine


def taken(case: Case, requests: int) -> Value:
    """A value of it."""
    engine = opened(case)
    engine.offer(float(case.rate), 0)
    value = engine.run(requests)
    engine.close()
    return value


def accounted(value: Value) -> bool:
    """Whether all that arrived was carried or dropped, and what was carried has a latency."""
    return 0 < value.requests == value.offered - value.dropped and value.latency > 0


def measured(cli: Cli, *arguments: str, rate: Any = RATE) -> list[CaseResult]:
    """Results of a run of PROFILE."""
    text = PROFILE.format(rate=json.dumps(rate))
    done = cli.run("run", cli.profile(text), "-q", "-o", "r.json", *arguments)
    assert done.returncode == 0, done.stderr
    return store.load(cli.directory / "r.json").cases


# What is counted


@pytest.mark.parametrize("backend", ["null", "software"])
@pytest.mark.parametrize("arrival", ["constant", "poisson", "burst:64"])
@pytest.mark.parametrize(
    "load",
    [
        {},
        {"backlog": 0},
        {"q_len": 8, "batch": 4, "cbimm": 0, "backlog": 3},
        {"q_len": 8, "batch": 1, "cbimm": 1},
        {"workers": 2, "backlog": 3},
        {"iv": "chained", "backlog": 5},
        {"op": "decrypt"},
    ],
    ids=str,
)
def test_all_that_arrived_was_carried_or_dropped(backend: str, arrival: str, load: dict[str, Any]) -> None:
    case = replace(OPEN, backend=backend, arrival=arrival, **load)
    engine = opened(case)
    engine.verify()
    engine.forget_latency()
    engine.offer(float(case.rate), 0)
    value = engine.run(128)
    assert accounted(value) and 128 <= value.offered <= 128 * case.workers  # the first to be done ends it
    assert value.dropped == 0 or case.backlog < 128
    latency = engine.latency()
    assert sum(count for _, count in latency["lat"]["buckets"]) == value.requests
    assert sum(count for _, count in latency["late"]["buckets"]) == value.offered
    counters = engine.counters()
    assert counters["lost"] == counters["failed"] == 0
    engine.verify_after()
    engine.close()


def test_a_digest_arrives_as_anything_else() -> None:
    value = taken(Case("software", "sha256", "digest", request_size=64, rate=RATE), 64)
    assert accounted(value) and (value.offered, value.dropped) == (64, 0)


@pytest.mark.parametrize(("backlog", "most"), [(0, 1), (4, 5)])
def test_of_a_burst_only_as_many_are_carried_as_find_a_place(backlog: int, most: int) -> None:
    value = taken(replace(OPEN, arrival="burst:64", backlog=backlog), 640)
    assert value.offered == 640 and value.requests <= most * 10
    assert value.dropped == 640 - value.requests >= 640 - most * 10


def test_cpu_without_the_waiting() -> None:
    """The thread looks at the clock between arrivals, so that what it took in all is about what passed."""
    value = taken(replace(OPEN, rate=1000), 50)
    assert value.cpu is not None and 0 <= value.cpu < value.wall
    assert value.cycles is None and value.user is not None and value.user >= 0


def test_a_schedule_is_as_long_as_its_rate_says() -> None:
    value = taken(OPEN, 200)
    assert value.arriving == pytest.approx(200 / RATE) and value.wall >= 199 / RATE


# The claim: a pause is in the latency of all that arrived meanwhile, and not of one request

PAUSE, EVERY = 0.05, 100


@pytest.fixture(scope="module")
def pauses(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("pausing")
    return pausing.build(folder, service_us=10, pause_ms=round(PAUSE * 1000), every=EVERY)


def test_a_pause_is_in_the_latency_of_all_that_arrived_meanwhile(pauses: str) -> None:
    """One of 50 ms, at 1000 requests per second: 49 more wait for it, the last for a millisecond, so that
    together they wait for more than a second, on however fast a machine."""
    case = replace(OPEN, backend=pauses, rate=1000)
    engine = opened(case)
    engine.forget_latency()
    engine.offer(1000.0, 0)
    value = engine.run(2 * EVERY)
    waited = [count for upper, count in engine.latency()["lat"]["buckets"] if upper >= PAUSE / 2 * 1e9]
    engine.close()
    pause_after_pause = [PAUSE - n / 1000 for n in range(50)]
    assert accounted(value) and value.latency >= sum(pause_after_pause)
    assert sum(waited) >= 25


def test_a_closed_loop_tells_nothing_of_arrivals(pauses: str) -> None:
    engine = opened(replace(OPEN, backend=pauses, rate=0))
    engine.forget_latency()
    value = engine.run(2 * EVERY)
    latency = engine.latency()["lat"]
    engine.close()
    assert (value.offered, value.dropped, value.latency) == (0, 0, 0.0)
    assert sum(count for _, count in latency["buckets"]) <= 2 * EVERY


# How many arrive


@pytest.mark.parametrize(
    ("case", "rate", "seconds", "each"),
    [
        (OPEN, RATE, 0.002, 40),
        (OPEN, RATE, 0.00201, 41),
        (replace(OPEN, workers=2), RATE, 0.002, 20),
        (replace(OPEN, request_num=500), RATE, 0.002, 500),
        (OPEN, 3.0, 0.002, LEAST_ARRIVALS),
        (replace(OPEN, arrival="burst:65536"), RATE, 0.002, LEAST_BURSTS * 65536),
    ],
)
def test_arrivals_at_each_worker(case: Case, rate: float, seconds: float, each: int) -> None:
    assert arrivals(case, rate, seconds) == each


def test_the_rate_of_a_share_is_known_when_its_capacity_is() -> None:
    assert rate_of(OPEN, None) == RATE
    assert rate_of(SHARE, 5000.0) == 500
    assert rate_of(SHARE, 2.0) == 1.0  # no less: a value would take for ever


class Clocked:
    """An engine at which requests arrive as they are said to, in a clock of its own. It notes what it is
    offered and asked for. pauses: seconds that its first runs stand still for."""

    def __init__(self, workers: int = 1, pauses: Sequence[float] = (), takes: float = 1e-6) -> None:
        self.workers, self.rate, self.pauses, self.takes = workers, 0.0, list(pauses), takes
        self.offered: list[tuple[float, int]] = []
        self.asked: list[int] = []
        self.forgotten: int | None = None

    def offer(self, rate: float, number: int) -> None:
        self.rate = rate
        self.offered.append((rate, number))

    def forget_latency(self) -> None:
        self.forgotten = len(self.asked)

    def run(self, requests: int) -> Value:
        self.asked.append(requests)
        whole = requests * self.workers
        if self.rate == float("inf"):
            return Value(whole, whole * self.takes, 0.0, 0.0)
        lasts = whole / self.rate
        wall = lasts + (self.pauses.pop(0) if self.pauses else 0.0)
        return Value(whole, wall, 0.0, 0.0, None, 0.0, whole, 0, lasts, whole * 1e-6)


def perform(
    case: Case, how: Measure, number: int = 0, known: float | None = None, takes: float = 1e-6
) -> tuple[Clocked, WorkerRun]:
    engine = Clocked(case.workers, takes=takes)
    assert isinstance(engine, Offering)
    run = Measurement(engine, case, how, number, lambda message: None, capacity=known).perform(None)  # type: ignore[arg-type]
    return engine, run


HOW = Measure(values=3, warmups=2, min_time=0.01)


def test_a_rate_needs_no_calibration() -> None:
    engine, run = perform(OPEN, HOW)
    assert engine.offered == [(RATE, 0)] * 2 and engine.asked == [LEAST_ARRIVALS] + [200] * 5
    assert (len(run.warmups), len(run.values), engine.forgotten) == (3, 3, 3)
    assert Fact.CAPACITY not in run.facts and run.facts[Fact.RATE] == f"{RATE}"


def test_a_capacity_is_measured_before_the_warm_ups_and_once() -> None:
    engine, run = perform(SHARE, HOW)
    assert [rate for rate, _ in engine.offered] == [float("inf"), *[pytest.approx(100_000)] * 2]
    assert engine.asked[-5:] == [1000] * 5
    assert float(run.facts[Fact.CAPACITY]) == pytest.approx(1e6)
    again, later = perform(SHARE, HOW, 1, float(run.facts[Fact.CAPACITY]))
    assert [rate for rate, _ in again.offered] == [pytest.approx(100_000)] * 2
    assert again.asked == [LEAST_ARRIVALS] + [1000] * 5
    assert {key: later.facts[key] for key in (Fact.CAPACITY, Fact.RATE)} == {
        key: run.facts[key] for key in (Fact.CAPACITY, Fact.RATE)
    }


@given(st.floats(1e-7, 1e-4), st.integers(1, 150))
def test_all_processes_offer_the_same_share(takes: float, percent: int) -> None:
    case, how = replace(NULL, rate_percent=percent), Measure(values=1, warmups=0, min_time=0.001)
    engine, run = perform(case, how, takes=takes)
    again, _ = perform(case, how, 1, float(run.facts[Fact.CAPACITY]))
    assert engine.offered[-1][0] == again.offered[-1][0]


def test_a_rate_far_beyond_what_is_carried_is_refused_before_a_value_lasts_for_ever() -> None:
    engine = Clocked(pauses=[0.5, 0.4, 0.5])
    with pytest.raises(
        MeasureError, match="20000 requests per second are offered, and 25 carried: ask for a"
    ):
        offer(engine, RATE, 0, 200)  # type: ignore[arg-type]


def test_a_machine_that_stands_still_once_is_not_taken_for_one_that_is_too_slow() -> None:
    engine = Clocked(pauses=[0.5])
    assert len(offer(engine, RATE, 0, 200)) == 2  # type: ignore[arg-type]


def test_each_process_has_other_arrivals() -> None:
    assert [perform(OPEN, HOW, number)[0].offered[0][1] for number in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_ramp_offers_the_same_rate(workers: int) -> None:
    case = replace(OPEN, workers=workers)
    engine, run = perform(case, replace(HOW, ramp=0.02))
    assert engine.offered == [(RATE, 0)] * 2 and run.warmups and engine.forgotten == len(run.warmups)
    assert engine.asked[-3:] == [200 // workers] * 3 and all(0 < asked <= 200 for asked in engine.asked)


def test_the_time_of_a_case_is_that_of_its_arrivals() -> None:
    how = replace(HOW, warmups=0, values=4)
    assert expected_seconds(how, replace(OPEN, rate=10), None) == pytest.approx(4 * LEAST_ARRIVALS / 10)
    assert expected_seconds(how, OPEN, None) == pytest.approx(4 * 0.01)


# Arrivals are drawn from a seed


def dropped_of_runs(number: int, count: int = 3) -> list[float]:
    """Lengths of the schedules of consecutive runs of one process."""
    engine = opened(replace(OPEN, rate=100_000, arrival="poisson"))
    engine.offer(100_000.0, number)
    found = [engine.run(50).arriving for _ in range(count)]
    engine.close()
    return found


def test_the_same_number_gives_the_same_arrivals_and_another_one_others() -> None:
    assert dropped_of_runs(1) == dropped_of_runs(1)
    assert len({tuple(dropped_of_runs(number)) for number in range(4)}) == 4


# Whole runs


def capacities(results: Sequence[CaseResult]) -> list[set[tuple[str | None, str | None]]]:
    """The capacities and rates that the processes of each case have told."""
    return [
        {(run.facts.get(Fact.CAPACITY), run.facts.get(Fact.RATE)) for run in result.runs}
        for result in results
    ]


def test_the_capacity_is_measured_by_the_first_process_for_all(cli: Cli) -> None:
    found = measured(cli, "-b", "null", "-b", "software", rate=[5000, "1%", "2%"])
    assert [len(result.runs) for result in found] == [3] * 6
    for result, told in zip(found, capacities(found), strict=True):
        assert len(told) == 1
        ((capacity, rate),) = told
        assert rate is not None and (capacity is None) == (result.case.rate == 5000)
        if capacity:
            of = float(capacity) * result.case.rate_percent / 100
            assert float(rate) == pytest.approx(of, rel=1e-4)
        assert all(accounted(value) for run in result.runs for value in run.values)


def test_a_run_that_goes_on_keeps_the_capacity(cli: Cli) -> None:
    """The processes of a case after the first one are much longer than the time until it is ended."""
    text = PROFILE.format(rate='"1%"').replace('min_time = "2ms"', 'min_time = "300ms"')
    arguments = ["run", cli.profile(text), "-b", "null", "-o", "r.json"]
    journal = cli.directory / "r.json.journal"
    process = cli.start(*arguments)
    assert process.stderr
    while process.poll() is None:
        if journal.exists() and journal.read_text().count('{"run"') >= 1:
            process.send_signal(signal.SIGINT)
            break
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    (before,) = capacities(store.load(cli.directory / "r.json").cases)
    assert len(before) == 1
    done = cli.run(*arguments, "--resume")
    assert done.returncode == 0, done.stderr
    (result,) = store.load(cli.directory / "r.json").cases
    assert len(result.runs) == 3 and capacities([result]) == [before]


def test_a_time_series_of_an_open_loop(cli: Cli) -> None:
    (result,) = measured(cli, "-b", "software", "-s", "log_interval=10ms", "-s", "min_time=60ms")
    for run in result.runs:
        assert run.series is not None
        assert all(accounted(value) for value in run.values)


@pytest.mark.parametrize("how", [["--time", "20ms"], ["--budget", "20s"], ["--ramp", "10ms"]], ids=" ".join)
def test_how_long_it_is_measured(how: list[str], cli: Cli) -> None:
    for result in measured(cli, "-b", "null", *how, rate=[RATE, "1%"]):
        assert result.runs and all(accounted(value) for run in result.runs for value in run.values)


def test_auto_chooses_what_requests_arrive_at(cli: Cli) -> None:
    (result,) = measured(cli, "-b", "auto")
    assert all(run.facts[Fact.CHOSEN] and run.values[0].offered for run in result.runs)


def test_a_backlog_beyond_any_memory_is_said_to_be_one() -> None:
    engine = opened(replace(OPEN, backlog=UNLIMITED - 1, workers=1024))
    try:
        with pytest.raises(MeasureError, match="no memory for a backlog of 4294967294 requests; give a sm"):
            engine.offer(float(RATE), 0)
    finally:
        engine.close()


# Who takes none

REFUSING = {
    "sim:hifn7956": "the virtual clock has no open loop; clock=real has one",
    "python": "the python backend has no queues or threads: it needs rate 0",
}


@pytest.mark.parametrize("backend", REFUSING)
def test_who_has_no_clock_says_so_and_the_run_goes_on(backend: str, cli: Cli) -> None:
    text = PROFILE.format(rate=f"[0, {RATE}]")
    done = cli.run("run", cli.profile(text), "-b", backend, "-b", "null", "-o", "r.json")
    assert done.returncode == 3 and "Traceback" not in done.stderr
    found = store.load(cli.directory / "r.json").cases
    bad = [result for result in found if result.failure]
    assert [(result.case.backend, result.case.rate) for result in bad] == [(backend, RATE)]
    assert bad[0].failure and bad[0].failure.kind == "unsupported"
    assert bad[0].failure.reason.startswith(REFUSING[backend]) and "\n" not in bad[0].failure.reason
    assert all(result.runs for result in found if not result.failure)


@pytest.mark.parametrize("how", [{"rate": RATE}, {"rate_percent": 10}])
def test_who_has_no_clock_asks_for_a_closed_loop_and_names_nothing_that_goes_with_a_rate(
    how: dict[str, int],
) -> None:
    case = replace(NULL, batch=1, arrival="poisson", backlog=9, **how)
    assert case.load.needs() == "batch 0, rate 0"
    assert not NULL.load.needs()


def test_the_virtual_clock_takes_no_share_either() -> None:
    with pytest.raises(MeasureError, match="virtual clock has no open loop"):
        backends.open_case(replace(SHARE, backend="sim:hifn7956"))


def test_a_simulated_device_in_real_time_takes_requests_as_they_come() -> None:
    case = replace(OPEN, backend="sim:hifn7956,clock=real", rate=5000, q_len=4, arrival="poisson")
    engine = opened(case)
    engine.verify()
    engine.offer(5000.0, 0)
    value = engine.run(50)
    assert accounted(value) and (value.offered, value.dropped) == (50, 0)
    engine.verify_after()
    engine.close()
