"""What a gate says in the end: one word, one sentence, one exit status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.compare.comparison import Comparison
from benchsuite.compare.verdicts import COUNTS_AS, DRIFT, SLIGHTLY_SLOWER, SLOWER, UNDECIDED
from benchsuite.sheet.numbers import percent
from benchsuite.units import many

PASS, REGRESSION, NOT_MEASURED = "pass", "regression", "could not measure"
STATUS = {PASS: 0, REGRESSION: 1, NOT_MEASURED: 3, UNDECIDED: 4}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a gate. kind is a key of STATUS. exit_status is its status, unless undecided was to
    count as something else, or the measuring was interrupted."""

    kind: str
    exit_status: int
    sentence: str


def outcome(comparison: Comparison, undecided: str | None = None, interrupted: bool = False) -> Outcome:
    """The outcome of comparisons. A regression outweighs what could not be measured, and that what is
    undecided, also for lack of time; slower, below the threshold, passes. undecided: "pass" or "fail", to
    count as that; None: as itself."""
    advice = "the measuring was interrupted" if interrupted else ""
    kinds = [line.kind for line in comparison.lines]
    if UNDECIDED in kinds:
        advice = advice or _advice(comparison)
    return outcome_of(kinds, comparison.rule.threshold, undecided, advice)


def outcome_of(
    kinds: Sequence[str], threshold: float, undecided: str | None = None, advice: str = ""
) -> Outcome:
    """The outcome of verdicts by their kinds, "" of a case that could not be measured. advice: what would
    decide what is undecided."""
    slower, open_, missing = kinds.count(SLOWER), kinds.count(UNDECIDED), kinds.count("")
    total = many(len(kinds), "case")
    if slower:
        lost = f"; {missing} could not be measured" if missing else ""
        return Outcome(REGRESSION, STATUS[REGRESSION], f"{slower} of {total} slower{lost}")
    if missing or not kinds:
        what = f"{missing} of {total} could not be measured" if kinds else "there was nothing to compare"
        return Outcome(NOT_MEASURED, STATUS[NOT_MEASURED], what)
    if open_:
        status = COUNTS_AS[undecided] if undecided else STATUS[UNDECIDED]
        counts = f", which counts as {undecided}" if undecided else ""
        then = f"; {advice}" if advice else ""
        return Outcome(UNDECIDED, status, f"{open_} of {total} undecided{counts}{then}")
    if slightly := kinds.count(SLIGHTLY_SLOWER):
        return Outcome(PASS, STATUS[PASS], f"{slightly} of {total} slower, below the threshold; none fails")
    return Outcome(PASS, STATUS[PASS], f"none of {total} slower by {percent(threshold)}")


def _advice(comparison: Comparison) -> str:
    open_ = [line for line in comparison.lines if line.kind == UNDECIDED]
    verdicts = [line.verdict for line in open_ if line.verdict]
    if len(verdicts) < len(open_) or any(line.single for line in open_):
        return "the --budget was too short for a verdict: give it more, or measure less with --filter"
    if all(verdict.why == DRIFT for verdict in verdicts):
        return "more time does not help, measuring in pairs does: --paired"
    if any(verdict.more for verdict in verdicts):
        return "a larger --budget would decide"
    return "the machine is too noisy for what was asked: see `benchsuite doctor`"
