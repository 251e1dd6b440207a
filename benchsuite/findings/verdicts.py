"""What became slower or faster, of a result that was measured in pairs: by the verdicts of compare, which are
not judged anew here."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.compare.comparison import Comparison, Line
from benchsuite.compare.verdicts import FASTER, SLIGHTLY_SLOWER, SLOWER, UNDECIDED
from benchsuite.findings.figures import Figures
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, finding, percent, span_of_times
from benchsuite.model import BenchsuiteError
from benchsuite.runs.comparisons import OF_FILES, SMALLEST, THRESHOLD, Judge, comparisons, make_rule
from benchsuite.units import listed, many

KIND = "verdicts"


def find(figures: Figures) -> list[Finding]:
    if not figures.paired:
        return []
    try:
        judge = Judge(make_rule(THRESHOLD, SMALLEST, OF_FILES))
        found = comparisons([("", figures.whole)], judge)
    except BenchsuiteError:  # a side is missing: there is nothing to compare
        return []
    return [_said(figures, each) for each in found if each.lines]


def _said(figures: Figures, comparison: Comparison) -> Finding:
    lines = comparison.lines
    kinds = {kind: [each for each in lines if each.kind == kind] for kind in {each.kind for each in lines}}
    slower = [*kinds.get(SLOWER, []), *kinds.get(SLIGHTLY_SLOWER, [])]
    parts = []
    for word, of in (("slower", slower), ("faster", kinds.get(FASTER, []))):
        if of:
            parts.append(f"{len(of)} of {many(len(lines), 'case')} {word}: {_which(of, lines)}")
    if not parts:
        judged = [each for each in lines if each.kind and each.kind != UNDECIDED]
        parts.append(f"none of {many(len(lines), 'case')} slower or faster" if judged else "no verdict")
    open_, lost = len(kinds.get(UNDECIDED, [])), len(kinds.get("", []))
    rest = [f"{open_} undecided"] * bool(open_) + [f"{lost} could not be compared"] * bool(lost)
    text = f"{comparison.other.label} against {comparison.base.label}: {'; '.join(parts + rest)}"
    numbers: Numbers = {
        "slower": len(slower),
        "faster": len(kinds.get(FASTER, [])),
        "undecided": open_,
        "not_compared": lost,
    }
    return finding(KIND, text, numbers, figures, [*figures.samples, *figures.opened.samples])


def _which(found: Sequence[Line], lines: Sequence[Line]) -> str:
    names = Names((each.case for each in lines), "backend")
    order = sorted(found, key=lambda each: abs((each.ratio or 1) - 1), reverse=True)
    return listed([f"{names.work(each.case)} {_by(each.ratio or 1)}" for each in order])


def _by(ratio: float) -> str:
    """by 12%; what is twice as fast or more is said in times."""
    return f"by {percent(abs(1 - ratio))}" if ratio < 2 else f"({span_of_times([ratio])} as fast)"
