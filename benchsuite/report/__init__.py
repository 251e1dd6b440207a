"""A result as text, in the format asked for."""

from __future__ import annotations

from benchsuite.model import BenchsuiteError, Result
from benchsuite.report import as_json, delimited, markdown, ocf_bench, table

# A format is a file with render(result, *, width, hz), and a line here.
FORMATS = {
    "table": table.render,
    "ocf-bench": ocf_bench.render,
    "json": as_json.render,
    "csv": delimited.render,
    "markdown": markdown.render,
}


def render(result: Result, format: str, width: int | None, hz: int = 250) -> str:
    """The whole text, its last line ended, to be written as it is. `width` is that of the terminal
    in columns, None for as wide as it needs; `hz` is what ocf-bench's jiffies are counted in.
    Raises BenchsuiteError for a format there is not."""
    if format not in FORMATS:
        raise BenchsuiteError(f"no format {format!r}: expected one of {', '.join(FORMATS)}")
    return FORMATS[format](result, width=width, hz=hz)
