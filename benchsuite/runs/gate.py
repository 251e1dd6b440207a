"""A gate with a baseline: a plan measured beside its anchors and held against what a result file has of it;
and a new baseline accepted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from benchsuite import files, host, native
from benchsuite.compare import baseline
from benchsuite.compare.comparison import Comparison
from benchsuite.compare.matching import only_backends_differ
from benchsuite.compare.renewed import Renewed
from benchsuite.compare.sides import backends, party
from benchsuite.compare.verdicts import Rule
from benchsuite.compare.warnings import other_machine, warnings
from benchsuite.model import BenchsuiteError, CouldNotMeasure, Plan, Result
from benchsuite.runs.pairs import Ended, How, Pairing, against, covered
from benchsuite.units import many, several

ACCEPTED_ROUNDS = 16  # of every case of a baseline
FEWEST_ACCEPTED = 5
ALPHA = Rule().alpha


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline's file, and how it is to be taken. accept: the reason for which cases are to be put in it,
    None: it is compared with. any_machine: also where another machine has made it. partial: also where it
    has not all of the cases."""

    path: Path
    accept: str | None = None
    any_machine: bool = False
    partial: bool = False

    def load(self) -> Result | None:
        """The result; None where there is none yet, and one is to be made."""
        if self.accept is None:
            return baseline.load(self.path, host.environment(native.compiler()), self.any_machine)
        files.check_writable(self.path, "--baseline")
        return baseline.load(self.path, {}, True) if self.path.exists() else None

    def how(self, usual: How) -> How:
        """How it is measured: to be accepted, in so many rounds whatever they say."""
        return usual if self.accept is None else replace(usual, rounds=ACCEPTED_ROUNDS)


@dataclass(frozen=True, slots=True)
class Held:
    """A plan that is held against a baseline. then: the baseline's result, if there is one yet."""

    baseline: Baseline
    then: Result | None
    pairing: Pairing

    def comparison(self, ended: Ended) -> Comparison:
        """What was measured now against the baseline."""
        pairing = ended.pairing
        labels = pairing.labels()
        now = labels.called(task.results[1] for task in pairing.tasks)
        before = labels.called(pairing.then)
        parties = party(str(self.baseline.path), before), party(backends(now), now)
        found = ended.measuring.comparison(*parties)
        if self.then is None:
            return found
        return replace(
            found, warnings=warnings(self.then, ended.result, [line.couple for line in found.lines])
        )

    def accept(self, ended: Ended) -> tuple[int, Renewed]:
        """Makes what was measured the baseline, or a part of it; how many rounds of each case it has at
        least, and what became of the cases of before. CouldNotMeasure where there is too little of it: a
        baseline that cannot be relied on is none."""
        tasks = ended.pairing.tasks
        for task in tasks:
            for result in task.results:
                if result.failure:
                    raise CouldNotMeasure(f"not accepted: {result.name}: {result.failure.reason}")
        fewest = min(task.rounds for task in tasks)
        if fewest < FEWEST_ACCEPTED:
            raise CouldNotMeasure(
                f"not accepted: {fewest} rounds of some cases within the budget, it takes {FEWEST_ACCEPTED}\n"
                "give it a larger --budget, or less to measure with --filter"
            )
        anonymous = ended.measuring.how.remarks.anonymous
        path, reason = self.baseline.path, self.baseline.accept or ""
        return fewest, baseline.accept(ended.result, path, reason, anonymous)


def hold(plan: Plan, baseline: Baseline, on: str | None) -> Held:
    """on: a metric in place of the plan's. BenchsuiteError for a baseline by which the gate would pass
    without a look at some of its cases."""
    then = baseline.load()
    pairing = against(plan, then, on)
    if baseline.accept is None:
        there = sum(couple is not None for couple in pairing.couples)
        _check_covered(pairing, baseline, there)
        pairing = pairing if there == len(pairing.couples) else covered(pairing)
    elif then and pairing.only_base:
        _check_kept(pairing, baseline.path, then)
    return Held(baseline, then, pairing)


def _check_kept(pairing: Pairing, path: Path, then: Result) -> None:
    """BenchsuiteError where the cases of a baseline that are not measured cannot stay in it: the next gate
    would take them for another machine's, or would not find them."""
    others = many(len(pairing.only_base), "case")
    if said := other_machine(then.environment, host.environment(native.compiler())):
        raise BenchsuiteError(
            f"--baseline {path}: {others} that this does not measure would stay in it, from another machine "
            f"({said})\naccept into another file, or measure all of its cases"
        )
    labels = pairing.labels()
    now = {labels.of(each): each.backend for each in (task.results[1] for task in pairing.tasks)}
    for case in pairing.only_base:
        backend = now.get(labels.of(case), case.backend)
        if not case.label and backend != case.backend:
            raise BenchsuiteError(
                f"--baseline {path}: {others} of {case.backend} would stay in it, beside those of {backend}, "
                "and nothing would tell that the two are the same library\n"
                "accept into another file with a label, -b LABEL=PATH, or measure all of its cases"
            )


def _check_covered(pairing: Pairing, baseline: Baseline, there: int) -> None:
    if not there:
        raise BenchsuiteError(
            f"--baseline {baseline.path}: has none of the profile's cases{_other_backends(pairing)}; "
            "--accept 'reason' adds them"
        )
    if there < len(pairing.couples) and not baseline.partial:
        missing = several([result.name for result in pairing.uncovered])
        raise BenchsuiteError(
            f"--baseline {baseline.path}: has {there} of the {many(len(pairing.couples), 'case')}, without "
            f"{missing}\n--accept 'reason' adds them, --partial compares what it has, --filter chooses"
        )


def _other_backends(pairing: Pairing) -> str:
    """Said where it has the same work by another backend, or under another label."""
    labels = pairing.labels()
    ours, theirs = (labels.called(cases) for cases in (pairing.uncovered, pairing.then))
    if not only_backends_differ(ours, theirs):
        return ""
    return (
        f": it has the same work by {backends(theirs)}, not by {backends(ours)}\n"
        "-b LABEL=... gives this the label of that"
    )


def check_against(
    baseline: Path | None,
    paired: tuple[str, str] | None,
    environment: Path | None,
    backends: bool,
    reason: str | None,
    only_baseline: dict[str, bool],
) -> None:
    """BenchsuiteError unless it is clear what to compare with. backends: whether any were named.
    only_baseline: options that are about a baseline, by name, and whether they are given."""
    if baseline is None and paired is None and environment is None:
        raise BenchsuiteError("what to compare with? --baseline FILE, --paired A B or --baseline-env DIR")
    if baseline is not None and (paired or environment):
        raise BenchsuiteError("--baseline is a way by itself: leave --paired and --baseline-env out")
    if paired and backends:
        raise BenchsuiteError("--paired names the backends: leave --backend out")
    if reason is not None and baseline is None:
        raise BenchsuiteError("--accept needs the file: --baseline FILE")
    for option, given in only_baseline.items():
        if given and baseline is None:
            raise BenchsuiteError(f"{option} is about a baseline: leave it out, or give --baseline FILE")
    if reason is not None and not reason.strip():
        raise BenchsuiteError("--accept '': give the reason; it is kept in the baseline")
