"""Operations per second of what has no size: a row for each algorithm and operation, in it a spot for each
way of doing it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from benchsuite.model import Case
from benchsuite.report.charts.entries import SIZELESS, Data, Entry, Way, simulation
from benchsuite.report.charts.measures import Figure, operations

MOST_SPOTS = 36  # of one plot, unless a single row has more


@dataclass(frozen=True, slots=True)
class Spot:
    """A figure of an entry."""

    figure: Figure
    entry: Entry

    @property
    def way(self) -> Way:
        return self.entry.way


@dataclass(frozen=True, slots=True)
class Row:
    """A workload; the spots in the order of the ways, at least one."""

    name: str
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """reach: every edge of every figure, also of other parts: they have one axis. left_out: cases that are
    drawn nowhere because another of the same way and workload is."""

    rows: tuple[Row, ...]
    reach: tuple[float, ...]
    part: tuple[int, int] = (1, 1)
    left_out: int = 0
    title: str = SIZELESS
    group: str = ""

    @property
    def ways(self) -> list[Way]:
        return sorted({spot.way for row in self.rows for spot in row.spots}, key=lambda way: way.style)

    @property
    def simulated(self) -> str:
        return simulation(spot.entry.row.simulated for row in self.rows for spot in row.spots)

    @property
    def heading(self) -> str:
        number, count = self.part
        return self.title + (f" ({number} of {count})" if count > 1 else "")


def ladders(data: Data) -> list[Ladder]:
    """[] where everything has a size."""
    found: dict[Case, dict[Way, Spot]] = {}
    left_out = 0
    for entry in data.measured:
        figure = operations(entry)
        if figure is not None:
            spots = found.setdefault(entry.case.without("backend"), {})
            left_out += entry.way in spots
            spots.setdefault(entry.way, Spot(figure, entry))
    rows = [Row(data.name(case), _ordered(spots)) for case, spots in found.items()]
    reach = [edge for row in rows for spot in row.spots for edge in (spot.figure.low, spot.figure.high)]
    chunks = _chunks(rows)
    return [
        Ladder(tuple(chunk), tuple(reach), (number, len(chunks)), left_out if number == len(chunks) else 0)
        for number, chunk in enumerate(chunks, 1)
    ]


def _ordered(spots: dict[Way, Spot]) -> tuple[Spot, ...]:
    return tuple(spots[way] for way in sorted(spots, key=lambda way: way.style))


def _chunks(rows: list[Row]) -> list[list[Row]]:
    """Of about as many spots each, in order."""
    total = list(accumulate(len(row.spots) for row in rows))
    count = -(-total[-1] // MOST_SPOTS) if rows else 0
    chunks: list[list[Row]] = [[] for _ in range(count)]
    for row, so_far in zip(rows, total, strict=True):
        chunks[(so_far - 1) * count // total[-1]].append(row)
    return [chunk for chunk in chunks if chunk]
