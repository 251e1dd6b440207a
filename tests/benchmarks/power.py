"""What becomes of a change of so many per cent: the gate's power, as a curve of replays (recorded.py).

A replay begins at one pass of the record and goes on in order, from its end to its beginning, and no round
comes twice. In each some cases are slower by exactly the share. Which ones goes round, so that two injections
of one point share rounds only if they take more of them than lie between two replays in which the same case
is slow. Of their unchanged cases neighbouring replays share most rounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt
from statistics import median

from recorded import Record, figures, play

from benchsuite.compare.verdicts import NOT_SLOWER, SLIGHTLY_SLOWER, SLOWER, UNDECIDED
from benchsuite.model import Plan

CHANGES = (1.02, 1.03, 1.04, 1.05, 1.06, 1.08)
OUTCOMES = (SLOWER, SLIGHTLY_SLOWER, NOT_SLOWER, UNDECIDED)  # NOT_SLOWER: the same and faster, too
Z = 1.96


@dataclass(slots=True)
class Point:
    """Of one share: what became of the cases that had it, of the others, and of the gates."""

    change: float
    outcomes: Counter[str] = field(default_factory=Counter)
    rounds: list[int] = field(default_factory=list)  # of each case that had it
    seconds: list[float] = field(default_factory=list)  # of each gate
    alarms: int = 0  # gates in which an unchanged case failed
    warned: int = 0  # in which one was called slower, below the threshold
    undecided: int = 0  # in which one was undecided

    @property
    def injected(self) -> int:
        return sum(self.outcomes.values())


def outcome_of(kind: str | None) -> str:
    assert kind, "every case of a record was measured"
    return kind if kind in OUTCOMES else NOT_SLOWER


def turned(kept: Record, start: int) -> Record:
    return [of_case[start:] + of_case[:start] for of_case in kept]


def curve(
    plan: Plan, kept: Record, metric: str, gates: int, slow: int, changes: tuple[float, ...] = CHANGES
) -> Iterator[Point]:
    """gates: replays for each point, each with so many slow cases. 1.0 is a change, too: of none."""
    known = {id(each): figures(each) for of_case in kept for each in of_case}
    cases, passes = len(kept), len(kept[0])
    for change in changes:
        point = Point(change)
        for number in range(gates):
            chosen = {(number * slow + i) % cases for i in range(slow)}
            effects = [change if i in chosen else 1.0 for i in range(cases)]
            tape = turned(kept, number * passes // gates)
            kinds, rounds, seconds = play(plan, tape, known, effects, metric)
            point.outcomes.update(outcome_of(kinds[i]) for i in chosen)
            point.rounds += [rounds[i] for i in chosen]
            point.seconds.append(seconds)
            others = {kind for i, kind in enumerate(kinds) if i not in chosen or change == 1.0}
            point.alarms += SLOWER in others
            point.warned += SLIGHTLY_SLOWER in others
            point.undecided += UNDECIDED in others
        yield point


def interval(count: int, of: int) -> tuple[float, float]:
    """Of a share, 95% (Wilson), as if all were independent."""
    share, spread = count / of, Z * Z / of
    middle, reach = share + spread / 2, Z * sqrt(share * (1 - share) / of + spread / of / 4)
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


def percent(count: int, of: int) -> str:
    low, high = interval(count, of)
    return f"{count / of:.1%} ({low:.1%}..{high:.1%})"


def show(points: Iterator[Point]) -> None:
    """Markdown, line by line."""
    print("| change | injected | fails | slower, below | not slower | undecided | rounds | seconds |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for point in points:
        cells = [percent(point.outcomes[name], point.injected) for name in OUTCOMES]
        times = f"{median(point.seconds):.0f}, {max(point.seconds):.0f}"
        shown = [f"{point.change - 1:.0%}", str(point.injected), *cells, f"{median(point.rounds):.0f}", times]
        print(f"| {' | '.join(shown)} |", flush=True)


def show_unchanged(point: Point, gates: int) -> None:
    print("| unchanged gates | with a false alarm | with a warning | with an undecided case | seconds |")
    print("|--:|--:|--:|--:|--:|")
    cells = [percent(count, gates) for count in (point.alarms, point.warned, point.undecided)]
    cells.append(f"{median(point.seconds):.0f}, {max(point.seconds):.0f}")
    print(f"| {gates} | {' | '.join(cells)} |", flush=True)
