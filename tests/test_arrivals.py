"""What arrivals tell of an open loop, held against a queue that is worked out request by request."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_open_loop_figures import CASE

from benchsuite import doubts, stats
from benchsuite.model import UNLIMITED, CaseResult, Value, WorkerRun

SERVICE = 20e-6  # seconds of a request in the one server of the queue
REQUESTS = 4000
OVERLOADED, LATE = "more arrived than was carried", "the generator of arrivals was late"


def arrivals(arrival: str, load: float, chance: random.Random) -> tuple[list[float], float]:
    """When requests arrive, and in which time all of them do."""
    rate = load / SERVICE
    if arrival == "poisson":
        times = [0.0]
        while len(times) < REQUESTS:
            times.append(times[-1] + chance.expovariate(rate))
        return times, times[-1] + 1 / rate
    burst = int(arrival.partition(":")[2] or 1)
    return [i // burst * burst / rate for i in range(REQUESTS)], REQUESTS / rate


def value(
    arrival: str,
    load: float,
    chance: random.Random,
    backlog: float = float("inf"),
    pipeline: float = 0.0,
    pause: tuple[float, float] = (0.0, 0.0),
) -> Value:
    """A value of that queue. backlog: requests that may wait. pipeline: seconds that a request takes beyond
    its time in the server. pause: when the server stops, and for how long."""
    times, arriving = arrivals(arrival, load, chance)
    inside: deque[float] = deque()
    done: list[tuple[float, float]] = []
    free = 0.0
    for at in times:
        while inside and inside[0] <= at:
            inside.popleft()
        if len(inside) > backlog:
            continue
        begin = max(free, at)
        if pause[0] <= begin < sum(pause):
            begin = sum(pause)
        free = begin + SERVICE
        inside.append(free)
        done.append((at, free + pipeline))
    # As the engine has it: from the first completion to the first of what arrived last.
    last = next(i for i, (at, _) in enumerate(done) if at == done[-1][0])
    carrying = (done[last][1] - done[0][1]) / last * len(done)
    latency = sum(end - at for at, end in done)
    dropped = REQUESTS - len(done)
    return Value(len(done), done[-1][1], 0.1, 0.1, None, 0.0, REQUESTS, dropped, arriving, latency, carrying)


def case_of(values: list[Value], backlog: int = UNLIMITED) -> CaseResult:
    runs = [WorkerRun(0, values=values[::2]), WorkerRun(1, values=values[1::2])]
    return CaseResult(replace(CASE, backlog=backlog), runs)


ARRIVALS = st.sampled_from(["constant", "poisson", "burst:4", "burst:16"])
SEEDS = st.integers(0, 2**32)
EXAMPLES = settings(max_examples=25, deadline=None)


@EXAMPLES
@given(ARRIVALS, st.floats(0.5, 0.95), st.sampled_from([8, UNLIMITED]), st.sampled_from([0, 2e-3]), SEEDS)
def test_what_is_kept_up_with_is_carried_as_it_arrives(
    arrival: str, load: float, backlog: int, pipeline: float, seed: int
) -> None:
    chance = random.Random(seed)
    result = case_of([value(arrival, load, chance, backlog, pipeline) for _ in range(10)], backlog)
    figures = stats.summary(result)
    assert figures.offered_per_second is not None and figures.dropped is not None
    found_place = figures.offered_per_second * (1 - figures.dropped)
    assert figures.carried_per_second == pytest.approx(found_place, rel=0.01)
    assert not figures.overloaded


@EXAMPLES
@given(ARRIVALS, st.floats(1.05, 2), st.sampled_from([0, 2e-3]), SEEDS)
def test_of_an_overload_the_capacity_is_carried_and_it_is_said(
    arrival: str, load: float, pipeline: float, seed: int
) -> None:
    chance = random.Random(seed)
    result = case_of([value(arrival, load, chance, pipeline=pipeline) for _ in range(10)])
    assert stats.summary(result).carried_per_second == pytest.approx(1 / SERVICE, rel=0.02)
    assert any(OVERLOADED in note for note in doubts.notes(result))


@EXAMPLES
@given(st.sampled_from(["constant", "burst:4"]), st.floats(1.2, 2), st.sampled_from([8, 50, 400]), SEEDS)
def test_with_a_bounded_backlog_the_capacity_is_carried_and_the_rest_dropped(
    arrival: str, load: float, backlog: int, seed: int
) -> None:
    chance = random.Random(seed)
    result = case_of([value(arrival, load, chance, backlog) for _ in range(10)], backlog)
    figures = stats.summary(result)
    assert figures.dropped and figures.carried_per_second == pytest.approx(1 / SERVICE, rel=0.02)
    assert not any(OVERLOADED in note for note in doubts.notes(result))


@EXAMPLES
@given(ARRIVALS, st.floats(0.3, 0.9), st.floats(0.01, 0.1), SEEDS)
def test_a_pause_in_some_values_is_no_overload(arrival: str, load: float, lasts: float, seed: int) -> None:
    chance = random.Random(seed)
    ends = REQUESTS * SERVICE / load
    paused = [value(arrival, load, chance, pause=(0.9 * ends, lasts)) for _ in range(4)]
    figures = stats.summary(case_of([*paused, *(value(arrival, load, chance) for _ in range(6))]))
    assert not figures.overloaded
    assert figures.carried_per_second == pytest.approx(figures.offered_per_second, rel=0.01)


def late_once(lasts: float, load: float = 0.1) -> tuple[CaseResult, float]:
    """A case of which the generator is late once in each value, and which share of the latency that is."""
    chance = random.Random(1)
    quiet, late = value("constant", load, chance), value("constant", load, chance, pause=(0.1, lasts))
    result = case_of([late] * 10)
    for run in result.runs:
        histogram = [[100, 5 * REQUESTS - 5], [round(lasts * 1e9), 5]]
        run.latency = {"late": {"max": round(lasts * 1e9), "buckets": histogram}}
    return result, 1 - quiet.latency / late.latency


@pytest.mark.parametrize("lasts", [1e-3, 4e-3, 16e-3])
def test_what_waits_for_a_generator_that_is_late_is_its_own(lasts: float) -> None:
    result, share = late_once(lasts)
    figures = stats.summary(result)
    assert figures.late is not None and figures.late < doubts.LATE_LIMIT  # one arrival of thousands
    assert figures.generators_own is not None
    assert 0.8 * share < figures.generators_own < 1.05 * share
    assert share < doubts.OWN_LIMIT or any(LATE in note for note in doubts.notes(result))


def test_a_bounded_queue_has_no_more_waiting_for_it_than_places() -> None:
    result, _ = late_once(16e-3)
    unlimited = stats.summary(result).generators_own
    bounded = replace(result, case=replace(result.case, backlog=3))
    own = stats.summary(bounded).generators_own
    assert unlimited is not None and own is not None and 0 < own < unlimited / 10
