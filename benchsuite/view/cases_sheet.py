"""Cases in rows: each with its figures.

For a terminal, what does not fit goes in this order: reasons move below the table, the case is abbreviated
(q/b/c are q_len, batch and cbimm), the least important figures are left out and named below. Where even the
narrowest table is too wide, each case becomes a paragraph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from benchsuite.facts import COUNTERS, PERCENTILES, STAGES
from benchsuite.findings import findings
from benchsuite.model import PARAMETERS, Case, Result
from benchsuite.selection.keys import follow_from_others
from benchsuite.sheet.footnotes import Footnotes
from benchsuite.sheet.numbers import NONE
from benchsuite.sheet.page import Cell, Column, Noted, Page, Said, Sheet, Table, Version, paragraphs
from benchsuite.view import groups, remarks
from benchsuite.view import rows as cases
from benchsuite.view.blocks import Block, blocks
from benchsuite.view.columns import (
    QUEUE,
    case_column,
    figure_columns,
    least_important,
    parameters_said,
    short_columns,
)
from benchsuite.view.findings import findings_part
from benchsuite.view.heading import closing, gate, heading, shared_by_all
from benchsuite.view.listing import Listing
from benchsuite.view.parameters import split_parameters
from benchsuite.view.records import FIGURES, record
from benchsuite.view.remarks import TagColumns
from benchsuite.view.rows import without_common_notes

_REASON, _KIND, _NUMBER = range(3)  # how much of a failure is in its row: all, its kind, or its foot-note


def _header(key: str) -> str:
    """A parameter's column, with the unit in its name."""
    unit = PARAMETERS[key].unit if key in PARAMETERS else ""
    return f"{key}_{unit}" if unit else key


