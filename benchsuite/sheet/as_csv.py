"""Rows as CSV, RFC 4180, for spreadsheets and data frames.

Numbers are written the same in every locale; an empty cell is a figure there is not. Text is on one line, and
text that begins with = + - or @ gets an apostrophe before it, so that no spreadsheet takes a name out of a
result for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from benchsuite.sheet.printable import clean


def write(rows: Iterable[Sequence[Any]], end: str = "\r\n") -> str:
    """Lines end in CR LF, as RFC 4180 has it: write the text as it is, without translation."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([cell(item) for item in row] for row in rows)
    return text.getvalue()


def cell(item: Any) -> str:
    """An item as a cell has it."""
    if item is None:
        return ""
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, (int, float)):
        return repr(item)
    text = clean(item)
    return f"'{text}" if text[:1] in tuple("=+-@") else text
