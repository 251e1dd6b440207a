"""What a row says of arrivals: the value of an open loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from benchsuite.formats.csv_table.cells import Number
from benchsuite.formats.csv_table.columns import ARRIVED, ARRIVING
from benchsuite.model import Case, Value


def arrived(value: Value, case: Case, number: Callable[[str], Number | None]) -> Value:
    """The value with what arrived. number: of the cell in a column, None where it is empty. ValueError where
    the row does not say enough, or what cannot be."""
    exact = [found.value for key in ARRIVED if (found := number(key))]
    if len(exact) == len(ARRIVED):
        offered, dropped, arriving, latency, carrying = exact
    else:
        told = [found.value for key in ARRIVING if (found := number(key))]
        if len(told) < len(ARRIVING):
            raise ValueError(
                f"a case with a rate needs columns {', '.join(ARRIVING)}, or {', '.join(ARRIVED)}"
            )
        mean, per_second, carried, share = told
        if not (0 <= share < 1 and per_second > 0 and carried > 0):
            raise ValueError(
                "offered_per_second, carried_per_second and dropped_fraction: expected rates above 0, "
                "and a fraction from 0 to below 1"
            )
        offered = Fraction(round(value.requests / (1 - share)))
        dropped, arriving = offered - value.requests, offered / per_second
        latency, carrying = mean * value.requests, value.requests / carried
    if offered < value.requests + dropped or not arriving or not latency or not carrying:
        raise ValueError(f"more than {offered} requests that arrived were done or dropped, or took no time")
    return replace(
        value,
        offered=int(offered),
        dropped=int(dropped),
        arriving=float(arriving),
        latency=float(latency),
        carrying=float(carrying),
    )
