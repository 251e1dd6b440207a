"""How long a run is to measure, and what of its course it keeps: as keys of a profile, which --set takes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchsuite.model import BenchsuiteError, Plan
from benchsuite.profile.parsing import accept_values
from benchsuite.profile.table import settable
from benchsuite.units import format_duration

VALUE, VALUES = 1.0, 10  # seconds of a value at most, and how many there are at least
MOST_VALUES, SHORTEST = 10_000, 0.01


def lasting(
    overrides: Sequence[str],
    time: float | None = None,
    log_interval: float | None = None,
    ramp: float | None = None,
) -> tuple[str, ...]:
    """Overrides, with those that make the run so long. time: seconds that each case is measured, in one
    worker process if no other number was asked for. BenchsuiteError for what is too short or said twice."""
    given = {override.partition("=")[0].strip() for override in overrides}
    added: dict[str, float] = {}
    if time is not None:
        if time < SHORTEST:
            raise BenchsuiteError(f"--time {format_duration(time)}: at least {format_duration(SHORTEST)}")
        values = min(MOST_VALUES, max(VALUES, math.ceil(time / VALUE)))
        added |= {"values": values, "min_time": time / values}
        added |= {} if "processes" in given else {"processes": 1}
    for key, seconds in (("log_interval", log_interval), ("ramp", ramp)):
        if seconds is not None:
            accept_values(settable()[key], [format_duration(seconds)], _option(key))
            added[key] = seconds
    for key in added:
        if key in given:
            raise BenchsuiteError(f"{_option(key)} and --set {key}: give one of them")
    return (*overrides, *(f"{key}={value!r}" for key, value in added.items()))


def _option(key: str) -> str:
    return "--time" if key in ("values", "min_time") else f"--{key.replace('_', '-')}"


def too_short(plan: Plan) -> str:
    """What is to be said of a run whose time series has room for one interval only; or ""."""
    short = [how for how in plan.measures if 0 < how.values * how.min_time < how.log_interval]
    if not short:
        return ""
    how = short[0]
    return (
        f"a worker process measures for {format_duration(how.values * how.min_time)}, which is less than an "
        f"interval of {format_duration(how.log_interval)}: --time 60s measures for longer"
    )
