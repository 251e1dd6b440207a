"""What the instrument itself costs: the null driver, directly and through queues and threads.

The way through dispatcher and callback thread is two threads at work: it needs two CPUs. What it costs
when they have only one between them is shown beside it, because a busy machine is the usual one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from support import Figure, Row, Summary

from benchsuite.model import Case, Failure, Measure, WorkerRun
from benchsuite.runner.calls import measure

PROCESSES = 9
TRIES = 40  # to find so many that had the machine to themselves
FEWEST = 5
ALONE = 0.1  # CPUs that others may keep busy meanwhile
HOW = Measure(values=30, warmups=3, min_time=0.01)
ALGORITHM = "aes-192-cbc+hmac-sha1"
DIRECT = Case("null", ALGORITHM)
QUEUES = Case("null", ALGORITHM, q_len=40, batch=1, cbimm=0)


def process(case: Case, number: int) -> WorkerRun:
    run = measure(case, HOW, number, None, None)
    assert not isinstance(run, Failure), run
    return run


def nanoseconds(runs: list[WorkerRun]) -> Figure:
    """Per request: of every process the median of its values."""
    return Figure(tuple(median(value.per_request * 1e9 for value in run.values) for run in runs))


def several(case: Case) -> list[WorkerRun]:
    return [process(case, number) for number in range(PROCESSES)]


def undisturbed(case: Case) -> list[WorkerRun]:
    """Those of up to TRIES processes beside which nothing else ran, PROCESSES at most."""
    runs: list[WorkerRun] = []
    for number in range(TRIES):
        run = process(case, number)
        own = sum(value.user + value.system for value in run.values)
        if run.machine_busy - own < ALONE * (run.ended - run.started):
            runs.append(run)
        if len(runs) == PROCESSES:
            break
    return runs


def handed_over(program: Path) -> Figure:
    """The floor of two threads at work on one thing, a cache line there and back: medians of processes."""
    done = [subprocess.run([program], check=True, capture_output=True, text=True) for _ in range(PROCESSES)]
    return Figure(tuple(median(map(float, each.stdout.split())) for each in done))


@contextmanager
def one_cpu() -> Iterator[None]:
    """This process, and those it starts, get the first CPU only."""
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usable)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)


@contextmanager
def busy_neighbour() -> Iterator[None]:
    """A program that never pauses takes the last CPU."""
    program = f"import os; os.sched_setaffinity(0, {{{max(os.sched_getaffinity(0))}}})\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", program]) as neighbour:
        try:
            yield
        finally:
            neighbour.kill()


def test_direct(benchmark: Any, summary: Summary) -> None:
    runs = benchmark.pedantic(lambda: several(DIRECT), rounds=1)
    summary.add(Row("null, direct", nanoseconds(runs), 2, "ns", most=10), benchmark)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="dispatcher and callback thread need two CPUs")
def test_queues(benchmark: Any, summary: Summary, cache_line: Path) -> None:
    summary.add(Row("a cache line to another CPU and back", handed_over(cache_line), 1, "ns"), benchmark)
    runs = benchmark.pedantic(lambda: undisturbed(QUEUES), rounds=1)
    if len(runs) < FEWEST:
        pytest.skip(f"other programs ran beside all but {len(runs)} of {TRIES} processes")
    summary.add(Row("null, queues, both CPUs free", nanoseconds(runs), 1, "ns", most=200), benchmark)


def test_queues_one_cpu(benchmark: Any, summary: Summary) -> None:
    with one_cpu():
        runs = benchmark.pedantic(lambda: several(QUEUES), rounds=1)
    summary.add(Row("null, queues, one CPU for both threads", nanoseconds(runs), 1, "ns"), benchmark)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is no CPU to give to a neighbour")
def test_queues_busy_neighbour(benchmark: Any, summary: Summary) -> None:
    with busy_neighbour():
        runs = benchmark.pedantic(lambda: several(QUEUES), rounds=1)
    summary.add(Row("null, queues, another program on one CPU", nanoseconds(runs), 1, "ns"), benchmark)
