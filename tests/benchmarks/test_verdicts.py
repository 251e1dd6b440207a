"""The gate against libraries that are as fast, and 5% slower. Longer, and beside other ways: verdicts.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support import Figure, Row, Summary
from verdicts import show_gates

UNCHANGED, SLOW = 6, 3
SHARE, ROUNDS = 0.06, 16  # as calibrated by few rounds all are above the threshold of 5%


def test_verdicts(benchmark: Any, summary: Summary, tmp_path: Path) -> None:
    found = benchmark.pedantic(show_gates, args=(tmp_path, UNCHANGED, SLOW, SHARE, ROUNDS), rounds=1)
    alarms = found["with a false alarm"] + found["unchanged cases beside them called slower"]
    share = found["found"] / found["slow-downs injected"]
    remark = f"of {found['slow-downs injected']}"
    rows = (
        Row("gate of 30 cases, unchanged", Figure(tuple(found["times"])), 1, "s", most=60),
        Row("gate of 30 cases, some slower", Figure(tuple(found["slow_times"])), 1, "s", most=62),
        Row("false alarms", Figure((float(alarms),)), 0, most=0, remark=f"in {UNCHANGED + SLOW} gates"),
        Row("slow-downs of 6% found", Figure((share,)), 2, least=0.95, remark=remark),
    )
    for row in rows:
        summary.add(row, benchmark)
