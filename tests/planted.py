"""A gate on planted rounds: everything of it is real but the pair that measures and its clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import exp
from typing import Any

from compare_fixture import CBC, MACHINE, run

from benchsuite.compare.verdicts import Rule
from benchsuite.model import WALL, Case, Failure, Measure, Plan, Result
from benchsuite.profile import Named
from benchsuite.runner.paired import Lost, Round
from benchsuite.runs.campaign import Task
from benchsuite.runs.pairs import How, Measuring, Pairing, side_by_side

Change = Callable[[int], float]  # number of the round -> log of B's time over A's
SECONDS = 1e-6  # of a request of A
SIDES = Named("", "software"), Named("", "software:/new.so")


class Planted:
    """Stands for a Pair. A round takes a second; of the cases in `lost` side B crashes in that round."""

    def __init__(self, changes: dict[Case, Change], lost: dict[Case, int] | None = None) -> None:
        self.changes, self.lost, self.now = changes, lost or {}, 0.0

    def round(self, cases: tuple[Case, Case], number: int, *_: Any) -> Round | Lost:
        self.now += 1.0
        if self.lost.get(cases[1]) == number:
            return Lost(1, Failure("crash", "the worker crashed (SIGSEGV)", number))
        common = SECONDS * (1 + 0.2 * random.Random(f"{cases[1].name} {number}").random())
        times = common, common * exp(self.changes[cases[1]](number))
        runs = [run(number, seconds, {"side": side}) for seconds, side in zip(times, "AB", strict=True)]
        return Round((runs[0], runs[1]))


class Quiet:
    """An observer."""

    def round(self, index: int, task: Task) -> None: ...
    def open(self, cases: int) -> None: ...


def noisy(change: float, spread: float, seed: int) -> Change:
    return lambda number: change + random.Random(f"{seed} {number}").gauss(0, spread)


def plan(cases: int) -> Plan:
    listed = tuple(replace(CBC, request_size=16 * (i + 1)) for i in range(cases))
    return Plan("planted", "A test.", listed, (Measure(decide_on=WALL),) * cases)


def measure(
    pairing: Pairing, changes: Sequence[Change], how: How, lost: dict[int, int] | None = None
) -> Measuring:
    """The work done. changes: of each case. lost: case -> the round in which it crashes."""
    cases = [task.cases[1] for task in pairing.tasks]
    pair = Planted(dict(zip(cases, changes, strict=True)), {cases[i]: at for i, at in (lost or {}).items()})
    measuring = Measuring(pairing, how)
    campaign = measuring.campaign(lambda: pair.now)
    measuring.complete = campaign.perform(pair, Quiet())  # type: ignore[arg-type]
    campaign.finish()
    return measuring


def gate(
    changes: Sequence[Change],
    budget: int = 1000,
    rule: Rule | None = None,
    one_sided: bool = True,
    lost: dict[int, int] | None = None,
) -> tuple[Measuring, Result]:
    """budget: rounds, over all cases."""
    pairing = side_by_side(plan(len(changes)), SIDES, None)
    measuring = measure(pairing, changes, How(rule or Rule(), float(budget), one_sided=one_sided), lost)
    return measuring, measuring.result(dict(MACHINE))
