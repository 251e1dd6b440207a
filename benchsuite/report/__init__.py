"""A result as text, in the format asked for."""

from __future__ import annotations

from benchsuite.compare.labels import shown
from benchsuite.model import BenchsuiteError, Result
from benchsuite.report import (
    as_json,
    by_backend,
    by_backend_table,
    comparison_data,
    comparison_table,
    delimited,
    markdown,
    ocf_bench,
    table,
)

# A format is a file with render(result, *, width, hz), and a line here.
FORMATS = {
    "table": table.render,
    "ocf-bench": ocf_bench.render,
    "json": as_json.render,
    "csv": delimited.render,
    "markdown": markdown.render,
}

# The same with the backends side by side: render(result, *, width).
ACROSS = {
    "table": by_backend_table.render_table,
    "json": by_backend.as_json,
    "csv": by_backend.as_csv,
    "markdown": by_backend_table.render_markdown,
}

# Comparisons with the same base: render(comparisons, *, width, keys), keys to group by.
COMPARISONS = {
    "table": comparison_table.render_table,
    "markdown": comparison_table.render_markdown,
    "csv": comparison_data.as_csv,
    "json": comparison_data.as_json,
}


def render(
    result: Result, format: str, width: int | None, hz: int = 250, across_backends: bool = False
) -> str:
    """The whole text, its last line ended, to be written as it is. `width` is that of the terminal
    in columns, None for as wide as it needs; `hz` is what ocf-bench's jiffies are counted in.
    Raises BenchsuiteError for a format there is not."""
    check(format, across_backends)
    (result,) = shown(result)
    if across_backends:
        return ACROSS[format](result, width=width)
    return FORMATS[format](result, width=width, hz=hz)


def check(format: str, across_backends: bool) -> None:
    """BenchsuiteError for a format there is not, or not with the backends side by side."""
    if format not in FORMATS:
        raise BenchsuiteError(f"no format {format!r}: expected one of {', '.join(FORMATS)}")
    if across_backends and format not in ACROSS:
        raise BenchsuiteError(
            f"--across: format {format} has one case a line; take one of {', '.join(ACROSS)}"
        )
