"""csv: what `show -f csv` prints."""

from __future__ import annotations

from benchsuite.model import Result
from benchsuite.report import delimited


def render(result: Result) -> str:
    return delimited.render(result, width=None, hz=250)
