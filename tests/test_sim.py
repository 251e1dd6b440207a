"""Simulated devices through the whole of benchsuite: runs, facts, verification in real time, and every fault
told for what it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from command import Cli
from simulated import ALGORITHM, device_text, run, write

from benchsuite import algorithms, backends, percentiles, stats
from benchsuite.backends import MeasureError
from benchsuite.backends.findings import Wanted
from benchsuite.facts import Fact
from benchsuite.model import DECRYPT, Case, CaseResult, Failure, Measure, WorkerRun
from benchsuite.runner.calls import measure
from benchsuite.runner.calls import verify as verify_process
from benchsuite.view.heading import versions

HOST = {"submit_us": 0.2, "doorbell_us": 0.3, "interrupt_us": 0.5, "completion_us": 0.1, "callback_us": 0.1}
FAST = device_text(setup_us=2.0, rate_mbps=8000, units={"count": 2}, host=HOST, depth=16).replace(
    f'"{ALGORITHM}"', '["aes-*-cbc", "aes-*-gcm", "sha256", "aes-*-cbc+hmac-sha1"]'
)


@pytest.fixture
def device(tmp_path: Path) -> Path:
    return write(tmp_path, FAST)


# ---- the virtual clock ----


def test_the_same_figures_every_time(device: Path) -> None:
    case = {"q_len": 9, "batch": 1, "cbimm": 0, "workers": 2}
    first, second = (run(f"sim:{device},seed=5,late=0.1", 3000, **case) for _ in range(2))
    assert asdict(first) == asdict(second)
    assert asdict(run(f"sim:{device},seed=6,late=0.1", 3000, **case)) != asdict(first)


def test_one_request_takes_the_sum_of_what_it_meets(device: Path) -> None:
    found = run(f"sim:{device}", 100, request_size=1024)
    assert found.value.wall == pytest.approx(
        100 * (0.2 + 0.3 + 2.0 + 1.024 + 0.5 + 0.1 + 0.1) * 1e-6, rel=1e-6
    )
    assert found.value.user == pytest.approx(100 * 0.1e-6, rel=1e-6)
    assert found.value.system == pytest.approx(100 * (0.2 + 0.3 + 0.5 + 0.1) * 1e-6, rel=1e-6)
    assert found.value.cycles is None and found.value.timestamps == 0


def test_every_request_is_in_the_latency(device: Path) -> None:
    engine: Any = backends.open_case(Case(f"sim:{device}", ALGORITHM, request_size=64, q_len=4))
    engine.run(1000)
    latency = engine.latency()
    stages = ("slat", "clat", "lat")
    for stage in stages:
        assert sum(count for _, count in latency[stage]["buckets"]) == 1000
    slat, clat, lat = (percentiles.latency([latency[stage]]) for stage in stages)
    assert slat and clat and lat
    assert slat.max == slat.p50 == pytest.approx(500, abs=1)
    assert 2064 < clat.p50 < lat.max < 10_000
    engine.forget_latency()
    assert engine.latency()["lat"]["buckets"] == []
    engine.close()


def test_memory_does_not_grow_with_requests(device: Path) -> None:
    engine: Any = backends.open_case(Case(f"sim:{device}", ALGORITHM, request_size=64, q_len=40, batch=1))
    engine.run(10_000)
    before = _resident()
    engine.run(2_000_000)
    assert _resident() - before < 1 << 20
    engine.close()


def _resident() -> int:
    """Bytes of memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def test_facts_say_what_is_simulated_and_how_well_it_is_known() -> None:
    engine: Any = backends.open_case(Case("sim:hifn7956", "3des-cbc+hmac-sha1", q_len=8))
    engine.run(1000)
    facts = engine.facts()
    engine.close()
    assert facts["simulated"] == "yes" and facts["version"].startswith("simulated ")
    assert facts["device"] == "hifn7956" and facts["confidence"] == "table"
    assert "host.submit_us" in facts["assumed"]
    assert facts["path"] == "virtual clock" and facts["cycles_source"] == "none"
    assert facts["driver"] == "asynchronous" and "clock=real" in facts["verified"]
    assert 0.9 < float(facts["used_units"]) <= 1 and 0 < float(facts["used_host"]) < 1


