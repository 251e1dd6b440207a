"""csv: RFC 4180, one row per case, failed ones included; for spreadsheets and data frames.

Figures are in base units, named in the header; numbers are written the same in every locale; an
empty cell is a figure there is not. Text is on one line, and text that begins with = + - or @ gets an
apostrophe before it, so that no spreadsheet takes a name out of a result for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from benchsuite.model import PARAMETERS, Case, Result
from benchsuite.sheet.printable import clean
from benchsuite.stats import COUNTERS, STAGES
from benchsuite.view.records import PERCENTILES, record
from benchsuite.view.rows import Row, rows

_FIGURES = (
    "processes",
    "values",
    "seconds_per_request",
    "bits_per_second",
    "requests_per_second",
    "spread_fraction",
    "process_spread_fraction",
    "cpu_fraction",
    "cycles_per_request",
    "cycles_per_byte",
    "cycles_source",
    "timestamps_fraction",
    "crossing_seconds",
    "crossing_fraction",
    "requests",
    "wall_seconds",
)


def _header(key: str) -> str:
    unit = PARAMETERS[key].unit if key in PARAMETERS else ""
    return f"{key}_{unit}" if unit else key


HEADER = (
    "name",
    *(_header(field.name) for field in fields(Case)),
    "status",
    "reason",
    "simulated",
    "version",
    *_FIGURES,
    *(f"{stage}_{key}_seconds" for stage in STAGES for key in PERCENTILES),
    *COUNTERS,
    "notes",
    "clock",
)


def render(result: Result, *, width: int | None, hz: int) -> str:
    """Lines end in CR LF, as RFC 4180 has it: write the text as it is, without translation."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows([cell(item) for item in _items(row)] for row in rows(result))
    return text.getvalue()


def _items(row: Row) -> Iterator[Any]:
    """In the order of HEADER."""
    plain = record(row)
    yield plain["name"]
    yield from (plain["parameters"][field.name] for field in fields(Case))
    yield from (plain["status"], plain["reason"], plain["simulated"], "; ".join(plain["version"]))
    yield from (plain["figures"][key] for key in _FIGURES)
    yield from (plain["latency"][stage][f"{key}_seconds"] for stage in STAGES for key in PERCENTILES)
    yield from (plain["counters"][key] for key in COUNTERS)
    yield "; ".join(plain["notes"])
    yield plain["clock"]


def cell(item: Any) -> str:
    if item is None:
        return ""
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, (int, float)):
        return repr(item)
    text = clean(item)
    return f"'{text}" if text[:1] in tuple("=+-@") else text
