"""A run: a plan measured, with its journal and its result file; after whatever ends it, what was measured is
kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchsuite import backends, host, native, store
from benchsuite.anonymous import erased, result_without_names
from benchsuite.facts import Environment
from benchsuite.host import placement
from benchsuite.host.placement import Cpus
from benchsuite.model import BenchsuiteError, CaseResult, Failure, Plan, Result, WorkerRun
from benchsuite.remarks import NO_REMARKS, Remarks
from benchsuite.runner import rounds
from benchsuite.runner.rounds import Settings
from benchsuite.runs.auto import Chosen, Facts, choose
from benchsuite.series import Series

__all__ = ["BROKEN", "FINISHED", "INTERRUPTED", "OUT_OF_BUDGET", "Ended", "Observer", "Run", "Settings"]

# Why a run ended.
FINISHED, OUT_OF_BUDGET, INTERRUPTED, BROKEN = "finished", "out of budget", "interrupted", "broken"


class Observer:
    """Is told of every step of a run; what it raises ends the run. This one passes over all of it: derive
    from it, and write the steps that matter. Cases are numbered as in the plan."""

    def begins(self, plan: Plan, done: Mapping[int, int]) -> None:
        """done: by case, how many worker processes it had in an earlier attempt."""

    def chosen(self, chosen: Chosen) -> None:
        """What the auto backend took."""

    def starts(self, index: int, round_number: int) -> None:
        """A worker process of a case."""

    def logged(self, index: int, round_number: int, part: Series) -> None:
        """What the time series of a worker process has more, while it measures."""

    def measured(self, index: int, run: WorkerRun) -> None:
        """What a worker process, or a simulation, brought."""

    def failed(self, index: int, failure: Failure) -> None:
        """The case has no figure."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over. path: where the result is, None where it is in no file. why: FINISHED where every
    case had its share, OUT_OF_BUDGET, INTERRUPTED by Ctrl-C, or BROKEN by `error`, which says where the rest
    is kept. finished: cases that had their share."""

    result: Result
    path: Path | None
    why: str
    finished: int
    error: BenchsuiteError | None = None


class Run:
    """One execution of a plan. output: its result file, beside which there is a journal meanwhile; None: the
    result is kept in memory only. resume: go on with the journal of an earlier attempt. remarks: what the
    result is to say beside its figures. cpus: for the workers."""

    def __init__(
        self,
        plan: Plan,
        output: Path | None = None,
        resume: bool = False,
        remarks: Remarks = NO_REMARKS,
        cpus: Cpus | None = None,
    ) -> None:
        if cpus:
            placement.check(cpus)
        self.cpus = cpus
        self.plan, self.output, self.remarks = plan, output, remarks
        self.journal: store.Journal | None = None
        self.results: list[CaseResult] = plan.results()
        self.decided: dict[int, Facts] = {}
        self.environment: dict[str, Any] = {}
        if output is not None and resume:
            resumed = store.resume(output, plan, remarks=remarks)
            self.journal, self.environment, self.results = resumed.journal, resumed.environment, resumed.cases
            self.decided, self.remarks = resumed.decided, resumed.remarks
            self._check_same_cpus()
            return
        remarks.tag(self.results)
        self.environment = host.environment(native.compiler(), cpus=cpus) | host.load("before")
        if remarks.anonymous:  # the journal, too
            self.environment = erased(self.environment)
            self.remarks = remarks = replace(remarks, commands=tuple(erased([*remarks.commands])))
        if output is not None:
            self.journal = store.Journal.create(output, plan, self.environment, remarks=remarks)

    def perform(self, settings: Settings, observer: Observer) -> Ended:
        """Measures what is still to be measured, and saves it. KeyboardInterrupt ends the run in good order,
        as does a BenchsuiteError: the journal cannot be written, say, or no worker started."""
        settings = replace(settings, cpus=self.cpus.numbers if self.cpus else ())
        told = _Journalling(self.journal, observer, self.plan) if self.journal else observer
        plan = self.plan
        try:
            observer.begins(plan, {i: result.rounds for i, result in enumerate(self.results)})
            self._choose(settings.deadline, told)
            complete = rounds.run(plan, plan.measures, self.results, told, settings, decided=self.decided)
        except KeyboardInterrupt:
            return self._save(INTERRUPTED)
        except BenchsuiteError as error:
            return self._rescue(error)
        except BaseException:  # of the observer, say: the journal is not to stay locked
            if self.journal:
                self.journal.close()
            raise
        return self._save(FINISHED if complete else OUT_OF_BUDGET)

    def _check_same_cpus(self) -> None:
        """BenchsuiteError where a run would go on with other CPUs than those it was begun with."""
        before, now = self.environment.get(Environment.CPUS_CHOSEN), self.cpus and str(self.cpus)
        if before != now:
            if self.journal:
                self.journal.close()
            was, give = (
                (f"with --cpus {before}", f"--cpus {before}") if before else ("without --cpus", "none")
            )
            raise BenchsuiteError(f"{self.output}: this run was begun {was}: to go on with it give {give}")

    def _choose(self, deadline: float | None, told: Observer) -> None:
        """Has `auto` choose, once for the whole run."""
        open_ = {
            index: result.case
            for index, result in enumerate(self.results)
            if index not in self.decided and not result.failure
        }
        for index, decision in choose(open_, deadline, told.chosen).items():
            if isinstance(decision, Failure):
                self.results[index].failure = decision
                told.failed(index, decision)
            else:
                self.decided[index] = decision
                if self.journal:
                    self.journal.decided(index, decision)

    def _result(self, complete: bool) -> Result:
        environment = self.environment | host.load("after")
        plan, said = self.plan, self.remarks
        result = Result(plan.profile, plan.why, environment, self.results, complete, said.note, said.command)
        return result_without_names(result) if said.anonymous else result

    def _save(self, why: str) -> Ended:
        result = self._result(why == FINISHED)
        if self.output is None or self.journal is None:
            return self._ended(result, why)
        try:
            store.save(result, self.output)
            if why == FINISHED:
                self.journal.remove()
        except BenchsuiteError as error:
            return self._ended(result, BROKEN, error=error)
        finally:
            self.journal.close()
        return self._ended(result, why, self.output)

    def _rescue(self, error: BenchsuiteError) -> Ended:
        """The disk is full, say: what the journal could not take goes where there is room."""
        if self.journal:
            self.journal.close()
        result = self._result(False)
        try:
            path = store.rescue(result)
        except BenchsuiteError as also:
            return self._ended(result, BROKEN, error=BenchsuiteError(f"{error}\n{also}"))
        said = BenchsuiteError(f"{error}\neverything measured so far is also in {path}")
        return self._ended(result, BROKEN, path, said)

    def _ended(
        self, result: Result, why: str, path: Path | None = None, error: BenchsuiteError | None = None
    ) -> Ended:
        pairs = zip(self.results, self.plan.measures, strict=True)
        finished = sum(result.rounds >= how.processes for result, how in pairs)
        return Ended(result, path, why, finished, error)


class _Journalling(Observer):
    """Keeps the journal, then tells another observer."""

    def __init__(self, journal: store.Journal, observer: Observer, plan: Plan) -> None:
        self.journal, self.observer, self.plan = journal, observer, plan

    def _precious(self, index: int) -> bool:
        return not backends.of(self.plan.cases[index].backend).deterministic

    def chosen(self, chosen: Chosen) -> None:
        self.observer.chosen(chosen)

    def starts(self, index: int, round_number: int) -> None:
        self.journal.start(index, round_number)
        self.observer.starts(index, round_number)

    def logged(self, index: int, round_number: int, part: Series) -> None:
        self.journal.logged(index, round_number, part)
        self.observer.logged(index, round_number, part)

    def measured(self, index: int, run: WorkerRun) -> None:
        self.journal.run(index, run, self._precious(index))
        self.observer.measured(index, run)

    def failed(self, index: int, failure: Failure) -> None:
        if failure.kind != "budget":  # --resume gives it another turn
            self.journal.fail(index, failure, self._precious(index))
        self.observer.failed(index, failure)
