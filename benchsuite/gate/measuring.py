"""From a plan to measured pairs and their comparison: side against side, or both against a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchsuite.compare.campaign import Campaign, Observer, Task
from benchsuite.compare.comparison import ANCHORED, Comparison, Line, Party, compared, unjudged
from benchsuite.compare.evidence import Estimate
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
        apart = any(couple and not couple.together for couple in work.couples)
        self._drift = ANCHORED if apart else 0.0
        self._rule = replace(how.rule, drift=self._drift)
        self._couple_of = {id(task): couple for task, couple in zip(work.tasks, work.couples, strict=True)}
        self._sequential = Sequential([self._rule] * len(work.tasks), how.one_sided)
        self.complete = False

    def perform(self, observer: Observer) -> None:
        """BenchsuiteError where a side cannot be started. KeyboardInterrupt passes through, with everything
        measured so far kept."""
        how = self.how
        campaign = Campaign(self.work.tasks, self._sequential, self._estimate, how.budget, how.rounds)
        try:
            with Pair(Side(how.environment, how.deadline), Side(None, how.deadline), how.urgent) as pair:
                self.complete = campaign.perform(pair, observer)
        finally:
            campaign.finish()

    def _estimate(self, task: Task) -> Estimate | None:
        couple = self._couple_of[id(task)]
        return estimate(couple, task.metric) if couple else None

    def result(self, environment: dict[str, Any]) -> Result:
        """Both sides of every case, A before its B."""
        cases = [result for task in self.work.tasks for result in task.results]
        return Result(self.work.plan.profile, self.work.plan.why, environment, cases, self.complete)

    def comparison(self, base: Party, other: Party) -> Comparison:
        work, lines, alone = self.work, [], []
        for task, couple, verdict in zip(work.tasks, work.couples, self._sequential.verdicts(), strict=True):
            if couple:
                lines.append(_line(couple, task, verdict))
            else:
                alone.append(task.cases[1])
        matched = Matched([line.couple for line in lines], work.only_base, alone)
        return compared(base, other, matched, lines, self.how.rule, self._drift, len(work.tasks))


def _line(couple: Couple, task: Task, verdict: Any) -> Line:
    line = unjudged(couple, task.metric)
    lost = next((result.failure for result in task.results if result.failure), None)
    if line.estimate and lost:  # an anchor's failure, say
        return replace(line, status=lost.kind, reason=lost.reason, estimate=None)
    if line.estimate and verdict is None:
        return replace(
            line, status="budget", reason="the budget ran out before it had a verdict", estimate=None
        )
    return replace(line, verdict=verdict if line.estimate else None)
