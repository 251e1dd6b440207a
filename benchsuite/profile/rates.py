"""Arrival of requests as profiles write it: rates, patterns, backlogs; and what they make of a case."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchsuite.keys import refused
from benchsuite.model import BURST, CONSTANT, POISSON, UNLIMITED, USUAL, BenchsuiteError, Case

MOST_PER_SECOND, MOST_PERCENT, MOST_BURST = 10**9, 1000, 65536
_RATE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?(%|[kMG]?bps)")
_BITS = {"bps": 1.0, "kbps": 1e3, "Mbps": 1e6, "Gbps": 1e9}
_WORD = "unlimited"


@dataclass(frozen=True)
class Rate:
    """Rate of arrivals: requests or bits of payload per second, or a share of the capacity. The text is kept:
    how many requests so many bits are depends on the size."""

    what = (
        f'requests per second from 1 to {MOST_PER_SECOND}, bits of payload per second as "2Gbps", a share of '
        f'the capacity from "1%" to "{MOST_PERCENT}%", or 0 for a closed loop'
    )

    def accept(self, value: Any) -> int | str:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and 0 <= value <= MOST_PER_SECOND and value == int(value):
            return int(value)
        found = _RATE.fullmatch(value) if isinstance(value, str) else None
        if found is None or not float(found[1]):
            raise refused(value, self)
        if found[2] == "%" and not (found[1].isdigit() and int(found[1]) <= MOST_PERCENT):
            raise refused(value, self)
        return found[0]


@dataclass(frozen=True)
class Arrival:
    """Pattern of arrivals: `constant`, `poisson`, or `burst:N`."""

    what = f'"{CONSTANT}", "{POISSON}" or "{BURST}:N" with N from 2 to {MOST_BURST}'

    def accept(self, value: Any) -> str:
        if value in (CONSTANT, POISSON):
            return str(value)
        name, _, number = value.partition(":") if isinstance(value, str) else ("", "", "")
        if name != BURST or not re.fullmatch(r"[0-9]{1,5}", number) or not 2 <= int(number) <= MOST_BURST:
            raise refused(value, self)
        return f"{BURST}:{int(number)}"


@dataclass(frozen=True)
class Backlog:
    """Number of requests that may wait, or a word for any."""

    what = f'a whole number from 0 to {UNLIMITED - 1}, or "{_WORD}"'

    def accept(self, value: Any) -> int:
        if value == _WORD:
            return UNLIMITED
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= UNLIMITED:
            raise refused(value, self)
        return value


def burst_of(arrival: str) -> int:
    """Requests that arrive at once."""
    return int(arrival.partition(":")[2] or 1)


def arrivals(point: dict[str, Any], origin: Callable[[str], str]) -> dict[str, Any]:
    """The keys of a case for those of a profile: its rate in requests per second, or in per cent. What has no
    rate has no pattern and no backlog, so that it is one case whatever these sweep over.

    BenchsuiteError for a rate that is no request, or more than can be told."""
    rate = point["rate"]
    if not rate:
        return {"rate": 0, "rate_percent": 0, "arrival": USUAL.arrival, "backlog": USUAL.backlog}
    if isinstance(rate, int):
        return {"rate": rate, "rate_percent": 0}
    number, unit = _parts(rate)
    if unit == "%":
        return {"rate": 0, "rate_percent": int(number)}
    per_second = number * _BITS[unit] / (8 * point["request_size"])
    if not 1 <= round(per_second) <= MOST_PER_SECOND:
        raise BenchsuiteError(
            f"{origin('rate')}: {rate} of requests of {point['request_size']} bytes are "
            f"{per_second:.3g} requests per second; 1 to {MOST_PER_SECOND} can be asked for"
        )
    return {"rate": round(per_second), "rate_percent": 0}


def _parts(rate: str) -> tuple[float, str]:
    """Number and unit of a rate that was accepted."""
    found = _RATE.fullmatch(rate)
    assert found
    return float(found[1]), found[2]


def rate_of(case: Case) -> int | str:
    """The rate of a case as a profile writes it."""
    return f"{case.rate_percent}%" if case.rate_percent else case.rate
