"""Figures of open loops, and how they are shown: constructed results, so that every figure is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchsuite import doubts, stats
from benchsuite.model import LATENCY, UNLIMITED, Case, CaseResult, Result, Value, WorkerRun
from benchsuite.report import render
from benchsuite.selection.filters import parse
from benchsuite.selection.keys import ordered
from benchsuite.view.groups import groups
from benchsuite.view.listing import ORDERS, Listing
from benchsuite.view.rows import rows

CASE = Case("software", "aes-128-gcm", request_size=1420, rate=1000, arrival="poisson")
LATE, OVERLOADED = "the generator of arrivals was late", "more arrived than was carried"


def opened(
    case: Case = CASE,
    mean: float = 20e-6,
    dropped: int = 0,
    carried: float = 1.0,
    late: tuple[tuple[int, int], ...] = ((100, 1000),),
) -> CaseResult:
    """Three processes of five values, of 1000 arrivals in a second each. carried: of what found a place, per
    second. late: buckets of the generator's lateness."""
    runs = []
    for number in range(3):
        done = 1000 - dropped
        lasts = 1 / carried
        value = Value(done, lasts, 0.02, 0.01, None, 0.0, 1000, dropped, 1.0, mean * done, lasts)
        histogram = {"max": 10**9, "buckets": [list(bucket) for bucket in late]}
        runs.append(WorkerRun(number, values=[value] * 5, latency={"lat": histogram, "late": histogram}))
    return CaseResult(case, runs)


def result_of(*cases: CaseResult) -> Result:
    return Result("loads", "A question.", {}, list(cases))


def text_of(*cases: CaseResult) -> str:
    return render(result_of(*cases), "table", 200)


def test_the_figure_of_an_open_loop_is_its_mean_latency() -> None:
    figures = stats.summary(opened(dropped=20))
    assert figures.open_loop and figures.seconds == figures.latency_mean == pytest.approx(20e-6)
    assert figures.rate == pytest.approx(20) and CASE.rate_unit is LATENCY
    assert figures.offered_per_second == pytest.approx(1000)
    assert figures.carried_per_second == figures.requests_per_second == pytest.approx(980)
    assert figures.dropped == pytest.approx(0.02)
    assert (figures.bits_per_second, figures.mbps, figures.cycles_per_operation) == (None, None, None)
    assert figures.cpu == pytest.approx(0.03)


def test_a_closed_loop_has_none_of_them() -> None:
    closed = CaseResult(replace(CASE, rate=0), [WorkerRun(0, values=[Value(100, 1.0, 0.5, 0.5)] * 5)])
    figures = stats.summary(closed)
    assert not figures.open_loop and figures.requests_per_second == pytest.approx(100)
    told = (figures.latency_mean, figures.offered_per_second, figures.carried_per_second, figures.dropped)
    assert set(told) == {None} and figures.late is None


@pytest.mark.parametrize(
    ("mean", "late", "fraction"),
    [
        (20e-6, ((100, 990), (4999, 10)), 0.0),  # below 5 µs
        (20e-6, ((100, 980), (5001, 20)), 0.02),
        (1e-3, ((100, 980), (49_000, 20)), 0.0),  # 5% of the mean
        (1e-3, ((100, 980), (51_000, 20)), 0.02),
    ],
)
def test_a_generator_may_be_late_by_5_µs_or_5_percent_of_the_mean(
    mean: float, late: tuple[tuple[int, int], ...], fraction: float
) -> None:
    assert stats.summary(opened(mean=mean, late=late)).late == pytest.approx(fraction)


def notes_of(case: CaseResult) -> str:
    return "\n".join(doubts.notes(case))


def test_a_late_generator_is_said_from_1_percent_on() -> None:
    assert LATE in notes_of(opened(late=((100, 980), (6000, 20))))
    assert LATE not in notes_of(opened(late=((100, 995), (6000, 5))))


def test_an_overload_is_said_where_a_queue_grows_and_not_where_it_drops() -> None:
    assert OVERLOADED in notes_of(opened(carried=0.8))
    assert OVERLOADED not in notes_of(opened(carried=0.99))
    assert OVERLOADED not in notes_of(opened(dropped=200))


