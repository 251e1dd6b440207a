"""Columns of a table of cases: what each holds, and how its figures are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchsuite.model import LATENCY, MBPS, PARAMETERS, REQUESTS, Case, RateUnit
from benchsuite.sheet.numbers import NONE, percent_cell, significant
from benchsuite.sheet.page import DECIMAL, LEFT, RIGHT, Column
from benchsuite.stats import Summary
from benchsuite.view.parameters import parameter_of
from benchsuite.view.rows import Row

QUEUE = "queue"  # the key of the column of several parameters


@dataclass(frozen=True, slots=True)
class CaseColumn:
    """A column of a table of cases. header: two lines, the second for the unit (or empty). phrase: takes the
    cell where there is no header. only: for cases whose rates are told in this."""

    key: str
    header: str
    cell: Callable[[Row], str]
    numeric: bool
    phrase: str
    only: RateUnit | None = None

    @property
    def head(self) -> Column:
        return Column(self.header, DECIMAL if self.numeric else LEFT)

    def said(self, row: Row) -> str:
        """The cell in words; "" where there is nothing to say."""
        text = self.cell(row)
        return "" if text == NONE else self.phrase.format(text)


def case_column(key: str, short: bool = False) -> CaseColumn:
    """The column of a parameter. short: operations are abbreviated."""
    shown = PARAMETERS[key]
    header = shown.title if "\n" in shown.title else f"{shown.title}\n{shown.unit}"
    phrase = "{}" if shown.head else f"{key}={{}}"
    return CaseColumn(
        key, header, lambda row: parameter_of(row.result.case, key, short), shown.number, phrase
    )


def parameter_head(key: str) -> Column:
    """The head of a parameter's column, beside columns whose cells are no plain numbers."""
    column = case_column(key)
    return Column(column.header.rstrip("\n"), RIGHT if column.numeric else LEFT)


def parameters_said(case: Case, keys: Iterable[str]) -> str:
    """A case in words, where there is no header: by these parameters."""
    texts = [(key, parameter_of(case, key)) for key in keys]
    return ", ".join(case_column(key).phrase.format(text) for key, text in texts if text != NONE)


def short_columns(keys: list[str]) -> list[CaseColumn]:
    """Columns for parameters, abbreviated; how requests are queued is one column."""
    queued = [key for key in keys if PARAMETERS[key].letter]
    columns = []
    for key in keys:
        if key not in queued or len(queued) == 1:
            columns.append(case_column(key, short=True))
        elif key == queued[0]:
            columns.append(_joined(queued))
    return columns


def _joined(keys: list[str]) -> CaseColumn:
    """One column for several parameters; its phrase says for which."""
    parts = [case_column(key) for key in keys]
    header = "/".join(PARAMETERS[key].letter for key in keys)
    said = f"{header}: {', '.join(keys)}."
    return CaseColumn(
        QUEUE, f"\n{header}", lambda row: "/".join(part.cell(row) for part in parts), False, said
    )


def _figure(
    key: str, header: str, phrase: str, write: Callable[[Summary], str], only: RateUnit | None = None
) -> CaseColumn:
    return CaseColumn(
        key, header, lambda row: write(row.figures) if row.figures else NONE, True, phrase, only
    )


def _latency(figures: Summary, key: str, stage: str = "lat") -> str:
    """Microseconds; below one to the nanosecond, which is the histogram's unit."""
    if stage not in figures.latency:
        return NONE
    return _micros(getattr(figures.latency[stage], key) / 1000)


def _micros(micros: float) -> str:
    return f"{micros:.3f}" if micros < 1 else significant(micros, 3)


def _handing_over(figures: Summary) -> str:
    return NONE if figures.submit is None else _latency(figures, "p50", "slat")


def _closed(figures: Summary) -> str:
    """Requests per second of a closed loop; an open one has what was offered and what was carried."""
    return NONE if figures.open_loop else significant(figures.requests_per_second)


