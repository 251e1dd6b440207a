"""From a plan to measured pairs and their comparison: side against side, or both against a baseline."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchsuite import backends, host, native, places, store
from benchsuite.anonymous import result_without_names
from benchsuite.compare.baseline import anchor
from benchsuite.compare.comparison import Comparison, Party, judged, rule_for
from benchsuite.compare.evidence import Estimate
from benchsuite.compare.kept import KEY, Kept, Looked
from benchsuite.compare.labels import Labels
from benchsuite.compare.matching import Couple, Matched, estimate, sides
from benchsuite.compare.rounds import NO_CYCLES
from benchsuite.compare.sequential import Sequential
from benchsuite.compare.sides import of_pairs
from benchsuite.compare.verdicts import Rule
from benchsuite.compare.warnings import warnings
from benchsuite.host import placement
from benchsuite.host.placement import Cpus
from benchsuite.model import CYCLES, BenchsuiteError, Case, CaseResult, Failure, Measure, Plan, Result
from benchsuite.profile import Named
from benchsuite.remarks import NO_REMARKS, Remarks
from benchsuite.runner.pair_client import Side
from benchsuite.runner.paired import Pair
from benchsuite.runs import campaign
from benchsuite.runs.auto import Chosen, choose
from benchsuite.runs.campaign import Campaign, Taken, Task
from benchsuite.runs.plan import check_backends


class Observer(campaign.Observer):
    """Is told of every step of measuring in pairs; this one passes over all of it: derive from it, and write
    the steps that matter. Cases are numbered as in the pairing."""

    def begins(self, pairing: Pairing, how: How) -> None:
        """Before anything is measured."""

    def chosen(self, chosen: Chosen) -> None:
        """What the auto backend took, on either side."""

    def round(self, index: int, task: Task) -> None:
        """A round of a case was measured."""

    def open(self, cases: int) -> None:
        """So many cases are not decided yet."""


@dataclass(frozen=True, slots=True)
class How:
    """How pairs are measured and judged. budget and deadline: seconds. one_sided: see Sequential. rounds: of
    each case, whatever they say. environment: of side A, a virtual environment with another benchsuite. cpus:
    for both sides. remarks: what the result is to say beside its figures. undecided: what such cases of a
    gate count as."""

    rule: Rule
    budget: float
    deadline: float | None = None
    urgent: bool = True
    one_sided: bool = False
    rounds: int | None = None
    environment: Path | None = None
    cpus: Cpus | None = None
    remarks: Remarks = NO_REMARKS
    undecided: str | None = None


@dataclass(slots=True)
class Pairing:
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
        """Labels, as far as they are known now: a library's version only once it was measured."""
        now = [result for task in self.tasks for result in task.results] + self.left_out
        return Labels([self.then, now] if self.then else [now])


def side_by_side(plan: Plan, pair: tuple[Named, Named] | None, on: str | None) -> Pairing:
    """pair: A and B, None: both the plan's own, which then differ in the environment. on: a metric in place
    of the plan's."""
    tasks = []
    for planned, measure in zip(plan.results(), plan.measures, strict=True):
        a, b = pair or (Named(planned.label, planned.backend),) * 2
        tasks.append(_task(_on(planned.case, a), _on(planned.case, b), measure, on))
    return Pairing(plan, tasks, [Couple(*task.results, together=True) for task in tasks])


