"""Operations per second of what has no size: a row for each algorithm and operation, in it a spot for each
contender."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from benchsuite.confidence import simulated
from benchsuite.model import Case
from benchsuite.report.charts.entries import SIZELESS, Contender, Data, Entry, by_style
from benchsuite.report.charts.measures import Figure, operations
from benchsuite.view.heading import part_heading

MOST_SPOTS = 36  # of one plot, unless a single row has more


@dataclass(frozen=True, slots=True)
class Spot:
    """A figure of an entry."""

    figure: Figure
    entry: Entry

    @property
    def contender(self) -> Contender:
        return self.entry.contender


@dataclass(frozen=True, slots=True)
class Rung:
    """A workload; its spots in the order of the contenders, at least one."""

    name: str
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """reach: every edge of every figure, also of other parts: they have one axis. left_out: cases that are
    drawn nowhere because another of the same contender and workload is."""

    rungs: tuple[Rung, ...]
    reach: tuple[float, ...]
    part: tuple[int, int] = (1, 1)
    left_out: int = 0
    title: str = SIZELESS
    group: str = ""

    @property
    def contenders(self) -> list[Contender]:
        return sorted({spot.contender for rung in self.rungs for spot in rung.spots}, key=by_style)

    @property
    def simulated(self) -> str:
        return simulated(spot.entry.row.confidence for rung in self.rungs for spot in rung.spots)

    @property
    def heading(self) -> str:
        return part_heading(self.title, self.part)


def ladders(data: Data) -> list[Ladder]:
    """[] where everything has a size."""
    found: dict[Case, dict[Contender, Spot]] = {}
    left_out = 0
    for entry in data.measured:
        figure = operations(entry)
        if figure is not None:
            spots = found.setdefault(entry.case.without("backend"), {})
            left_out += entry.contender in spots
            spots.setdefault(entry.contender, Spot(figure, entry))
    rows = [Rung(data.name(case), _ordered(spots)) for case, spots in found.items()]
    reach = [edge for rung in rows for spot in rung.spots for edge in (spot.figure.low, spot.figure.high)]
    chunks = _chunks(rows)
    return [
        Ladder(tuple(chunk), tuple(reach), (number, len(chunks)), left_out if number == len(chunks) else 0)
        for number, chunk in enumerate(chunks, 1)
    ]


def _ordered(spots: dict[Contender, Spot]) -> tuple[Spot, ...]:
    return tuple(spots[contender] for contender in sorted(spots, key=by_style))


def _chunks(rows: list[Rung]) -> list[list[Rung]]:
    """Parts of about as many spots each, in order."""
    total = list(accumulate(len(rung.spots) for rung in rows))
    count = -(-total[-1] // MOST_SPOTS) if rows else 0
    chunks: list[list[Rung]] = [[] for _ in range(count)]
    for row, so_far in zip(rows, total, strict=True):
        chunks[(so_far - 1) * count // total[-1]].append(row)
    return [chunk for chunk in chunks if chunk]
