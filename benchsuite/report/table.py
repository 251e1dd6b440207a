"""table: for a terminal of any width. What does not fit goes in this order: reasons move below the
table, the case is abbreviated (q/b/c are q_len, batch and cbimm), the least important figures are left
out and named below. Where even the narrowest table is too wide, each case becomes a paragraph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import tabulate

from benchsuite.model import DIGEST, PARAMETERS, Result
from benchsuite.sheet.footnotes import Footnotes
from benchsuite.sheet.printable import wrap
from benchsuite.view.blocks import blocks
from benchsuite.view.columns import Column, case_column, figure_columns, least_important
from benchsuite.view.heading import closing, heading
from benchsuite.view.numbers import NONE
from benchsuite.view.parameters import split_parameters
from benchsuite.view.rows import Row, rows, without_common_notes

# tabulate would keep two more blanks beside each header, which 80 columns cannot spare.
tabulate.MIN_PADDING = 0

_NARROWEST = 20
SHORT_OPS = {"encrypt": "enc", "decrypt": "dec", DIGEST: "hash"}


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table before it is drawn; its last column is the notes."""

    columns: list[Column]
    left_out: tuple[str, ...]
    cells: list[list[str]]
    footnotes: Footnotes

    @property
    def width(self) -> int:
        headers = [column.header.split("\n") for column in self.columns]
        widths = [max(map(len, header)) for header in headers]
        for index, column in enumerate(self.columns):
            cells = [row[index] for row in self.cells]
            widths[index] = max(widths[index], _aligned(cells) if column.numeric else max(map(len, cells)))
        return sum(widths) + 2 * (len(widths) - 1)

    @property
    def remarks(self) -> list[str]:
        """What the reader of an abbreviated table has to know."""
        left_out = [f"Too narrow for: {', '.join(self.left_out)} (-f csv has all)."] if self.left_out else []
        joined = [column.phrase for column in self.columns if column.key == "queue"]
        return left_out + joined

    def draw(self) -> str:
        return tabulate.tabulate(
            self.cells,
            headers=[column.header for column in self.columns],
            tablefmt="simple",
            disable_numparse=True,
            colalign=["decimal" if column.numeric else "left" for column in self.columns],
        )


def render(result: Result, *, width: int | None, hz: int) -> str:
    width = None if width is None else max(width, _NARROWEST)
    listed, common = without_common_notes(rows(result))
    shared, differing = split_parameters(result.cases)
    parts = [[line for text in heading(result) for line in wrap(text, width)]]
    if shared:
        parts[0] += wrap("All cases: " + ", ".join(f"{k}={v}" for k, v in shared.items()), width)
    footnotes = Footnotes()
    for block in blocks(listed, differing, lambda row: row.result.case):
        title = wrap(block.title, width, 4) if block.title else []
        grid = _fitting(block.members, block.differing, footnotes, width)
        if grid:
            footnotes = grid.footnotes
            parts.append(title + grid.draw().splitlines())
            parts.append(wrap(" ".join(grid.remarks), width) if grid.remarks else [])
        else:
            parts.append(title + _paragraphs(block.members, block.differing, footnotes, width))
    parts.append([line for text, n in footnotes.texts.items() for line in wrap(f"[{n}] {text}", width, 4)])
    parts.append([line for text in (*common, closing(listed)) for line in wrap(text, width)])
    return "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts if part) + "\n"


def _fitting(
    listed: list[Row], differing: list[str], footnotes: Footnotes, width: int | None
) -> _Grid | None:
    """The fullest table that fits, or None. Its foot-notes go on from those."""
    for short, left_out, reasons in _layouts(least_important(listed)):
        grid = _grid(listed, differing, Footnotes(dict(footnotes.texts)), short, left_out, reasons)
        if width is None or grid.width <= width:
            return grid
    return None


def _layouts(least: tuple[str, ...]) -> Iterator[tuple[bool, tuple[str, ...], str]]:
    """Whether operations are short, the figures left out, and how much of a failure is in its row:
    the whole reason, its kind, or only the number of the foot-note."""
    yield False, (), "reason"
    for short in (False, True):
        yield short, (), "kind"
        yield short, (), "number"
    for count in range(1, len(least) + 1):
        yield True, least[:count], "kind"
        yield True, least[:count], "number"