def against(plan: Plan, baseline: Result | None, on: str | None) -> Pairing:
    """Every case beside its anchor, and with the same of the baseline. None: there is none yet. An open loop
    has to be offered a share of its capacity: its latency is then in proportion to the time of a request, as
    the anchor's is, and drift cancels. At a given rate it is not: near the capacity, a machine that is 1%
    slower today makes it 10% or more."""
    for planned in plan.results():
        if planned.case.rate:
            raise BenchsuiteError(
                f"--baseline: {planned.name}: at a given rate a latency of another day says nothing, for a "
                "slightly slower machine makes it much longer\n"
                'give the rate as a share of the capacity, as rate = "70%", or use --paired A B'
            )
    before = sides(baseline).couples if baseline else []
    tasks = [
        _task(CaseResult(anchor(planned.case)), planned, measure, on)
        for planned, measure in zip(plan.results(), plan.measures, strict=True)
    ]
    pairing = Pairing(plan, tasks, [], then=[couple.other for couple in before])
    labels = pairing.labels()
    known = {labels.key(couple.other): couple for couple in before}
    for task in tasks:
        now = task.results
        then = known.pop(labels.key(now[1]), None)
        pairing.couples.append(then and Couple(then.other, now[1], False, (then.base, now[0])))
    pairing.only_base = [couple.other for couple in known.values()]
    return pairing


def covered(pairing: Pairing) -> Pairing:
    """Without the cases that the baseline has not: no verdict could come of measuring them."""
    kept = [(task, couple) for task, couple in zip(pairing.tasks, pairing.couples, strict=True) if couple]
    tasks: list[Task] = [task for task, _ in kept]
    couples: list[Couple | None] = [couple for _, couple in kept]
    return replace(pairing, tasks=tasks, couples=couples, left_out=pairing.uncovered)


def _on(case: Case, side: Named) -> CaseResult:
    return CaseResult(case.on(side.backend), label=side.label)


def _task(a: CaseResult, b: CaseResult, measure: Measure, on: str | None) -> Task:
    if measure.log_interval or measure.ramp:
        key = "log_interval" if measure.log_interval else "ramp"
        raise BenchsuiteError(
            f"{key}: pairs are measured in slices of milliseconds, by turns, and so have no course in time\n"
            f"leave {key} out, or use it with `benchsuite run`"
        )
    metric = on or measure.decide_on
    if metric == CYCLES and b.case.load.open_loop:
        raise BenchsuiteError(f"{b.name}: {NO_CYCLES}")
    return Task((a, b), metric)


def named_sides(paired: tuple[str, str], where: str) -> tuple[Named, Named]:
    """Both backends with their labels. where: who names them, for errors. BenchsuiteError where the labels
    are the same."""
    known = backends.names()
    a, b = (Named.of(text, known, where) for text in paired)
    if a.label and a.label == b.label:
        raise BenchsuiteError(f"{where}: both sides have the label {a.label!r}: choose another for one")
    return a, b


