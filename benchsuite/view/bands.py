"""Columns that are too many for a terminal, dealt out to several tables under each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import TypeVar

T = TypeVar("T")

_FEWEST = 3  # in a table: of fewer there is nothing beside each other


def many_bands(count: int) -> Iterator[int]:
    """Numbers of tables to which so many columns can be dealt out, the fewest first."""
    for bands in range(2, count):
        if ceil(count / bands) < _FEWEST:
            return
        if ceil(count / bands) < ceil(count / (bands - 1)):  # else they are no narrower
            yield bands


def dealt(columns: Sequence[T], bands: int) -> list[list[T]]:
    """The columns of each table, as equally many as can be."""
    size = ceil(len(columns) / bands) or 1
    return [list(columns[at : at + size]) for at in range(0, max(len(columns), 1), size)]
