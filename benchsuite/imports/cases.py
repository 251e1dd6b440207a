"""From figures to the cases of a result.

An imported figure is a WorkerRun whose `facts` say where it is from:

    imported_from          the program                imported_figure     the figure as printed
    imported_file          the file's name            imported_algorithm  what the program calls it
    imported_line          the line or lines          imported_assumed    what is not printed and was taken
    imported_line_number   where they stand           imported_cycles     cycles of a request, where counted
    imported_requests      exact, about, not known: per second (then requests and wall are of about a second)
    imported_clock         what the seconds are of: elapsed, user CPU, not known
    imported_precision     how far the printed digits leave the figure open, as a fraction of it
    imported_notes         sentences a reader has to know, one a line
    imported_reason        why it has no time
    imported_told_apart    the heading or other label by which its backend differs from another run's
    imported_context       what the lines around it say of its run: `host: gateway; heading: Before`

CPU seconds that nobody printed stay unknown. What has no time at all is a case without a figure, with the
reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from benchsuite.facts import Fact
from benchsuite.imports.apart import Member, groups
from benchsuite.imports.context import Context
from benchsuite.model import FAILURES, Case, CaseResult, Failure, WorkerRun

_LONGEST_FACT = 2000


def of_figures(members: Sequence[Member]) -> list[CaseResult]:
    """One for each case, in the order in which they first appear. What comes again is another value, but
    where it is known to be of another run (apart.py)."""
    said = {context: _said(context) for context in {figure.context for _, figure, _ in members}}
    return [_case(case, group, told, said) for case, group, told in groups(members)]


def word(text: str) -> str:
    """A name without what a file's or a profile's should not have."""
    return re.sub(r"[^\w.+-]", "_", text)[:60] or "imported"


def _said(context: Context) -> str:
    return "; ".join(f"{kind.split()[0]}: {text}" for kind, text in context)


def _case(case: Case, members: list[Member], told: str, said: Mapping[Context, str]) -> CaseResult:
    runs = [_run(member, number, told, said) for number, member in enumerate(members)]
    result = CaseResult(case, runs)
    if not any(run.values for run in runs):
        kind, colon, reason = members[0][1].reason.partition(": ")
        if not colon or kind not in FAILURES:
            kind, reason = "unsupported", members[0][1].reason
        result.failure = Failure(kind, reason[:_LONGEST_FACT])
    return result


def _run(member: Member, number: int, told: str, said: Mapping[Context, str]) -> WorkerRun:
    program, figure, file = member
    facts = {
        Fact.IMPORTED_FROM: program,
        Fact.IMPORTED_FILE: file,
        Fact.IMPORTED_LINE: " | ".join([line.raw.strip() for line in figure.lines]),
        Fact.IMPORTED_LINE_NUMBER: ", ".join([str(line.number) for line in figure.lines]),
        Fact.IMPORTED_FIGURE: figure.printed,
        Fact.IMPORTED_ALGORITHM: figure.algorithm,
        Fact.IMPORTED_REQUESTS: figure.requests,
        Fact.IMPORTED_CLOCK: figure.clock,
        Fact.IMPORTED_PRECISION: f"{figure.precision * 1.0005:.4g}" if figure.precision else "",  # rounded up
        Fact.IMPORTED_NOTES: "\n".join(figure.notes),
        Fact.IMPORTED_REASON: figure.reason,
        Fact.IMPORTED_TOLD_APART: told,
        Fact.IMPORTED_CONTEXT: said[figure.context],
        **figure.facts,
    }
    facts = {key: text[:_LONGEST_FACT] for key, text in facts.items() if text}
    return WorkerRun(
        round=number,
        values=list(figure.values),
        counters=figure.counters,
        latency=figure.latency,
        facts=facts,
    )
