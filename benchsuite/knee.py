"""The knee of a line of rates over q_len: the depth beyond which more requests outstanding bring little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 0.95  # of the highest rate
FEWEST = 3  # depths, below which there is no shape to speak of


@dataclass(frozen=True, slots=True)
class Knee:
    """`depth`: the smallest q_len measured that reaches ENOUGH of the line's highest rate. flat: that is the
    smallest of all; rising: it is the largest, so that the knee, if there is one, lies beyond."""

    depth: int
    rate: float
    flat: bool
    rising: bool

    def __str__(self) -> str:
        return self.words(f"q_len {self.depth}")

    def words(self, at: str) -> str:
        """at: its depth, in words."""
        if self.flat:
            return f"no knee: {at} is enough"
        return f"still rising at {at}" if self.rising else f"knee at {at}"


def knee(points: Sequence[tuple[int, float]]) -> Knee | None:
    """points: q_len and rate. None of fewer than FEWEST different depths."""
    rates = dict(sorted(points))
    if len(rates) < FEWEST:
        return None
    highest = max(rates.values())
    depth = next(depth for depth, rate in rates.items() if rate >= ENOUGH * highest)
    return Knee(depth, rates[depth], depth == min(rates), depth == max(rates))
