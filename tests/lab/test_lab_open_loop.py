"""Open loops on the kernel's paths: AF_ALG and /dev/crypto, each in every way it has of taking requests."""

from __future__ import annotations

from pathlib import Path

import pytest
from cuse_device import Device

from benchsuite import backends
from benchsuite.backends.native import NativeEngine
from benchsuite.facts import Fact
from benchsuite.model import BURST, CONSTANT, POISSON, Case, Measure, Value
from benchsuite.runner.measurement import Measurement

RATE = 1000  # requests per second, which an emulated CPU carries, too
SECONDS = 0.05
ARRIVALS = round(RATE * SECONDS)
BACKLOG = 4
WAYS = (  # of a backend, and q_len
    ("afalg", 1),
    ("afalg:way=sync", 8),
    ("afalg:way=aio", 8),
    ("afalg:way=threads", 8),
)
OF_DEVICE = (("", 1), (",way=async", 1), (",way=threads", 8), (",way=async", 8))

HOW = Measure(values=2, warmups=0, min_time=0.02)


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


@pytest.mark.usefixtures("one_cpu")
@pytest.mark.parametrize("arrival", [CONSTANT, POISSON])
@pytest.mark.parametrize(("backend", "q_len"), WAYS)
def test_requests_arrive_at_af_alg(backend: str, q_len: int, arrival: str) -> None:
    arrives(backend, q_len, arrival)


@pytest.mark.parametrize("arrival", [CONSTANT, POISSON])
@pytest.mark.parametrize(("way", "q_len"), OF_DEVICE)
def test_requests_arrive_at_dev_crypto(shared: Device, way: str, q_len: int, arrival: str) -> None:
    arrives(f"{shared.backend}{way}", q_len, arrival)


@pytest.mark.parametrize(("way", "q_len"), [("", 1), (",way=threads", 2), (",way=async", 2)])
def test_what_finds_no_place_before_a_slow_device_is_dropped(program: Path, way: str, q_len: int) -> None:
    """A burst of 64 at a device that takes 20 ms for each: q_len are in it, four wait, and no more."""
    with Device(program) as device:
        device.fault("late", ms=20)
        engine = opened(f"{device.backend}{way}", q_len, f"{BURST}:64", backlog=BACKLOG)
        engine.forget_latency()
        engine.offer(RATE, 0)
        value = engine.run(64)
        check(value, engine, 64)
        assert value.requests <= q_len + BACKLOG and value.dropped
        engine.close()


def half_of_what_is_carried(backend: str, arrival: str) -> None:
    """Two processes' worth: the second offers half of what the first has found."""
    capacity, rates = None, set()
    for number in range(2):
        engine = opened(backend, 8, arrival, rate=0, rate_percent=50)
        run = Measurement(engine, engine.case, HOW, number, lambda _: None, capacity=capacity).perform(None)
        engine.verify_after()
        engine.close()
        capacity = float(run.facts[Fact.CAPACITY])
        rates.add(run.facts[Fact.RATE])
        assert float(run.facts[Fact.RATE]) == pytest.approx(capacity / 2, rel=1e-4)
        for value in run.values:
            assert value.offered == value.requests + value.dropped and value.latency > 0
    assert len(rates) == 1


@pytest.mark.usefixtures("one_cpu")
@pytest.mark.parametrize(("way", "arrival"), [("aio", CONSTANT), ("threads", POISSON)])
def test_half_of_what_af_alg_carries(way: str, arrival: str) -> None:
    half_of_what_is_carried(f"afalg:way={way}", arrival)


@pytest.mark.parametrize(("way", "arrival"), [("threads", CONSTANT), ("async", POISSON)])
def test_half_of_what_dev_crypto_carries(shared: Device, way: str, arrival: str) -> None:
    half_of_what_is_carried(f"{shared.backend},way={way}", arrival)
