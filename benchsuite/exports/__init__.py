"""A result in the formats of other tools. One file each, with render(result) -> str, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from benchsuite.compare.labels import shown
from benchsuite.model import BenchsuiteError, CaseResult, Result

FIGURE, SERIES = "figure", "time series"  # what a case may need to be in an export
_HAS: dict[str, Callable[[CaseResult], bool]] = {
    FIGURE: lambda case: case.measured,
    SERIES: lambda case: any(run.series is not None and len(run.series) for run in case.runs),
}


class Export(NamedTuple):
    """A format. about: what it is for. needs: what a case without it is left out for; "" of all in it."""

    module: str
    about: str
    needs: str = ""

    def left_out(self, result: Result) -> int:
        """How many cases are not in it."""
        return sum(not _HAS[self.needs](case) for case in result.cases) if self.needs else 0


EXPORTS = {
    "pytest-benchmark": Export(
        "pytest_benchmark", "JSON for pytest-benchmark compare and its services", FIGURE
    ),
    "csv": Export("csv_cases", "one row per case, as show -f csv"),
    "csv-values": Export("csv_values", "one row per value, with what each took; for data frames", FIGURE),
    "series-csv": Export("series_csv", "one row per interval of what run --log-interval has kept", SERIES),
    "openmetrics": Export("openmetrics", "OpenMetrics text for Prometheus and what reads it"),
}


def render(result: Result, name: str) -> str:
    """The whole text, to be written as it is, without translation of line ends."""
    if name not in EXPORTS:
        raise BenchsuiteError(f"no export {name!r}: expected one of {', '.join(EXPORTS)}")
    module = import_module(f"benchsuite.exports.{EXPORTS[name].module}")
    function: Callable[[Result], str] = module.render
    return function(*shown(result))
