"""What time-stamping costs, by experiment: engines with the sampling they choose against the same engines
with one sample per run, alternating in slices of 2 ms; and whether what a run says of it is true."""

from __future__ import annotations

import subprocess
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from support import Figure, Row, Summary

PROCESSES, BLOCKS = 9, 80
CASES = {  # driver, size, q_len, batch, cbimm
    "null direct": ("null", 64, 1, 0, 1),
    "aes-128-cbc 64 B direct": ("libcrypto", 64, 1, 0, 1),
    "aes-128-cbc 1488 B direct": ("libcrypto", 1488, 1, 0, 1),
    "null queues": ("null", 64, 40, 1, 0),
    "aes-128-cbc 1488 B queues": ("libcrypto", 1488, 40, 1, 0),
}


def one_process(sampling: Path, case: tuple[object, ...]) -> tuple[float, float]:
    """(measured, said): shares of the time."""
    command = [str(word) for word in (sampling, *case, BLOCKS)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    blocks = [[float(word) for word in line.split()] for line in output.splitlines()]
    return median(a / b - 1 for a, b, _ in blocks), median(said for _, _, said in blocks)


@pytest.mark.parametrize("name", CASES)
def test_sampling(benchmark: Any, summary: Summary, sampling: Path, name: str) -> None:
    processes = range(PROCESSES)
    pairs = benchmark.pedantic(lambda: [one_process(sampling, CASES[name]) for _ in processes], rounds=1)
    measured = Figure(tuple(100 * measured for measured, _ in pairs))
    said = Figure(tuple(100 * said for _, said in pairs))
    summary.add(Row(f"time-stamping, {name}", measured, 2, "%", most=1), benchmark)
    summary.add(Row(f"time-stamping, {name}, as a run says", said, 2, "%", most=1), benchmark)
