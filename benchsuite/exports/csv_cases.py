"""csv: what `show -f csv` prints."""

from __future__ import annotations

from benchsuite.model import Result
from benchsuite.sheet import as_csv
from benchsuite.view.cases_sheet import CasesSheet


def render(result: Result) -> str:
    return as_csv.write(CasesSheet(result).table())