class Measuring:
    """A pairing while it is measured."""

    def __init__(self, pairing: Pairing, how: How) -> None:
        self.pairing, self.how = pairing, how
        self._couple_of = {
            id(task): couple for task, couple in zip(pairing.tasks, pairing.couples, strict=True)
        }
        rules = [rule_for(couple, how.rule, None) if couple else how.rule for couple in pairing.couples]
        self._sequential = Sequential(rules, how.one_sided)
        self.complete = False

    @property
    def baseline(self) -> bool:
        """Whether side A is an anchor."""
        return not all(couple and couple.together for couple in self.pairing.couples)

    def campaign(self, clock: Callable[[], float] = time.monotonic) -> Campaign:
        how = self.how
        return Campaign(self.pairing.tasks, self._sequential, self._estimate, how.budget, how.rounds, clock)

    def perform(self, observer: Observer) -> None:
        """BenchsuiteError where a side cannot be started. KeyboardInterrupt passes through, with everything
        measured so far kept."""
        how = self.how
        observer.begins(self.pairing, how)
        self._choose(observer)
        campaign = self.campaign()
        place = places.find(f"environment:{how.environment}") if how.environment else None
        try:
            with Pair(
                Side(place, how.deadline),
                Side(None, how.deadline),
                how.urgent,
                cpus=tuple(how.cpus or ()),
                anchored=self.baseline,
            ) as pair:
                self.complete = campaign.perform(pair, observer)
        finally:
            campaign.finish()

    def _choose(self, observer: Observer) -> None:
        """Has `auto` choose, once for all rounds."""
        tasks = self.pairing.tasks
        cases = {(i, side): case for i, task in enumerate(tasks) for side, case in enumerate(task.cases)}
        found = choose(cases, self.how.deadline, observer.chosen)
        for i, task in enumerate(tasks):
            facts: list[Taken] = [None, None]
            for side, result in enumerate(task.results):
                decision = found.get((i, side))
                if isinstance(decision, Failure):
                    result.failure = decision
                else:
                    facts[side] = decision
            task.decided = facts[0], facts[1]

    def _estimate(self, task: Task) -> Estimate | None:
        couple = self._couple_of[id(task)]
        return estimate(couple, task.metric) if couple else None

    def result(self, environment: dict[str, Any]) -> Result:
        """Both sides of every case, A before its B, and what is kept of their verdicts."""
        cases = [result for task in self.pairing.tasks for result in task.results]
        environment = environment | {KEY: self._kept().to_record()}
        plan, said = self.pairing.plan, self.how.remarks
        said.tag(cases)
        return Result(plan.profile, plan.why, environment, cases, self.complete, said.note, said.command)

    def _kept(self) -> Kept:
        """side A is an anchor where there is no couple of both sides."""
        cases = [
            Looked(
                task.cases[0].name,
                task.cases[1].name,
                *self._sequential.looked(i),
                verdict.kind if verdict else None,
            )
            for i, (task, verdict) in enumerate(
                zip(self.pairing.tasks, self._sequential.verdicts(), strict=True)
            )
        ]
        return Kept(self.how.rule, self.how.one_sided, self.baseline, tuple(cases), self.how.undecided)

    def comparison(self, base: Party, other: Party) -> Comparison:
        """The comparison that `compare` comes to from the result."""
        pairing, labels = self.pairing, self.pairing.labels()
        couples = [
            replace(couple, base=labels.call(couple.base), other=labels.call(couple.other))
            for couple in pairing.couples
            if couple
        ]
        only_base, alone = (
            [result.case for result in labels.called(results)]
            for results in (pairing.only_base, [*pairing.uncovered, *pairing.left_out])
        )
        matched = Matched(couples, only_base, alone, self._kept())
        (found,) = judged([(base, other, matched)], self.how.rule, None, None)
        return found


@dataclass(frozen=True, slots=True)
class Ended:
    """Measuring in pairs that is over. interrupted: by Ctrl-C. path: where the result is, None where it is
    in no file."""

    measuring: Measuring
    result: Result
    path: Path | None
    interrupted: bool
    seconds: float

    @property
    def pairing(self) -> Pairing:
        return self.measuring.pairing

    def comparison(self) -> Comparison:
        """Side against side."""
        labels = self.pairing.labels()
        pairs = [(labels.call(task.results[0]), labels.call(task.results[1])) for task in self.pairing.tasks]
        parties = of_pairs(pairs, str(self.measuring.how.environment or ""))
        found = self.measuring.comparison(*parties)
        couples = [line.couple for line in found.lines]
        return replace(found, warnings=warnings(self.result, self.result, couples))


def measure(pairing: Pairing, how: How, path: Path | None, observer: Observer) -> Ended:
    """Does the work, and keeps what was measured, also after Ctrl-C."""
    here = {case.backend for task in pairing.tasks for case in task.cases[how.environment is not None :]}
    check_backends(here)
    if how.cpus:
        placement.check(how.cpus)
    environment = host.environment(native.compiler(), cpus=how.cpus) | host.load("before")
    measuring = Measuring(pairing, how)
    begin, interrupted = time.monotonic(), False
    try:
        measuring.perform(observer)
    except KeyboardInterrupt:
        interrupted = True
    result = measuring.result(environment | host.load("after"))
    if how.remarks.anonymous:
        result = result_without_names(result)
    if path is not None:
        store.save(result, path)
    return Ended(measuring, result, path, interrupted, time.monotonic() - begin)
