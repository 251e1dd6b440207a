"""From a plan to measured pairs and their comparison: side against side, or both against a baseline."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchsuite.compare.campaign import Campaign, Observer, Task
from benchsuite.compare.comparison import Comparison, Party, judged, rule_for
from benchsuite.compare.evidence import Estimate
from benchsuite.compare.kept import KEY, Kept, Looked
from benchsuite.compare.matching import Couple, Matched, estimate, same, sides
from benchsuite.compare.sequential import Sequential
from benchsuite.compare.verdicts import Rule
from benchsuite.gate.baseline import anchor
from benchsuite.model import Case, CaseResult, Failure, Measure, Plan, Result
from benchsuite.runner import decisions
from benchsuite.runner.paired import Pair
from benchsuite.runner.side import Side


@dataclass(frozen=True, slots=True)
class How:
    """How pairs are measured and judged. budget and deadline: seconds. one_sided: see Sequential. rounds: of
    each case, whatever they say. environment: of side A, a virtual environment with another benchsuite."""

    rule: Rule
    budget: float
    deadline: float | None = None
    urgent: bool = True
    one_sided: bool = False
    rounds: int | None = None
    environment: Path | None = None


@dataclass(slots=True)
class Work:
    """What is to be measured: tasks, and of each what its couple is, None for one that has nothing to be
    compared with. only_base: cases of a baseline that the plan has not."""

    plan: Plan
    tasks: list[Task]
    couples: list[Couple | None]
    only_base: list[Case] = field(default_factory=list)


def side_by_side(plan: Plan, backends: tuple[str, str] | None, on: str | None) -> Work:
    """backends: A's and B's, None: both the plan's own, which then differ in the environment. on: a metric in
    place of the plan's."""
    tasks = []
    for case, measure in zip(plan.cases, plan.measures, strict=True):
        a, b = backends or (case.backend, case.backend)
        tasks.append(_task(replace(case, backend=a), replace(case, backend=b), measure, on))
    _decide(tasks)
    return Work(plan, tasks, [Couple(*task.results, together=True) for task in tasks])


def against(plan: Plan, baseline: Result | None, on: str | None) -> Work:
    """Every case beside its anchor, and with the same of the baseline. None: there is none yet."""
    known = {same(couple.other.case): couple for couple in sides(baseline).couples} if baseline else {}
    tasks = [
        _task(anchor(case), case, measure, on)
        for case, measure in zip(plan.cases, plan.measures, strict=True)
    ]
    _decide(tasks)
    couples = []
    for task in tasks:
        then = known.pop(same(task.cases[1]), None)
        now = task.results
        couples.append(then and Couple(then.other, now[1], False, (then.base, now[0])))
    return Work(plan, tasks, couples, [couple.other.case for couple in known.values()])


def _task(a: Case, b: Case, measure: Measure, on: str | None) -> Task:
    return Task((CaseResult(a), CaseResult(b)), on or measure.decide_on)


def _decide(tasks: list[Task]) -> None:
    """What `auto` takes, once for all rounds."""
    questions = [decisions.question(case) for task in tasks for case in task.cases if decisions.is_auto(case)]
    found = decisions.decide(questions)
    for task in tasks:
        facts: list[Mapping[str, str] | None] = [None, None]
        for side, result in enumerate(task.results):
            answer = found.get(decisions.question(result.case)) if decisions.is_auto(result.case) else None
            if isinstance(answer, Failure):
                result.failure = answer
            else:
                facts[side] = answer
        task.decided = facts[0], facts[1]


class Measuring:
    """Work being done."""

    def __init__(self, work: Work, how: How) -> None:
        self.work, self.how = work, how
        self._couple_of = {id(task): couple for task, couple in zip(work.tasks, work.couples, strict=True)}
        rules = [rule_for(couple, how.rule, None) if couple else how.rule for couple in work.couples]
        self._sequential = Sequential(rules, how.one_sided)
        self.complete = False

    def campaign(self, clock: Callable[[], float] = time.monotonic) -> Campaign:
        how = self.how
        return Campaign(self.work.tasks, self._sequential, self._estimate, how.budget, how.rounds, clock)

    def perform(self, observer: Observer) -> None:
        """BenchsuiteError where a side cannot be started. KeyboardInterrupt passes through, with everything
        measured so far kept."""
        how, campaign = self.how, self.campaign()
        try:
            with Pair(Side(how.environment, how.deadline), Side(None, how.deadline), how.urgent) as pair:
                self.complete = campaign.perform(pair, observer)
        finally:
            campaign.finish()

    def _estimate(self, task: Task) -> Estimate | None:
        couple = self._couple_of[id(task)]
        return estimate(couple, task.metric) if couple else None

    def result(self, environment: dict[str, Any]) -> Result:
        """Both sides of every case, A before its B, and what is kept of their verdicts."""
        cases = [result for task in self.work.tasks for result in task.results]
        environment = environment | {KEY: self._kept().to_record()}
        return Result(self.work.plan.profile, self.work.plan.why, environment, cases, self.complete)

    def _kept(self) -> Kept:
        """side A is an anchor where there is no couple of both sides."""
        cases = [
            Looked(*(case.name for case in task.cases), *self._sequential.looked(i), verdict and verdict.kind)
            for i, (task, verdict) in enumerate(
                zip(self.work.tasks, self._sequential.verdicts(), strict=True)
            )
        ]
        baseline = not all(couple and couple.together for couple in self.work.couples)
        return Kept(self.how.rule, self.how.one_sided, baseline, tuple(cases))

    def comparison(self, base: Party, other: Party) -> Comparison:
        """As `compare` comes to it from the result."""
        work = self.work
        alone = [task.cases[1] for task, couple in zip(work.tasks, work.couples, strict=True) if not couple]
        couples = [couple for couple in work.couples if couple]
        matched = Matched(couples, work.only_base, alone, self._kept())
        (found,) = judged([(base, other, matched)], self.how.rule, None, None)
        return found
