"""What a driver refused in a survey, in few words: sizes in ranges, and one reason for many lengths."""

from __future__ import annotations

import re
from collections.abc import Iterable

from benchsuite.units import many

MOST_RANGES = 3


def ranges(values: Iterable[int]) -> list[str]:
    """`1-15`, `17` and so on: each range of neighbours."""
    found: list[tuple[int, int]] = []
    for value in sorted(set(values)):
        if found and found[-1][1] == value - 1:
            found[-1] = (found[-1][0], value)
        else:
            found.append((value, value))
    return [str(first) if first == last else f"{first}-{last}" for first, last in found]


def sizes(refused: Iterable[int], served: Iterable[int]) -> str:
    """The refused sizes as words: by what they have in common where the served ones have it not."""
    refused, served = sorted(set(refused)), set(served)
    for block in (16, 8):
        if all(size % block for size in refused) and not any(size % block for size in served):
            return f"sizes that are no multiple of {block}"
    if served and refused[0] > max(served):
        return f"{refused[0]} bytes and more"
    shown = ranges(refused)
    if len(shown) <= MOST_RANGES + 1:
        return f"{', '.join(shown)} bytes"
    return f"{', '.join(shown[:MOST_RANGES])} bytes and {many(len(refused), 'size')} in all"


class Notes:
    """Collects what was refused, and says it at the end."""

    def __init__(self) -> None:
        # (words with {} for values, reason) -> operation -> values
        self._found: dict[tuple[str, str], dict[str, list[int]]] = {}

    def refused(self, op: str, beyond: str, value: int, reason: str) -> None:
        """beyond: what was asked for, with {} for the value."""
        self._found.setdefault((beyond, reason), {}).setdefault(op, []).append(value)

    def sentences(self) -> list[str]:
        return [
            f"{_ops_of(values)} {_filled(beyond, values)}: {reason}"
            for (beyond, reason), values in self._joined().items()
        ]

    def _joined(self) -> dict[tuple[str, str], dict[str, list[int]]]:
        """Reasons that differ only in the value they name are one: the first is said."""
        joined: dict[tuple[str, str], dict[str, list[int]]] = {}
        first: dict[tuple[str, str], str] = {}
        for (beyond, reason), values in self._found.items():
            alike = re.sub(r"\d+", "#", reason)
            said = first.setdefault((beyond, alike), reason)
            for op, several in values.items():
                joined.setdefault((beyond, said), {}).setdefault(op, []).extend(several)
        return joined


def _ops_of(values: dict[str, list[int]]) -> str:
    return " and ".join(values)


def _filled(beyond: str, values: dict[str, list[int]]) -> str:
    return beyond.format(", ".join(ranges(value for several in values.values() for value in several)))
