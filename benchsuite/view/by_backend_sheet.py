"""Backends side by side: a row for each workload, in it a cell for each backend.

A cell is `rate ×ratio +cost of entering the kernel`. What does not fit on a terminal goes in this order:
operations are abbreviated and parameters that follow from the algorithm go, then the cost; then each
workload has a table of its own over the sizes, first with and then without the cost, then the ratio. Where
even that is too wide, backends are dealt out to several tables, and of few each workload becomes a paragraph.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from benchsuite import stats
from benchsuite.compare.crossovers import Meeting
from benchsuite.findings import findings
from benchsuite.model import LATENCY, MBPS, PARAMETERS, Case, Result
from benchsuite.remarks import TAG
from benchsuite.selection.keys import follow_from_others
from benchsuite.sheet.footnotes import Footnotes
from benchsuite.sheet.numbers import NONE, significant
from benchsuite.sheet.page import (
    RIGHT,
    Cell,
    Column,
    Noted,
    Page,
    Part,
    Said,
    Sheet,
    Table,
    Version,
    paragraphs,
)
from benchsuite.sheet.printable import clean
from benchsuite.sweeps import Differing
from benchsuite.view import remarks
from benchsuite.view import rows as cases
from benchsuite.view.bands import dealt, many_bands
from benchsuite.view.blocks import Block, blocks
from benchsuite.view.by_backend import OnBackend, Workload, by_backend
from benchsuite.view.columns import parameter_head, parameters_said, too_narrow
from benchsuite.view.findings import findings_part
from benchsuite.view.heading import closing, heading, shared_by_all
from benchsuite.view.listing import Listing
from benchsuite.view.parameters import parameter_of, split_parameters

_WIDEST_NAME = 14  # a backend's name goes on in the next line of the header
_OF_BACKEND = (
    "status",
    "reason",
    "seconds_per_request",
    "lat_mean_seconds",
    "bits_per_second",
    "ratio",
    "crossing_seconds",
    "simulated",
    "requests_per_second",
    "clock",
    "confidence",
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The extent of a table: what there is room for."""

    short: bool = False
    cost: bool = True
    ratio: bool = True
    apart: bool = False  # a table for each workload
    bands: int = 1  # tables that the backends are dealt out to

    @property
    def left_out(self) -> str:
        return too_narrow(["the crossing"] * (not self.cost) + ["the ratio"] * (not self.ratio))


_LAYOUTS = (
    _Layout(),
    _Layout(short=True),
    _Layout(short=True, cost=False),
    _Layout(apart=True),
    _Layout(cost=False, apart=True),
    _Layout(cost=False, ratio=False, apart=True),
)