def test_the_time_that_workers_wait_for_arrivals_is_nobody_elses() -> None:
    case = opened()
    for run in case.runs:
        run.started, run.ended, run.machine_busy = 0.0, 5.0, 5.1
    assert "other programs" not in notes_of(case)
    case.runs[0].machine_busy = 15.0
    assert "other programs" in notes_of(case)


def test_a_table_of_open_loops_has_what_was_offered_and_carried() -> None:
    shown = text_of(opened(), opened(replace(CASE, rate=2000), 40e-6))
    head = " ".join(shown.splitlines()[2:8])
    assert all(word in head for word in ("mean", "offered", "carried", "p50", "p99"))
    assert not any(word in head for word in ("Mbps", "requests", "cycles", "dropped"))
    assert "40.0" in shown


def test_where_there_is_little_room_p99_stays_longer_than_what_was_offered() -> None:
    both = opened(dropped=20), opened(replace(CASE, rate=0, rate_percent=70, arrival="burst:16", backlog=8))
    head = render(result_of(*both), "table", 64).partition("Too narrow")[0]
    assert "p99" in head and "mean" in head and "offered" not in head


def test_what_was_dropped_has_a_column_only_where_something_was() -> None:
    assert "dropped" not in text_of(opened())
    assert "2.00" in text_of(opened(dropped=20), opened(replace(CASE, rate=2000)))


def test_a_closed_loop_in_words_has_no_arrivals() -> None:
    keys = ("q_len", "rate_percent", "arrival", "backlog")
    closed = Case("null", "aes-128-cbc", request_size=64)
    assert closed.words(keys) == "aes-128-cbc encrypt, q_len 1"
    opened = replace(closed, rate_percent=50)
    assert opened.words(keys).endswith("q_len 1, rate 50%, arrival constant, backlog unlimited")


def test_open_and_closed_loops_are_tables_of_their_own() -> None:
    closed = CaseResult(
        replace(CASE, rate=0, arrival="constant"), [WorkerRun(0, values=[Value(9, 1.0, 1, 0)])]
    )
    shown = text_of(closed, opened())
    assert "Cases with a size" in shown and "Cases of an open loop" in shown
    assert "-" in shown and f"{UNLIMITED}" not in shown


def test_backends_beside_each_other_say_which_way_a_ratio_of_latencies_goes() -> None:
    loops = [opened(replace(CASE, backend=name)) for name in ("software", "null")]
    value = Value(1000, 1e-3, 1e-3, 0.0)
    closed = [
        CaseResult(replace(each.case, rate=0, arrival="constant"), [WorkerRun(0, values=[value] * 5)])
        for each in loops
    ]
    mean = "software's mean latency to it, so that above 1 is faster."
    text = render(result_of(*loops), "table", 200, across="backend")
    assert f"Cells: mean µs, × {mean}" in text
    text = render(result_of(*loops, *closed), "table", 200, across="backend")
    assert f"× rate relative to software or {mean}" in text


@pytest.mark.parametrize(
    ("text", "are"),
    [
        ("rate=50%", [50]),
        ("rate=90%,1000", [90, 0]),
        ("rate!=50%", [90, 0]),
        ("rate>=60%", [90]),
        ("rate=*%", [50, 90]),
        ("rate=0", []),
    ],
)
def test_a_share_is_looked_for_as_a_profile_has_it(text: str, are: list[int]) -> None:
    shares = [replace(CASE, rate=0, rate_percent=share) for share in (50, 90)]
    assert [case.rate_percent for case in (*shares, CASE) if parse(text)(case)] == are


def test_the_best_open_loop_has_the_lowest_latency() -> None:
    slow, quick = opened(mean=80e-6), opened(replace(CASE, rate=2000), 30e-6)
    (group,) = groups(rows(result_of(slow, quick)), ["backend"])
    assert group.best is not None and group.best.result is quick and group.best_is == "lowest"
    assert [each.case for each in ordered([slow, quick], "rate", lambda each: each.case, ORDERS)] == [
        quick.case,
        slow.case,
    ]
    assert "lowest with" in render(result_of(slow, quick), "table", 200, listing=Listing(keys=("backend",)))
