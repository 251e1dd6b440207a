"""Markdown of a gate for a pull request comment or a step summary: the verdict first, then what is not the
same, and everything folded away."""

from __future__ import annotations

from dataclasses import replace

from benchsuite.compare.comparison import Comparison
from benchsuite.compare.outcome import NOT_MEASURED, PASS, REGRESSION, Outcome
from benchsuite.compare.verdicts import FASTER, NOT_SLOWER, SAME, UNDECIDED
from benchsuite.sheet import as_markdown
from benchsuite.sheet.as_markdown import escape
from benchsuite.sheet.printable import clean
from benchsuite.view.comparison_sheet import ComparisonSheet

MARKER = "<!-- benchsuite gate -->"  # by which a bot finds its comment again
MOST_CHARACTERS = 60_000  # GitHub takes 65536 in a comment
_SIGN = {PASS: "✅", REGRESSION: "❌", NOT_MEASURED: "⚠️", UNDECIDED: "❔"}


def render(comparison: Comparison, outcome: Outcome, suite: str) -> str:
    """suite: the profile's name."""
    title = f"{_SIGN[outcome.kind]} benchsuite gate {escape(clean(suite))}: {outcome.kind}"
    lines = [MARKER, f"### {title}", "", f"{escape(outcome.sentence)}.", ""]
    unusual = [
        line for line in comparison.lines if not line.verdict or line.verdict.kind not in (SAME, NOT_SLOWER)
    ]
    worst = [line for line in unusual if not line.verdict or line.verdict.kind != FASTER]
    if worst:
        few = replace(comparison, lines=worst, warnings=[], remarks=[], only_base=[], only_other=[])
        lines += [_table(few)]
    whole = _table(comparison)
    folded = ["<details><summary>All cases</summary>", "", whole, "</details>", ""]
    text = "\n".join(lines + folded)
    if len(text) > MOST_CHARACTERS:
        text = "\n".join([*lines, "All cases are too many for a comment: see the JSON or JUnit report.", ""])
    return text[:MOST_CHARACTERS]


def _table(comparison: Comparison) -> str:
    return as_markdown.write(ComparisonSheet([comparison]).page(document=True))
