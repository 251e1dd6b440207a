"""What the open loop costs, and how late it is: the closed loop against one in which a request is always
waiting, in alternating slices of one process, and the lateness of a thread that waits for arrivals. And what
it is for: percentiles of a service that pauses, by either loop."""

from __future__ import annotations

import subprocess
from pathlib import Path
from statistics import median
from typing import Any

import pausing
import pytest
from support import HERE, Figure, Row, Summary, compile_c, core_sources

from benchsuite import backends
from benchsuite.backends.native import NativeEngine
from benchsuite.model import Case
from benchsuite.percentiles import Latency, latency

PROCESSES, BLOCKS = 9, 40
SECONDS = 1  # of each process
CAPACITY = {  # driver, size, q_len, batch, cbimm; the driver's way of it is AES-128-GCM
    "null, direct": ("null", 64, 1, 0, 1),
    "aes-128-gcm 64 B, direct": ("libcrypto", 64, 1, 0, 1),
    "aes-128-gcm 1420 B, direct": ("libcrypto", 1420, 1, 0, 1),
    "null, queues": ("null", 64, 40, 1, 0),
    "aes-128-gcm 1420 B, queues": ("libcrypto", 1420, 40, 1, 0),
}
LATENESS = {  # driver, rate, q_len, batch, cbimm; and the most that the 99th percentile may be, in us
    "100/s": (("null", 100, 1, 0, 1), None),
    "100,000/s": (("null", 100000, 1, 0, 1), 5),
    "100,000/s, queues": (("null", 100000, 40, 1, 0), None),
}

PAUSING_RATE, REQUESTS, AT_A_TIME = 450, 4500, 7  # per second; of each loop; of a value of the closed one
PAUSES = {"service_us": 1000, "pause_ms": 200, "every": 500}
SHOWN = {"closed loop": 1.5, "open loop": 190.0}  # 99th percentile in ms: at most, at least


@pytest.fixture(scope="session")
def open_loop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that alternates both loops, and tells lateness."""
    return compile_c(tmp_path_factory.mktemp("open") / "open_loop", HERE / "open_loop.c", *core_sources())


def medians(program: Path, what: str, case: tuple[object, ...], blocks: int) -> tuple[float, ...]:
    """Of one process, column by column."""
    command = [str(word) for word in (program, what, *case, blocks)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [[float(word) for word in line.split()] for line in output.splitlines()]
    return tuple(median(column) for column in zip(*lines, strict=True))


def several(program: Path, what: str, case: tuple[object, ...], blocks: int) -> list[tuple[float, ...]]:
    return [medians(program, what, case, blocks) for _ in range(PROCESSES)]


@pytest.mark.parametrize("name", CAPACITY)
def test_capacity(benchmark: Any, summary: Summary, open_loop: Path, name: str) -> None:
    found = benchmark.pedantic(lambda: several(open_loop, "capacity", CAPACITY[name], BLOCKS), rounds=1)
    ratio = Figure(tuple(closed / always for closed, always in found))
    more = Figure(tuple(always - closed for closed, always in found))
    summary.add(Row(f"open loop, {name}: capacity by the closed loop's", ratio, 3), benchmark)
    summary.add(Row(f"open loop, {name}: a request more", more, 1, "ns"), benchmark)


@pytest.mark.parametrize("name", LATENESS)
def test_lateness(benchmark: Any, summary: Summary, open_loop: Path, name: str) -> None:
    case, most = LATENESS[name]
    found = benchmark.pedantic(lambda: several(open_loop, "lateness", case, SECONDS), rounds=1)
    half, p99, spun = (Figure(tuple(column)) for column in zip(*found, strict=True))
    summary.add(Row(f"lateness, null, {name}: p50", half, 3, "us"), benchmark)
    summary.add(Row(f"lateness, null, {name}: p99", p99, 3, "us", most=most), benchmark)
    summary.add(Row(f"looking at the clock, null, {name}", spun, 3), benchmark)


def of_a_pausing_service(backend: str, rate: int) -> Latency:
    engine = backends.open_case(Case(backend, "aes-128-cbc", request_size=64, rate=rate))
    assert isinstance(engine, NativeEngine)
    if rate:
        engine.offer(float(rate), 0)
        engine.run(REQUESTS)
    else:  # of so few it takes the latency of the last, which must not always be one that pauses
        for _ in range(REQUESTS // AT_A_TIME):
            engine.run(AT_A_TIME)
    found = latency([engine.latency()["lat"]])
    engine.close()
    assert found
    return found


def test_a_service_that_pauses(benchmark: Any, summary: Summary, tmp_path: Path) -> None:
    """1 ms each, and 200 ms every 500th: a closed loop says 1 ms at the 99th percentile, for nobody asks
    while it pauses. Who asks 450 times a second waits about 195 ms."""
    backend = pausing.build(tmp_path, **PAUSES)
    rates = {"closed loop": 0, "open loop": PAUSING_RATE}
    found = benchmark.pedantic(
        lambda: {name: of_a_pausing_service(backend, rate) for name, rate in rates.items()}, rounds=1
    )
    for name, each in found.items():
        for what, ns in (("p50", each.p50), ("p90", each.p90), ("p99.9", each.p99_9)):
            summary.add(Row(f"pausing service, {name}: {what}", Figure((ns / 1e6,)), 2, "ms"), benchmark)
    closed, arriving = (Figure((found[name].p99 / 1e6,)) for name in SHOWN)
    summary.add(
        Row("pausing service, closed loop: p99", closed, 2, "ms", most=SHOWN["closed loop"]), benchmark
    )
    summary.add(
        Row("pausing service, open loop: p99", arriving, 2, "ms", least=SHOWN["open loop"]), benchmark
    )
