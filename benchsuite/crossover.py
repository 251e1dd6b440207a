"""From which request size one backend is faster than another. Arithmetic only: points in, spans out.

At a size that both have, one is faster where the intervals of their times do not overlap; else that size is
undecided. Between two sizes both times are taken for straight lines over the size when both axes
are logarithmic, and the crossing is where the lines meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise

FASTER, SLOWER, UNDECIDED = "faster", "slower", "undecided"


@dataclass(frozen=True, slots=True)
class Point:
    """Seconds of a request of `size` bytes (0 or more), and the interval that holds its true value, as far as
    is known: 0 < low <= seconds <= high."""

    size: int
    seconds: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring sizes at which the challenger is the same: FASTER, SLOWER or UNDECIDED."""

    verdict: str
    first: int
    last: int

    def __str__(self) -> str:
        return shown(self.first) if self.first == self.last else f"{self.first} to {shown(self.last)}"


@dataclass(frozen=True, slots=True)
class Crossover:
    """A challenger against a base. `spans` cover the sizes that both have, the smallest first. `start` is
    the smallest of them from which on the challenger is faster at all; None where it is not at the
    largest. `at`: the size below `start` where their lines meet; None where they do not."""

    spans: tuple[Span, ...]
    start: int | None
    at: float | None


def crossover(base: Iterable[Point], challenger: Iterable[Point]) -> Crossover | None:
    """The crossover of challenger and base; None where they have no size in common. Of several points of a
    size the last counts."""
    bases, challengers = ({point.size: point for point in points} for points in (base, challenger))
    sizes = sorted(bases.keys() & challengers.keys())
    if not sizes:
        return None
    verdicts = {size: _verdict(bases[size], challengers[size]) for size in sizes}
    spans = []
    for verdict, group in groupby(sizes, key=lambda size: verdicts[size]):
        members = list(group)
        spans.append(Span(verdict, members[0], members[-1]))
    if spans[-1].verdict != FASTER:
        return Crossover(tuple(spans), None, None)
    start = spans[-1].first
    slower = [size for size in sizes if size < start and verdicts[size] != UNDECIDED]
    between = [size for size in sizes if (slower[-1] if slower else sizes[0]) <= size <= start]
    return Crossover(tuple(spans), start, _meeting(between, bases, challengers))


def _verdict(base: Point, challenger: Point) -> str:
    if challenger.high < base.low:
        return FASTER
    return SLOWER if challenger.low > base.high else UNDECIDED


def _meeting(sizes: list[int], bases: dict[int, Point], challengers: dict[int, Point]) -> float | None:
    """The last size at which the challenger's line comes from above the base's to below it."""
    above = {size: math.log(challengers[size].seconds / bases[size].seconds) for size in sizes}
    for left, right in reversed(list(pairwise(sizes))):
        if left > 0 and above[left] > 0 >= above[right]:  # nothing is between 0 and a size on a log. axis
            share = above[left] / (above[left] - above[right])
            return float(left * (right / left) ** share)
    return None


def sentence(found: Crossover, base: str, challenger: str) -> str:
    """The answer for people, without the full stop; base and challenger are names."""
    spans, start = found.spans, found.start
    undecided = [span for span in spans if span.verdict == UNDECIDED]
    if len(spans) == 1:
        return _uniform(spans[0], base, challenger)
    if start is not None:
        where = f", interpolated at {rounded(found.at)}" if found.at is not None else ""
        also = [f"also at {span}" for span in spans[:-1] if span.verdict == FASTER]
        rest = [f"undecided at {_several(undecided)}"] if undecided else []
        return "; ".join([f"{challenger} is faster than {base} from {shown(start)} on{where}", *also, *rest])
    if not any(span.verdict == FASTER for span in spans):
        slower = [span.last for span in spans if span.verdict == SLOWER]
        text = f"{challenger} is never faster than {base} up to {shown(slower[-1])}"
        return f"{text}; undecided at {_several(undecided)}"
    parts = [
        f"{verdict} at {_several(of_verdict)}"
        for verdict in (FASTER, SLOWER, UNDECIDED)
        if (of_verdict := [span for span in spans if span.verdict == verdict])
    ]
    return f"{challenger} against {base}: {', '.join(parts)}"


def brief(found: Crossover) -> str:
    """Where the challenger is faster, in few words: `from 10.5 KiB on`, `never up to 4096 B`."""
    spans = found.spans
    faster = [span for span in spans if span.verdict == FASTER]
    if found.start is not None and len(spans) > 1:
        return f"from {shown(found.start) if found.at is None else rounded(found.at)} on"
    if faster and len(spans) > 1:
        return f"only at {_several(faster)}"
    if faster:
        return f"at every size measured ({spans[0]})" if spans[0].first < spans[0].last else f"at {spans[0]}"
    if all(span.verdict == UNDECIDED for span in spans):
        return f"not told apart at {_several(list(spans))}"
    return f"never up to {shown(spans[-1].last)}"


def _uniform(span: Span, base: str, challenger: str) -> str:
    sizes = f"at every size measured ({span})" if span.first != span.last else f"at {span}, the only size"
    if span.verdict == UNDECIDED:
        return f"{challenger} against {base}: undecided {sizes}"
    if span.verdict == FASTER:
        return f"{challenger} is faster than {base} {sizes}"
    return f"{challenger} is never faster than {base} up to {shown(span.last)}"


def _several(spans: list[Span]) -> str:
    return ", ".join(map(str, spans))


def shown(size: int) -> str:
    """A size that was measured: whole bytes."""
    return f"{size} B"


def rounded(size: float) -> str:
    """A size that was not measured: 310 B, 3.1 KiB."""
    for unit, factor in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size:.0f} B"
