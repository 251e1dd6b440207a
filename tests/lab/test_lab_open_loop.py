"""Open loops on the kernel's paths: AF_ALG and /dev/crypto, each in every way it has of taking requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Cli
from cuse_device import Device

from benchsuite import backends, store
from benchsuite.backends.native import NativeEngine
from benchsuite.facts import Fact
from benchsuite.model import BURST, CONSTANT, POISSON, Case, Value

RATE = 1000  # requests per second, which an emulated CPU carries, too
SECONDS = 0.05
ARRIVALS = round(RATE * SECONDS)
BACKLOG = 4
WAYS = (  # of the backend, and what can be outstanding in it
    ("afalg", 1),
    ("afalg:way=sync", 8),
    ("afalg:way=aio", 8),
    ("afalg:way=threads", 8),
)
OF_DEVICE = (("", 1), (",way=sync", 8), (",way=threads", 8), (",way=async", 8))

SHARES = """
why = "A test."
[measure]
processes = 2
values = 2
warmups = 0
min_time = "20ms"
[[matrix]]
why = "A share of the capacity, which the first process measures."
backend = {backends}
algorithm = "aes-128-cbc"
request_size = 1024
q_len = 8
rate = "50%"
arrival = ["constant", "poisson"]
"""


@pytest.fixture
def queued(one_cpu: None) -> Iterator[None]:
    """As `one_cpu`, for what may go to virtio-crypto."""
    yield one_cpu


def opened(backend: str, q_len: int, arrival: str, **parameters: object) -> NativeEngine:
    usual = {"request_size": 1024, "q_len": q_len, "rate": RATE, "arrival": arrival}
    engine = backends.open_case(Case(backend, "aes-128-cbc", **(usual | parameters)))  # type: ignore[arg-type]
    assert isinstance(engine, NativeEngine)
    return engine


def check(value: Value, engine: NativeEngine, offered: int) -> None:
    """Everything that arrived is accounted for, and each carried request has a latency."""
    assert value.offered is not None and value.dropped is not None and value.latency is not None
    assert value.offered == offered == value.requests + value.dropped
    counters = engine.counters()
    assert counters["failed"] == counters["lost"] == counters["twice"] == 0
    assert 0 < value.per_request == value.latency / value.requests
    latency = engine.latency()
    assert sum(count for _, count in latency["lat"]["buckets"]) == value.requests
    assert sum(count for _, count in latency["late"]["buckets"]) == offered
    longest = latency["lat"]["max"] / 1e9
    assert value.per_request <= longest <= value.latency * (1 + 1e-6)


def arrives(backend: str, q_len: int, arrival: str) -> None:
    """A verified run in which requests arrive by a clock: none is lost, with an unlimited backlog none is
    dropped, and the driver never holds more than q_len."""
    engine = opened(backend, q_len, arrival)
    try:
        assert engine.verify() > 0
        engine.forget_latency()
        engine.offer(RATE, 0)
        value = engine.run(ARRIVALS)
        check(value, engine, ARRIVALS)
        assert value.dropped == 0
        assert engine.verify_after() > 0
        assert int(engine.facts()["in_flight"]) <= q_len
    finally:
        engine.close()


@pytest.mark.usefixtures("queued")
@pytest.mark.parametrize("arrival", [CONSTANT, POISSON])
@pytest.mark.parametrize(("backend", "q_len"), WAYS)
def test_requests_arrive_at_af_alg(backend: str, q_len: int, arrival: str) -> None:
    arrives(backend, q_len, arrival)


@pytest.mark.parametrize("arrival", [CONSTANT, POISSON])
@pytest.mark.parametrize(("way", "q_len"), OF_DEVICE)
def test_requests_arrive_at_dev_crypto(shared: Device, way: str, q_len: int, arrival: str) -> None:
    arrives(f"{shared.backend}{way}", q_len, arrival)


@pytest.mark.parametrize("way", ["sync", "threads", "async"])
def test_what_finds_no_place_before_a_slow_device_is_dropped(program: Path, way: str) -> None:
    """A burst of 64 at a device that takes 20 ms for each: it holds two, four wait, and 58 find no place."""
    with Device(program) as device:
        device.fault("late", ms=20)
        engine = opened(f"{device.backend},way={way}", 2, f"{BURST}:64", backlog=BACKLOG)
        engine.forget_latency()
        engine.offer(RATE, 0)
        value = engine.run(64)
        check(value, engine, 64)
        assert value.requests <= 2 + BACKLOG and value.dropped
        engine.close()


@pytest.mark.usefixtures("queued")
def test_shares_of_a_capacity_are_of_the_one_that_was_measured_first(
    shared: Device, cli: Cli, tmp_path: Path
) -> None:
    ways = ["afalg", "afalg:way=aio", f"{shared.backend},way=async", f"{shared.backend},way=threads"]
    done = cli.run("run", cli.profile(SHARES.format(backends=ways)), "-q", "-o", "r.json")
    assert done.returncode == 0, done.stderr
    result = store.load(tmp_path / "r.json")
    assert len(result.cases) == 8
    for case in result.cases:
        first, second = case.runs
        assert first.facts[Fact.CAPACITY] == second.facts[Fact.CAPACITY]
        assert first.facts[Fact.RATE] == second.facts[Fact.RATE]
        half = float(first.facts[Fact.CAPACITY]) / 2
        assert float(first.facts[Fact.RATE]) == pytest.approx(half, rel=1e-4)
        for value in first.values + second.values:
            assert value.offered == value.requests + (value.dropped or 0)
            assert value.latency and value.latency > 0
