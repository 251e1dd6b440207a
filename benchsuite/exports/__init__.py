"""A result in the formats of other tools. One file each, with render(result) -> str, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from benchsuite.compare.labels import shown
from benchsuite.model import BenchsuiteError, Result

# name -> (module, what it is for)
EXPORTS = {
    "pytest-benchmark": ("pytest_benchmark", "JSON for pytest-benchmark compare and its services"),
    "csv": ("csv_cases", "one row per case, as show -f csv"),
    "csv-values": ("csv_values", "one row per value, with what each took; for data frames"),
    "series-csv": ("series_csv", "one row per interval of what run --log-interval has kept"),
    "openmetrics": ("openmetrics", "OpenMetrics text for Prometheus and what reads it"),
}


def render(result: Result, name: str) -> str:
    """The whole text, to be written as it is, without translation of line ends."""
    if name not in EXPORTS:
        raise BenchsuiteError(f"no export {name!r}: expected one of {', '.join(EXPORTS)}")
    module = import_module(f"benchsuite.exports.{EXPORTS[name][0]}")
    function: Callable[[Result], str] = module.render
    return function(*shown(result))