def test_a_worker_simulates_as_well(device: Path) -> None:
    case = Case(f"sim:{device}", ALGORITHM, request_size=64, q_len=8, request_num=20_000)
    found = measure(case, Measure(processes=1, values=1), 0, None)
    assert isinstance(found, WorkerRun)
    (value,) = found.values
    assert value.requests == 20_000 < found.counters["completed"] == found.counters["sampled"]
    result = CaseResult(case, [found])
    assert stats.confidence(result) == "unsaid"
    assert stats.summary(result).cycles_per_byte is None


def test_a_value_is_that_of_a_queue_that_stays_full(tmp_path: Path) -> None:
    """Filling takes 60 us, in which nothing completes, and emptying as long: no part of it is in it."""
    path = write(tmp_path, device_text(setup_us=1.0, bus={"latency_us": 30.0}))
    engine: Any = backends.open_case(Case(f"sim:{path}", ALGORITHM, request_size=16, q_len=100))
    raw, value = engine.run(1600), engine.run(0)
    assert value.requests == 10_000 and value.per_request == pytest.approx(1.0e-6, rel=1e-4)
    assert raw.per_request > 1.03e-6
    latency = percentiles.latency([engine.latency()["lat"]])
    engine.close()
    assert latency and latency.p50 == pytest.approx(100_000, rel=0.02)
    assert latency.count == 10_000 and latency.max == pytest.approx(latency.p50, rel=0.02)


def test_where_chance_plays_a_part_there_are_more_requests(device: Path) -> None:
    for option, least in (("", 1000), (",busy=0.01", 100_000), (",hang=1000000000", 1000)):
        case = Case(f"sim:{device}{option}", ALGORITHM, request_size=64, q_len=4)
        engine: Any = backends.open_case(case)
        assert engine.run(0).requests == least
        engine.close()


def test_a_billion_requests_are_refused_at_once(device: Path) -> None:
    case = Case(f"sim:{device}", ALGORITHM, request_size=64, request_num=10**9)
    found = measure(case, Measure(processes=1, values=1), 0, None)
    assert isinstance(found, Failure) and found.kind == "unsupported"
    assert "1000000000 simulated requests" in found.reason and "100000000 are the limit" in found.reason


def test_a_run_says_simulated_everywhere(cli: Cli, device: Path) -> None:
    (cli.directory / "p.toml").write_text(
        'why = "A test."\n[measure]\nprocesses = 1\nvalues = 2\n[[matrix]]\nwhy = "One."\n'
        f'backend = "sim:{device}"\nalgorithm = "{ALGORITHM}"\nrequest_size = 64\n'
    )
    for style in ("table", "json", "csv", "markdown", "ocf-bench"):
        done = cli.run("run", "./p.toml", "-f", style, "-o", f"{style}.json")
        assert done.returncode == 0, done.stderr
        assert "simulated" in done.stdout
    saved = json.loads((cli.directory / "json.json").read_text())
    assert "simulated a test device" in json.dumps(saved)


def test_a_wrong_device_is_a_users_mistake(cli: Cli) -> None:
    for setting, what in (
        ("hifn", "did you mean 'hifn7956'"),
        ("hifn7956,lost=7", "lost=7"),
        ("./no.toml", "no such file"),
    ):
        done = cli.run("run", "quick", "-b", f"sim:{setting}")
        assert done.returncode == 2 and what in done.stderr
        assert len(done.stderr.strip().splitlines()) <= 2


# ---- real time ----


@pytest.mark.parametrize("batch, cbimm", [(0, 1), (0, 0), (1, 1), (3, 0)])
@pytest.mark.parametrize("op", ["encrypt", DECRYPT])
def test_every_byte_is_computed_behind_the_device(batch: int, cbimm: int, op: str, device: Path) -> None:
    case = Case(
        f"sim:{device},clock=real",
        "aes-128-gcm",
        op,
        256,
        q_len=7,
        batch=batch,
        cbimm=cbimm,
        workers=2,
        in_place=op != DECRYPT,
        aad_size=8,
    )
    engine = backends.open_case(case)
    assert engine.verify() > 0
    value = engine.run(500)
    assert value.requests >= 500 and engine.counters()["direct"] == 0
    facts = engine.facts()
    assert (
        facts["simulated"] == "yes"
        and facts["clock"] == "real"
        and "because of this machine" in facts["late"]
    )
    assert engine.verify_after() == 14
    engine.close()


