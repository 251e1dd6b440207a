"""Verdicts on open loops that are measured: a library against itself, and against one that is slower."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from slower import build, measure
from support import Figure, Row, Summary

from benchsuite.compare.verdicts import FASTER, SLIGHTLY_SLOWER, SLOWER, Rule, judge
from benchsuite.model import WALL, Case
from benchsuite.runner.pair_client import Side
from benchsuite.runner.paired import Pair

WORK = Case("software", "aes-128-gcm", aad_size=8)
LOOP = replace(WORK, rate_percent=70, arrival="poisson", backlog=64)
ROUNDS = 20
SLOWED = 30_000  # in 1/256 of a multiplication: about a third of the request


def verdict(backends: tuple[str, str]) -> str:
    with Pair(Side(), Side()) as pair:
        found = measure(pair, [LOOP], backends, ROUNDS, WALL)
    (of_loop,) = judge([found[LOOP]], [Rule()])
    return of_loop.kind


@pytest.mark.parametrize("slowed", [False, True])
def test_an_open_loop_at_70_percent(benchmark: Any, summary: Summary, tmp_path: Path, slowed: bool) -> None:
    usual = build(tmp_path, "usual", {})
    other = build(tmp_path, "slow", {WORK: SLOWED}) if slowed else build(tmp_path, "same", {})
    kind = benchmark.pedantic(verdict, args=((usual, other),), rounds=1)
    told = kind in (SLOWER, SLIGHTLY_SLOWER) if slowed else kind not in (SLOWER, SLIGHTLY_SLOWER, FASTER)
    what = "slowed by a third" if slowed else "unchanged"
    row = Row(f"open loop at 70%, {what}: as it is", Figure((float(told),)), 0, least=1, remark=kind)
    summary.add(row, benchmark)
