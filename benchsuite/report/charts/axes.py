"""Axes: the places of figures on a drawing, and the ticks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, log10

from benchsuite.model import BYTES, Parameter

_STEPS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0))
_TICKS = (3, 7)  # so many are wanted
_NOTHING = 1e-300  # what differs by less has no ticks between
_LEAST_RATIO = 2.0  # of an axis: what differs by less should not look like much


@dataclass(frozen=True, slots=True)
class Axis:
    """place(figure) is between `first` and `last` for what lies between the limits. ticks: figure, text."""

    place: Callable[[float], float]
    ticks: tuple[tuple[float, str], ...]
    limits: tuple[float, float]


def logarithmic(figures: Iterable[float], first: float, last: float) -> Axis:
    """A figure that is not above 0 (a clock too coarse for what it timed) has its place at the low end."""
    listed = [figure for figure in figures if figure > 0] or [1.0]
    low, high = log10(min(listed)), log10(max(listed))
    short = max(0.0, log10(_LEAST_RATIO) - (high - low)) / 2
    margin = 0.04 * (high - low + 2 * short)
    low, high = low - short - margin, high + short + margin

    def place(figure: float) -> float:
        height = log10(figure) if figure > 0 else low
        return first + (height - low) / (high - low) * (last - first)

    ticks = tuple((tick, number(tick)) for tick in _decades(low, high))
    return Axis(place, ticks, (10**low, 10**high))


def _decades(low: float, high: float) -> list[float]:
    """low and high are logarithms."""
    stride = max(1, ceil((high - low) / _TICKS[1]))  # over very many decades not each has its tick
    found: list[float] = []
    for steps in _STEPS:
        found = [
            step * 10.0**exponent
            for exponent in range(floor(low), ceil(high) + 1)
            if exponent % stride == 0
            for step in steps
            if low <= log10(step) + exponent <= high
        ]
        if len(found) >= _TICKS[0]:
            break
    return found


def linear(figures: Iterable[float], first: float, last: float, least: float = float("-inf")) -> Axis:
    """An axis with 0 in it. What is below `least` has its place there, and the tick there says so."""
    everything = [*figures, 0.0]
    listed = [max(figure, least) for figure in everything]
    below = min(everything) < least
    low, high = min(listed), max(listed)
    span = high - low if high - low > _NOTHING else 1.0
    low, high = low - 0.04 * span, high + 0.04 * span
    raw = span / 5
    unit = 10.0 ** floor(log10(raw))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= raw)
    ticks = [step * count for count in range(ceil(low / step), floor(high / step) + 1)]

    def place(figure: float) -> float:
        return first + (max(figure, least) - low) / (high - low) * (last - first)

    if below:
        ticks = [tick for tick in ticks if tick > least + step / 4]
    named = [(tick, number(tick)) for tick in ticks]
    return Axis(place, tuple([(least, f"≤{number(least)}")] * below + named), (low, high))


def along(of: Parameter, values: Sequence[int], first: float, last: float, per_letter: float) -> Axis:
    """The axis of a parameter, with ticks at the values themselves, as far as their texts have room. Where 0
    is among values of a logarithmic one, they stand side by side: no other axis has a place for all."""
    if of.linear:
        axis = linear(values, first, last)
    else:
        axis = logarithmic(values, first, last) if min(values) > 0 else _beside(values, first, last)
    ticks: list[tuple[float, str]] = []
    end = float("-inf")
    for value in sorted(set(values)):
        label = binary(value) if of.unit == BYTES else str(value)
        half = len(label) * per_letter / 2
        at = axis.place(value)
        if at - half >= end + per_letter:
            ticks.append((value, label))
            end = at + half
    return replace(axis, ticks=tuple(ticks))


def _beside(values: Iterable[int], first: float, last: float) -> Axis:
    """Values at equal distances, whatever they are; what is between two is there in proportion."""
    listed = sorted(set(values))
    step = (last - first) / len(listed)
    places = [first + (number + 0.5) * step for number in range(len(listed))]

    def place(figure: float) -> float:
        right = min(max(bisect_left(listed, figure), 1), len(listed) - 1) if len(listed) > 1 else 0
        left = max(right - 1, 0)
        span = listed[right] - listed[left] or 1
        return places[left] + (figure - listed[left]) / span * (places[right] - places[left])

    return Axis(place, (), (listed[0], listed[-1]))


def binary(value: int) -> str:
    """64, 1488, 4K."""
    for unit, factor in (("M", 1 << 20), ("K", 1 << 10)):
        if value >= factor and value % factor == 0:
            return f"{value // factor}{unit}"
    return str(value)


def number(value: float) -> str:
    """A tick: 0.02, 500, 20k, 5M."""
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= factor * 0.9999:
            return f"{value / factor:.4g}{unit}"
    return f"{value:.4g}"
