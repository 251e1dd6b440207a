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
from typing import Any

import pytest
from support import Figure, Row, Summary

from benchsuite.model import Case, Failure, Measure
from benchsuite.runner.process import measure

PROCESSES = 9
HOW = Measure(values=30, warmups=3, min_time=0.01)
ALGORITHM = "aes-192-cbc+hmac-sha1"
DIRECT = Case("null", ALGORITHM)
QUEUES = Case("null", ALGORITHM, q_len=40, batch=1, cbimm=0)


def nanoseconds(case: Case) -> Figure:
    """Per request: of every process the median of its values."""
    medians = []
    for number in range(PROCESSES):
        run = measure(case, HOW, number, None, None)
        assert not isinstance(run, Failure), run
        medians.append(Figure(tuple(value.per_request * 1e9 for value in run.values)).median)
    return Figure(tuple(medians))


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
    figure = benchmark.pedantic(lambda: nanoseconds(DIRECT), rounds=1)
    summary.add(Row("null, direct", figure, 2, "ns", most=10), benchmark)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="dispatcher and callback thread need two CPUs")
def test_queues(benchmark: Any, summary: Summary) -> None:
    figure = benchmark.pedantic(lambda: nanoseconds(QUEUES), rounds=1)
    summary.add(Row("null, queues and threads, q_len 40", figure, 1, "ns", most=200), benchmark)


def test_queues_one_cpu(benchmark: Any, summary: Summary) -> None:
    with one_cpu():
        figure = benchmark.pedantic(lambda: nanoseconds(QUEUES), rounds=1)
    summary.add(Row("null, queues and threads, one CPU for both", figure, 1, "ns"), benchmark)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is no CPU to give to a neighbour")
def test_queues_busy_neighbour(benchmark: Any, summary: Summary) -> None:
    with busy_neighbour():
        figure = benchmark.pedantic(lambda: nanoseconds(QUEUES), rounds=1)
    summary.add(Row("null, queues and threads, another program on one CPU", figure, 1, "ns"), benchmark)
