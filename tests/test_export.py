"""`benchsuite export`: each format read back by what it is for, whatever the result holds."""

from __future__ import annotations

import csv
import io
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from command import Cli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_fixture import patient, sample
from import_fixture import read as import_text
from pytest_benchmark.stats import Stats
from report_fixture import everything, sizes
from store_strategies import real_result, results

from benchsuite import stats, store
from benchsuite.exports import EXPORTS, csv_values, pytest_benchmark, render
from benchsuite.model import BenchsuiteError, Case, CaseResult, Result

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", EXPORTS)
@relaxed
@given(results)
def test_any_result_can_be_exported(name: str, result: Result) -> None:
    assert render(result, name).endswith("\n")


def test_an_export_there_is_not() -> None:
    with pytest.raises(BenchsuiteError, match="openmetrics"):
        render(sizes(), "xml")


@pytest.mark.parametrize("name", ["csv", "csv-values", "series-csv"])
@relaxed
@given(results)
def test_cases_that_an_export_leaves_out_are_counted(name: str, result: Result) -> None:
    rows = list(csv.reader(io.StringIO(render(result, name), newline="")))[1:]
    assert bool(rows) == (EXPORTS[name].left_out(result) < len(result.cases))


# pytest-benchmark


@patient
@given(st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=60))
def test_statistics_are_those_of_pytest_benchmark(data: list[float]) -> None:
    theirs = Stats()
    for each in data:
        theirs.update(each)
    ours = pytest_benchmark.figures(data, 7)
    for key, value in theirs.as_dict().items():
        if isinstance(value, str):  # outliers: who is one at the very bound is a matter of rounding
            continue
        if key.endswith("outliers"):
            assert abs(ours[key] - value) <= sum(_at_a_bound(each, theirs) for each in data)
        elif key in ("ld15iqr", "hd15iqr"):
            assert ours[key] == value or _at_a_bound(ours[key], theirs) or _at_a_bound(value, theirs)
        else:
            assert ours[key] == pytest.approx(value, rel=1e-9, abs=1e-300)
    assert ours["data"] == data and ours["iterations"] == 7


def _at_a_bound(number: float, of: Stats) -> bool:
    bounds = (of.mean - of.stddev, of.mean + of.stddev, of.q1 - 1.5 * of.iqr, of.q3 + 1.5 * of.iqr)
    return any(math.isclose(number, bound, rel_tol=1e-6, abs_tol=1e-12) for bound in bounds)


