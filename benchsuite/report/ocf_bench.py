"""ocf-bench: the line OCF-Linux's ocf-bench leaves in the kernel log, for what reads such lines.

    OCF: testing CASE
    [  583.128741] OCF: 45133 requests of 1488 bytes in 251 jiffies (535.122 Mbps)

Requests and jiffies are those of all values of the case together, so the rate is a mean where
the other formats give a median. The time is when the case's last worker ended, in seconds since the
machine started (`benchsuite_boot_time`); a result that does not say when that was counts
from its first worker's start. The line that names the case is left out for a single case that is neither
simulated nor from an emulated CPU, and whose time is elapsed time. Where there is no figure a line says
`OCF: CASE: not measured: REASON`; of what has no size, or arrives by a clock, which ocf-bench does not know,
`OCF: CASE: 500.0 requests/s (no size)` and `OCF: CASE: 20.00 mean µs (open loop)`.
"""

from __future__ import annotations

import math

from benchsuite import stats, units
from benchsuite.facts import Environment
from benchsuite.formats.figure import ELAPSED
from benchsuite.model import LATENCY, MBPS, Result
from benchsuite.sheet.numbers import significant
from benchsuite.sheet.printable import clean
from benchsuite.view.rows import NOT_MEASURED, Row, rows


def render(result: Result, hz: int) -> str:
    # In the order of their time stamps, as a log has them; what was not measured comes last.
    listed = sorted(rows(result), key=lambda row: _ended(row) if row.figures else math.inf)
    zero = _zero(result)
    lines = []
    for row in listed:
        name = clean(row.result.case.name)
        mark = " (emulated CPU)" if stats.emulated(result) else ""
        if row.simulated:
            mark = f" ({stats.simulated_in_words(row.result)})"
        if stats.clock(row.result) != ELAPSED:
            mark += f" ({clean(stats.clock_in_words(row.result))})"
        unit = row.result.case.rate_unit
        if row.figures and unit is not MBPS:
            why = "open loop" if unit is LATENCY else "no size"
            lines.append(f"OCF: {name}: {significant(row.figures.rate)} {unit.name} ({why}){mark}")
            continue
        if row.figures and (len(listed) > 1 or mark):
            lines.append(f"OCF: testing {name}{mark}")
        lines.append(_line(row, name, zero, hz))
    return "".join(f"{line}\n" for line in lines)


def _line(row: Row, name: str, zero: float, hz: int) -> str:
    if row.figures is None:
        reason = row.reason if row.status == NOT_MEASURED else f"{row.status}: {row.reason}"
        return f"OCF: {name}: not measured: {reason}"
    jiffies = units.jiffies(row.figures.wall, hz)
    if jiffies * 1000 < hz:  # ocf-bench divides by whole milliseconds
        return f"OCF: {name}: not measured: all values together took {jiffies} jiffies at HZ {hz}"
    seconds = max(0.0, _ended(row) - zero)
    return units.ocf_bench_line(
        row.figures.requests, row.result.case.request_size, jiffies, hz=hz, seconds=seconds
    )


def _ended(row: Row) -> float:
    return max(run.ended for run in row.result.runs)


def _zero(result: Result) -> float:
    boot = result.environment.get(Environment.BOOT_TIME)
    if isinstance(boot, (int, float)):
        return float(boot)
    return min((run.started for case in result.cases for run in case.runs), default=0.0)
