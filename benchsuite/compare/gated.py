"""What the gate said that a result is from: come to again from the verdicts that the result keeps."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.compare.kept import Kept, kept
from benchsuite.compare.matching import is_paired
from benchsuite.compare.outcome import Outcome, outcome_of
from benchsuite.compare.verdicts import SLOWER, UNDECIDED
from benchsuite.facts import Environment
from benchsuite.model import Result


@dataclass(frozen=True, slots=True)
class Gated:
    """The outcome of a gate. slower, undecided: names of such cases. accepted: the reasons for which it
    was made a baseline, else ""."""

    outcome: Outcome
    baseline: bool
    slower: tuple[str, ...]
    undecided: tuple[str, ...]
    accepted: str = ""

    @property
    def words(self) -> str:
        """`regression: 1 of 30 cases slower`."""
        return f"{self.outcome.kind}: {self.outcome.sentence}"


def gated(result: Result) -> Gated | None:
    """None of a result that no gate has measured. BenchsuiteError for a damaged record."""
    record = kept(result.environment) if is_paired(result) else Kept()
    if record.rule is None or not record.one_sided or _nothing_to_compare(result, record):
        return None
    failed = {name for case in result.cases if case.failure for name in (case.name, case.measured_name)}
    kinds = [
        (each.other, each.verdict or ("" if {each.base, each.other} & failed else UNDECIDED))
        for each in record.cases
    ]
    return Gated(
        outcome_of([kind for _, kind in kinds], record.rule.threshold, record.undecided),
        record.baseline,
        tuple(name for name, kind in kinds if kind == SLOWER),
        tuple(name for name, kind in kinds if kind == UNDECIDED),
        _accepted(result),
    )


def _accepted(result: Result) -> str:
    """The reasons of all its cases, of which some may have been accepted before the others."""
    key = Environment.ACCEPTED_REASON
    found = [case.environment.get(key, result.environment.get(key)) for case in result.cases]
    return "; ".join(dict.fromkeys(reason for reason in found if isinstance(reason, str)))


def _nothing_to_compare(result: Result, record: Kept) -> bool:
    """Whether it was measured to become the first baseline."""
    looked = any(each.looks for each in record.cases)
    return record.baseline and result.complete and not looked and not _accepted(result)