def test_pytest_benchmark_compares_it(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(render(real_result(), "pytest-benchmark"))
    (tmp_path / "b.json").write_text(render(real_result(1.65e-6), "pytest-benchmark"))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest_benchmark",
            "compare",
            "a.json",
            "b.json",
            "--csv=out.csv",
            "--group-by=fullname",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "software/aes-cbc-128/encrypt/request_size=16" in done.stdout
    assert "(1.10)" in done.stdout  # 10% slower
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 5


def test_pytest_compares_a_run_with_it(tmp_path: Path) -> None:
    """--benchmark-compare of an exported result loads and shows it."""
    (tmp_path / "a.json").write_text(render(real_result(), "pytest-benchmark"))
    (tmp_path / "test_x.py").write_text("def test_x(benchmark): benchmark(lambda: 1)\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--benchmark-compare=a.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Comparing against benchmarks from: a.json" in done.stdout + done.stderr


def measured(result: Result) -> list[CaseResult]:
    return [case for case in result.cases if case.measured]


@pytest.mark.parametrize("result", [real_result(), everything(), sizes()], ids=["real", "all", "sizes"])
def test_from_pytest_benchmark_it_comes_back(result: Result) -> None:
    back = import_text(render(result, "pytest-benchmark")).result
    assert [case.case for case in back.cases] == [case.case for case in measured(result)]
    for case, original in zip(back.cases, measured(result), strict=True):
        assert [value.per_request for value in case.values] == pytest.approx(
            [value.per_request for value in original.values]
        )
        assert stats.confidence(case) == stats.confidence(original)
        assert stats.facts(case, "version") == stats.facts(original, "version")[:1]


def test_mbps_is_in_extra_info() -> None:
    data = json.loads(render(real_result(), "pytest-benchmark"))
    entry = data["benchmarks"][0]
    assert entry["extra_info"]["Mbps"] == pytest.approx(16 * 8 / entry["stats"]["median"] / 1e6, rel=1e-3)
    assert data["machine_info"]["cpu"]["brand_raw"] == "Some CPU @ 2 GHz"


def test_an_imported_figure_keeps_its_source_on_the_way() -> None:
    first = sample("kcapi-speed-1.5.1.txt")
    back = import_text(render(first.result, "pytest-benchmark")).result
    assert back.cases[0].runs[0].facts["imported_from"] == "kcapi-speed"
    assert "ops/s" in back.cases[0].runs[0].facts["imported_line"]


# csv


def test_every_value_is_a_row() -> None:
    result = real_result()
    rows = list(csv.DictReader(io.StringIO(render(result, "csv-values"), newline="")))
    values = [value for case in measured(result) for value in case.values]
    assert tuple(rows[0]) == csv_values.HEADER
    assert [(int(row["requests"]), float(row["wall_seconds"])) for row in rows] == [
        (value.requests, value.wall) for value in values
    ]
    assert {row["backend"] for row in rows} == {"software"}


def test_what_nobody_counted_is_an_empty_cell() -> None:
    text = render(sample("cryptodev-speed-1.14.txt").result, "csv-values")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {(row["user_seconds"], row["system_seconds"], row["cycles"]) for row in rows} == {("", "", "")}


def test_csv_is_that_of_show() -> None:
    rows = list(csv.DictReader(io.StringIO(render(everything(), "csv"), newline="")))
    assert len(rows) == len(everything().cases)
    assert not any(cell[:1] in tuple("=+@") for row in rows for cell in row.values())


# OpenMetrics


def families(text: str) -> dict[str, list[tuple[dict[str, str], float, float | None]]]:
    """By the parser of Prometheus' own client, which refuses what the specification does."""
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    return {
        family.name: [
            (sample.labels, sample.value, float(sample.timestamp) if sample.timestamp else None)
            for sample in family.samples
        ]
        for family in parser.text_string_to_metric_families(text)
    }


def test_prometheus_reads_it() -> None:
    found = families(render(everything(), "openmetrics"))
    cases = everything().cases
    assert len(found["benchsuite_measured"]) == len(cases)
    assert sum(value for _, value, _ in found["benchsuite_measured"]) == len(measured(everything()))
    assert [labels["confidence"] for labels, _, _ in found["benchsuite_simulated"]] == ["table"]
    by_size = {
        (labels["backend"], labels["request_size"], labels["op"]): value
        for labels, value, _ in found["benchsuite_throughput_bits_per_second"]
    }
    case = next(case for case in cases if case.case.request_size == 64 and case.measured)
    assert by_size["software", "64", "encrypt"] == stats.summary(case).bits_per_second
    quantiles = {labels["quantile"] for labels, _, _ in found["benchsuite_latency_seconds"]}
    assert quantiles == {"0.5", "0.9", "0.99", "0.999", "1"}
    times = {time for _, _, time in found["benchsuite_request_seconds"]}
    assert all(time and time > 1_700_000_000 for time in times)
    assert found["benchsuite_result"][0][0]["cpu"] == "Example CPU @ 2.80GHz"


@relaxed
@given(results)
def test_prometheus_reads_any_result(result: Result) -> None:
    found = families(render(result, "openmetrics"))
    assert len(found.get("benchsuite_measured", [])) == len(result.cases)
    for samples in found.values():
        labels = [json.dumps(each, sort_keys=True) for each, _, _ in samples]
        assert len(set(labels)) == len(labels)


def test_without_payload_there_is_no_throughput() -> None:
    result = sample("openssl-3.0.19-public-key.txt").result
    found = families(render(result, "openmetrics"))
    assert "benchsuite_throughput_bits_per_second" not in found
    assert len(found["benchsuite_request_seconds"]) == len(result.cases)
    assert "Mbps" not in json.loads(render(result, "pytest-benchmark"))["benchmarks"][0]["extra_info"]


def test_equal_cases_stay_apart() -> None:
    result = sizes()
    result.cases = [CaseResult(Case("null", "x", request_num=n), sizes().cases[0].runs) for n in (1, 1000)]
    found = families(render(result, "openmetrics"))
    assert [labels.get("repetition") for labels, _, _ in found["benchsuite_request_seconds"]] == [None, "2"]
    names = [entry["name"] for entry in json.loads(render(result, "pytest-benchmark"))["benchmarks"]]
    assert len(set(names)) == 2


# The command


def test_the_command(cli: Cli) -> None:
    store.save(real_result(), cli.directory / "r.json")
    done = cli.run("export", "r.json", "--to", "openmetrics")
    assert done.returncode == 0 and done.stdout.endswith("# EOF\n")
    done = cli.run("export", "r.json", "--to", "pytest-benchmark", "-o", "p.json")
    assert done.returncode == 0 and "2 of 4 cases have no figure" in done.stderr
    assert json.loads((cli.directory / "p.json").read_text())["benchmarks"]
    assert "--overwrite" in cli.refuses("export", "r.json", "--to", "csv", "-o", "p.json")
    assert cli.run("export", "r.json", "--to", "csv", "-o", "p.json", "--overwrite").returncode == 0
    assert (cli.directory / "p.json").read_bytes().startswith(b"name,backend,")
    assert "no such result file" in cli.refuses("export", "none.json", "--to", "csv")
    assert "xml" in cli.refuses("export", "r.json", "--to", "xml")
