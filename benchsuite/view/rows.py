"""The cases of a result as rows: status, figures, and what makes them doubtful."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from benchsuite import doubts, stats
from benchsuite.facts import Fact
from benchsuite.kernel_cost import KernelCost, kernel_costs
from benchsuite.model import CaseResult, CouldNotMeasure, Result
from benchsuite.sheet.printable import clean
from benchsuite.stats import Summary

MEASURED, NOT_MEASURED = "measured", "not measured"
EMULATED = "the CPU is emulated (a lab without KVM): figures compare only with others of the same boot"


@dataclass(frozen=True)
class Row:
    """A case as it is printed. `figures` is None where `status` is not "measured"; then `reason` says why.
    around: notes that all of its result have. told: its notes, where others than its own are printed."""

    result: CaseResult
    figures: Summary | None
    reason: str = ""
    around: tuple[str, ...] = ()
    kernel_cost: KernelCost | None = None
    told: list[str] | None = None

    @property
    def status(self) -> str:
        """MEASURED, or the kind of failure: NOT_MEASURED of a case the run did not come to."""
        if self.figures:
            return MEASURED
        return clean(self.result.failure.kind) if self.result.failure else NOT_MEASURED

    @cached_property
    def confidence(self) -> str:
        """How sure a simulated figure is; "" of one that was measured."""
        return stats.confidence(self.result)

    @property
    def simulated(self) -> bool:
        return bool(self.confidence)

    @cached_property
    def notes(self) -> list[str]:
        if self.told is not None:
            return self.told
        chosen = [f"auto chose {clean(backend)}" for backend in stats.facts(self.result, Fact.CHOSEN)]
        own = [clean(text) for text in doubts.notes(self.result)]
        crossing = [clean(self.kernel_cost.note)] if self.kernel_cost and self.kernel_cost.note else []
        return [*self.around, *chosen, *own, *crossing]

    @property
    def remarks(self) -> list[str]:
        """Texts that become foot-notes: why there is no figure, and the notes."""
        return ([] if self.figures else [f"{self.status}: {self.reason}"]) + self.notes


def rows(result: Result) -> list[Row]:
    around = (EMULATED,) if stats.emulated(result) else ()
    listed = [_row(case, around) for case in result.cases]
    costs = kernel_costs((row.result, row.figures) for row in listed)
    return [replace(row, kernel_cost=cost) if cost else row for row, cost in zip(listed, costs, strict=True)]


def _row(case: CaseResult, around: tuple[str, ...]) -> Row:
    try:
        return Row(case, stats.summary(case), "", around)
    except CouldNotMeasure as error:
        return Row(case, None, clean(str(error)), around)


def without_common_notes(listed: list[Row]) -> tuple[list[Row], list[str]]:
    """The rows without the notes that all with a figure have, and those as sentences for below."""
    measured = [set(row.notes) for row in listed if row.figures]
    if len(measured) < 2:
        return listed, []
    common = set.intersection(*measured)
    kept = [replace(row, told=[note for note in row.notes if note not in common]) for row in listed]
    ordered = [note for row in listed if row.figures for note in row.notes if note in common]
    return kept, [f"All rows: {note}." for note in dict.fromkeys(ordered)]