def _grid(
    listed: list[Row],
    differing: list[str],
    footnotes: Footnotes,
    short: bool,
    left_out: tuple[str, ...],
    reasons: str,
) -> _Grid:
    dropped = follow_from_others(differing, listed) if short else []
    kept = [key for key in differing if key not in dropped]
    columns = _short_case(kept, listed) if short else [case_column(key) for key in kept]
    columns += [column for column in figure_columns(listed) if column.key not in left_out]
    cells = [[column.cell(row) for column in columns] for row in listed]
    notes = [_note(row, footnotes, reasons) for row in listed]
    filled = [i for i, column in enumerate(columns) if any(row[i] != NONE for row in cells)]
    columns = [columns[i] for i in filled]
    cells = [[row[i] for i in filled] for row in cells]
    if any(notes):
        columns.append(Column("note", "\nnote", lambda row: "", False, ""))
        cells = [[*row, note] for row, note in zip(cells, notes, strict=True)]
    return _Grid(columns, (*dropped, *left_out), cells, footnotes)


def follow_from_others(differing: list[str], listed: list[Row]) -> list[str]:
    """Parameters that the algorithm, or it and the operation, decide in this table: rows stay distinct
    without them."""
    dropped = [key for key in ("in_place", "aad_size") if _decided(key, ("algorithm", "op"), listed)]
    if _decided("op", ("algorithm",), listed):
        dropped.append("op")
    return [key for key in differing if key in dropped]


def _decided(key: str, by: tuple[str, ...], listed: list[Row]) -> bool:
    cases = [row.result.case for row in listed]
    pairs = {(tuple(getattr(case, other) for other in by), getattr(case, key)) for case in cases}
    return len(pairs) == len({others for others, _ in pairs})


def _short_case(keys: list[str], listed: list[Row]) -> list[Column]:
    """Columns for the parameters, abbreviated; how requests are queued is one column."""
    queued = [key for key in keys if PARAMETERS[key].letter]
    columns = []
    for key in keys:
        if key not in queued or len(queued) == 1:
            columns.append(_shortened(case_column(key)))
        elif key == queued[0]:
            columns.append(_joined(queued))
    return columns


def _joined(keys: list[str]) -> Column:
    parts = [case_column(key) for key in keys]
    header = "/".join(PARAMETERS[key].letter for key in keys)
    said = f"{header}: {', '.join(keys)}."
    return Column("queue", f"\n{header}", lambda row: "/".join(part.cell(row) for part in parts), False, said)


def _shortened(column: Column) -> Column:
    if column.key != "op":
        return column
    return replace(column, cell=lambda row: SHORT_OPS.get(column.cell(row), column.cell(row)))


def _note(row: Row, footnotes: Footnotes, reasons: str) -> str:
    if row.figures or reasons == "number":
        return _numbers(row.remarks, footnotes)
    if reasons == "kind":
        return f"{row.status} {_numbers(row.remarks, footnotes)}"
    return f"{row.status}: {row.reason} {_numbers(row.notes, footnotes)}".rstrip()


def _numbers(texts: list[str], footnotes: Footnotes) -> str:
    numbers = ",".join(map(str, sorted(footnotes.number(text) for text in texts)))
    return f"[{numbers}]" if numbers else ""


def _paragraphs(
    listed: list[Row], differing: list[str], footnotes: Footnotes, width: int | None
) -> list[str]:
    lines: list[str] = []
    columns = [case_column(key) for key in differing]
    figure = figure_columns(listed)
    for row in listed:
        cells = [(column, column.cell(row)) for column in columns]
        name = ", ".join(column.phrase.format(text) for column, text in cells if text != NONE)
        figures = [column.phrase.format(column.cell(row)) for column in figure if column.cell(row) != NONE]
        # A figure and its unit stay on one line: textwrap does not break at a no-break space.
        said = ", ".join(text.replace(" ", "\u00a0") for text in figures)
        said = said if row.figures else f"{row.status}: {row.reason}"
        lines += wrap(name, width, 4)
        lines += wrap(f"  {said} {_numbers(row.notes, footnotes)}".rstrip(), width, 4)
    return [line.replace("\u00a0", " ") for line in lines]


def _aligned(cells: list[str]) -> int:
    """The width of cells whose decimal points stand under each other."""
    parts = [cell.partition(".") for cell in cells]
    return max(len(whole) for whole, _, _ in parts) + max(len(point + digits) for _, point, digits in parts)