@pytest.mark.parametrize("algorithm", ["aes-128-cbc", "aes-256-gcm", "sha256", "aes-192-cbc+hmac-sha1"])
def test_a_device_in_real_time_verifies(algorithm: str, device: Path) -> None:
    found = backends.of(f"sim:{device},clock=real").survey(
        algorithms.find(algorithm), Wanted([16, 1024]), lambda phase: None
    )
    assert found.requests > 20


def test_a_sync_device_in_real_time_verifies_and_takes_its_time() -> None:
    engine = backends.open_case(Case("sim:geode-lx,clock=real", ALGORITHM, request_size=16, q_len=3))
    assert engine.verify() > 0
    value = engine.run(200)
    assert value.per_request >= 25e-6
    assert engine.verify_after() == 3
    engine.close()


def test_a_device_in_real_time_takes_its_time(tmp_path: Path) -> None:
    path = write(tmp_path, device_text(setup_us=2000.0, units={"count": 2}))
    for q_len, least in ((1, 2e-3), (2, 1e-3), (8, 1e-3)):
        engine = backends.open_case(Case(f"sim:{path},clock=real", ALGORITHM, request_size=64, q_len=q_len))
        assert least * 0.99 <= engine.run(40).per_request
        engine.close()


# ---- faults ----

BOTH = pytest.mark.parametrize("clock", ["virtual", "real"])


def faulty(
    device: Path, fault: str, clock: str, seed: int = 1
) -> tuple[MeasureError | None, dict[str, int], Any]:
    """What becomes of a value."""
    case = Case(f"sim:{device},clock={clock},seed={seed},{fault}", ALGORITHM, request_size=64, q_len=8)
    engine: Any = backends.open_case(case)
    try:
        engine.run(1000)
        error = None
    except MeasureError as caught:
        error = caught
    counters, simulation = engine.counters(), engine.simulation() if clock == "virtual" else None
    engine.close()
    return error, counters, simulation


@BOTH
def test_a_result_says_what_the_device_did(clock: str, device: Path) -> None:
    setting = f"sim:{device},clock={clock},busy=0.02,late=0.02,late_us=300,reorder=0.05"
    engine: Any = backends.open_case(Case(setting, ALGORITHM, request_size=64, q_len=8))
    engine.run(2000)
    told = dict(word.split() for word in engine.facts()["faults"].split(", "))
    engine.close()
    assert set(told) == {"busy", "late", "reorder"} and all(int(count) > 5 for count in told.values())


@BOTH
@pytest.mark.parametrize(
    "beyond, keys, told",
    [("refuse", {}, ""), ("evict", {"reload_us": 3.0}, "sessions_reloaded"), ("slow", {"slowdown": 2.0}, "")],
)
def test_a_session_table_overflows_on_demand(
    beyond: str, keys: dict[str, float], told: str, clock: str, tmp_path: Path
) -> None:
    table = {"limit": 10, "beyond": beyond} | keys
    path = write(tmp_path, device_text(setup_us=20.0, sessions=table))
    case = Case(f"sim:{path},clock={clock},overflow=10", ALGORITHM, request_size=64)
    if beyond == "refuse":
        with pytest.raises(MeasureError, match=r"session table of device[0-9]+ is full: it holds 10, and 20"):
            backends.open_case(case)
        return
    engine: Any = backends.open_case(case)
    value, facts = engine.run(500), engine.facts()
    engine.close()
    if told:
        assert 200 < int(facts[told]) < 300
    assert value.per_request >= (60e-6 if beyond == "slow" else 21e-6)


def test_an_overflow_needs_a_table(device: Path, tmp_path: Path) -> None:
    for setting, what in (
        (f"{device},overflow=1", "has no session table"),
        ("hifn7956,overflow=1,sessions=9", "give one"),
        ("hifn7956,overflow=0", "overflow=0: 0 is not a whole number"),
    ):
        with pytest.raises(MeasureError, match=what):
            backends.open_case(Case(f"sim:{setting}", ALGORITHM))
    path = write(tmp_path, FAST.replace("[[algorithm]]", "[faults]\noverflow = 1\n[[algorithm]]", 1))
    with pytest.raises(MeasureError, match="there is no session table"):
        backends.open_case(Case(f"sim:{path}", ALGORITHM))


