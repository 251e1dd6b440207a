"""A table of anyone's measurements: CSV whose columns are named as the parameters, and as the figures of
`benchsuite export`.

    backend,algorithm,op,request_size,q_len,mbps
    caam,aes-128-cbc,encrypt,1488,8,535.122

What can be a column: columns.py, and docs/import.md for people. Cells are cut at commas, semicolons or
tabs; a line that begins with # is a comment. Several tables may follow each other.

A row is a value, or what a report says of several (`values` is a column): then it is one value that takes as
long as theirs did at the median, and has their percentiles. Rows of one case and `process` are one run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchsuite.formats.csv_table import case
from benchsuite.formats.csv_table import cells as csv_cells
from benchsuite.formats.csv_table import columns as csv_columns
from benchsuite.formats.csv_table import row as csv_row
from benchsuite.formats.csv_table.columns import PARAMETERS, Columns
from benchsuite.formats.figure import Figure, Known, Reading
from benchsuite.formats.text import lines
from benchsuite.formats.text.lines import Line

NAME = case.NAME
ABOUT = "CSV with columns named as the parameters: docs/import.md"

_FEWEST = 2  # columns that are known
_LOOK = 500  # lines before the first table
_COMMENT = "#"
_WORDS = "|".join(key.replace("_", "[ _.-]?") for key in PARAMETERS)
_LIKELY = re.compile(rf"(?<![a-z])(?:{_WORDS})(?![a-z])", re.IGNORECASE)
_SEPARATOR = re.compile(r'"?sep=.?"?', re.IGNORECASE)  # to a spreadsheet
_FIRST = (
    "mbps, bits_per_second, requests_per_second, seconds_per_request, ns_per_request or cycles_per_request"
)
NO_FIGURE = f"no column of it is a figure: expected one of {_FIRST}"
NO_ROW = "there is no row below it"
NOT_CLOSED = "a quote is not closed"


@dataclass(slots=True)
class _Table:
    start: int  # counted from 1
    header: Line
    delimiter: str
    columns: Columns
    rows: list[tuple[Line, list[str]]] = field(default_factory=list)
    torn: bool = False  # whether there is a row that could not be cut


def is_one(text: str) -> bool:
    """Whether there is the header of a table among the first lines."""
    rows = lines.plain("\n".join(text.split("\n", _LOOK + 1)[: _LOOK + 1]))
    return any(_begins(rows, at) for at in range(len(rows)))


def read(rows: Sequence[Line], known: Known) -> Reading:
    reading = Reading()
    for table in _tables(rows, reading):
        reading.use([table.header])
        if not table.columns.measures:
            for line in [table.header, *(line for line, _ in table.rows)]:
                unclear = [f"{name}: {why}" for name, why in table.columns.unclear.items()]
                reading.doubt(line, "; ".join([*unclear, NO_FIGURE]))
            continue
        if not table.rows and not table.torn:
            reading.doubt(table.header, NO_ROW)
        _figures(reading, table, known)
    return reading


def _begins(rows: Sequence[Line], at: int) -> tuple[str, Columns] | None:
    """The header of a table in a line: a row of it comes next, or nothing."""
    found = _header(rows[at].raw)
    if found is None:
        return None
    after = next((row for row in rows[at + 1 :] if not row.text.startswith(_COMMENT)), None)
    if after is None:
        return found if found[1].measures else None
    if found[0] not in after.raw or not any(char.isdecimal() for char in after.raw):
        return None
    whole = len(csv_cells.cut(after.raw, found[0]) or ()) == len(found[1].names)
    return found if whole or found[1].strong else None  # `op  op/s` is openssl's, and its rows have names


def _header(text: str) -> tuple[str, Columns] | None:
    """(delimiter, columns) of a line that is one."""
    if not _LIKELY.search(text):
        return None
    bare = text.lstrip(" \t\ufeff").removeprefix(_COMMENT)
    best: tuple[str, Columns] | None = None
    for delimiter in csv_cells.DELIMITERS:
        cells = csv_cells.cut(bare, delimiter) if delimiter in bare else None
        if not cells or len(set(cells)) < len(cells):
            continue
        found = csv_columns.columns(cells)
        if best is None or found.taken > best[1].taken:
            best = delimiter, found
    return best if best and _is_header(best[1]) else None


def _is_header(found: Columns) -> bool:
    """One that says neither backend nor size nor depth has to be known whole, or it is another program's."""
    if found.taken + len(found.unclear) < _FEWEST or not found.parameters:
        return False
    others = found.unknown or "" in found.names
    return not others or (found.strong and (found.measures or len(found.parameters) > 1))


def _tables(rows: Sequence[Line], reading: Reading) -> Iterator[_Table]:
    table: _Table | None = None
    at = 0
    while at < len(rows):
        line, at = rows[at], at + 1
        if header := _begins(rows, at - 1):
            if table:
                yield table
            table = _Table(table.start + 1 if table else 1, line, *header)
        elif line.text.startswith(_COMMENT) or _SEPARATOR.fullmatch(line.text):
            reading.use([line])
        elif table and table.delimiter in line.raw:
            line, cells, at = _record(rows, at, table)
            if cells is None:
                reading.doubt(line, NOT_CLOSED)
                table.torn = True
            else:
                table.rows.append((line, cells))
    if table:
        yield table


def _record(rows: Sequence[Line], at: int, table: _Table) -> tuple[Line, list[str] | None, int]:
    """The row that ends at a line, or begins there where a cell holds the end of one; and what comes next."""
    first = rows[at - 1]
    cells = csv_cells.cut(first.raw, table.delimiter)
    if cells is None:
        for end in range(at + 1, min(at + csv_cells.MOST_LINES, len(rows)) + 1):
            whole = " ".join(each.raw for each in rows[at - 1 : end])
            cells = csv_cells.cut(whole, table.delimiter)
            if cells is not None and len(cells) == len(table.columns.names):
                return Line(first.number, whole, whole), cells, end
        cells = None
    return first, cells, at


def _figures(reading: Reading, table: _Table, known: Known) -> None:
    numbers = [
        cells[place] for _, cells in table.rows for place in _numeric(table.columns) if place < len(cells)
    ]
    settings = csv_row.Settings(
        table.columns, csv_cells.comma_is_decimal(table.delimiter, numbers), known, table.start
    )
    groups: dict[object, list[Figure]] = {}
    for line, cells in table.rows:
        reading.use([line])
        try:
            figure = csv_row.figure(cells, line, settings)
        except ValueError as error:
            reading.doubt(line, str(error))
            continue
        process = settings.text(cells, "process")
        key = (figure.case, process, figure.notes) if process and figure.values else line.number
        groups.setdefault(key, []).append(figure)
    reading.figures += [csv_row.together(group) for group in groups.values()]


def _numeric(columns: Columns) -> list[int]:
    return [*columns.figures, *(place for key, place in columns.beside.items() if key not in csv_row.TEXTS)]
