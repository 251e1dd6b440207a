"""Figures of a case: what they are computed from, and when they carry a doubt."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_fixture import measured, worker

from benchsuite import doubts, percentiles, stats
from benchsuite.model import Case, CaseResult, CouldNotMeasure, Failure, Value, WorkerRun

CASE = Case("software", "aes-cbc-128", request_size=1000, q_len=40)


def case_of(*per_request: list[float]) -> CaseResult:
    """One worker per list; values of 1000 requests."""
    runs = []
    for round, seconds in enumerate(per_request):
        values = [Value(1000, 1000 * one, user=500 * one, system=250 * one) for one in seconds]
        runs.append(WorkerRun(round, values=values))
    return CaseResult(CASE, runs)


def test_figures_rest_on_the_median():
    figures = stats.summary(case_of([1e-6, 2e-6, 4e-6], [2e-6, 90e-6]))
    assert figures.seconds == pytest.approx(2e-6)
    assert figures.mbps == pytest.approx(4000)
    assert figures.requests_per_second == pytest.approx(500_000)
    assert (figures.processes, figures.values, figures.requests) == (2, 5, 5000)
    assert figures.wall == pytest.approx(0.099)
    assert figures.cpu == pytest.approx(0.75)


def test_the_cpus_share_needs_every_value():
    result = case_of([1e-6, 2e-6])
    result.runs[0].values[1] = replace(result.runs[0].values[1], system=None)
    assert stats.summary(result).cpu is None
    assert not any("busy with work" in note for note in doubts.notes(result))


def test_a_barrier_is_no_queue_kept_full():
    result = measured(replace(CASE, backend="tcrypt", q_len=8), 1e-6, facts={"way": "barrier"})
    assert any("barrier" in note for note in doubts.notes(result))


def test_spread_is_half_the_interquartile_range_of_the_median():
    assert stats.summary(case_of([8e-6, 9e-6, 10e-6, 11e-6, 12e-6])).spread == pytest.approx(0.1)
    assert stats.summary(case_of([8e-6])).spread is None


def test_process_spread_compares_the_processes_medians():
    figures = stats.summary(case_of([10e-6] * 9, [10e-6] * 9, [12e-6] * 3))
    assert figures.spread == pytest.approx(0)
    assert figures.process_spread == pytest.approx(0.1)
    assert stats.summary(case_of([1e-6, 2e-6])).process_spread is None


def test_cycles_need_every_value():
    result = measured(CASE, 1e-6, cycles=2000.0, wobble=0.0)
    assert stats.summary(result).cycles_per_request == pytest.approx(2000)
    assert stats.summary(result).cycles_per_byte == pytest.approx(2)
    result.runs[0].values[0] = replace(result.runs[0].values[0], cycles=None)
    assert stats.summary(result).cycles_per_request is None
    assert stats.summary(result).cycles_per_byte is None


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (CaseResult(CASE), "the run ended before"),
        (CaseResult(CASE, [worker(0, 1e-6)], Failure("crash", "signal 11")), "signal 11"),
        (CaseResult(CASE, [WorkerRun(0, values=[Value(0, 1.0, 0.0, 0.0)])]), "no requests"),
        (CaseResult(CASE, [WorkerRun(0, values=[Value(1, 0.0, 0.0, 0.0)])]), "took no time"),
    ],
)
def test_no_figures_says_why(result, said):
    with pytest.raises(CouldNotMeasure, match=said):
        stats.summary(result)
    assert doubts.notes(result) == []


def test_counters_of_several_workers():
    merged = stats.merge_counters(
        [
            {"submitted": 5, "high_water": 7, "first_error": 0, "direct": 1},
            {"submitted": 6, "high_water": 3, "first_error": -5, "direct": 0},
            {"submitted": 1, "high_water": 1, "first_error": -74, "direct": 1, "drops": 2},
        ]
    )
    assert merged == {"submitted": 12, "high_water": 7, "first_error": -5, "direct": 0, "drops": 2}


def histogram(samples: list[int]) -> dict:
    """Buckets of exact samples, as the engine gives them where a bucket is 1 ns wide."""
    return {"max": max(samples, default=0), "buckets": [[s, samples.count(s)] for s in sorted(set(samples))]}


SAMPLES = st.lists(st.integers(0, 10**10), max_size=60)


@given(SAMPLES.filter(bool))
def test_percentile_is_the_nearest_rank(samples):
    found = percentiles.latency([histogram(samples)])
    ordered = sorted(samples)
    for share, percentile in ((0.5, found.p50), (0.9, found.p90), (0.99, found.p99)):
        assert percentile == ordered[math.ceil(round(share * len(samples), 6)) - 1]


@given(SAMPLES, SAMPLES)
def test_merged_percentiles_are_those_of_all_samples_together(some, others):
    together = percentiles.latency([histogram(some + others)])
    assert percentiles.latency([histogram(some), histogram(others)]) == together
    assert (together is None) == (not some + others)


@given(st.dictionaries(st.integers(1, 10**12), st.integers(0, 10**6), min_size=1), st.integers(0, 10**12))
def test_percentiles_rise_and_never_pass_the_largest(buckets, largest):
    found = percentiles.latency([{"max": largest, "buckets": [list(item) for item in buckets.items()]}])
    if not any(buckets.values()):
        assert found is None
        return
    assert found.count == sum(buckets.values())
    assert found.p50 <= found.p90 <= found.p99 <= found.p99_9 <= found.max == largest


def test_latency_stages_without_samples_are_absent():
    result = measured(CASE, 1e-6)
    for run in result.runs:
        run.latency["clat"] = {"max": 0, "buckets": []}
        del run.latency["slat"]
    assert list(stats.summary(result).latency) == ["lat"]


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ([3], (3, 3)),
        ([1, 2, 9], (1, 9)),
        (range(1, 11), (1, 10)),
        (range(1, 31), (9, 22)),  # the tables have the ranks 10 and 21; rounded outwards
        (range(1, 101), (40, 61)),
    ],
)
def test_the_interval_of_a_median_goes_by_ranks(values, bounds):
    assert stats.summary(case_of([1e-6 * value for value in values])).interval == pytest.approx(
        [1e-6 * bound for bound in bounds]
    )


def test_the_interval_holds_every_processs_own_median():
    assert stats.summary(case_of([1.5e-6] * 15, [1e-6] * 15)).interval == pytest.approx((1e-6, 1.5e-6))
    assert stats.summary(case_of([1e-6] * 29 + [50e-6])).interval == pytest.approx((1e-6, 1e-6))


@given(st.lists(st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=40), min_size=1, max_size=4))
def test_an_interval_holds_the_figure_and_lies_among_the_values(values):
    result = case_of(*values)
    low, high = stats.summary(result).interval
    every = [value.per_request for value in result.values]
    assert min(every) <= low <= stats.summary(result).seconds <= high <= max(every)


def test_without_a_figure_there_is_no_interval():
    with pytest.raises(CouldNotMeasure):
        assert stats.summary(CaseResult(CASE)).interval


def test_a_quiet_case_has_no_notes():
    assert doubts.notes(measured(CASE, 1e-6, requests=25_000)) == []


def slow_stamps() -> CaseResult:
    result = measured(CASE, 1e-6, requests=25_000)
    for run in result.runs:
        run.values = [replace(value, timestamps=0.011 * value.wall) for value in run.values]
    return result


def uneven_processes() -> CaseResult:
    runs = [worker(i, 1.2e-6 if i == 4 else 1e-6, requests=25_000, values=5) for i in range(5)]
    return CaseResult(CASE, runs)


def held(high_water, driver):
    return measured(
        CASE, 1e-6, requests=25_000, counters={"high_water": high_water}, facts={"driver": driver}
    )


@pytest.mark.parametrize(
    ("result", "beginning"),
    [
        (measured(CASE, 1e-6, requests=25_000, workers=1, values=4), "fewer than 5 values"),
        (measured(CASE, 1e-6, requests=25_000, wobble=0.12), "spread above 10%"),
        (uneven_processes(), "worker processes differ"),
        (measured(CASE, 1e-6, requests=15_000), "values shorter than 20 ms"),
        (slow_stamps(), "time-stamping took more than 1%"),
        (measured(CASE, 1e-6, requests=25_000, counters={"drops": 1}), "requests were refused"),
        (held(39, "asynchronous"), "the driver never held q_len"),
        (held(1, "asynchronous"), "the driver never held q_len"),
        (measured(CASE, 1e-6, requests=25_000, facts={"cycles_source": "tsc"}), doubts._TSC),
        (measured(CASE, 1e-6, requests=25_000, facts={"cycles_source": "cntvct"}), doubts._CNTVCT),
        (measured(CASE, 1e-6, requests=25_000, facts={"cycles_source": "perf-user"}), "cycles are those"),
        (measured(CASE, 1e-6, requests=25_000, busy=0.3), "the CPUs were busy"),
        (measured(CASE, 1e-6, requests=25_000, facts={"simulated": "yes"}), "simulated"),
        (measured(Case("sim:hifn7956", "des-cbc"), 1e-6, requests=25_000), "simulated"),
    ],
)
def test_each_doubt_is_said_alone(result, beginning):
    (note,) = doubts.notes(result)
    assert note.startswith(beginning)


def test_a_filled_queue_and_a_synchronous_driver_are_no_doubt():
    assert doubts.notes(held(40, "asynchronous")) == []
    assert doubts.notes(held(1, "synchronous")) == []


def test_work_outside_the_values_is_taken_for_the_workers_own():
    """Set-up and verification are CPU time of the worker that no value counts."""
    result = measured(CASE, 1e-6, requests=25_000, busy=0.1)
    for run in result.runs:
        run.ended += 0.1
    assert doubts.notes(result) == []


def test_a_simulated_case_that_failed_still_says_so():
    assert doubts.notes(CaseResult(Case("sim:x", "des-cbc"), [], Failure("crash", "x"))) == [
        "simulated, how sure is not said: the times are those of a model, no device was measured"
    ]


def test_while_results_are_shown_a_case_is_summed_up_once_and_afterwards_anew():
    result = case_of([1e-6])
    with stats.remembering():
        first = stats.summary(result)
        with stats.remembering():  # findings, on what is shown already
            assert stats.summary(result) is first
        assert stats.summary(result) is first and stats.summary(case_of([1e-6])) is not first
    result.runs[0].values[0] = Value(1000, 2e-3, user=None, system=None)
    assert stats.summary(result).seconds == pytest.approx(2e-6)


def test_what_cannot_be_summed_up_is_not_remembered():
    result = CaseResult(CASE)
    with stats.remembering():
        with pytest.raises(CouldNotMeasure):
            stats.summary(result)
        result.runs.append(worker(0, 1e-6))
        assert stats.summary(result).values


def test_nothing_is_remembered_after_an_error():
    result = case_of([1e-6])
    with pytest.raises(ZeroDivisionError), stats.remembering():
        stats.summary(result)
        _ = 1 / 0
    assert stats.summary(result) is not stats.summary(result)
