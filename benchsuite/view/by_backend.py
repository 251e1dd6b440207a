"""The backends of a result beside each other, workload by workload.

Ratios are of rates to the first column's, the base, so above 1 is faster.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchsuite import stats
from benchsuite.compare.crossovers import Meeting, meetings
from benchsuite.model import Case, Result
from benchsuite.sheet.printable import clean
from benchsuite.view.rows import Row, rows


@dataclass(frozen=True, slots=True)
class OnBackend:
    """A case beside the same workload on other backends. None: a figure there is not; of times by two clocks
    there is no ratio."""

    row: Row
    ratio: float | None  # of its rate to the base's

    @property
    def kernel_seconds(self) -> float | None:
        """Seconds of a request that entering the kernel costs."""
        return self.row.kernel_cost.seconds if self.row.kernel_cost else None


@dataclass(frozen=True, slots=True)
class Workload:
    """A work under a load, and the backends that did it. `case` has no backend."""

    case: Case
    cells: dict[str, OnBackend]  # by backend, those that have it

    @property
    def rows(self) -> list[Row]:
        return [cell.row for cell in self.cells.values()]


@dataclass(frozen=True, slots=True)
class ByBackend:
    """Everything that is beside something else, and where challengers meet the base."""

    backends: list[str]  # in the order of the result; the first is the base
    workloads: list[Workload]
    meetings: list[Meeting]

    @property
    def base(self) -> str:
        return self.backends[0] if self.backends else ""

    @property
    def rows(self) -> list[Row]:
        return [row for workload in self.workloads for row in workload.rows]


def by_backend(result: Result) -> ByBackend:
    found: dict[Case, dict[str, Row]] = {}
    for row in rows(result):
        case = row.result.case
        found.setdefault(case.without("backend"), {}).setdefault(case.backend, row)
    backends = list(dict.fromkeys(case.case.backend for case in result.cases))
    workloads = [Workload(case, _cells(of_case, backends[0])) for case, of_case in found.items()]
    return ByBackend(backends, workloads, meetings(result.cases, fewest=1))


def _cells(of_case: dict[str, Row], base: str) -> dict[str, OnBackend]:
    reference = of_case.get(base)
    cells = {}
    for backend, row in of_case.items():
        ratio, figures = None, row.figures
        if figures and reference and reference.figures and row is not reference:
            agree = stats.clocks_agree(map(stats.clock, (reference.result, row.result)))
            if not agree:
                row = replace(row, told=[*row.notes, _clocks(reference, row, agree)])
            if agree is not False:
                ratio = reference.figures.seconds / figures.seconds
        cells[backend] = OnBackend(row, ratio)
    return cells


def _clocks(base: Row, other: Row, agree: bool | None) -> str:
    its, bases = (clean(stats.clock_in_words(row.result)) for row in (other, base))
    ratio = "its ratio may have no meaning" if agree is None else "no ratio"
    return f"{ratio}: its time is {its}, that of {clean(base.result.case.backend)} is {bases}"
