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
from collections.abc import Sequence

from benchsuite.imports.apart import Member, groups
from benchsuite.model import FAILURES, Case, CaseResult, Failure, WorkerRun

_LONGEST_FACT = 2000


def of_figures(members: Sequence[Member]) -> list[CaseResult]:
    """One for each case, in the order in which they first appear. What comes again is another value, but
    where it is known to be of another run (apart.py)."""
    return [_case(case, group, told) for case, group, told in groups(members)]


def word(text: str) -> str:
    """A name without what a file's or a profile's should not have."""
    return re.sub(r"[^\w.+-]", "_", text)[:60] or "imported"


def _case(case: Case, members: list[Member], told: str) -> CaseResult:
    runs = [_run(member, number, told) for number, member in enumerate(members)]
    result = CaseResult(case, runs)
    if not any(run.values for run in runs):
        kind, colon, reason = members[0][1].reason.partition(": ")
        if not colon or kind not in FAILURES:
            kind, reason = "unsupported", members[0][1].reason
        result.failure = Failure(kind, reason[:_LONGEST_FACT])
    return result


def _run(member: Member, number: int, told: str) -> WorkerRun:
    program, figure, file = member
    facts = {
        "imported_from": program,
        "imported_file": file,
        "imported_line": " | ".join(line.raw.strip() for line in figure.lines),
        "imported_line_number": ", ".join(str(line.number) for line in figure.lines),
        "imported_figure": figure.printed,
        "imported_algorithm": figure.algorithm,
        "imported_requests": figure.requests,
        "imported_clock": figure.clock,
        "imported_precision": f"{figure.precision * 1.0005:.4g}" if figure.precision else "",  # rounded up
        "imported_notes": "\n".join(figure.notes),
        "imported_reason": figure.reason,
        "imported_told_apart": told,
        "imported_context": "; ".join(f"{kind.split()[0]}: {text}" for kind, text in figure.context),
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
