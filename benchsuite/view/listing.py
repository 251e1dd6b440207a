"""How the cases of a result are listed: in which order and groups, and from how many on as a summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from benchsuite import stats
from benchsuite.model import CaseResult, CouldNotMeasure, Result
from benchsuite.selection.keys import ordered
from benchsuite.stats import Summary

MOST = 150  # cases that people are shown, unless they ask for all


@dataclass(frozen=True, slots=True)
class Listing:
    """How cases are listed. sort: a key of ORDERS, or a parameter; "" as measured. keys: parameters to group
    by, several joined by commas. most: of more cases people are shown a summary; None is any number. command:
    the words of the command that shows these cases, for the summary to say how there is more to see."""

    sort: str = ""
    keys: tuple[str, ...] = ()
    most: int | None = None
    command: tuple[str, ...] = ("benchsuite", "show", "RESULT")

    def summarised(self, cases: int) -> bool:
        """Whether so many cases are shown as a summary."""
        return self.most is not None and cases > self.most

    def arranged(self, result: Result) -> Result:
        """The result with its cases in the order asked for."""
        if not self.sort:
            return result
        return replace(result, cases=ordered(result.cases, self.sort, lambda each: each.case, ORDERS))


def _figure(of: Callable[[Summary], Any]) -> Callable[[CaseResult], Any]:
    def figure(result: CaseResult) -> Any:
        try:
            return of(stats.summary(result))
        except CouldNotMeasure:
            return None

    return figure


def _p99(figures: Summary) -> int | None:
    return figures.latency["lat"].p99 if "lat" in figures.latency else None


ORDERS: dict[str, Callable[[CaseResult], Any]] = {
    "rate": _figure(lambda figures: -figures.goodness),
    "p99": _figure(_p99),
    "cpu": _figure(lambda figures: figures.cpu),
    "spread": _figure(lambda figures: figures.spread),
}
