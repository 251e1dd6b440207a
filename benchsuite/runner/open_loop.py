"""Values of an open loop: requests arrive by a clock, so many per second, whether or not the last one is
done. How many a value has is known beforehand; what of them is carried, and how late, is what is measured."""

from __future__ import annotations

from math import ceil, inf
from statistics import median

from benchsuite.backends import Engine, MeasureError, Offering
from benchsuite.facts import Fact
from benchsuite.model import Case, Measure, Value
from benchsuite.profile import burst_of
from benchsuite.runner.closed_loop import PROBE_TIME, calibrate

LEAST_ARRIVALS = 10  # of a value: the mean of fewer says little
LEAST_BURSTS = 2  # likewise: one alone has no rate, for all of it comes at once
STEP, BEYOND, SO_LONG = 16, 4, 0.1  # see offer(): more arrivals each time; times its schedule; seconds
TRIES = 3  # likewise: a machine may stand still once, and a rate is not too high for that
CAPACITY_VALUES, CAPACITY_TIME = 9, 0.02  # from the median of which the capacity is; seconds of each


def arrivals(case: Case, rate: float, seconds: float) -> int:
    """Requests that arrive at each worker in a value that is to last so long."""
    bursts = LEAST_BURSTS * burst_of(case.arrival)
    return max(case.request_num, LEAST_ARRIVALS, bursts, ceil(rate / case.workers * seconds))


def value_seconds(case: Case, min_time: float) -> float:
    """Seconds of a value, as far as they are known before the capacity is."""
    return arrivals(case, case.rate, min_time) * case.workers / case.rate if case.rate else min_time


def carried(case: Case) -> Case:
    """The same for all cases of which the same can be carried: what is offered is blank."""
    return case.without("rate", "rate_percent", "backlog")


def capacity(engine: Engine, case: Case, aside: list[Value]) -> float:
    """Requests per second that are carried when one is always waiting. aside: takes the values of it."""
    assert isinstance(engine, Offering)
    engine.offer(inf, 0)
    each = calibrate(engine, max(1, case.q_len), PROBE_TIME, aside)
    values = [engine.run(max(1, ceil(CAPACITY_TIME / each))) for _ in range(CAPACITY_VALUES)]
    aside += values
    return median(value.requests / value.wall for value in values)


def _too_slow(value: Value) -> bool:
    return value.wall > max(BEYOND * value.arriving, SO_LONG)


def _until_in_time(engine: Engine, requests: int) -> list[Value]:
    """Values of so many requests until one is not too slow, or it has been tried often enough."""
    found = [engine.run(requests)]
    while _too_slow(found[-1]) and len(found) < TRIES:
        found.append(engine.run(requests))
    return found


def offer(engine: Engine, rate: float, number: int, requests: int) -> list[Value]:
    """Requests arrive from now on; what a first few of a value of `requests` gave. MeasureError for a rate so
    far beyond what is carried that values would last for ever."""
    assert isinstance(engine, Offering)
    engine.offer(rate, number)
    found: list[Value] = []
    some = LEAST_ARRIVALS
    while not found or some < requests / STEP:
        found += (tries := _until_in_time(engine, some))
        if _too_slow(tries[-1]):
            best = max(each.requests / each.wall for each in tries)
            raise MeasureError(
                "unsupported",
                f"{rate:.6g} requests per second are offered, and {best:.3g} carried: "
                "ask for a lower rate, or give a backlog, so that what finds no place is dropped",
            )
        some *= STEP
    engine.offer(rate, number)  # the same arrivals from here on, however many this took
    return found


class OpenLoop:
    """A case whose requests arrive by a clock: ClosedLoop's counterpart."""

    def __init__(
        self,
        engine: Engine,
        case: Case,
        measure: Measure,
        aside: list[Value],
        number: int,
        known: float | None,
    ) -> None:
        """aside: takes the values that are none of the case's. number: of the arrivals, another for each
        process. known: its capacity, as an earlier process found it."""
        self.engine, self.case, self.measure, self.aside = engine, case, measure, aside
        self._number, self._known = number, known
        self.facts: dict[str, str] = {}

    def prepare(self, _per_request: float | None) -> float:
        """Seconds that a value will take, in which the capacity is measured where it is asked for."""
        if self.case.rate_percent:
            known = self._known or capacity(self.engine, self.case, self.aside)
            self.facts[Fact.CAPACITY] = f"{known:.6g}"
            self._known = float(self.facts[Fact.CAPACITY])  # as later processes have it: all offer the same
        self._rate = rate_of(self.case, self._known)
        self.facts[Fact.RATE] = f"{self._rate:.6g}"
        self._requests = arrivals(self.case, self._rate, self.measure.min_time)
        self.aside += offer(self.engine, self._rate, self._number, self._requests)
        return self._requests * self.case.workers / self._rate

    def aim(self) -> None:
        """Nothing: how long a value lasts is the clock's doing."""

    def some(self, seconds: float) -> Value:
        """About so many seconds of it."""
        return self.engine.run(max(1, round(self._rate / self.case.workers * seconds)))

    def value(self) -> Value:
        return self.engine.run(self._requests)


def rate_of(case: Case, known: float | None) -> float:
    """Requests that arrive per second. known: the capacity, of a case whose rate is a share of it."""
    return float(case.rate) if known is None else max(1.0, known * case.rate_percent / 100)
