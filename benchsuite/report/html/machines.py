"""The section of the machines: a fact in a row, a result in a column."""

from __future__ import annotations

from benchsuite.report.charts.entries import Data
from benchsuite.report.html.sections import Section, section
from benchsuite.report.html.tables import Cell, table
from benchsuite.sheet.numbers import NONE
from benchsuite.sheet.printable import clean
from benchsuite.view.environment import described, environments


def environment(data: Data) -> Section:
    """A column for each result, and of one that was merged for each of its environments; what differs says
    so."""
    found = [
        (" ".join(filter(None, [source.label if len(data.sources) > 1 or not which else "", which])), facts)
        for source in data.sources
        for which, facts in environments(source.result)
    ]
    several = len(found) > 1
    rows = [
        [name, *(Cell(text, None, _kind(text)) for text in texts), *[_differs(texts)] * several]
        for name, texts in described(facts for _, facts in found).items()
    ]
    headers = ["fact", *(clean(label) for label, _ in found)] + ["differs"] * several
    files = "; ".join(source.path for source in data.sources)
    return section(
        "environment",
        "Environment",
        f"Read from {files}.",
        table("Environment", headers, rows, "environment", "facts"),
    )


def _differs(texts: list[str]) -> Cell:
    return Cell("differs", None, "differs") if len(set(texts)) > 1 else Cell("")


def _kind(text: str) -> str | None:
    return "untold" if text == NONE else None