class ByBackendSheet(Sheet):
    """The backends of a result."""

    def __init__(self, result: Result, listing: Listing | None = None) -> None:
        self.listing = listing or Listing()
        self.result, self.found = result, by_backend(result)
        self.rows = self.found.rows
        shared, differing = split_parameters(result.cases)
        self.shared = {key: text for key, text in shared.items() if key != "backend"}
        self.differing = [key for key in differing if key != "backend"] or ["algorithm"]
        self.common, self.notes = _notes(self.rows, self.found.backends)
        self.footnotes = Footnotes()
        for row in self.rows:
            self.footnotes.numbers(self.notes[id(row)])

    def page(self, document: bool) -> Page:
        top = [*heading(self.result, all_of_it=document), *shared_by_all(self.shared)]
        meetings = _crossovers(self.found.meetings)
        marked = [f"- {text}" for text in meetings[1:]] if document else meetings
        below: list[Part] = [paragraphs(marked, 2)] if meetings else []
        below += [paragraphs([*self.common, closing(self.rows)]), *findings_part(findings(self.result))]
        return Page(top, [self._versions()], below, footnotes=self.footnotes)

    def _versions(self) -> Iterator[Version]:
        for layout in _LAYOUTS:
            legend, remark = self._legend(layout), layout.left_out
            yield Version(self._tables(layout), [], legend, remark, titles_fit=layout.apart)
        for bands in many_bands(len(self.found.backends)):
            layout = _Layout(short=True, cost=False, bands=bands)
            remark = layout.left_out if self._crossings else ""
            yield Version(self._tables(layout), [], self._legend(layout), remark)
        yield Version([], list(self._paragraphs()), self._legend(_LAYOUTS[0]))

    def _legend(self, layout: _Layout) -> str:
        if not self.found.workloads:
            return ""
        units = dict.fromkeys(workload.case.rate_unit.name for workload in self.found.workloads)
        text = f"Cells: {' or '.join(units)}"
        if len(self.found.backends) > 1 and layout.ratio:
            base = clean(self.found.base)
            ratios = [f"rate relative to {base}"] * bool(units.keys() - {LATENCY.name})
            ratios += [f"{base}'s mean latency to it, so that above 1 is faster"] * (LATENCY.name in units)
            text += f", × {' or '.join(ratios)}"
        if layout.cost and self._crossings:
            text += ", + what crossing into the kernel adds to a request (to tcrypt's time, same driver)"
        return f"{text}."

    @property
    def _crossings(self) -> bool:
        """Whether any case has a cost of crossing into the kernel."""
        return any(row.kernel_cost and row.kernel_cost.seconds is not None for row in self.rows)

    def _tables(self, layout: _Layout) -> list[Table]:
        """One for each unit of rates; where they are apart, of what has sizes one for each workload."""
        tables = []
        for block in blocks(self.found.workloads, self.differing, lambda workload: workload.case):
            if layout.apart and block.unit is MBPS:
                tables += self._apart(block, layout)
            else:
                cases = [workload.case for workload in block.members]
                narrow = layout.short or layout.apart
                dropped = follow_from_others(block.differing, cases) if narrow else []
                keys = [key for key in block.differing if key not in dropped or key == "op"]
                backends = self._measured(block.members) if block.title else self.found.backends
                tables += [
                    self._table(
                        block.title, block.members, band, keys, layout, frozenset(backends) - set(band)
                    )
                    for band in dealt(backends, layout.bands)
                ]
        return tables

    def _apart(self, block: Block[Workload], layout: _Layout) -> list[Table]:
        key = "request_size" if "request_size" in block.differing else block.differing[-1]
        others = [each for each in block.differing if each != key]
        named: dict[str, list[Workload]] = {}
        for workload in block.members:
            named.setdefault(clean(workload.case.words(others)), []).append(workload)
        return [self._table(title, of, self._measured(of), [key], layout) for title, of in named.items()]

    def _measured(self, workloads: list[Workload]) -> list[str]:
        """Backends with a figure in any of these, else with a case; the notes say why others have none."""
        rows = [cell.row for workload in workloads for cell in workload.cells.values()]
        there = {row.result.case.backend for row in rows if row.figures}
        there = there or {row.result.case.backend for row in rows}
        return [backend for backend in self.found.backends if backend in there]

    def _table(
        self,
        title: str,
        workloads: list[Workload],
        backends: list[str],
        keys: list[str],
        layout: _Layout,
        elsewhere: frozenset[str] = frozenset(),
    ) -> Table:
        """elsewhere: backends in other tables of the same workloads, where the notes on them are, too."""
        heads = [*map(parameter_head, keys)]
        heads += [Column(_header(backend), RIGHT, clean(backend)) for backend in backends]
        columns: list[Sequence[Cell]] = [
            [parameter_of(each.case, key, layout.short) for each in workloads] for key in keys
        ]
        columns += [_aligned([_parts(each, backend, layout) for each in workloads]) for backend in backends]
        notes = [self._noted(each, elsewhere) for each in workloads]
        if any(note.notes for note in notes):
            heads, columns = [*heads, Column("note")], [*columns, notes]
        most = max(head.header.count("\n") for head in heads)
        heads = [
            replace(head, header=head.header + "\n" * (most - head.header.count("\n"))) for head in heads
        ]
        return Table(heads, list(zip(*columns, strict=True)), title)

    def _noted(self, workload: Workload, elsewhere: frozenset[str]) -> Noted:
        rows = [cell.row for backend, cell in workload.cells.items() if backend not in elsewhere]
        found = {note for row in rows for note in self.notes[id(row)]}
        return Noted("", sorted(found, key=self.footnotes.number))

    def _paragraphs(self) -> Iterator[Said]:
        several = len({workload.case.rate_unit for workload in self.found.workloads}) > 1
        for workload in self.found.workloads:
            name = parameters_said(workload.case, self.differing)
            yield Said(name + f": {workload.case.rate_unit.name}" * several, 4)
            for backend in self.found.backends:
                parts = list(filter(None, _parts(workload, backend, _LAYOUTS[0])))
                if parts:
                    notes = self.notes[id(workload.cells[backend].row)]
                    yield Said(f"  {clean(backend)} {' '.join(parts)}", 4, notes)

    def table(self) -> Iterator[list[Any]]:
        """A row for each workload; the columns of a backend begin with its name and a blank."""
        keys = [key for key in PARAMETERS if key != "backend"]
        tags = self.result.tags  # others are in the names of the backends
        heads = [f"{backend} {key}" for backend in self.found.backends for key in _OF_BACKEND]
        yield [*keys, *heads, *(f"{TAG}{key}" for key in tags)]
        for workload in self.found.workloads:
            cells = [workload.cells.get(backend) for backend in self.found.backends]
            records = [_record(cell) if cell else {} for cell in cells]
            figures = [record.get(key) for record in records for key in _OF_BACKEND]
            yield [*(getattr(workload.case, key) for key in keys), *figures, *tags.values()]

    def data(self) -> dict[str, Any]:
        """Keys are only added; `benchsuite_across` is raised when one means something else."""
        return {
            "benchsuite_across": 1,
            "profile": self.result.profile,
            "why": self.result.why,
            "complete": self.result.complete,
            "environment": self.result.environment,
            **remarks.record(self.result),
            "base": self.found.base,
            "backends": self.found.backends,
            "lines": [
                {
                    "parameters": _parameters(workload.case, "backend"),
                    "cells": {backend: _record(cell) for backend, cell in workload.cells.items()},
                }
                for workload in self.found.workloads
            ],
            "crossovers": [
                {
                    "base": meeting.base,
                    "challenger": meeting.challenger,
                    "parameters": _parameters(meeting.case, "backend", "request_size"),
                    "simulated": meeting.simulated,
                    "confidence": meeting.confidence or None,
                    "start_bytes": meeting.found.start,
                    "interpolated_bytes": meeting.found.at,
                    "spans": [asdict(span) for span in meeting.found.spans],
                }
                for meeting in self.found.meetings
            ],
            "findings": [each.to_dict() for each in findings(self.result)],
        }


