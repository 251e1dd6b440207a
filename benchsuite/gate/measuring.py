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
from benchsuite.compare.labels import Labels
from benchsuite.compare.matching import Couple, Matched, estimate, sides
from benchsuite.compare.sequential import Sequential
from benchsuite.compare.verdicts import Rule
from benchsuite.gate.baseline import anchor
from benchsuite.model import Case, CaseResult, Failure, Measure, Plan, Result
from benchsuite.profile import Named
from benchsuite.runner import decisions
from benchsuite.runner.pair_client import Side
from benchsuite.runner.paired import Pair


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
    compared with. only_base: cases of a baseline that the plan has not. then: all of the baseline's, without
    their anchors. left_out: cases of the plan that are not measured, because the baseline has not got
    them."""

    plan: Plan
    tasks: list[Task]
    couples: list[Couple | None]
    only_base: list[CaseResult] = field(default_factory=list)
    then: list[CaseResult] = field(default_factory=list)
    left_out: list[CaseResult] = field(default_factory=list)

    @property
    def uncovered(self) -> list[CaseResult]:
        """Cases that the baseline has not."""
        pairs = zip(self.tasks, self.couples, strict=True)
        return [task.results[1] for task, couple in pairs if couple is None]

    def labels(self) -> Labels:
        """As much as is known now: a library's version only once it was measured."""
        now = [result for task in self.tasks for result in task.results] + self.left_out
        return Labels([self.then, now] if self.then else [now])


def side_by_side(plan: Plan, pair: tuple[Named, Named] | None, on: str | None) -> Work:
    """pair: A and B, None: both the plan's own, which then differ in the environment. on: a metric in place
    of the plan's."""
    tasks = []
    for planned, measure in zip(plan.results(), plan.measures, strict=True):
        a, b = pair or (Named(planned.label, planned.backend),) * 2
        tasks.append(_task(_on(planned.case, a), _on(planned.case, b), measure, on))
    _decide(tasks)
    return Work(plan, tasks, [Couple(*task.results, together=True) for task in tasks])


def against(plan: Plan, baseline: Result | None, on: str | None) -> Work:
    """Every case beside its anchor, and with the same of the baseline. None: there is none yet."""
    before = sides(baseline).couples if baseline else []
    tasks = [
        _task(CaseResult(anchor(planned.case)), planned, measure, on)
        for planned, measure in zip(plan.results(), plan.measures, strict=True)
    ]
    _decide(tasks)
    work = Work(plan, tasks, [], then=[couple.other for couple in before])
    labels = work.labels()
    known = {labels.call(couple.other).case.without(): couple for couple in before}
    for task in tasks:
        now = task.results
        then = known.pop(labels.call(now[1]).case.without(), None)
        work.couples.append(then and Couple(then.other, now[1], False, (then.base, now[0])))
    work.only_base = [couple.other for couple in known.values()]
    return work


def covered(work: Work) -> Work:
    """Without the cases that the baseline has not: no verdict could come of measuring them."""
    kept = [(task, couple) for task, couple in zip(work.tasks, work.couples, strict=True) if couple]
    tasks, couples = [task for task, _ in kept], [couple for _, couple in kept]
    return replace(work, tasks=tasks, couples=couples, left_out=work.uncovered)


def _on(case: Case, side: Named) -> CaseResult:
    return CaseResult(replace(case, backend=side.backend), label=side.label)


def _task(a: CaseResult, b: CaseResult, measure: Measure, on: str | None) -> Task:
    return Task((a, b), on or measure.decide_on)


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
        work, labels = self.work, self.work.labels()
        couples = [
            replace(couple, base=labels.call(couple.base), other=labels.call(couple.other))
            for couple in work.couples
            if couple
        ]
        only_base, alone = (
            [result.case for result in labels.called(results)]
            for results in (work.only_base, [*work.uncovered, *work.left_out])
        )
        matched = Matched(couples, only_base, alone, self._kept())
        (found,) = judged([(base, other, matched)], self.how.rule, None, None)
        return found
