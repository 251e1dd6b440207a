"""markdown: a table for a pull request or an issue on GitHub."""

from __future__ import annotations

import re

from benchsuite.model import Result
from benchsuite.sheet.footnotes import Footnotes
from benchsuite.view.blocks import blocks
from benchsuite.view.columns import Column, case_column, figure_columns
from benchsuite.view.heading import closing, heading
from benchsuite.view.parameters import split_parameters
from benchsuite.view.rows import Row, rows

_MARKUP = re.compile(r"[\\`*\[\]<>&|~#$!{}]|(?<![^\W_])_|_(?![^\W_])")


def render(result: Result, *, width: int | None, hz: int) -> str:
    listed = rows(result)
    shared, differing = split_parameters(result.cases)
    footnotes = Footnotes()
    lines = [f"{escape(line)}\n" for line in heading(result)]
    if shared:
        lines.append(f"All cases: {', '.join(f'{k}={escape(v)}' for k, v in shared.items())}\n")
    for block in blocks(listed, differing, lambda row: row.result.case):
        columns = [*map(case_column, block.differing), *figure_columns(block.members)]
        lines += [f"{escape(block.title)}\n"] * bool(block.title)
        lines.append(_line([*(_header(column) for column in columns), "note"]))
        lines.append(_line([*("--:" if column.numeric else ":--" for column in columns), ":--"]))
        lines += [_line(_cells(row, columns, footnotes)) for row in block.members]
        lines.append("")
    lines += [f"{number}. {escape(text)}" for text, number in footnotes.texts.items()]
    lines += [""] * bool(footnotes.texts) + [closing(listed)]
    return "\n".join(lines).rstrip("\n") + "\n"


def escape(text: str) -> str:
    """Text, all of it: nothing in it is markup, a link, a mention or the end of a table cell."""
    text = _MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)
    # GitHub notifies whoever has the name after an @, however it is written: part the two.
    text = re.sub(r"@(?=\w)", "@&#8203;", text)
    return text.replace("www.", "www&#46;").replace("://", "&#58;//")


def _header(column: Column) -> str:
    return escape(column.header.replace("\n", " ").strip())


def _cells(row: Row, columns: list[Column], footnotes: Footnotes) -> list[str]:
    cells = [escape(column.cell(row)) for column in columns]
    numbers = ", ".join(str(footnotes.number(text)) for text in row.remarks)
    return [*cells, numbers if row.figures else f"**{escape(row.status)}** {numbers}"]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
