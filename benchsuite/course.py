"""The course of a rate over time: steady, or changed at one moment, and what the machine told beside it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.series import Series

FEWEST = 10  # intervals of which something can be said
MOST = 200  # that are looked at: of more, several are taken together
EDGE, PART = 3, 0.1  # intervals on either side of a change that lasts, at least; and share of all
NOTABLE = 0.03  # share by which a rate changes, at least, where that is told
STEADY = 0.05  # of the rate, within which it is steady
SURE = 5.0  # standard errors by which two medians differ, at least
FELL_WITH = 0.5  # share of the fall of a rate by which its cause has fallen, too
WARMER = 3.0  # degrees
LONG = 0.5  # of an interval, shorter than which the last one is left out


@dataclass(frozen=True, slots=True)
class Side:
    """What was told before a change, or after it: medians, None where the machine did not tell; events are
    added up."""

    rate: float  # requests per second
    cpus: float | None  # that the process kept busy
    frequency: float | None
    temperature: float | None
    throttles: float | None
    slowed: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A lasting change. at: seconds since the series began."""

    at: float
    before: Side
    after: Side

    @property
    def ratio(self) -> float:
        """The rate after over the rate before."""
        return self.after.rate / self.before.rate

    @property
    def slower_clock(self) -> bool:
        """Whether the CPU's frequency fell with the rate."""
        return self._went_with(self.before.frequency, self.after.frequency)

    @property
    def less_cpu(self) -> bool:
        """Whether the process had less of a CPU."""
        return self._went_with(self.before.cpus, self.after.cpus)

    @property
    def throttled(self) -> bool:
        """Whether the frequency fell because the machine lowered it: it says so itself, or became warm."""
        warmer = more(self.before.temperature, self.after.temperature, WARMER)
        slowed = more(self.before.slowed, self.after.slowed)
        return self.slower_clock and bool(self.after.throttles or slowed or warmer)

    def _went_with(self, before: float | None, after: float | None) -> bool:
        if before is None or after is None or before <= 0:
            return False
        return (1 - after / before) * (1 - self.ratio) > 0 and abs(1 - after / before) >= FELL_WITH * abs(
            1 - self.ratio
        )


def more(before: float | None, after: float | None, by: float = 0.0) -> bool:
    """Whether a figure has risen by more than so much; False where it is not told."""
    return before is not None and after is not None and after > before + by


@dataclass(frozen=True, slots=True)
class Course:
    """seconds: that it lasts. within: share of the median by which 95% of the intervals differ from it at
    most. change: the one that lasts, if there is one."""

    seconds: float
    interval: float
    rate: float
    within: float
    change: Change | None

    @property
    def steady(self) -> bool:
        return self.change is None and self.within <= STEADY


def course(series: Series) -> Course | None:
    """The course of a series without its ramp; None where there are too few intervals, or no rates."""
    rows = [
        index
        for index in range(len(series))
        if series.requests_per_second[index] is not None and not series.is_ramp(index)
    ]
    if rows and series.lasts[rows[-1]] < LONG * series.interval:
        rows.pop()
    if len(rows) < FEWEST:
        return None
    rates = [series.requests_per_second[index] or 0.0 for index in rows]
    middle = statistics.median(rates)
    if middle <= 0:
        return None
    off = sorted(abs(rate / middle - 1) for rate in rates)
    within = off[-(-95 * len(off) // 100) - 1]
    seconds = series.begins[rows[-1]] + series.lasts[rows[-1]] - series.begins[rows[0]]
    return Course(seconds, series.interval, middle, within, _change(series, rows, rates))


def _change(series: Series, rows: Sequence[int], rates: Sequence[float]) -> Change | None:
    """The moment that divides it best, if what is before differs from what is after by more than noise."""
    size = -(-len(rows) // MOST)
    chunks = [list(range(start, min(start + size, len(rows)))) for start in range(0, len(rows), size)]
    figures = [statistics.median(rates[number] for number in chunk) for chunk in chunks]
    split = _split(figures)
    if split is None or not _differs(figures[:split], figures[split:]):
        return None
    first = _exactly(rates, chunks[split][0], size)
    before, after = _side(series, rows[:first]), _side(series, rows[first:])
    if before.rate <= 0 or abs(1 - after.rate / before.rate) < NOTABLE:
        return None
    return Change(series.begins[rows[first]], before, after)


def _exactly(rates: Sequence[float], about: int, size: int) -> int:
    """The first interval of the change, where several were taken together."""
    before, after = statistics.median(rates[:about]), statistics.median(rates[about:])
    near = range(max(EDGE, about - size), min(about + size, len(rates) - EDGE))
    return next((row for row in near if abs(rates[row] - after) < abs(rates[row] - before)), about)


def _split(figures: Sequence[float]) -> int | None:
    """Where the sum of absolute differences from both medians is least."""
    edge = max(EDGE, int(PART * len(figures)))
    places = range(edge, len(figures) - edge + 1)
    costs = {at: _spread(figures[:at]) + _spread(figures[at:]) for at in places}
    return min(costs, key=lambda at: costs[at]) if costs else None


def _spread(figures: Sequence[float]) -> float:
    middle = statistics.median(figures)
    return sum(abs(figure - middle) for figure in figures)


def _differs(before: Sequence[float], after: Sequence[float]) -> bool:
    """Whether the middle halves do not meet, and the medians differ by many standard errors, by the median
    deviation of all."""
    one, other = sorted(before), sorted(after)
    apart = _quarter(one, 3) < _quarter(other, 1) or _quarter(other, 3) < _quarter(one, 1)
    middles = statistics.median(one), statistics.median(other)
    off = [
        abs(figure - middle) for side, middle in zip((one, other), middles, strict=True) for figure in side
    ]
    error = 1.4826 * statistics.median(off) * 1.2533 * (1 / len(one) + 1 / len(other)) ** 0.5
    return apart and abs(middles[0] - middles[1]) > SURE * error


def _quarter(ordered: Sequence[float], which: int) -> float:
    return ordered[(len(ordered) - 1) * which // 4]


def _side(series: Series, rows: Sequence[int]) -> Side:
    def middle(key: str) -> float | None:
        told = [figure for index in rows if (figure := series.column(key)[index]) is not None]
        return statistics.median(told) if told else None

    user, system = middle("user_cpus"), middle("system_cpus")
    throttles = [figure for index in rows if (figure := series.throttle_events[index]) is not None]
    return Side(
        middle("requests_per_second") or 0.0,
        None if user is None or system is None else user + system,
        middle("frequency_hz"),
        middle("temperature_celsius"),
        sum(throttles) if throttles else None,
        middle("slowed_steps"),
    )
