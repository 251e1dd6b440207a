"""Rows of percentiles, and rates of cases that belong to no line: one case in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from benchsuite.confidence import simulated
from benchsuite.report.charts.entries import SIZELESS, Data, Entry
from benchsuite.report.charts.measures import Figure, Measure, latency
from benchsuite.report.charts.panels import Panel
from benchsuite.sweeps import AXES
from benchsuite.view.heading import part_heading

MOST_ROWS = 24  # of one plot


@dataclass(frozen=True, slots=True)
class StripRow:
    """values: microseconds at facts.PERCENTILES, or one rate. figure: that rate with its band."""

    name: str
    entry: Entry
    values: tuple[float, ...]
    figure: Figure | None = None

    @property
    def reach(self) -> tuple[float, ...]:
        """All that has to be on the axis."""
        return self.values + ((self.figure.low, self.figure.high) if self.figure else ())

    def lines(self, width: int, most: int) -> list[str]:
        """The name in lines of about `width` letters; of more than `most` the end goes, but never that it is
        simulated, or of which clock."""
        name = self.name
        if len(name) > most:
            kept = self.entry.contender.mark
            name = name[: most - len(kept) - 1] + "…" + kept
        lines, mark = wrap(name, width) or [name], self.entry.contender.mark.strip()
        apart = [*wrap(name.removesuffix(mark), width), mark]  # "(simulated, a guess)" in a line of its own
        return apart if mark and 1 < len(apart) == len(lines) and len(mark) <= width else lines


@dataclass(frozen=True, slots=True)
class Strip:
    title: str
    group: str
    rows: tuple[StripRow, ...]
    part: tuple[int, int] = (1, 1)

    @property
    def simulated(self) -> str:
        return simulated(row.entry.row.confidence for row in self.rows)

    @property
    def heading(self) -> str:
        return part_heading(self.title, self.part)


def latencies(data: Data) -> list[Strip]:
    """Percentiles by workload without what it goes along; contenders at the same point beside each other.
    What has no size is together."""
    along = _along(data)
    found: dict[tuple[bool, str], list[Entry]] = {}
    for entry in data.measured:
        if latency(entry) is not None:
            key = entry.case.request_size > 0, data.name(entry.case, *along)
            found.setdefault(key, []).append(entry)
    titled: dict[str, list[Entry]] = {}
    for (sized, name), entries in found.items():
        entries.sort(key=lambda entry: (*(getattr(entry.case, key) for key in along), entry.contender.style))
        titled.setdefault(name if sized else SIZELESS, []).extend(entries)
    strips = []
    for title, entries in titled.items():
        listed = [StripRow(_short(data, entry, along), entry, latency(entry) or ()) for entry in entries]
        strips += _parts(title, _group(data, entries[0]) if title != SIZELESS else title, listed)
    return strips


def single(data: Data, drawn: Sequence[Panel], measure: Measure) -> list[Strip]:
    """The figures of the cases that are in none of these panels."""
    seen = {id(dot.entry) for panel in drawn for curve in panel.curves for dot in curve.dots}
    listed = []
    for entry in data.measured:
        figure = measure(entry)
        if figure and id(entry) not in seen:
            name = f"{data.name(entry.case)}: {entry.contender.label}"
            listed.append(StripRow(name, entry, (figure.middle,), figure))
    return _parts("Cases by themselves", "", listed)


def _along(data: Data) -> list[str]:
    """What workloads go along; sizes and depths also where they are no line."""
    return [key for key in AXES if key in ("request_size", "q_len") or key in {of.key for of in data.sweeps}]


def _short(data: Data, entry: Entry, along: Sequence[str]) -> str:
    case = entry.case
    if not case.request_size:
        return f"{data.name(case)}: {entry.contender.label}"
    keys = [key for key in along if key == "request_size" or key in data.varying]
    return f"{case.words(keys, algorithm=False)}: {entry.contender.label}"


def _group(data: Data, entry: Entry) -> str:
    return data.name(entry.case, *(name for name in data.varying if name != "algorithm"))


def _parts(title: str, group: str, listed: list[StripRow]) -> list[Strip]:
    chunks = [tuple(listed[start : start + MOST_ROWS]) for start in range(0, len(listed), MOST_ROWS)]
    return [Strip(title, group, rows, (number, len(chunks))) for number, rows in enumerate(chunks, 1)]
