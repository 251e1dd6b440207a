"""Findings as a part of a sheet: the last lines that a terminal shows, because those are seen."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.findings import Finding
from benchsuite.sheet.page import Part, paragraphs


def findings_part(found: Sequence[Finding]) -> list[Part]:
    """For below a table; [] where there is nothing to say."""
    said = ["Findings:", *(f"- {each.text}" for each in found)]
    return [paragraphs(said, 2)] if found else []
