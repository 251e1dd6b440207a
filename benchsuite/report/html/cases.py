"""Every case as a row: what it is, its figures, what makes them doubtful; and those without any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchsuite.confidence import simulated
from benchsuite.facts import PERCENTILES
from benchsuite.model import LATENCY, MBPS, PARAMETERS, REQUESTS, Case, RateUnit
from benchsuite.report.charts.entries import Data, Entry, clock_mark
from benchsuite.report.charts.measures import PERCENTILE_NAMES, cpu_per_gbit
from benchsuite.report.html.markup import BLANK, element, joined
from benchsuite.report.html.sections import Section, section
from benchsuite.report.html.tables import Cell, real, table, whole
from benchsuite.sheet.footnotes import Footnotes
from benchsuite.sheet.numbers import NONE
from benchsuite.stats import Summary
from benchsuite.units import many, several
from benchsuite.view.parameters import parameter, parameter_of, split_parameters

MOST_NAMED = 30  # workloads of a row of those without a figure


@dataclass(frozen=True, slots=True)
class _Figure:
    """A column. only: for cases whose rates are told in this."""

    header: str
    value: Callable[[Entry], float | None]
    digits: int = 4
    only: RateUnit | None = None


def _figure(
    header: str, value: Callable[[Summary], float | None], digits: int = 4, only: RateUnit | None = None
) -> _Figure:
    return _Figure(header, lambda entry: value(entry.figures) if entry.figures else None, digits, only)


def _cost(entry: Entry) -> float | None:
    cost = cpu_per_gbit(entry)
    return cost.middle if cost else None


def _slat(of: Summary) -> float | None:
    return of.latency["slat"].p50 / 1000 if of.poll is not None and "slat" in of.latency else None


_FIGURES = (
    _figure("Mbps", lambda of: of.mbps, only=MBPS),
    _figure("mean latency (µs)", lambda of: 1e6 * of.seconds, only=LATENCY),
    _figure("offered/s", lambda of: of.offered_per_second, only=LATENCY),
    _figure("carried/s", lambda of: of.carried_per_second, only=LATENCY),
    _figure("dropped %", lambda of: None if of.dropped is None else 100 * of.dropped, 3, LATENCY),
    _figure("requests/s", lambda of: None if of.open_loop else of.requests_per_second),
    *(
        _figure(f"{name} (µs)", lambda of, key=key: _micros(of, key), 3)  # type: ignore[misc]
        for key, name in zip(PERCENTILES, PERCENTILE_NAMES, strict=True)
    ),
    _figure("CPU %", lambda of: None if of.cpu is None else 100 * of.cpu, 3),
    _figure("cycles/B", lambda of: of.cycles_per_byte, 3, MBPS),
    _figure("cycles/op", lambda of: of.cycles_per_operation, 4, REQUESTS),
    _figure("slat p50 (µs)", _slat, 3),
    _figure("submit %", lambda of: None if of.submit is None else 100 * of.submit, 3),
    _figure("poll %", lambda of: None if of.poll is None else 100 * of.poll, 3),
    _figure("J/Gbit", lambda of: of.joules_per_gbit, 3, MBPS),
    _figure("J/op", lambda of: of.joules_per_operation, 3, REQUESTS),
    _figure("spread ±%", lambda of: None if of.spread is None else 100 * of.spread, 2),
    _Figure("CPU s/Gbit", _cost, 4, MBPS),
)


def _micros(of: Summary, key: str) -> float | None:
    return getattr(of.latency["lat"], key) / 1000 if "lat" in of.latency else None


def all_cases(data: Data) -> Section:
    """The table, and the notes its last column points to."""
    notes = Footnotes()
    several = len(data.sources) > 1
    keys = [key for key in PARAMETERS if key in ("backend", "algorithm", *data.varying)]
    units = {entry.case.rate_unit for entry in data.entries}
    figures = [each for each in _FIGURES if each.only is None or each.only in units]
    figures = [each for each in figures if any(each.value(entry) is not None for entry in data.entries)]
    rows = [_row(entry, data, keys, figures, notes) for entry in data.entries]
    headers = [_header(key) for key in keys] + ["result"] * several
    headers += [each.header for each in figures] + ["values", "kind", "notes"]
    shared, _ = split_parameters([entry.row.result for entry in data.entries])
    said = ", ".join(f"{key}={value}" for key, value in shared.items() if key not in keys)
    listed = [element("li", text, id=f"note-{number}") for text, number in notes.texts.items()]
    below = joined(element("h3", "Notes"), element("ol", *listed, class_="notes")) if listed else None
    return section(
        "cases",
        "All cases",
        f"In every case: {said}." if said else "",
        table("All cases", headers, rows, "cases", "tight"),
        below,
    )


def _row(
    entry: Entry, data: Data, keys: list[str], figures: list[_Figure], notes: Footnotes
) -> list[Cell | str]:
    cells: list[Cell | str] = [_parameter(entry.case, key) for key in keys]
    cells[keys.index("backend")] = Cell(
        parameter("backend", entry.case.backend) + clock_mark(entry.row.result)
    )
    cells += [data.sources[entry.contender.source].label] * (len(data.sources) > 1)
    found = [real(each.value(entry), each.digits) for each in figures]
    kind = entry.kind if entry.figures else entry.row.status
    marks = [notes.number(text) for text in entry.row.remarks]
    values = whole(entry.figures.values) if entry.figures else Cell(NONE, None, "none")
    return [*cells, *found, values, kind, _links(marks)]


def _header(key: str) -> str:
    shown = PARAMETERS[key]
    return f"{shown.title} (B)" if shown.unit == "bytes" else key


def _parameter(case: Case, key: str) -> Cell:
    text = parameter_of(case, key)
    if text == NONE:
        return Cell(text, None, "none")
    return whole(getattr(case, key)) if PARAMETERS[key].number else Cell(text)


def _backend(entry: Entry) -> str:
    modelled = simulated([entry.row.confidence])
    mark = f" ({modelled})" if modelled else ""
    return parameter("backend", entry.case.backend) + mark + clock_mark(entry.row.result)


def _links(numbers: list[int]) -> Cell:
    links: list[object] = []
    for number in sorted(numbers):
        links += [BLANK] * bool(links) + [element("a", number, href=f"#note-{number}")]
    return Cell(joined(*links))


def failed(data: Data) -> Section | None:
    """Cases without a figure by the reason, and whom it is of: the same one for many is one row."""
    found: dict[tuple[str, ...], list[Entry]] = {}
    for entry in data.entries:
        if not entry.figures:
            result = [data.sources[entry.contender.source].label] if len(data.sources) > 1 else []
            row = entry.row
            found.setdefault((_backend(entry), *result, row.status, row.reason), []).append(entry)
    if not found:
        return None
    rows = [
        [*key, whole(len(entries)), several([data.name(entry.case) for entry in entries], MOST_NAMED)]
        for key, entries in found.items()
    ]
    headers = ["backend", *["result"] * (len(data.sources) > 1), "status", "reason", "cases", "workloads"]
    return section(
        "failed",
        f"{many(sum(map(len, found.values())), 'case')} without a figure",
        "",
        table("Cases without a figure", headers, rows, "failed", "named"),
    )
