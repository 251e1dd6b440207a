"""Tags, note and command of a result, as tables and programs get them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchsuite.model import CaseResult, Result
from benchsuite.remarks import TAG, in_words
from benchsuite.selection.keys import all_tags
from benchsuite.sheet.printable import clean
from benchsuite.units import shortened

_LONGEST_NOTE = 300  # characters above a table; programs and the page get all


def lines(result: Result, all_of_it: bool = False) -> list[str]:
    """Lines above a table. all_of_it: the whole note, and the command."""
    found = tags_line(result.tags)
    if result.note:
        note = clean(" ".join(result.note.split()))
        found.append(f"Note: {note if all_of_it else shortened(note, _LONGEST_NOTE)}")
    if all_of_it and result.command:
        found.append("Made by: " + "; then: ".join(clean(line) for line in result.command.splitlines()))
    return found


def tags_line(tags: Mapping[str, str]) -> list[str]:
    """A line of tags; none where there are none."""
    return [f"Tags: {clean(in_words(tags))}"] if tags else []


def record(result: Result) -> dict[str, Any]:
    """The same for programs."""
    return {"tags": result.tags, "note": result.note, "command": result.command}


class TagColumns:
    """Columns of a table for programs: the tags that any case has, and the note, where there are such."""

    def __init__(self, result: Result) -> None:
        self._keys = all_tags(result.cases)
        self._note = [result.note] if result.note else []

    @property
    def header(self) -> list[str]:
        return [f"{TAG}{key}" for key in self._keys] + ["note"] * bool(self._note)

    def cells(self, case: CaseResult) -> list[str]:
        """The cells of a case; "" of a tag that it has not."""
        return [case.tags.get(key, "") for key in self._keys] + self._note