FIGURES = (
    _figure("Mbps", "\nMbps", "{} Mbps", lambda of: significant(of.mbps), MBPS),
    _figure("mean µs", "mean\nµs", "mean {} µs", lambda of: _micros(1e6 * of.seconds), LATENCY),
    _figure("requests/s", "requests\n/s", "{} requests/s", _closed),
    _figure(
        "offered/s", "offered\n/s", "{} offered/s", lambda of: significant(of.offered_per_second), LATENCY
    ),
    _figure(
        "carried/s", "carried\n/s", "{} carried/s", lambda of: significant(of.carried_per_second), LATENCY
    ),
    _figure("dropped %", "dropped\n%", "{}% dropped", lambda of: percent_cell(of.dropped, 2), LATENCY),
    _figure("latency p50", "p50\nµs", "p50 {} µs", lambda of: _latency(of, "p50")),
    _figure("latency p99", "p99\nµs", "p99 {} µs", lambda of: _latency(of, "p99")),
    _figure("CPU %", "CPU\n%", "CPU {}%", lambda of: percent_cell(of.cpu, 0)),
    _figure("cycles/B", "cycles\n/B", "{} cycles/B", lambda of: significant(of.cycles_per_byte, 3), MBPS),
    _figure(
        "cycles/op", "cycles\n/op", "{} cycles/op", lambda of: significant(of.cycles_per_operation), REQUESTS
    ),
    _figure("spread", "spread\n±%", "spread ±{}%", lambda of: percent_cell(of.spread, 1)),
)
_OTHER_DRIVER = "≠driver"


def _kernel_cost(row: Row) -> str:
    if row.kernel_cost is None:
        return NONE
    return _OTHER_DRIVER if row.kernel_cost.seconds is None else significant(1e6 * row.kernel_cost.seconds, 3)


def _kernel_share(row: Row) -> str:
    return NONE if row.kernel_cost is None else percent_cell(row.kernel_cost.fraction, 0)


# Only where a result has it: an asynchronous path, whose requests are handed over and collected.
HANDING_OVER = (
    _figure("slat p50", "slat\nµs", "slat p50 {} µs", _handing_over),
    _figure("submit %", "submit\n%", "submit {}%", lambda of: percent_cell(of.submit, 1)),
    _figure("poll %", "poll\n%", "poll {}%", lambda of: percent_cell(of.poll, 1)),
)
ENERGY = (
    _figure("J/Gbit", "J\n/Gbit", "{} J/Gbit", lambda of: significant(of.joules_per_gbit, 3), MBPS),
    _figure("J/op", "J\n/op", "{} J/op", lambda of: significant(of.joules_per_operation, 3), REQUESTS),
)
KERNEL_COST = (
    CaseColumn("crossing", "crossing\nµs", _kernel_cost, True, "crossing {} µs"),
    CaseColumn("crossing %", "crossing\n%", _kernel_share, True, "crossing {}%"),
)
_LEAST_IMPORTANT = (
    "submit %",
    "slat p50",
    "poll %",
    "requests/s",
    "carried/s",
    "latency p50",
    "cycles/B",
    "cycles/op",
    "CPU %",
    "offered/s",
    "latency p99",
    "spread",
    "J/Gbit",
    "J/op",
)


def figure_columns(listed: list[Row]) -> tuple[CaseColumn, ...]:
    units = {row.result.case.rate_unit for row in listed}
    figures = tuple(column for column in FIGURES if column.only is None or column.only in units)
    if units == {LATENCY}:
        figures = tuple(column for column in figures if column.key != "requests/s")
    if not any(row.figures and row.figures.dropped for row in listed):
        figures = tuple(column for column in figures if column.key != "dropped %")
    if any(row.figures and row.figures.poll is not None for row in listed):
        figures += HANDING_OVER
    if any(row.figures and row.figures.joules is not None for row in listed):
        figures += tuple(column for column in ENERGY if column.only in units)
    return figures + KERNEL_COST if any(row.kernel_cost for row in listed) else figures


def least_important(listed: list[Row]) -> tuple[str, ...]:
    """Keys of columns, the first to go where a line is too short for all. The rate is none of them."""
    keys = [column.key for column in figure_columns(listed)]
    rates = {row.result.case.rate_unit.name for row in listed}
    kernel_cost = ("crossing %", "crossing") if any(row.kernel_cost for row in listed) else ()
    return tuple(key for key in _LEAST_IMPORTANT if key in keys and key not in rates) + kernel_cost


def too_narrow(gone: list[str]) -> str:
    """Remark on what a terminal has no room for; "" where there is nothing of it."""
    return f"Too narrow for {' and '.join(gone)} (-f csv has all)." if gone else ""
