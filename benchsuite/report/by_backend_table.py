"""Backends side by side as a table for a terminal, or in Markdown.

A cell is `rate ×ratio +crossing`. What does not fit goes in this order: operations are abbreviated and
parameters that follow from the algorithm go, then the crossing; then each workload has a table of its own
over the sizes, first with and then without the crossing, then the ratio. Where even that is too wide, each
line becomes a paragraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import tabulate

from benchsuite.model import DIGEST, MBPS, PARAMETERS, Case, Result
from benchsuite.report.markdown import escape
from benchsuite.report.table import follow_from_others
from benchsuite.sheet.footnotes import Footnotes
from benchsuite.sheet.printable import clean, wrap
from benchsuite.view.blocks import Block, blocks
from benchsuite.view.by_backend import ByBackend, Cell, Line, by_backend
from benchsuite.view.columns import case_column
from benchsuite.view.heading import closing, heading
from benchsuite.view.numbers import NONE, significant
from benchsuite.view.parameters import parameter_of, split_parameters
from benchsuite.view.rows import Row

_SHORT = {"encrypt": "enc", "decrypt": "dec", DIGEST: "hash"}
_WIDEST_NAME = 14  # a backend's name goes on in the next line of the header


@dataclass(frozen=True, slots=True)
class _Layout:
    """What of a full table is there."""

    short: bool = False
    crossing: bool = True
    ratio: bool = True
    apart: bool = False  # a table for each workload

    @property
    def left_out(self) -> list[str]:
        return ["the crossing"] * (not self.crossing) + ["the ratio"] * (not self.ratio)


_LAYOUTS = (
    _Layout(),
    _Layout(short=True),
    _Layout(short=True, crossing=False),
    _Layout(apart=True),
    _Layout(crossing=False, apart=True),
    _Layout(crossing=False, ratio=False, apart=True),
)


@dataclass(frozen=True, slots=True)
class _Table:
    """Headers of several lines, the same in one, cells, and which columns stand to the right."""

    title: str
    headers: list[str]
    names: list[str]
    cells: list[list[str]]
    numeric: list[bool]

    def draw(self) -> list[str]:
        drawn = tabulate.tabulate(
            self.cells,
            headers=self.headers,
            tablefmt="simple",
            disable_numparse=True,
            colalign=["right" if right else "left" for right in self.numeric],
            preserve_whitespace=True,
        )
        return [line.rstrip() for line in drawn.splitlines()]


@dataclass(frozen=True, slots=True)
class _Notes:
    """Which notes stand where: by row of the result, the foot-notes; and sentences for below."""

    numbers: dict[int, list[int]]
    texts: list[str]
    below: list[str]


def render_table(result: Result, *, width: int | None) -> str:
    found = by_backend(result)
    shared, differing = _parameters(result)
    parts = [[line for text in heading(result) for line in wrap(text, width)]]
    if shared:
        parts[0] += wrap("All cases: " + ", ".join(f"{k}={v}" for k, v in shared.items()), width)
    notes = _notes(found)
    drawn, layout = _fitting(found, differing, notes, width)
    if found.lines:
        parts[0] += wrap(_legend(found, layout), width)
    parts += drawn
    if layout and layout.left_out:
        parts.append(wrap(f"Too narrow for {' and '.join(layout.left_out)} (-f csv has all).", width))
    parts.append([line for n, text in enumerate(notes.texts, 1) for line in wrap(f"[{n}] {text}", width, 4)])
    parts.append([line for text in _crossovers(found) for line in wrap(text, width, 2)])
    parts.append([line for text in (*notes.below, closing(_rows(found))) for line in wrap(text, width)])
    return "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts if part) + "\n"


def render_markdown(result: Result, *, width: int | None) -> str:
    found = by_backend(result)
    shared, differing = _parameters(result)
    notes, layout = _notes(found), _LAYOUTS[0]
    lines = [f"{escape(line)}\n" for line in heading(result)]
    if shared:
        lines.append(f"All cases: {', '.join(f'{k}={escape(v)}' for k, v in shared.items())}\n")
    if found.lines:
        lines.append(f"{escape(_legend(found, layout))}\n")
    for table in _tables(found, differing, notes, layout):
        lines += [f"{escape(table.title)}\n"] * bool(table.title)
        rows = [table.names]
        rows.append(["--:" if right else ":--" for right in table.numeric])
        rows += [[" ".join(cell.split()) for cell in row] for row in table.cells]
        marked = [row if i == 1 else [escape(cell) for cell in row] for i, row in enumerate(rows)]
        lines += [f"| {' | '.join(row)} |" for row in marked]
        lines.append("")
    lines += [f"{n}. {escape(text)}" for n, text in enumerate(notes.texts, 1)]
    lines += [""] * bool(notes.texts)
    lines += [f"- {escape(text)}" for text in _crossovers(found)[1:]]
    lines += [""] * bool(found.meetings)
    lines += [escape(text) for text in (*notes.below, closing(_rows(found)))]
    return "\n".join(lines).rstrip("\n") + "\n"


def _rows(found: ByBackend) -> list[Row]:
    return [cell.row for line in found.lines for cell in line.cells.values()]


def _parameters(result: Result) -> tuple[dict[str, str], list[str]]:
    """Shared by all, with their value, and differing; without the backend."""
    shared, differing = split_parameters(result.cases)
    shared.pop("backend", None)
    return shared, [key for key in differing if key != "backend"] or ["algorithm"]


def _legend(found: ByBackend, layout: _Layout | None) -> str:
    units = dict.fromkeys(line.case.rate_unit.name for line in found.lines)
    text = f"Cells: {' or '.join(units)}"
    if len(found.backends) > 1 and (layout is None or layout.ratio):
        text += f", × rate relative to {clean(found.base)}"
    if _crossed(found) and (layout is None or layout.crossing):
        text += ", + what crossing into the kernel adds to a request (to tcrypt's time, same driver)"
    return f"{text}."


def _crossed(found: ByBackend) -> bool:
    return any(cell.crossing is not None for line in found.lines for cell in line.cells.values())


def _fitting(
    found: ByBackend, differing: list[str], notes: _Notes, width: int | None
) -> tuple[list[list[str]], _Layout | None]:
    """The fullest tables that fit, and what they have; the layout is None where there are none."""
    for layout in _LAYOUTS:
        tables = _tables(found, differing, notes, layout)
        titles = [[table.title] if layout.apart else wrap(table.title, width, 4) for table in tables]
        drawn = [
            [*title, *table.draw()] if table.title else table.draw()
            for title, table in zip(titles, tables, strict=True)
        ]
        if width is None or max((len(line) for lines in drawn for line in lines), default=0) <= width:
            return drawn, layout
    return [_paragraphs(found, differing, notes, width)], None


def _tables(found: ByBackend, differing: list[str], notes: _Notes, layout: _Layout) -> list[_Table]:
    """One for each unit of rates; where they are apart, of what has sizes one for each workload."""
    tables = []
    for block in blocks(found.lines, differing, lambda line: line.case):
        if layout.apart and block.unit is MBPS:
            tables += _apart(found, block, notes, layout)
        else:
            rows = [cell.row for line in block.members for cell in line.cells.values()]
            dropped = follow_from_others(block.differing, rows) if layout.short or layout.apart else []
            keys = [key for key in block.differing if key not in dropped or key == "op"]
            backends = _measured(found.backends, block.members) if block.title else found.backends
            tables.append(_table(block.title, block.members, backends, keys, notes, layout))
    return tables


def _apart(found: ByBackend, block: Block[Line], notes: _Notes, layout: _Layout) -> list[_Table]:
    key = "request_size" if "request_size" in block.differing else block.differing[-1]
    workloads: dict[str, list[Line]] = {}
    for line in block.members:
        name = clean(line.case.words(each for each in block.differing if each != key))
        workloads.setdefault(name, []).append(line)
    return [
        _table(title, lines, _measured(found.backends, lines), [key], notes, layout)
        for title, lines in workloads.items()
    ]


def _measured(backends: list[str], lines: list[Line]) -> list[str]:
    """Those with a figure in any line, else with a case. The notes say why the others have no figure."""
    rows = [cell.row for line in lines for cell in line.cells.values()]
    there = {row.result.case.backend for row in rows if row.figures} or {
        row.result.case.backend for row in rows
    }
    return [backend for backend in backends if backend in there]


def _table(
    title: str, lines: list[Line], backends: list[str], keys: list[str], notes: _Notes, layout: _Layout
) -> _Table:
    columns = [_parameter_column(key, lines, layout.short) for key in keys]
    numeric = [case_column(key).numeric for key in keys]
    for backend in backends:
        parts = [_parts(line, backend, layout) for line in lines]
        columns.append([_header(backend), *_aligned(parts)])
        numeric.append(True)
    numbers = [_numbers(line, notes) for line in lines]
    if any(numbers):
        columns.append(["note", *numbers])
        numeric.append(False)
    names = [" ".join(column[0].split()) for column in columns]
    names[len(keys) : len(keys) + len(backends)] = map(clean, backends)
    headers = [column[0] for column in columns]
    most = max(header.count("\n") for header in headers)
    headers = [header + "\n" * (most - header.count("\n")) for header in headers]
    cells = [list(row) for row in zip(*(column[1:] for column in columns), strict=True)]
    return _Table(title, headers, names, cells, numeric)


def _parameter_column(key: str, lines: list[Line], short: bool) -> list[str]:
    header = case_column(key).header.rstrip("\n")
    cells = [_value(line.case, key, short) for line in lines]
    return [header, *cells]


def _value(case: Case, key: str, short: bool) -> str:
    text = parameter_of(case, key)
    return _SHORT.get(text, text) if short and key == "op" else text


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


def _parts(line: Line, backend: str, layout: _Layout) -> tuple[str, ...]:
    """Of a cell: rate, ratio, crossing, each "" where there is none or no room."""
    cell = line.cells.get(backend)
    if cell is None or not cell.row.figures:
        return (NONE if cell else "", "", "")
    rate = significant(cell.row.figures.rate)
    ratio = f"×{_ratio(cell.ratio)}" if layout.ratio and cell.ratio is not None else ""
    return rate, ratio, _crossing(cell) if layout.crossing else ""


def _ratio(ratio: float) -> str:
    if ratio >= 100:
        return f"{ratio:.0f}"
    return f"{ratio:.2f}" if ratio >= 0.1 else significant(ratio, 2)


def _crossing(cell: Cell) -> str:
    return "" if cell.crossing is None else f"{cell.crossing * 1e6:+.2f} µs"


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


def _numbers(line: Line, notes: _Notes) -> str:
    found = sorted({n for cell in line.cells.values() for n in notes.numbers.get(id(cell.row), ())})
    return f"[{','.join(map(str, found))}]" if found else ""


def _notes(found: ByBackend) -> _Notes:
    """A remark on all cases of a backend is a sentence below, one on all cases of all backends as well."""
    remarks: dict[str, dict[str, int]] = {}  # by text and backend, how many cases have it
    cases: dict[str, int] = {}
    for row in _rows(found):
        backend = row.result.case.backend
        cases[backend] = cases.get(backend, 0) + 1
        for text in row.remarks:
            of_text = remarks.setdefault(text, {})
            of_text[backend] = of_text.get(backend, 0) + 1
    below, everywhere = [], set()
    for text, counts in remarks.items():
        whole = [name for name in found.backends if cases[name] > 1 and counts.get(name) == cases[name]]
        everywhere |= {(text, backend) for backend in whole}
        if whole:
            names = "All cases" if len(whole) == len(found.backends) > 1 else ", ".join(map(clean, whole))
            below.append(f"{names}: {text}.")
    footnotes, numbers = Footnotes(), {}
    for row in _rows(found):
        backend = row.result.case.backend
        texts = [text for text in row.remarks if (text, backend) not in everywhere]
        numbers[id(row)] = [footnotes.number(f"{clean(backend)}: {text}") for text in texts]
    return _Notes(numbers, list(footnotes.texts), below)


def _crossovers(found: ByBackend) -> list[str]:
    """A heading and a line for each pair and workload; [] without any."""
    if not found.meetings:
        return []
    lines = [f"Crossover with {clean(found.base)}:"]
    cases = [meeting.case for meeting in found.meetings]
    differing = [key for key in PARAMETERS if len({getattr(case, key) for case in cases}) > 1]
    return lines + [clean(f"{each.case.words(differing)}: {each.words}") for each in found.meetings]


def _paragraphs(found: ByBackend, differing: list[str], notes: _Notes, width: int | None) -> list[str]:
    lines: list[str] = []
    several = len({line.case.rate_unit for line in found.lines}) > 1
    for line in found.lines:
        values = {key: _value(line.case, key, False) for key in differing}
        name = ", ".join(case_column(key).phrase.format(text) for key, text in values.items() if text != NONE)
        name += f": {line.case.rate_unit.name}" * several
        lines += wrap(name, width, 4)
        for backend in found.backends:
            parts: Any = [part for part in _parts(line, backend, _LAYOUTS[0]) if part]
            if parts:
                numbers = notes.numbers.get(id(line.cells[backend].row), [])
                note = f"[{','.join(map(str, numbers))}]" if numbers else ""
                lines += wrap(f"  {clean(backend)} {' '.join(parts)} {note}".rstrip(), width, 4)
    return lines
