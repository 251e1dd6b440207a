"""Plots of a figure over a parameter: a panel for each workload, a line for each way of doing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

from benchsuite.compare.crossovers import between
from benchsuite.crossover import Crossover, rounded, sentence
from benchsuite.model import Case, CaseResult
from benchsuite.report.charts.entries import Data, Entry, Way, simulation
from benchsuite.report.charts.knee import knee
from benchsuite.report.charts.measures import Figure, Measure, cpu_per_gbit, mbps

MOST_LINES = 6  # of a panel: more are told apart by nobody
SIZE, DEPTH = "request_size", "q_len"


@dataclass(frozen=True, slots=True)
class Dot:
    """x: the parameter. A figure of an entry."""

    x: int
    figure: Figure
    entry: Entry


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a line that the plot is about: the knee, or where it crosses the base."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """dots: the smallest x first. remark: what is said of the line, in words."""

    way: Way
    dots: tuple[Dot, ...]
    remark: str = ""
    mark: Mark | None = None

    @property
    def simulated(self) -> bool:
        return any(dot.entry.row.simulated for dot in self.dots)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A challenger against the base over the sizes of a workload."""

    workload: str
    base: Way
    challenger: Way
    found: Crossover
    simulated: bool

    @property
    def words(self) -> str:
        return sentence(self.found, self.base.label, self.challenger.label)


@dataclass(frozen=True, slots=True)
class Panel:
    """title names the workload, group its algorithm. part: which of how many plots of this workload.
    left_out: cases that are drawn nowhere because a line has one of the same x already."""

    title: str
    group: str
    key: Case
    lines: tuple[Line, ...]
    meetings: tuple[Meeting, ...] = ()
    part: tuple[int, int] = (1, 1)
    left_out: int = 0

    @property
    def simulated(self) -> str:
        return simulation(line.simulated for line in self.lines)

    @property
    def heading(self) -> str:
        number, count = self.part
        return self.title + (f" ({number} of {count})" if count > 1 else "")


def by_size(data: Data) -> list[Panel]:
    """Mbps by request_size, with the crossovers against the base."""
    return [_with_meetings(data, panel) for panel in panels(data, SIZE, mbps)]


def by_depth(data: Data, measure: Measure = mbps) -> list[Panel]:
    """A rate by q_len, with the knees."""
    return [
        replace(panel, lines=tuple(_with_knee(line) for line in panel.lines))
        for panel in panels(data, DEPTH, measure)
    ]


def cpu_by_size(data: Data) -> list[Panel]:
    """CPU seconds per Gbit by request_size."""
    return panels(data, SIZE, cpu_per_gbit)


def panels(data: Data, x: str, measure: Measure) -> list[Panel]:
    """Of workloads with several x. Not split yet: see `split`."""
    found: dict[Case, dict[Way, dict[int, Dot]]] = {}
    left_out: dict[Case, int] = {}
    for entry in data.measured:
        figure, at = measure(entry), getattr(entry.case, x)
        if figure is None or at < 1:
            continue
        key = entry.case.without("backend", x)
        dots = found.setdefault(key, {}).setdefault(entry.way, {})
        left_out[key] = left_out.get(key, 0) + (at in dots)
        dots.setdefault(at, Dot(at, figure, entry))
    return [
        Panel(
            data.name(key, x),
            data.name(key, *(name for name in data.varying if name != "algorithm")),
            key,
            tuple(Line(way, tuple(of[way][at] for at in sorted(of[way]))) for way in sorted(of, key=_order)),
            left_out=left_out[key],
        )
        for key, of in found.items()
        if len({at for dots in of.values() for at in dots}) > 1
    ]


def _order(way: Way) -> int:
    """The same in every plot."""
    return way.style


def split(panel: Panel, base: str) -> list[Panel]:
    """With at most MOST_LINES lines each. The base's lines are in every one, as long as they are few."""
    if len(panel.lines) <= MOST_LINES:
        return [panel]
    bases = [line for line in panel.lines if line.way.backend == base]
    bases = bases if len(bases) < MOST_LINES // 2 else []
    others = [line for line in panel.lines if line not in bases]
    room = MOST_LINES - len(bases)
    chunks = [others[start : start + room] for start in range(0, len(others), room)]
    return [
        replace(panel, lines=(*bases, *chunk), part=(number, len(chunks)))
        for number, chunk in enumerate(chunks, 1)
    ]


def _with_knee(line: Line) -> Line:
    found = knee([(dot.x, dot.figure.middle) for dot in line.dots])
    if found is None:
        return line
    mark = None if found.flat or found.rising else Mark(found.depth, found.rate, str(found))
    return replace(line, remark=str(found), mark=mark)


def _with_meetings(data: Data, panel: Panel) -> Panel:
    by_way = {line.way: line for line in panel.lines}
    lines, meetings = [], []
    for line in panel.lines:
        base = by_way.get(data.base_way(line.way) or line.way)
        if base is None or base is line or not (found := between(_results(base), _results(line))):
            lines.append(line)
            continue
        simulated = base.simulated or line.simulated
        meetings.append(Meeting(panel.title, base.way, line.way, found, simulated))
        lines.append(_crossing(line, base, found))
    return replace(panel, lines=tuple(lines), meetings=tuple(meetings))


def _results(line: Line) -> list[CaseResult]:
    return [dot.entry.row.result for dot in line.dots]


def _crossing(line: Line, base: Line, found: Crossover) -> Line:
    if found.start is None:
        return line
    if found.at is None:
        return replace(line, remark=f"faster than {base.way.label} from {found.start} B on")
    text = f"crosses {base.way.label} at {rounded(found.at)}"
    return replace(line, remark=text, mark=Mark(found.at, height(base.dots, found.at), text))


def height(dots: Sequence[Dot], x: float) -> float:
    """The height of a line at x, straight on logarithmic axes as the crossover has it."""
    left = max((dot for dot in dots if dot.x <= x), key=lambda dot: dot.x, default=dots[0])
    right = min((dot for dot in dots if dot.x >= x), key=lambda dot: dot.x, default=dots[-1])
    if left.x == right.x:
        return left.figure.middle
    share = (log(x) - log(left.x)) / (log(right.x) - log(left.x))
    return float(left.figure.middle ** (1 - share) * right.figure.middle**share)
