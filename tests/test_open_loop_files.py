"""Open loops in files that others read, and read back from our own."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import only, read
from test_open_loop_figures import CASE, opened, result_of

from benchsuite import exports, stats, store
from benchsuite.formats.csv_table.columns import ARRIVED, ARRIVING
from benchsuite.model import UNLIMITED, BenchsuiteError, CaseResult, Value, WorkerRun
from benchsuite.report import render

BOTH = (
    opened(dropped=20),
    opened(replace(CASE, rate=0, rate_percent=70, arrival="burst:8", backlog=5), 33e-6),
)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_what_was_offered_carried_and_dropped() -> None:
    row, other = rows_of(exports.render(result_of(*BOTH), "csv"))
    assert float(row["lat_mean_seconds"]) == pytest.approx(20e-6)
    assert float(row["offered_per_second"]) == pytest.approx(1000)
    assert float(row["carried_per_second"]) == float(row["requests_per_second"]) == pytest.approx(980)
    assert float(row["dropped_fraction"]) == pytest.approx(0.02)
    assert row["seconds_per_request"] == row["bits_per_second"] == row["cycles_per_request"] == ""
    assert (row["rate"], row["rate_percent"], row["arrival"], row["backlog"]) == ("1000", "0", "poisson", "")
    assert (other["rate"], other["rate_percent"], other["backlog"]) == ("0", "70", "5")
    assert row["late_p99_seconds"] and row["lat_p99_seconds"]


def test_a_closed_loop_has_none_of_it() -> None:
    closed = CaseResult(
        replace(CASE, rate=0, arrival="constant"), [WorkerRun(0, values=[Value(9, 1.0, 1, 0)] * 5)]
    )
    (row,) = rows_of(exports.render(result_of(closed), "csv"))
    keys = (
        "lat_mean_seconds",
        "offered_per_second",
        "carried_per_second",
        "dropped_fraction",
        "late_p99_seconds",
    )
    assert {row[key] for key in keys} == {""} and row["seconds_per_request"]


def test_json_says_null_for_an_unlimited_backlog() -> None:
    (case, _) = json.loads(render(result_of(*BOTH), "json", None))["cases"]
    assert case["parameters"]["backlog"] is None and case["parameters"]["rate"] == 1000
    assert case["figures"]["dropped_fraction"] == pytest.approx(0.02)
    assert case["latency"]["late"]["p50_seconds"] is not None


@pytest.mark.parametrize("kind", ["csv", "csv-values"])
def test_our_own_csv_is_read_back(kind: str) -> None:
    back = read(exports.render(result_of(*BOTH), kind)).result
    for before, after in zip(BOTH, back.cases, strict=True):
        keys = ("latency_mean", "offered_per_second", "carried_per_second", "dropped")
        assert after.case.without("backend") == before.case.without("backend")
        ours, theirs = stats.summary(before), stats.summary(after)
        for key in keys:
            assert getattr(theirs, key) == pytest.approx(getattr(ours, key), rel=1e-3), key


VALUES = st.builds(
    lambda done, dropped, failed, wall, arriving, latency: Value(
        done, wall, 0.25, 0.5, None, 0.0, done + dropped + failed, dropped, arriving, latency, wall
    ),
    st.integers(1, 10**9),
    st.integers(0, 10**6),
    st.integers(0, 3),
    *[st.floats(1e-6, 1e6) for _ in range(3)],
)


@given(values=st.lists(VALUES, min_size=1, max_size=4))
def test_values_come_back_from_csv_and_from_a_result_exactly(
    values: list[Value], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("values")
    result = result_of(CaseResult(CASE, [WorkerRun(0, values=values)]))
    case = only(read(exports.render(result, "csv-values")))
    assert case.values == values
    store.save(result, folder / "r.json")
    (case,) = store.load(folder / "r.json").cases
    assert case.values == values and case.case == CASE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lat_mean_seconds": ""}, "a case with a rate needs columns"),
        ({"dropped_fraction": "1"}, "a fraction from 0 to below 1"),
        ({"offered_per_second": "0"}, "expected rates above 0"),
        ({"arrival": "sometimes"}, "'sometimes' is not \"constant\""),
        ({"backlog": "many"}, "'many' is no whole number"),
    ],
)
def test_a_row_that_says_too_little_or_what_cannot_be(change: dict[str, str], said: str) -> None:
    rows = rows_of(exports.render(result_of(BOTH[0]), "csv"))
    out = io.StringIO()
    table = csv.DictWriter(out, rows[0])
    table.writeheader()
    table.writerow(rows[0] | change)
    with pytest.raises(BenchsuiteError, match=said):
        read(out.getvalue())


@pytest.mark.parametrize("to", ["csv", "csv-values"])
@pytest.mark.parametrize("missing", [*ARRIVED, *ARRIVING])
def test_an_open_loop_without_a_column_of_it_is_not_taken_for_a_closed_one(to: str, missing: str) -> None:
    rows = rows_of(exports.render(result_of(BOTH[0]), to))
    if missing not in rows[0]:
        return
    out = io.StringIO()
    table = csv.DictWriter(out, [name for name in rows[0] if name != missing], extrasaction="ignore")
    table.writeheader()
    table.writerows(rows)
    with pytest.raises(BenchsuiteError, match="a case with a rate needs columns"):
        read(out.getvalue())


def test_a_column_called_rate_is_no_arrival_where_nothing_arrived() -> None:
    table = "backend,algorithm,op,request_size,rate,requests_per_second\nx,aes-128-cbc,encrypt,64,7,1000\n"
    case = only(read(table))
    assert (case.case.rate, case.case.backlog) == (0, UNLIMITED)


def test_openmetrics_and_ocf_bench() -> None:
    text = exports.render(result_of(*BOTH), "openmetrics")
    assert "benchsuite_throughput_bits_per_second" not in text
    assert text.count("benchsuite_offered_requests_per_second{") == 2
    assert text.count("benchsuite_dropped_ratio{") == 2
    assert 'backlog="unlimited"' in text
    assert "20.00 mean µs (open loop)" in render(result_of(*BOTH), "ocf-bench", None)


def test_pytest_benchmark_brings_back_what_arrived() -> None:
    text = exports.render(result_of(*BOTH), "pytest-benchmark")
    extra = json.loads(text)["benchmarks"][0]["extra_info"]
    assert "Mbps" not in extra
    assert extra["lat_mean_seconds"] == pytest.approx(20e-6) and extra["dropped_fraction"] == pytest.approx(
        0.02
    )
    for before, after in zip(BOTH, read(text).result.cases, strict=True):
        assert after.case.without("backend") == before.case.without("backend")
        keys = ("requests", "wall", "offered", "dropped", "arriving", "latency", "carrying")
        assert [[getattr(value, key) for key in keys] for value in after.values] == [
            [getattr(value, key) for key in keys] for value in before.values
        ]


@pytest.mark.parametrize("change", [{"offered": [1] * 5}, {"latency": [0.0] * 5}, {"arriving": None}])
def test_pytest_benchmark_without_what_arrived_has_no_figure(change: dict[str, object]) -> None:
    data = json.loads(exports.render(result_of(BOTH[0]), "pytest-benchmark"))
    own = data["benchmarks"][0]["extra_info"]["benchsuite"]
    own["arrived"] |= change
    (case,) = read(json.dumps(data)).result.cases
    assert not case.measured and case.failure is not None
    assert "without what arrived in each value" in case.failure.reason