@BOTH
def test_requests_that_fail(clock: str, device: Path) -> None:
    error, counters, found = faulty(device, "error=0.02", clock)
    assert error and error.kind == "error" and "requests failed; the first with EIO" in str(error)
    assert counters["failed"] > 0 and counters["completed"] + counters["failed"] == 1000
    assert found is None or found["faults"]["error"] == counters["failed"]


def test_a_completion_that_comes_twice_before_timing_is_told_as_while_timing(device: Path) -> None:
    engine = backends.open_case(Case(f"sim:{device},clock=real,duplicate=1", ALGORITHM))
    with pytest.raises(
        MeasureError, match="a completion came for a request that the driver did not have, or twice"
    ):
        engine.verify()
    engine.close()


@BOTH
def test_completions_that_come_twice(clock: str, device: Path) -> None:
    error, counters, found = faulty(device, "duplicate=0.02", clock)
    assert error and error.kind == "error"
    assert str(error).startswith(f"{counters['twice']} completions came") and counters["twice"] > 0
    assert counters["completed"] == 1000
    assert found is None or found["faults"]["duplicate"] == counters["twice"]


@BOTH
def test_completions_that_overtake(clock: str, device: Path) -> None:
    error, counters, found = faulty(device, "reorder=0.02", clock)
    assert error is None and counters["reordered"] > 0 and counters["completed"] == 1000
    assert found is None or counters["reordered"] >= found["faults"]["reorder"] > 0


@BOTH
def test_storms_of_busy(clock: str, device: Path) -> None:
    error, counters, _ = faulty(device, "busy=0.02", clock)
    assert error is None and counters["busy"] >= 10 and counters["completed"] == 1000


@BOTH
def test_late_ones_are_late_and_not_lost(clock: str, device: Path) -> None:
    error, counters, found = faulty(device, "late=0.02,late_us=3000", clock)
    assert error is None and counters["lost"] == 0 and counters["completed"] == 1000
    assert found is None or found["faults"]["late"] > 0


def test_later_than_anybody_waits_is_lost(device: Path) -> None:
    error, counters, _ = faulty(device, "late=0.02,late_us=1e8", "virtual")
    assert error and error.kind == "lost" and counters["lost"] > 0


def test_lost_ones(device: Path) -> None:
    error, counters, found = faulty(device, "lost=0.02", "virtual")
    assert error and error.kind == "lost" and "requests never completed" in str(error)
    assert found["faults"]["lost"] == counters["lost"] == counters["submitted"] - counters["completed"] > 0


def test_a_hang(device: Path) -> None:
    error, counters, found = faulty(device, "hang=100", "virtual")
    assert error and error.kind == "lost" and "8 of 108 requests never completed" in str(error)
    assert found["faults"]["hang"] == 8 and counters["completed"] == 100


def test_a_hang_that_was_asked_for_is_waited_for(device: Path) -> None:
    engine: Any = backends.open_case(Case(f"sim:{device},hang=70000", ALGORITHM, request_size=64, q_len=8))
    with pytest.raises(MeasureError, match="8 of 70008 requests never completed"):
        engine.run(0)
    engine.close()


def test_a_driver_that_is_always_busy(device: Path) -> None:
    error, counters, _ = faulty(device, "busy=1", "virtual")
    assert error and error.kind == "lost" and "busy and took no more" in str(error)
    assert counters["completed"] == 0


def test_a_hang_in_real_time_is_a_row_with_a_reason(device: Path) -> None:
    case = Case(f"sim:{device},clock=real,hang=2000", ALGORITHM, request_size=64, q_len=8, batch=1)
    found = measure(case, Measure(processes=1, values=2, min_time=0.05), 0, None)
    assert isinstance(found, Failure) and found.kind == "lost"
    assert "never completed" in found.reason


