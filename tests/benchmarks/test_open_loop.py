"""What the open loop costs, and how late it is: the closed loop against one in which a request is always
waiting, in alternating slices of one process, and the lateness of a thread that waits for arrivals."""

from __future__ import annotations

import subprocess
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from support import HERE, Figure, Row, Summary, compile_c, core_sources

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
