"""What the words of a command line stand for: durations, sizes, shares, rates."""

from __future__ import annotations

import math
import re
from typing import Any

import click

_PERCENT = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?|\.[0-9]{1,6}) ?(%?)")


class Duration(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """60s, 2m or 9m50s. Converts to seconds above zero."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from benchsuite.units import parse_duration

        if isinstance(value, float):
            return value
        try:
            seconds = parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if seconds <= 0:
            self.fail(f"{value!r} is not above zero", param, ctx)
        return seconds


class CpuList(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """0,2-5, as taskset has it. Converts to host.placement.Cpus; whether the machine has them is not asked
    here."""

    name = "list"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from benchsuite.host.placement import Cpus

        return value if isinstance(value, Cpus) else Cpus.parse(value)


class Size(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """4KiB. Converts to bytes from `least` to `most`; expected: what is said of others."""

    name = "size"

    def __init__(self, least: int, most: float, expected: str) -> None:
        self.least, self.most, self.expected = least, most, expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from benchsuite.units import parse_size

        if isinstance(value, int):
            return value
        try:
            size = parse_size(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not self.least <= size <= self.most:
            self.fail(f"{value!r} is {self.expected}", param, ctx)
        return size


class Percent(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """5%, or 0.05. Converts to a fraction from 0 to below 10."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = _PERCENT.fullmatch(value.strip())
        if not found or (not found[2] and float(found[1]) >= 1):
            self.fail(f"{value!r} is no share: write 5% or 0.05", param, ctx)
        share = float(found[1]) / (100 if found[2] else 1)
        if share >= 10:
            self.fail(f"{value!r} is too much: below 1000%", param, ctx)
        return share


class Rate(click.FloatRange):
    """A number within limits."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found: float = super().convert(value, param, ctx)
        if math.isnan(found):  # which no range refuses
            self.fail(f"{value!r} is no rate", param, ctx)
        return found
