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

CPU seconds that nobody printed stay unknown. What has no time at all is a case without a figure, with the
reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from benchsuite.formats.figure import Figure
from benchsuite.model import FAILURES, BenchsuiteError, Case, CaseResult, Failure, WorkerRun

Member = tuple[str, Figure, str]  # program, figure, name of the file

MOST_VARIANTS = 1000  # of one case: drivers or versions
_LONGEST_FACT = 2000


def of_figures(members: Sequence[Member]) -> list[CaseResult]:
    """One for each case, in the order in which they first appear. What comes again is another value."""
    by_case: dict[Case, list[Member]] = {}
    for member in members:
        by_case.setdefault(member[1].case, []).append(member)
    return [_case(case, group) for found in by_case.values() for case, group in _apart(found)]


def word(text: str) -> str:
    """A name without what a file's or a profile's should not have."""
    return re.sub(r"[^\w.+-]", "_", text)[:60] or "imported"


def _apart(members: list[Member]) -> list[tuple[Case, list[Member]]]:
    """What is known to differ, by driver or version, is no repetition: then each has it in its backend."""
    case = members[0][1].case
    width = max(len(figure.variant) for _, figure, _ in members)
    groups: list[tuple[list[str], list[Member]]] = []
    for member in members:
        variant = [*member[1].variant, *[""] * (width - len(member[1].variant))]
        for merged, group in groups:
            if all(a == b or not a or not b for a, b in zip(merged, variant, strict=True)):
                merged[:] = [a or b for a, b in zip(merged, variant, strict=True)]
                group.append(member)
                break
        else:
            groups.append((variant, [member]))
        if len(groups) > MOST_VARIANTS:
            raise BenchsuiteError(
                f"{member[2]}: more than {MOST_VARIANTS} drivers or versions of {case.name[:100]}: "
                "no machine has so many; cut out what belongs together"
            )
    if len(groups) == 1:
        return [(case, members)]
    differing = [at for at in range(width) if len({merged[at] for merged, _ in groups} - {""}) > 1]
    named = []
    for merged, group in groups:
        setting = " ".join(filter(None, (merged[at] for at in differing))) or "other"
        joined = "," if ":" in case.backend else ":"
        named.append((replace(case, backend=f"{case.backend}{joined}{setting}"), group))
    return named


def _case(case: Case, members: list[Member]) -> CaseResult:
    runs = [_run(member, number) for number, member in enumerate(members)]
    result = CaseResult(case, runs)
    if not any(run.values for run in runs):
        kind, colon, reason = members[0][1].reason.partition(": ")
        if not colon or kind not in FAILURES:
            kind, reason = "unsupported", members[0][1].reason
        result.failure = Failure(kind, reason[:_LONGEST_FACT])
    return result


def _run(member: Member, number: int) -> WorkerRun:
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
        **figure.facts,
    }
    facts = {key: text[:_LONGEST_FACT] for key, text in facts.items() if text}
    return WorkerRun(
        round=number, values=list(figure.values), counters=figure.counters, latency=figure.latency,
        facts=facts,
    )  # fmt: skip
