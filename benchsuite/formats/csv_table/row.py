"""A row of a table as a figure: its case, its value, and what else its cells say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any

from benchsuite.confidence import known
from benchsuite.facts import COUNTERS, PERCENTILES, STAGES, Fact
from benchsuite.formats.csv_table import columns as csv_columns
from benchsuite.formats.csv_table.arrived import arrived
from benchsuite.formats.csv_table.case import YES, case_of, one_line, parameter
from benchsuite.formats.csv_table.cells import Number, number
from benchsuite.formats.csv_table.columns import (
    BITS,
    CYCLES,
    CYCLES_OF_ALL,
    CYCLES_PER_BYTE,
    RATE,
    REQUESTS,
    SECONDS,
    SPREADS,
    WALL,
    Columns,
)
from benchsuite.formats.figure import (
    CLOCK_UNKNOWN,
    ELAPSED,
    EXACT,
    PER_SECOND,
    USER,
    Figure,
    Known,
    of_rate,
    timed,
)
from benchsuite.formats.text.lines import Line
from benchsuite.model import FAILURES, Case, Value
from benchsuite.units import shown

TEXTS = (
    *("version", "simulated", "status", "reason", "notes", Fact.CYCLES_SOURCE, "process", "clock"),
    Fact.CONFIDENCE,
)
CLOCKS = (ELAPSED, USER, CLOCK_UNKNOWN)
NO_FIGURE = (*FAILURES, "not measured")  # as a status

SUMMARY = "a figure of several values, as the table has it: export --to csv-values keeps each of them"
CPU_TOGETHER = "system_seconds are among user_seconds: the table has their sum"
NO_RATE = "give --cycles-mhz, or a column of seconds"
CONTRADICT = 0.01  # how far two figures of a row may be apart, beside what their digits leave open
_SAMPLES = 1000  # of which percentiles are kept: as many as tell p99.9 from the largest
_LONGEST = 200  # characters of a name
_EXPORTED = ("name", "request_num")  # what export writes, with every digit


@dataclass(frozen=True, slots=True)
class Settings:
    """What the rows of a table share."""

    columns: Columns
    decimal_comma: bool
    known: Known
    start: int
    cases: dict[tuple[str, ...], tuple[Case, list[str]]] = field(default_factory=dict)

    def case(self, cells: Sequence[str]) -> tuple[Case, list[str]]:
        """The case of a row, and what is assumed of it; many rows are of one."""
        key = tuple(cells[place] if place < len(cells) else "" for place in self.columns.parameters.values())
        if key not in self.cases:
            self.cases[key] = case_of(cells, self.columns, self.exact)
        return self.cases[key]

    @property
    def exact(self) -> bool:
        """Whether all digits are there: benchsuite wrote it."""
        return all(key in self.columns.names for key in _EXPORTED)

    @property
    def summary(self) -> bool:
        return "values" in self.columns.beside

    def text(self, cells: Sequence[str], key: str) -> str:
        place = self.columns.beside.get(key)
        return one_line(cells[place]) if place is not None and place < len(cells) else ""

    def number(self, cells: Sequence[str], key: str) -> Number | None:
        """The number in a column beside the figures; None where it is empty. ValueError for what is none."""
        text = self.text(cells, key)
        return self.read(text, key, 0) if text else None

    def count(self, cells: Sequence[str], key: str) -> int | None:
        found = self.number(cells, key)
        if found is None:
            return None
        if found.value.denominator != 1 or found.value >= 2**64:
            raise ValueError(f"column {key}: {shown(self.text(cells, key), 30)} is no whole number")
        return int(found.value)

    def read(self, text: str, name: str, least: int | None = None) -> Number:
        try:
            found = number(text, self.decimal_comma)
        except ValueError as error:
            raise ValueError(f"column {name}: {error}") from None
        if least is not None and found.value < least:
            raise ValueError(f"column {name}: {shown(text, 30)} is below {least}")
        return Number(found.value, Fraction(0)) if self.exact else found


@dataclass(frozen=True, slots=True)
class _Way:
    """One figure of a row as seconds of a request."""

    seconds: Fraction
    off: float
    printed: str


def figure(cells: Sequence[str], line: Line, settings: Settings) -> Figure:
    """Raises ValueError, naming the column, for a row that is none."""
    extra = [cell for cell in cells[len(settings.columns.names) :] if cell]
    if extra:
        raise ValueError(
            f"{len(cells)} cells under {len(settings.columns.names)} columns: "
            "a cell with the delimiter in it needs quotes"
        )
    case, assumed = settings.case(cells)
    notes, facts = _notes(cells, settings, assumed), _facts(cells, settings)
    printed = _printed(cells, settings)
    found = Figure(
        case,
        (line,),
        printed,
        algorithm=parameter(cells, settings.columns, "algorithm")[:_LONGEST],
        clock=_clock(settings.text(cells, "clock")),
        facts=facts,
        notes=notes,
        start=settings.start,
    )
    status = settings.text(cells, "status")
    if status in NO_FIGURE:
        reason = settings.text(cells, "reason") or "the table has no reason"
        return replace(found, printed=status, reason=f"{status}: {reason}")
    return _timed(found, cells, settings)


def together(group: Sequence[Figure]) -> Figure:
    """The values of one process as one run."""
    first = group[0]
    if len(group) == 1:
        return first
    return replace(
        first,
        lines=tuple(line for each in group for line in each.lines),
        values=tuple(value for each in group for value in each.values),
        printed=f"{len(group)} values: {first.printed} and so on",
        precision=max(each.precision for each in group),
    )


def _timed(found: Figure, cells: Sequence[str], settings: Settings) -> Figure:
    requests, wall = settings.count(cells, REQUESTS), settings.number(cells, WALL)
    cycles, cycles_off = _cycles(cells, settings, found.case, requests)
    ways = list(_ways(cells, settings, found.case))
    if requests and wall and wall.value and not settings.summary:
        ways.insert(0, _Way(wall.value / requests, wall.off(), f"requests={requests}, wall_seconds"))
    if not ways and cycles is not None:
        kept = {**found.facts, Fact.IMPORTED_CYCLES: f"{float(cycles):.6g}"}
        if not settings.known.cycles_hz:
            return replace(found, reason=f"{float(cycles):.6g} cycles: {NO_RATE}", facts=kept)
        hz = Fraction(settings.known.cycles_hz)
        ways, found = [_Way(cycles / hz, cycles_off, "cycles")], replace(found, facts=kept)
    if not ways:
        names = [settings.columns.names[place] for place in settings.columns.figures] or [REQUESTS, WALL]
        raise ValueError(f"no figure in column {' or '.join(names[:6])}")
    first, best = ways[0], min(ways, key=lambda way: way.off)
    for way in ways[1:]:
        if abs(way.seconds - first.seconds) > first.seconds * Fraction(CONTRADICT + way.off + first.off):
            raise ValueError(f"{first.printed} and {way.printed} contradict each other")
    value = _value(best.seconds, requests, cycles, cells, settings)
    if value is not None and found.case.load.open_loop:
        value = arrived(value, found.case, partial(settings.number, cells))
    if value is None:
        raise ValueError(f"{best.printed}: no computer does that")
    return replace(
        found,
        values=(value,),
        precision=best.off if best.off > 1e-9 else 0.0,
        requests=EXACT if requests else PER_SECOND,
        counters=_counters(cells, settings),
        latency=_latency(cells, settings),
    )


def _value(
    seconds: Fraction, requests: int | None, cycles: Fraction | None, cells: Sequence[str], settings: Settings
) -> Value | None:
    value = timed(requests, seconds * requests) if requests else None
    if value is None and (not requests or settings.summary):  # few of its values were so long as the median
        value = of_rate(1 / seconds)
    if value is None:
        return None
    user, system = settings.number(cells, "user_seconds"), settings.number(cells, "system_seconds")
    share, stamps = settings.number(cells, "cpu_fraction"), settings.number(cells, "timestamps_seconds")
    stamps_share = settings.number(cells, "timestamps_fraction")
    busy = (
        (float(user.value) if user else None, float(system.value) if system else None)
        if user or system or not share
        else (float(share.value) * value.wall, 0.0)
    )
    stamped = (
        float(stamps.value) if stamps else float(stamps_share.value) * value.wall if stamps_share else 0.0
    )
    counted = None if cycles is None else round(cycles * value.requests)
    return Value(
        value.requests, value.wall, *busy, counted if counted is None or counted < 2**64 else None, stamped
    )


def _ways(cells: Sequence[str], settings: Settings, case: Case) -> Iterator[_Way]:
    for place, text, measured in _given(cells, settings):
        name = settings.columns.names[place]
        if measured.kind in (CYCLES, CYCLES_PER_BYTE):
            continue
        found = settings.read(text, name)
        if found.value <= 0:
            raise ValueError(f"column {name}: {shown(text, 30)} is no figure: expected one above 0")
        scaled = found.value * measured.factor
        printed = f"{name}={text}"
        if measured.kind == SECONDS:
            yield _Way(scaled, found.off(), printed)
        elif measured.kind == RATE:
            yield _Way(1 / scaled, found.off(), printed)
        elif measured.kind == BITS and case.request_size:
            yield _Way(case.request_size * 8 / scaled, found.off(), printed)
        elif measured.kind == BITS:
            raise ValueError(f"column {name}: a rate of a request of 0 bytes: give request_size")


def _cycles(
    cells: Sequence[str], settings: Settings, case: Case, requests: int | None
) -> tuple[Fraction | None, float]:
    """(cycles of a request, how far off)."""
    found = settings.number(cells, CYCLES_OF_ALL)
    if found and requests:
        return found.value / requests, found.off()
    for place, text, measured in _given(cells, settings):
        if measured.kind == CYCLES or (measured.kind == CYCLES_PER_BYTE and case.request_size):
            each = settings.read(text, settings.columns.names[place], 0)
            return each.value * (1 if measured.kind == CYCLES else case.request_size), each.off()
    return None, 0.0


def _given(cells: Sequence[str], settings: Settings) -> Iterator[tuple[int, str, csv_columns.Measured]]:
    for place, each in settings.columns.figures.items():
        if place < len(cells) and cells[place]:
            yield place, cells[place], each


def _clock(text: str) -> str:
    """What the seconds are of; several where export found several."""
    if any(each not in CLOCKS for each in text.split(" and ") if text):
        raise ValueError(f"column clock: {shown(text, 30)} is none of {', '.join(CLOCKS)}")
    return text or ELAPSED


def _printed(cells: Sequence[str], settings: Settings) -> str:
    given = [(settings.columns.names[place], text) for place, text, _ in _given(cells, settings)]
    given = given or [(key, settings.text(cells, key)) for key in (REQUESTS, WALL)]
    return ", ".join(f"{name}={text}" for name, text in given)[:_LONGEST] or "no figure"


def _notes(cells: Sequence[str], settings: Settings, assumed: list[str]) -> tuple[str, ...]:
    """Notes on what the table does not say, and what is not taken of it; then its own."""
    columns, found = settings.columns, []
    if assumed:
        found.append(f"the table does not say: taken as {', '.join(assumed)}")
    if columns.unknown or columns.unclear:
        names = [*columns.unknown, *(f"{name} ({why})" for name, why in columns.unclear.items())]
        found.append(f"columns that were not taken: {', '.join(shown(name) for name in names)}"[:500])
    for stage in STAGES:
        given = sum(f"{stage}_{key}_seconds" in columns.beside for key in PERCENTILES)
        if 0 < given < len(PERCENTILES):
            found.append(f"{stage} was not taken: it needs all of {', '.join(PERCENTILES)}")
    if settings.summary and settings.text(cells, "values") not in ("", "1"):
        found.append(SUMMARY)
    own = settings.text(cells, "notes").split("; ")
    return tuple(
        dict.fromkeys([*found, *(each for each in own if each and not each.startswith("simulated"))])
    )


def _facts(cells: Sequence[str], settings: Settings) -> dict[str, str]:
    found = {key: settings.text(cells, key) for key in (Fact.VERSION, Fact.CYCLES_SOURCE)}
    found |= {f"csv_{key}": settings.text(cells, key) for key in SPREADS}
    if settings.text(cells, "simulated").lower() in YES:
        found[Fact.SIMULATED] = "yes"
        found[Fact.CONFIDENCE] = known(settings.text(cells, "confidence"))
        backend = parameter(cells, settings.columns, "backend")
        found["clock"] = "virtual" if backend.startswith("sim") and "clock=real" not in backend else ""
    if settings.text(cells, "cpu_fraction") and not settings.text(cells, "user_seconds"):
        found[Fact.IMPORTED_ASSUMED] = CPU_TOGETHER
    return {key: text for key, text in found.items() if text}


def _counters(cells: Sequence[str], settings: Settings) -> dict[str, int]:
    found = {}
    for key in COUNTERS:
        if text := settings.text(cells, key):
            each = settings.read(text, key)
            if each.value.denominator != 1 or abs(each.value) >= 2**63:
                raise ValueError(f"column {key}: {shown(text, 30)} is no whole number")
            found[key] = int(each.value)
    return found


def _latency(cells: Sequence[str], settings: Settings) -> dict[str, dict[str, Any]]:
    """A histogram with the percentiles of the table, of as many samples as it takes to have them all."""
    found: dict[str, dict[str, Any]] = {}
    for stage in STAGES:
        if f"{stage}_max_seconds" not in settings.columns.beside:
            continue
        given = [settings.number(cells, f"{stage}_{key}_seconds") for key in PERCENTILES]
        ends = [round(each.value * 10**9) for each in given if each]
        if len(ends) < len(PERCENTILES):
            continue
        if ends != sorted(ends) or ends[-1] >= 2**63:
            raise ValueError(f"columns {stage}_p50_seconds and on: a percentile is above the next one")
        buckets: dict[int, int] = {}
        for end, rank, before in zip(ends, _RANKS[1:], _RANKS[:-1], strict=True):
            buckets[end] = buckets.get(end, 0) + rank - before
        found[stage] = {"max": ends[-1], "buckets": [list(each) for each in buckets.items()]}
    return found


_RANKS = (0, 500, 900, 990, 999, _SAMPLES)
