"""Rounds of unchanged code, recorded, and played to the gate as if it measured them.

Recorded is what `Pair` measures: pass after pass over all cases of a profile, both sides the same library.
Played are the same rounds in the same order to the gate's own `Measuring` and `Campaign`, whose clock goes by
the seconds that the rounds took when they were recorded. A slow-down is put in by multiplying side B's times.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

from benchsuite.compare.comparison import Party
from benchsuite.compare.rounds import per_round
from benchsuite.compare.verdicts import Rule
from benchsuite.model import CPU, WALL, Case, CaseResult, Plan, Value, WorkerRun
from benchsuite.profile import Named
from benchsuite.runner.pair_client import Side
from benchsuite.runner.paired import Lost, Pair, PerRequest, Round
from benchsuite.runs.campaign import Task
from benchsuite.runs.pairs import How, Measuring, side_by_side

BACKEND = "software"
BUDGET = 60.0  # seconds, as a gate has them
Slices = list[float]  # seconds per request


@dataclass(frozen=True, slots=True)
class Recorded:
    """A round of a case: its slices of both sides, by metric, the seconds it took in all, and those that new
    servers took before it."""

    wall: tuple[Slices, Slices]
    cpu: tuple[Slices, Slices]
    took: float
    renewing: float = 0.0


Record = list[list[Recorded]]  # by case, as many rounds of each


class _Timed(Pair):
    """Knows what the servers of a pass took."""

    renewing = 0.0

    def _renew(self, number: int) -> None:
        begin = time.monotonic()
        super()._renew(number)
        self.renewing = time.monotonic() - begin


def record(cases: Sequence[Case], seconds: float, urgent: bool, path: Path) -> None:
    """Rounds of the cases against themselves for so long, forwards and backwards by turns as a gate goes,
    appended to a file."""
    per_request: dict[int, PerRequest] = {}
    end, number = time.monotonic() + seconds, 0
    with _Timed(Side(), Side(), urgent) as pair, path.open("a") as file:
        while time.monotonic() < end:
            for index in range(len(cases)) if number % 2 == 0 else reversed(range(len(cases))):
                pair.renewing, begin = 0.0, time.monotonic()
                outcome = pair.round((cases[index],) * 2, number, per_request.get(index))
                assert not isinstance(outcome, Lost), outcome
                per_request[index] = outcome.per_request
                runs = outcome.runs
                figures = {
                    "case": index,
                    "took": time.monotonic() - begin - pair.renewing,
                    "renewing": pair.renewing,
                    "wall": [[value.per_request for value in run.values] for run in runs],
                    "cpu": [[(value.cpu or 0) / value.requests for value in run.values] for run in runs],
                }
                file.write(json.dumps(figures) + "\n")
            number += 1


def load(path: Path, cases: int) -> Record:
    """Whole passes over the cases only."""
    found: Record = [[] for _ in range(cases)]
    for line in path.read_text().splitlines():
        item = json.loads(line)
        a, b = item["wall"]
        c, d = item["cpu"]
        found[item["case"]].append(Recorded((a, b), (c, d), item["took"], item.get("renewing", 0.0)))
    rounds = min(map(len, found))
    return [of_case[:rounds] for of_case in found]


def rounds_of(kept: Record, seconds: float) -> int:
    """Of each case, that so much measuring has."""
    passes = sum(each.took + each.renewing for of_case in kept for each in of_case) / len(kept[0])
    return max(2, int(seconds / passes))


def figures(each: Recorded) -> tuple[dict[str, float], dict[str, float]]:
    """What the round is worth to a verdict: of A and of B seconds per request, by metric."""
    found = []
    for side in (0, 1):
        values = [Value(1, wall, cpu, 0.0) for wall, cpu in zip(each.wall[side], each.cpu[side], strict=True)]
        result = CaseResult(Case("", ""), [WorkerRun(0, values=values)])
        found.append({metric: exp(per_round(result, metric)[0]) for metric in (WALL, CPU)})
    return found[0], found[1]


class OutOfTape(Exception):
    """All rounds have been played."""


class Tape:
    """Stands for a Pair."""

    def __init__(self, kept: Record, figures: Mapping[int, Any], cases: Sequence[Case]) -> None:
        """figures: by identity of a round, as `figures` gives them."""
        self._kept, self._figures = kept, figures
        self._index = {case: index for index, case in enumerate(cases)}
        self._renewing = [max(of_case[i].renewing for of_case in kept) for i in range(len(kept[0]))]
        self._number = -1
        self.effects = [1.0] * len(cases)
        self.now = 0.0  # seconds

    def round(self, cases: tuple[Case, Case], number: int, *_: Any) -> Round:
        if number >= len(self._kept[0]):
            raise OutOfTape
        index = self._index[cases[1]]
        each = self._kept[index][number]
        self.now += each.took + (self._renewing[number] if number != self._number else 0.0)
        self._number = number
        runs = []
        for side, of_side in enumerate(self._figures[id(each)]):
            by = self.effects[index] if side else 1.0
            value = Value(1, of_side[WALL] * by, of_side[CPU] * by, 0.0)
            runs.append(WorkerRun(number, values=[value], facts={"side": "AB"[side]}))
        return Round((runs[0], runs[1]))


class _Silent:
    """An observer."""

    def round(self, index: int, task: Task) -> None: ...
    def open(self, cases: int) -> None: ...


def play(
    plan: Plan, kept: Record, figures: Mapping[int, Any], effects: Sequence[float], metric: str
) -> tuple[list[str | None], list[int], float]:
    """A gate with the default rule on the record from its beginning: of each case its verdict and rounds; and
    the seconds of the whole. effects: factors of side B's times."""
    work = side_by_side(plan, (Named("", BACKEND),) * 2, metric)
    measuring = Measuring(work, How(Rule(), BUDGET, one_sided=True))
    tape = Tape(kept, figures, [task.cases[1] for task in work.tasks])
    tape.effects = list(effects)
    campaign = measuring.campaign(lambda: tape.now)
    with suppress(OutOfTape):
        campaign.perform(tape, _Silent())  # type: ignore[arg-type]
    campaign.finish()
    lines = measuring.comparison(Party("A"), Party("B")).lines
    kinds = [line.verdict.kind if line.verdict else None for line in lines]
    return kinds, [task.rounds for task in work.tasks], tape.now
