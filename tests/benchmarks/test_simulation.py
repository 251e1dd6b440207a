"""How fast the virtual clock runs: simulated requests per second of one core, a sweep of 10,000 cases."""

from __future__ import annotations

import resource
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from support import Figure, Row, Summary, program

from benchsuite import backends, store
from benchsuite.model import Case

REQUESTS, TIMES = 1_000_000, 9
LEAST = 3.0  # million a second, with q_len 40 and batch on
CASES = {
    # The engine's loop and queues without a device behind them: nothing that simulates more is quicker.
    "the floor: a CPU that does the work itself": ("sim:geode-lx", {"q_len": 40, "batch": 1}),
    "a card, batch on": ("sim:hifn7956", {"q_len": 40, "batch": 1}),
    "a card with a bus in both directions, batch on": ("sim:qat-8970", {"q_len": 40, "batch": 1}),
    "the same through the callback thread": ("sim:qat-8970", {"q_len": 40, "batch": 1, "cbimm": 0}),
}
MOST_SECONDS = 60
SWEEP = """
why = "Ten thousand configurations."
[[matrix]]
why = "25 sizes, 25 depths, 4 batches, both cbimm, 2 devices."
backend = ["sim:hifn7956", "sim:qat-8970"]
algorithm = "aes-128-cbc"
request_size = [64, 128, 192, 256, 320, 384, 448, 512, 576, 640, 768, 896, 1024, 1152, 1280, 1408, 1488, 1536,
                2048, 3072, 4096, 5120, 6144, 7168, 8192]
q_len = [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 36, 40, 48, 56, 64, 80, 96, 112, 120, 128]
batch = [0, 1, 4, 16]
cbimm = [0, 1]
"""


@pytest.mark.parametrize("what", CASES)
def test_requests_per_second(what: str, summary: Summary, benchmark: Any) -> None:
    """By the CPU seconds of this thread: what else the machine does is not the simulation's."""
    backend, parameters = CASES[what]
    figure = benchmark.pedantic(_rates, (backend, parameters), rounds=1)
    summary.add(Row(f"simulated: {what}", figure, 2, "M/s", least=LEAST, more_is_better=True), benchmark)


def _rates(backend: str, parameters: dict[str, int]) -> Figure:
    engine = backends.open_case(Case(backend, "aes-128-cbc", **parameters))
    engine.run(REQUESTS // 10)
    rates = []
    for _ in range(TIMES):
        begin = time.thread_time()
        engine.run(REQUESTS)
        rates.append(REQUESTS / (time.thread_time() - begin) / 1e6)
    engine.close()
    return Figure(tuple(rates))


def test_ten_thousand_configurations(summary: Summary, benchmark: Any, tmp_path: Path) -> None:
    """The whole command, from its start to the table: as a user waits for it."""
    (tmp_path / "sweep.toml").write_text(SWEEP)
    command = [*program(), "run", "./sweep.toml", "-q", "-o", "sweep.json"]
    begin = time.perf_counter()
    benchmark.pedantic(
        lambda: subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL), rounds=1
    )
    seconds = time.perf_counter() - begin
    cases = store.load(tmp_path / "sweep.json").cases
    assert len(cases) == 10_000 and all(case.measured for case in cases)
    simulated = sum(run.counters["submitted"] for case in cases for run in case.runs)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    remark = f"{simulated / 1e6:.0f} million requests; {memory} MB"
    row = Row("10,000 configurations", Figure((seconds,)), 1, "s", most=MOST_SECONDS, remark=remark)
    summary.add(row, benchmark)


def test_memory_is_independent_of_requests(summary: Summary, benchmark: Any) -> None:
    """Of a process that has simulated some, and then ten million more."""
    engine = backends.open_case(Case("sim:qat-8970", "aes-128-cbc", q_len=40, batch=1))
    engine.run(100_000)
    before = resident()
    benchmark.pedantic(engine.run, (10_000_000,), rounds=1)
    figure = Figure(((resident() - before) / 1024,))
    engine.close()
    summary.add(Row("memory of 10 million requests more", figure, 0, "KB", most=256), benchmark)


def resident() -> int:
    """Bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
