"""How fast the virtual clock runs: simulated requests per second of one core."""

from __future__ import annotations

import time
from typing import Any

import pytest
from support import Figure, Row, Summary

from benchsuite import backends
from benchsuite.model import Case

REQUESTS, TIMES = 1_000_000, 9
LEAST = 3.0  # million a second, with q_len 40 and batch on
CASES = {
    "a card, batch on": ("sim:hifn7956", {"q_len": 40, "batch": 1}),
    "a card with a bus in both directions, batch on": ("sim:qat-8970", {"q_len": 40, "batch": 1}),
    "the same through the callback thread": ("sim:qat-8970", {"q_len": 40, "batch": 1, "cbimm": 0}),
}


@pytest.mark.parametrize("what", CASES)
def test_requests_per_second(what: str, summary: Summary, benchmark: Any) -> None:
    """By the CPU seconds of this thread: what else the machine does is not the simulation's."""
    backend, parameters = CASES[what]
    figure = benchmark.pedantic(_rates, (backend, parameters), rounds=1)
    summary.add(Row(f"simulated: {what}", figure, 2, "M/s", least=LEAST, more_is_better=True), benchmark)


def _rates(backend: str, parameters: dict[str, int]) -> Figure:
    engine = backends.open_case(Case(backend, "aes-192-cbc+hmac-sha1", **parameters))
    engine.run(REQUESTS // 10)
    rates = []
    for _ in range(TIMES):
        begin = time.thread_time()
        engine.run(REQUESTS)
        rates.append(REQUESTS / (time.thread_time() - begin) / 1e6)
    engine.close()
    return Figure(tuple(rates))
