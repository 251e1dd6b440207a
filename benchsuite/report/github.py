"""GitHub Actions: annotations, and the summary of a step.

An annotation is a line `::error title=...::message` on standard output; GitHub shows ten of a kind for each
step, so the tenth says how many there are. The summary is Markdown appended to the file that
GITHUB_STEP_SUMMARY names.
"""

from __future__ import annotations

from benchsuite.compare.comparison import Comparison, Line
from benchsuite.compare.outcome import Outcome
from benchsuite.compare.verdicts import SLIGHTLY_SLOWER, SLOWER, UNDECIDED
from benchsuite.report.junit import sentence
from benchsuite.sheet.printable import clean
from benchsuite.view.comparison import warnings

MOST = 10  # of a kind for each step


def render(comparison: Comparison, outcome: Outcome) -> str:
    """Lines for standard output; "" where there is nothing to say."""
    failing_open = outcome.kind == UNDECIDED and outcome.exit_status == 1
    errors, notices = [], []
    for line in comparison.lines:
        kind = line.kind
        if kind in (SLOWER, "") or (kind == UNDECIDED and failing_open):
            errors.append(line)
        elif kind in (SLIGHTLY_SLOWER, UNDECIDED):
            notices.append(line)
    lines = _some("error", [_of_case(line) for line in errors])
    lines += _some("warning", [_of_case(line) for line in notices])
    texts = [(f"benchsuite: {comparison.other.label}", text) for text in warnings(comparison)]
    return "".join(f"{line}\n" for line in lines + _some("notice", texts))


def error(message: str) -> str:
    """The annotation of what ended the command before there was a case."""
    return f"::error title=benchsuite::{_data(message)}"


def _of_case(line: Line) -> tuple[str, str]:
    return line.couple.other.case.name, sentence(line)


def _some(level: str, found: list[tuple[str, str]]) -> list[str]:
    shown = found if len(found) <= MOST else found[: MOST - 1]
    lines = [f"::{level} title={_property(title)}::{_data(text)}" for title, text in shown]
    if len(found) > len(shown):
        lines.append(f"::{level} title=benchsuite::and {len(found) - len(shown)} more, in the summary")
    return lines


def _data(text: str) -> str:
    return clean(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
