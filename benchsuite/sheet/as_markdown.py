"""A page as Markdown, for a pull request or an issue on GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterator

from benchsuite.sheet.footnotes import Footnotes
from benchsuite.sheet.page import LEFT, Cell, Column, Page, Version

_MARKUP = re.compile(r"[\\`*\[\]<>&|~#$!{}]|(?<![^\W_])_|_(?![^\W_])")


def write(page: Page) -> str:
    """The page, with the fullest version of every part."""
    footnotes = page.footnotes.copy()
    parts = [next(iter(part)) for part in page.parts]
    legends = filter(None, dict.fromkeys(part.legend for part in parts))
    lines = [f"{escape(text)}\n" for text in (*page.top, *legends)]
    for part in parts:
        lines += _version(part, footnotes)
    lines += [f"{number}. {escape(text)}" for text, number in footnotes.texts.items()]
    lines += [""] * bool(footnotes.texts)
    for below in page.below:
        lines += _version(next(iter(below)), footnotes)
    return "\n".join(lines).rstrip("\n") + "\n"


def escape(text: str) -> str:
    """Text, all of it: nothing in it is markup, a link, a mention or the end of a table cell."""
    text = _MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)
    # GitHub notifies whoever has the name after an @, however it is written: part the two.
    text = re.sub(r"@(?=\w)", "@&#8203;", text)
    return text.replace("www.", "www&#46;").replace("://", "&#58;//")


def _version(version: Version, footnotes: Footnotes) -> Iterator[str]:
    for table in version.tables:
        yield from [f"{escape(table.title)}\n"] * bool(table.title)
        yield _line([escape(column.one_line) for column in table.columns])
        yield _line([":--" if column.align == LEFT else "--:" for column in table.columns])
        for row in table.rows:
            cells = zip(row, table.columns, strict=True)
            yield _line([_cell(cell, column, footnotes) for cell, column in cells])
        yield ""
    yield from (escape(each.text) for each in version.said)
    yield from [""] * bool(version.said)


def _cell(cell: Cell, column: Column, footnotes: Footnotes) -> str:
    text, notes = (cell, ()) if isinstance(cell, str) else (cell.text, cell.notes)
    text, numbers = escape(" ".join(text.split())), footnotes.numbers(notes, ", " if column.margin else ",")
    if column.margin:
        return f"**{text}** {numbers}" if text else numbers
    return " ".join(filter(None, (text, escape(f"[{numbers}]") if numbers else "")))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
