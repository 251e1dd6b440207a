"""A result of many cases in some lines: what was measured, from where to where the rates go, why the rest has
no figure, and the commands that show more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchsuite.findings import findings
from benchsuite.model import PARAMETERS, Case
from benchsuite.sheet.page import Page, Part, paragraphs
from benchsuite.sheet.printable import clean
from benchsuite.units import many, several
from benchsuite.view.cases_sheet import CasesSheet
from benchsuite.view.findings import findings_part
from benchsuite.view.groups import CaseGroup, groups, table_part
from benchsuite.view.heading import closing, gate, heading, shared_by_all
from benchsuite.view.more import commands
from benchsuite.view.parameters import split_parameters, values_told
from benchsuite.view.rows import Row

_MOST_GROUPS = 60
_MOST_REASONS = 8
_MOST_VALUES = 4
_BY = ("backend", "algorithm", "op", "request_size")  # what a summary is grouped by: the first that differs


class SummarySheet(CasesSheet):
    """The cases of a result as groups. Programs get every case."""

    def page(self, document: bool) -> Page:
        if document:
            return super().page(document)
        shared, differing = split_parameters(self.result.cases)
        key = next((key for key in (*_BY, *differing) if key in differing), "backend")
        groupings = self.listing.keys or (key,)
        shown = [_shown(groups(self.rows, each.split(",")), bool(self.listing.keys)) for each in groupings]
        parts: list[Part] = [
            table_part(found, each.split(","), differing, notes=True)
            for (found, _), each in zip(shown, groupings, strict=True)
        ]
        top = [
            *gate(self.result),
            *heading(self.result),
            *shared_by_all(shared),
            _measured(self.rows, differing),
        ]
        left = [
            f"The first {len(found)} groups; --group-by {each} shows all {of}."
            for (found, of), each in zip(shown, groupings, strict=True)
            if len(found) < of
        ]
        command, by = self.listing.command, groupings[0].split(",")
        more = list(commands(command, self.rows, shown[0][0], by, differing)) if command else []
        below: list[Part] = [
            paragraphs(_failures(self.rows), 4),
            paragraphs([*left, closing(self.rows)]),
            paragraphs(["To see more:", *map(_whole, more)] if more else []),
            *findings_part(findings(self.result)),
        ]
        return Page(top, parts, below)


def _shown(found: list[CaseGroup], asked: bool) -> tuple[list[CaseGroup], int]:
    """The groups that are shown, and how many there are."""
    return (found if asked else found[:_MOST_GROUPS]), len(found)


def _measured(rows: Sequence[Row], differing: Sequence[str]) -> str:
    """A sentence on how many cases there are, and in what they differ."""
    without = sum(row.figures is None for row in rows)
    said = f"{many(len(rows), 'case')}, too many to list" + (f", {without} without a figure" * bool(without))
    told = [_values([row.result.case for row in rows], key) for key in differing]
    return f"{said}. They differ in {'; '.join(told)}."


def _values(cases: Sequence[Case], key: str) -> str:
    found = values_told(cases, key)
    if len(found) <= _MOST_VALUES:
        return f"{key} ({', '.join(found)})"
    if PARAMETERS[key].number:
        low, high = min(found.values()), max(found.values())
        return f"{key} ({len(found)} from {low} to {high})"
    return f"{key} ({len(found)})"


def _failures(rows: Sequence[Row]) -> list[str]:
    """Why cases have no figure: a reason a line, the most frequent first."""
    failed = [row for row in rows if not row.figures]
    counts = Counter((row.status, row.reason) for row in failed)
    if not counts:
        return []
    lines = [f"{len(failed)} of {many(len(rows), 'case')} have no figure:"]
    for (status, reason), count in counts.most_common(_MOST_REASONS):
        of = [row.result.case for row in failed if (row.status, row.reason) == (status, reason)]
        backends = several(list(dict.fromkeys(clean(case.backend) for case in of)))
        said = "" if reason == status else f": {reason}"
        lines.append(f"  {count} of {backends}: {status}{said}")
    if rest := counts.most_common()[_MOST_REASONS:]:
        lines.append(f"  {sum(count for _, count in rest)} for {many(len(rest), 'more reason')}")
    return lines


def _whole(command: str) -> str:
    """A command on a line of its own, which no terminal breaks, so that it can be copied."""
    return "  " + command.replace(" ", "\u00a0")
