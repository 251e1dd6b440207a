"""A page as text for a terminal of any width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import tabulate

from benchsuite.sheet.footnotes import Footnotes
from benchsuite.sheet.page import DECIMAL, Cell, Column, Page, Part, Said, Table, Version
from benchsuite.sheet.printable import wrap

# tabulate would keep two more blanks beside each header, which 80 columns cannot spare.
tabulate.MIN_PADDING = 0

NARROWEST = 20


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A table whose foot-notes have their numbers."""

    title: str
    columns: list[Column]
    rows: list[list[str]]

    def width(self, with_title: bool) -> int:
        cells = zip(*self.rows, strict=True)
        widths = [_column_width(column, of) for column, of in zip(self.columns, cells, strict=True)]
        return max(sum(widths) + 2 * (len(widths) - 1), len(self.title) * with_title)

    def lines(self, width: int | None) -> list[str]:
        drawn = tabulate.tabulate(
            self.rows,
            headers=[column.header for column in self.columns],
            tablefmt="simple",
            disable_numparse=True,
            colalign=[column.align for column in self.columns],
            preserve_whitespace=True,
        )
        return (wrap(self.title, width, 4) if self.title else []) + drawn.splitlines()


def write(page: Page, width: int | None) -> str:
    """The page, its last line ended. width: in columns; None for as wide as it needs."""
    width = None if width is None else max(width, NARROWEST)
    footnotes = page.footnotes.copy()
    parts, legends = [], []
    for part in page.parts:
        version, drawn = _fitting(part, footnotes, width)
        legends.append(version.legend)
        parts += drawn
    top = [*page.top, *filter(None, dict.fromkeys(legends))]
    notes = [Said(f"[{number}] {text}", 4) for text, number in footnotes.texts.items()]
    parts = [_wrapped([Said(text, page.indent) for text in top], width), *parts, _wrapped(notes, width)]
    for part in page.below:
        parts += _fitting(part, footnotes, width)[1]
    return "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts if part) + "\n"


def _fitting(part: Part, footnotes: Footnotes, width: int | None) -> tuple[Version, list[list[str]]]:
    """The first version that fits, and its blocks of lines. Only its foot-notes are numbered."""
    for version in part:
        tried = footnotes.copy()
        tables = [_numbered(table, tried) for table in version.tables]
        if width is None or all(table.width(version.titles_fit) <= width for table in tables):
            break
    footnotes.texts = tried.texts
    drawn = [table.lines(None if version.titles_fit else width) for table in tables]
    said = [Said(_marked(each.text, each.notes, footnotes), each.indent) for each in version.said]
    remark = [Said(version.remark)] if version.remark else []
    return version, [*drawn, _wrapped(said, width), _wrapped(remark, width)]


def _wrapped(said: Iterable[Said], width: int | None) -> list[str]:
    """Lines; a no-break space holds together what stands on both sides of it."""
    lines = [line for each in said for line in wrap(each.text, width, each.indent)]
    return [line.replace("\u00a0", " ") for line in lines]


def _numbered(table: Table, footnotes: Footnotes) -> _Drawn:
    rows = [[_cell(cell, footnotes) for cell in row] for row in table.rows]
    return _Drawn(table.title, table.columns, rows)


def _cell(cell: Cell, footnotes: Footnotes) -> str:
    return cell if isinstance(cell, str) else _marked(cell.text, cell.notes, footnotes)


def _marked(text: str, notes: Sequence[str], footnotes: Footnotes) -> str:
    """The text, and the numbers of its foot-notes."""
    numbers = footnotes.numbers(notes)
    return " ".join(filter(None, (text, f"[{numbers}]" if numbers else "")))


def _column_width(column: Column, cells: Sequence[str]) -> int:
    header = max(map(len, column.header.split("\n")))
    if column.align != DECIMAL:
        return max(header, *map(len, cells))
    parts = [cell.partition(".") for cell in cells]
    whole, rest = max(len(part[0]) for part in parts), max(len(part[1] + part[2]) for part in parts)
    return max(header, whole + rest)
