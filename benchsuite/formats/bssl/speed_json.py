"""What `bssl speed -json` prints, as a file of its own. (Line by line, among other output: speed.py.)"""

from __future__ import annotations

from typing import Any

from benchsuite.formats.bssl import speed
from benchsuite.formats.bssl.speed import ABOUT, NAME, Entry, Start
from benchsuite.formats.figure import Figure
from benchsuite.formats.text.lines import Line

__all__ = ["ABOUT", "EXPECTED", "NAME", "is_one", "machine", "read"]

EXPECTED = "a list of objects with description, numCalls and microseconds"
_MOST = 10**5


def is_one(data: Any) -> bool:
    return isinstance(data, list) and any(
        isinstance(entry, dict) and {"description", "numCalls"} <= entry.keys() for entry in data[:_MOST]
    )


def read(data: list[Any]) -> tuple[list[Figure], list[str]]:
    figures, unclear, start = [], [], Start()
    for number, element in enumerate(data[:_MOST]):
        entry: Entry | str = speed.of_json(element)
        found: Figure | str = entry if isinstance(entry, str) else ""
        if isinstance(entry, Entry):
            start = start.at(entry)
            line = Line(number + 1, f"[{number}]", f"[{number}]: {' '.join(entry.what.split())}")
            found = speed.figure(entry, line, start)
        if isinstance(found, str):
            unclear.append(f"[{number}]: {found}")
        else:
            figures.append(found)
    return figures, unclear


def machine(data: Any) -> dict[str, str]:
    """It says nothing of the machine."""
    return {}
