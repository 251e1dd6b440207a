"""Cases by what their rates are told in: what has a size and what has none are tables of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from benchsuite.model import Case, CaseResult, RateUnit
from benchsuite.view.parameters import split_parameters

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Block(Generic[T]):
    """Rows of one table, the unit of their rates, and the parameters in which they differ. title: what the
    rows are, and what they alone share; "" where there is no other block."""

    unit: RateUnit
    title: str
    differing: list[str]
    members: list[T]


def blocks(members: Sequence[T], differing: list[str], case_of: Callable[[T], Case]) -> list[Block[T]]:
    """Blocks in the order in which the units come. differing: parameters in which any members differ."""
    found: dict[RateUnit, list[T]] = {}
    for member in members:
        found.setdefault(case_of(member).rate_unit, []).append(member)
    if len(found) == 1:
        return [Block(unit, "", differing, of_unit) for unit, of_unit in found.items()]
    return [_block(unit, of_unit, differing, case_of) for unit, of_unit in found.items()]


def _block(unit: RateUnit, members: list[T], differing: list[str], case_of: Callable[[T], Case]) -> Block[T]:
    shared, own = split_parameters([CaseResult(case_of(member)) for member in members])
    said = ", ".join(f"{key}={value}" for key, value in shared.items() if key in differing)
    title = f"Cases {unit.about}" + (f": {said}" if said else "")
    return Block(unit, title, [key for key in own if key in differing] or ["algorithm"], members)