def _notes(listed: list[cases.Row], backends: list[str]) -> tuple[list[str], dict[int, list[str]]]:
    """Sentences for below the table, and by id of a row the foot-notes to it. A remark on all cases of a
    backend is a sentence, one on all cases of all backends as well."""
    counts = Counter(row.result.case.backend for row in listed)
    remarks: dict[str, Counter[str]] = {}  # by text, how many cases of a backend have it
    for row in listed:
        for text in row.remarks:
            remarks.setdefault(text, Counter())[row.result.case.backend] += 1
    sentences, everywhere = [], set()
    for text, found in remarks.items():
        whole = [backend for backend in backends if counts[backend] > 1 and found[backend] == counts[backend]]
        everywhere |= {(text, backend) for backend in whole}
        if whole:
            names = "All cases" if len(whole) == len(backends) > 1 else ", ".join(map(clean, whole))
            sentences.append(f"{names}: {text}.")
    notes = {}
    for row in listed:
        backend = row.result.case.backend
        texts = [text for text in row.remarks if (text, backend) not in everywhere]
        notes[id(row)] = [f"{clean(backend)}: {text}" for text in texts]
    return sentences, notes


def _header(backend: str) -> str:
    """A name in lines of at most _WIDEST_NAME, broken where it has a joint."""
    lines = [""]
    for part in re.findall(r"[^:_(),/-]*[:_(),/-]?", clean(backend)):
        while len(part) > _WIDEST_NAME:
            lines, part = [*lines, part[:_WIDEST_NAME]], part[_WIDEST_NAME:]
        if len(lines[-1]) + len(part) > _WIDEST_NAME:
            lines.append(part)
        else:
            lines[-1] += part
    return "\n".join(line for line in lines if line)


def _parts(workload: Workload, backend: str, layout: _Layout) -> tuple[str, ...]:
    """The rate, the ratio and the cost in a cell, each "" where there is none or no room."""
    cell = workload.cells.get(backend)
    if cell is None or not cell.row.figures:
        return (NONE if cell else "", "", "")
    ratio = f"×{_ratio(cell.ratio)}" if layout.ratio and cell.ratio is not None else ""
    cost = f"{cell.kernel_seconds * 1e6:+.2f} µs" if layout.cost and cell.kernel_seconds is not None else ""
    return significant(cell.row.figures.rate), ratio, cost


def _ratio(ratio: float) -> str:
    if ratio >= 100:
        return f"{ratio:.0f}"
    return f"{ratio:.2f}" if ratio >= 0.1 else significant(ratio, 2)


def _aligned(cells: list[tuple[str, ...]]) -> list[str]:
    """The parts of all cells of a column under each other, decimal points too."""
    columns = [_on_the_point(list(column)) for column in zip(*cells, strict=True)]
    kept = [column for column in columns if any(part.strip() for part in column)]
    return [" ".join(row) for row in zip(*kept, strict=True)] if kept else [""] * len(columns[0])


def _on_the_point(parts: list[str]) -> list[str]:
    split = [part.partition(".") for part in parts]
    before = max(len(whole) for whole, _, _ in split)
    after = max(len(point + rest) for _, point, rest in split)
    return [whole.rjust(before) + (point + rest).ljust(after) for whole, point, rest in split]


def _crossovers(meetings: list[Meeting]) -> list[str]:
    """A heading and a line for each pair and workload; [] without any."""
    if not meetings:
        return []
    differing = Differing([meeting.case for meeting in meetings]).keys
    said = [clean(f"{each.case.words(differing)}: {each.words}") for each in meetings]
    return [f"Crossover with {clean(meetings[0].base)}:", *said]


def _record(cell: OnBackend) -> dict[str, Any]:
    """A cell as plain data; None is a figure there is not."""
    row, figures = cell.row, cell.row.figures
    low, high = figures.interval if figures else (None, None)
    return {
        "status": row.status,
        "reason": row.reason,
        "simulated": row.simulated,
        "confidence": row.confidence or None,
        "seconds_per_request": figures.seconds_of_closed_loop if figures else None,
        "lat_mean_seconds": figures.latency_mean if figures else None,
        "low_seconds_per_request": low,
        "high_seconds_per_request": high,
        "bits_per_second": figures.bits_per_second if figures else None,
        "requests_per_second": figures.requests_per_second if figures else None,
        "ratio": cell.ratio,
        "crossing_seconds": cell.kernel_seconds,
        "clock": stats.clock(row.result),
        "notes": row.notes,
    }


def _parameters(case: Case, *without: str) -> dict[str, Any]:
    return {key: value for key, value in case.told().items() if key not in without}
