"""pytest-benchmark's JSON: one that it wrote here and now, and whatever else such a file may hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import facts, only, patient, read

from benchsuite import doubts, stats
from benchsuite.model import BenchsuiteError

TESTS = """
import hashlib, pytest

@pytest.mark.parametrize("request_size", [64, 1024])
def test_sha256(benchmark, request_size):
    benchmark.pedantic(hashlib.sha256, args=(bytes(request_size),), rounds=7, iterations=100)
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("pytest")
    (folder / "test_hash.py").write_text(TESTS)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--benchmark-json=out.json"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=100,
    )
    return (folder / "out.json").read_text()


def test_every_round_is_a_value(real: str) -> None:
    imported = read(real)
    file = json.loads(real)
    assert len(imported.result.cases) == 2
    for case, entry in zip(imported.result.cases, file["benchmarks"], strict=True):
        assert [value.per_request for value in case.values] == pytest.approx(
            entry["stats"]["data"], rel=1e-12
        )
        assert {value.requests for value in case.values} == {100}
        assert case.case.request_size == entry["params"]["request_size"]
        assert case.case.backend == "pytest-benchmark" and "test_sha256" in case.case.algorithm
        assert stats.summary(case).seconds == pytest.approx(entry["stats"]["median"])
        assert facts(case)["imported_requests"] == "exact"
    assert imported.result.environment["benchsuite_kernel_release"] == file["machine_info"]["release"]


def test_without_the_rounds_there_is_the_median(real: str) -> None:
    data = json.loads(real)
    for entry in data["benchmarks"]:
        del entry["stats"]["data"]
    for case, entry in zip(read(json.dumps(data)).result.cases, data["benchmarks"], strict=True):
        assert case.values[0].per_request == pytest.approx(entry["stats"]["median"])
        assert any("median" in note for note in doubts.notes(case))


def test_a_file_cut_short(real: str, tmp_path: Path) -> None:
    for end in range(1, len(real.strip()), max(1, len(real) // 50)):
        with pytest.raises(BenchsuiteError) as caught:
            read(real[:end])
        assert len(str(caught.value).splitlines()) <= 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"version": "1.0", "benchmarks": [], "benchsuite": {}}', "already"),
        ('{"version": "1.0", "benchmarks": [], "metadata": {}}', "pyperf"),
        ('{"results": []}', "machine_info"),
        ('{"machine_info": {}, "benchmarks": []}', "no figure"),
        ('{"machine_info": {}, "benchmarks": [{"name": "x", "stats": {"median": NaN}}]}', "NaN"),
        ('{"machine_info": {}, "benchmarks": [{"name": "x", "stats": {"median": 1e999}}]}', "large"),
        ('{"machine_info": {}, "benchmarks": [{"stats": {}}, 7]}', "no name"),
        ('{"a": ' + "[" * 100_000, "nested"),
        ('{"a": ' + "9" * 10_000 + "}", "digits"),
    ],
)
def test_other_json_is_refused_with_a_reason(text: str, says: str) -> None:
    with pytest.raises(BenchsuiteError, match=says) as caught:
        read(text)
    assert len(str(caught.value).splitlines()) <= 2 and len(str(caught.value)) < 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "name",
    "fullname",
    "params",
    "extra_info",
    "stats",
    "data",
    "median",
    "mean",
    "iterations",
    "rounds",
    "request_size",
    "benchsuite",
    "case",
    "facts",
    "backend",
    "algorithm",
    "op",
    "q_len",
]
objects = st.recursive(
    json_values,
    lambda inner: st.dictionaries(st.sampled_from(KEYS), inner, max_size=8) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@patient
@given(st.lists(objects, max_size=4), json_values)
def test_whatever_is_in_it_there_is_a_result_or_a_reason(benchmarks: list[Any], machine: Any) -> None:
    try:
        imported = read(json.dumps({"machine_info": machine, "benchmarks": benchmarks}))
    except BenchsuiteError as error:
        assert len(str(error).splitlines()) <= 2
        return
    assert len(imported.result.cases) >= 1


def test_a_case_of_ours_with_wrong_types_is_a_foreign_benchmark() -> None:
    entry = {
        "name": "x",
        "stats": {"median": 0.5},
        "extra_info": {"benchsuite": {"case": {"backend": "software", "algorithm": "y", "q_len": "1"}}},
    }
    case = only(read(json.dumps({"machine_info": {}, "benchmarks": [entry]})))
    assert case.case.backend == "pytest-benchmark" and case.case.request_size == 0