def test_wrong_bytes_are_found(device: Path) -> None:
    found = verify_process(f"sim:{device},clock=real,wrong=0.05", ALGORITHM, Wanted([64, 1024]))
    assert isinstance(found, Failure) and found.kind == "wrong-bytes" and "should be" in found.reason


def test_a_fault_may_be_the_devices_own(tmp_path: Path) -> None:
    path = write(tmp_path, FAST.replace("[[algorithm]]", "[faults]\nerror = 0.1\n[[algorithm]]", 1))
    with pytest.raises(MeasureError, match="requests failed"):
        run(f"sim:{path}", 1000, q_len=4)
    assert run(f"sim:{path},error=0", 1000, q_len=4).counters["failed"] == 0


def test_a_table_that_overflows(tmp_path: Path) -> None:
    """Twice as many sessions as entries: half the requests find theirs gone, or everything is slower."""
    slow = {"limit": 100, "beyond": "slow", "slowdown": 1.5}
    evict = {"limit": 100, "beyond": "evict", "reload_us": 4.0}
    for sessions, factor, misses in ((slow, 2.5, 0.0), (evict, 1 + 0.5 * 4.0 / 2.0, 0.5)):
        path = write(tmp_path, device_text(setup_us=2.0, sessions=sessions))
        few, many = (run(f"sim:{path},sessions={n}", 20_000, q_len=4) for n in (100, 200))
        assert few.simulation["misses"] == 0
        assert many.simulation["misses"] / 20_000 == pytest.approx(misses, abs=0.02)
        assert many.value.wall / few.value.wall == pytest.approx(factor, rel=0.03)


@pytest.mark.parametrize("clock", ["virtual", "real"])
@pytest.mark.parametrize("workers", [3, 4, 9])
def test_workers_beyond_the_table_are_a_sentence(workers: int, clock: str, tmp_path: Path) -> None:
    """Whichever of them is the first without a session, and however many have not been opened after it."""
    path = write(tmp_path, device_text(sessions={"limit": 2, "beyond": "refuse"}))
    with pytest.raises(MeasureError, match="it holds 2"):
        backends.open_case(Case(f"sim:{path},clock={clock}", ALGORITHM, workers=workers))


# ---- compared ----


def test_results_are_compared_exactly(cli: Cli, device: Path) -> None:
    """What would come again as it is needs no second value, and no allowance for the machine's drift."""
    slower = device.with_name("slower.toml")
    slower.write_text(device.read_text().replace("setup_us = 2.0", "setup_us = 2.2"))
    cli.profile(
        f'why = "A test."\n[[matrix]]\nwhy = "One."\nbackend = "sim:./d.toml"\nalgorithm = "{ALGORITHM}"\n'
        "request_size = [64, 16384]\nq_len = 8\n",
        "p.toml",
    )
    for name, file in (("a", device), ("again", device), ("b", slower)):
        (cli.directory / "d.toml").write_text(file.read_text())
        assert cli.run("run", "./p.toml", "-q", "-o", f"{name}.json").returncode == 0
    same, differ = (cli.run("compare", "a.json", f"{other}.json").stdout for other in ("again", "b"))
    assert "2 same" in same and "1.000" in same and "drift" not in same and "simulated" in same
    assert "1 slower, 1 same" in differ
    paired = cli.run("compare", "--paired", f"sim:{device}", f"sim:{slower}", "./p.toml")
    assert paired.returncode == 0 and "simulated" in paired.stdout and "unsupported" not in paired.stdout


def test_a_heading_counts_many_devices() -> None:
    """Thirty names would be a page; each row has its own."""

    def of(names: int, *sure: str) -> list[str]:
        cases = [CaseResult(Case(f"sim:{i}", ALGORITHM)) for i in range(names)]
        for case, level in zip_longest(cases, sure, fillvalue=""):
            facts = {"version": "simulated thing"} | ({Fact.CONFIDENCE: level} if level else {})
            case.runs.append(WorkerRun(0, facts=facts))
        return versions(cases)

    assert of(2) == [f"sim:{i} = simulated thing (how sure is not said)" for i in range(2)]
    assert of(30) == ["30 simulated devices (how sure is not said; see benchsuite list devices)"]
    (text,) = of(5, "table", "assumption", "table")
    assert "(2 from published figures, 1 a guess, 2 of which it is not said; see" in text