_PARAMETERS = [field.name for field in fields(Case)]
HEADER = (
    *("name", *map(_header, _PARAMETERS), "status", "reason", "simulated", "version", *FIGURES),
    *(f"{stage}_{key}_seconds" for stage in STAGES for key in PERCENTILES),
    *(*COUNTERS, "notes", "clock", "confidence"),
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The extent of a table: what there is room for."""

    short: bool = False  # names of operations and parameters
    left_out: tuple[str, ...] = ()  # figures
    failure: int = _KIND


def _layouts(least: tuple[str, ...]) -> Iterator[_Layout]:
    """Layouts for a terminal, the fullest first."""
    yield _Layout(failure=_REASON)
    for short in (False, True):
        yield _Layout(short)
        yield _Layout(short, failure=_NUMBER)
    for count in range(1, len(least) + 1):
        yield _Layout(True, least[:count])
        yield _Layout(True, least[:count], _NUMBER)


class CasesSheet(Sheet):
    """The cases of a result."""

    def __init__(self, result: Result, listing: Listing | None = None) -> None:
        self.result, self.rows = result, cases.rows(result)
        self.listing = listing or Listing()

    def page(self, document: bool) -> Page:
        listed, common = (self.rows, []) if document else without_common_notes(self.rows)
        shared, differing = split_parameters(self.result.cases)
        found = blocks(listed, differing, lambda row: row.result.case)
        parts = [[_version(block, None)] if document else _versions(block) for block in found]
        top = [*gate(self.result), *heading(self.result, all_of_it=document), *shared_by_all(shared)]
        below = groups.parts(listed, self.listing.keys, differing)
        below += [paragraphs([*common, closing(listed)]), *findings_part(findings(self.result))]
        return Page(top, parts, below, footnotes=Footnotes(ascending=not document))

    def table(self) -> Iterator[Sequence[Any]]:
        """The cases; where they are grouped, the groups."""
        if self.listing.keys:
            yield from groups.table(self.rows, self.listing.keys)
            return
        tags = TagColumns(self.result)
        yield [*HEADER, *tags.header]
        for row in self.rows:
            plain = record(row)
            yield [
                *(plain["name"], *(plain["parameters"][name] for name in _PARAMETERS)),
                *(plain["status"], plain["reason"], plain["simulated"], "; ".join(plain["version"])),
                *(plain["figures"][key] for key in FIGURES),
                *(plain["latency"][stage][f"{key}_seconds"] for stage in STAGES for key in PERCENTILES),
                *(plain["counters"][key] for key in COUNTERS),
                *("; ".join(plain["notes"]), plain["clock"], plain["confidence"]),
                *tags.cells(row.result),
            ]

    def data(self) -> dict[str, Any]:
        """The figures of each case, for programs. (The result file keeps every value.)

            {"benchsuite_report": 1, "profile", "why", "complete", "environment": {...},
             "tags": {...} that all cases have, "note", "command": a line for each,
             "cases": [{"name", "parameters": {...}, "status", "reason", "simulated",
                        "confidence": how sure a simulated figure is, else null,
                        "clock": what its time is of, "backend": what was measured, "version": [...],
                        "chosen": [what auto took], "figures": {...},
                        "latency": {"slat"|"clat"|"lat": {"p50_seconds", ...}}, "counters": {...},
                        "notes": [...], "tags": {...}}],
             "groups": [{"by": [...], "values": [...], "cases", "measured", ...}]}
             "findings": [{"kind", "text", "simulated", "cases", "figures": {...}}]}

        `parameters` are the fields of model.Case, their backend by its label. `status` is "measured", "not
        measured" or a key of model.FAILURES; `reason` is "" when measured. Units are in the names of
        `figures` and `latency`: seconds, bits, and fractions of 1. Every key is always there; null is a
        figure there is not. Keys are only added: one that is removed or means something else raises
        `benchsuite_report`.
        """
        return {
            "benchsuite_report": 1,
            "profile": self.result.profile,
            "why": self.result.why,
            "complete": self.result.complete,
            "environment": self.result.environment,
            **remarks.record(self.result),
            "cases": [record(row) for row in self.rows],
            "groups": groups.data(self.rows, self.listing.keys),
            "findings": [each.to_dict() for each in findings(self.result)],
        }


def _versions(block: Block[cases.Row]) -> Iterator[Version]:
    for layout in _layouts(least_important(block.members)):
        yield _version(block, layout)
    yield _paragraphs(block)


def _version(block: Block[cases.Row], layout: _Layout | None) -> Version:
    """The block as a table; without a layout every column is there, also an empty one."""
    how = layout or _Layout()
    listed = block.members
    dropped = follow_from_others(block.differing, [row.result.case for row in listed]) if how.short else []
    kept = [key for key in block.differing if key not in dropped]
    columns = short_columns(kept) if how.short else [case_column(key) for key in kept]
    columns += [column for column in figure_columns(listed) if column.key not in how.left_out]
    cells = [[column.cell(row) for row in listed] for column in columns]
    if layout:
        filled = [index for index, column in enumerate(cells) if any(cell != NONE for cell in column)]
        columns, cells = [columns[index] for index in filled], [cells[index] for index in filled]
    heads = [column.head for column in columns]
    rows: list[list[Cell]] = [list(row) for row in zip(*cells, strict=True)]
    margin = [_margin(row, how.failure) for row in listed]
    if not layout or any(cell.text or cell.notes for cell in margin):
        heads = [*heads, Column("\nnote", margin=True)]
        rows = [[*row, cell] for row, cell in zip(rows, margin, strict=True)]
    table = Table(heads, rows, block.title)
    missing = (*dropped, *how.left_out)
    remarks = [f"Too narrow for: {', '.join(missing)} (-f csv has all)."] if missing else []
    remarks += [column.phrase for column in columns if column.key == QUEUE]
    return Version([table], remark=" ".join(remarks))


def _margin(row: cases.Row, failure: int) -> Noted:
    """The notes on a case, and of one that failed as much as there is room for."""
    if row.figures or failure == _NUMBER:
        return Noted("", row.remarks)
    if failure == _KIND:
        return Noted(row.status, row.remarks)
    return Noted(f"{row.status}: {row.reason}", row.notes)


def _paragraphs(block: Block[cases.Row]) -> Version:
    said = [Said(block.title, 4)] if block.title else []
    for row in block.members:
        name = parameters_said(row.result.case, block.differing)
        # A figure and its unit stay on one line.
        figures = [column.said(row).replace(" ", "\u00a0") for column in figure_columns(block.members)]
        text = ", ".join(filter(None, figures)) if row.figures else f"{row.status}: {row.reason}"
        said += [Said(name, 4), Said(f"  {text}", 4, row.notes)]
    return Version(said=said)
