"""The pytest plugin, by pytest itself in a directory of its own."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from import_fixture import read
from zoo.library import build_faulty

from benchsuite import stats, store

PROFILE = """
why = "A test."
[measure]
processes = 2
values = 3
min_time = "1ms"
[[matrix]]
why = "Two."
algorithm = "aes-128-cbc"
request_size = [64, 1024]
backend = ["software", "null"]
"""
OWN_TESTS = """
def test_own(): pass
def test_own_benchmark(benchmark): benchmark(lambda: 1)
"""
INSTALLED = bool(importlib.metadata.entry_points(group="pytest11", name="benchsuite"))


class Pytest:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "test_own.py").write_text(OWN_TESTS)
        (directory / "small.toml").write_text(PROFILE)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        plugin = [] if INSTALLED else ["-p", "benchsuite.pytest_plugin"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin, *arguments],
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=200,
            env={**os.environ, "COLUMNS": "200"},
        )

    def benchmarks(self, *arguments: str) -> list[dict[str, Any]]:
        done = self.run("--benchsuite-profile", "./small.toml", "--benchmark-json=o.json", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        found: list[dict[str, Any]] = json.loads((self.directory / "o.json").read_text())["benchmarks"]
        return found


@pytest.fixture
def pytester(tmp_path: Path) -> Pytest:
    return Pytest(tmp_path)


def test_each_case_is_a_benchmark_with_mbps(pytester: Pytest) -> None:
    found = {entry["name"]: entry for entry in pytester.benchmarks("--benchsuite-output=r.json")}
    result = store.load(pytester.directory / "r.json")
    assert set(found) == {case.case.name for case in result.cases} | {"test_own_benchmark"}
    for case in result.cases:
        entry = found[case.case.name]
        # What the worker processes measured, to the last digit.
        assert entry["stats"]["data"] == [value.per_request for value in case.values]
        assert entry["stats"]["rounds"] == 6
        assert entry["extra_info"]["Mbps"] == round(stats.summary(case).mbps, 3) > 0
        assert entry["fullname"] == f"benchsuite::{case.case.name}"
        assert case.runs[0].facts["verified"]


def test_the_file_is_imported_as_what_it_is(pytester: Pytest) -> None:
    pytester.benchmarks("--benchsuite-output=r.json", "--benchmark-only")
    back = read((pytester.directory / "o.json").read_bytes()).result
    result = store.load(pytester.directory / "r.json")
    assert {case.case for case in result.cases} <= {case.case for case in back.cases}


def test_the_summary_says_what_the_figures_answer(pytester: Pytest) -> None:
    done = pytester.run("--benchsuite-profile", "./small.toml")
    summary = done.stdout.partition("benchsuite: findings")[2]
    assert "- The engine itself takes " in summary, done.stdout


def test_only_what_is_chosen_is_measured(pytester: Pytest) -> None:
    found = pytester.benchmarks("-k", "null and 1024", "--benchsuite-output=r.json")
    assert [entry["name"] for entry in found] == [
        "null/aes-128-cbc/encrypt/request_size=1024,q_len=1,batch=0,cbimm=1"
    ]
    assert len(store.load(pytester.directory / "r.json").cases) == 1


def test_the_profile_is_changed_by_options(pytester: Pytest) -> None:
    found = pytester.benchmarks(
        "--benchsuite-backend=null", "--benchsuite-set=request_size=16", "--benchsuite-budget=30s", "-k=aes"
    )
    assert [entry["name"] for entry in found] == [
        "null/aes-128-cbc/encrypt/request_size=16,q_len=1,batch=0,cbimm=1"
    ]


def test_collecting_measures_nothing_and_counts_right(pytester: Pytest) -> None:
    done = pytester.run("--benchsuite-profile", "./small.toml", "--collect-only", "-q")
    assert done.stdout.count("benchsuite::") == 4 and "6 tests collected" in done.stdout


def test_disabled_benchmarks_are_skipped(pytester: Pytest) -> None:
    done = pytester.run("--benchsuite-profile", "./small.toml", "--benchmark-disable", "-ra")
    assert done.returncode == 0 and "2 passed, 4 skipped" in done.stdout


def test_what_cannot_run_here_is_skipped_with_its_reason(pytester: Pytest) -> None:
    """tcrypt has no mode for that digest on any kernel, and is not there at all on most machines."""
    more = '[[matrix]]\nwhy = "x"\nbackend = "tcrypt"\nalgorithm = "sha512-224"\nrequest_size = 64\n'
    (pytester.directory / "two.toml").write_text(PROFILE + more)
    done = pytester.run("--benchsuite-profile", "./two.toml", "-rs", "-k", "null or tcrypt")
    assert done.returncode == 0 and "2 passed, 1 skipped" in done.stdout
    assert "unsupported: " in done.stdout or "unavailable: " in done.stdout


def test_a_crash_is_a_failed_test(pytester: Pytest) -> None:
    library = build_faulty(pytester.directory, "crash")
    done = pytester.run(
        "--benchsuite-profile", "./small.toml", f"--benchsuite-backend=software:{library}", "-k", "software"
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "2 failed" in done.stdout and "error" not in done.stdout.splitlines()[-1]
    assert "crash: the worker crashed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--benchsuite-profile", "nosuch"], "unknown profile 'nosuch'"),
        (["--benchsuite-profile", "./small.toml", "--benchsuite-set", "x=1"], "x"),
        (["--benchsuite-profile", "./small.toml", "--benchsuite-budget", "soon"], "not a duration"),
        (["--benchsuite-profile", "./small.toml", "--benchsuite-output", "none/r.json"], "no directory"),
        (["--benchsuite-profile", "./small.toml", "-p", "no:benchmark"], "pytest-benchmark"),
    ],
)
def test_a_mistake_is_a_line(pytester: Pytest, arguments: list[str], says: str) -> None:
    done = pytester.run(*arguments)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert says in done.stderr and "Traceback" not in done.stderr + done.stdout
    assert len(done.stderr.strip().splitlines()) <= 3


def test_without_the_option_nothing_changes(pytester: Pytest) -> None:
    done = pytester.run("-q")
    assert done.returncode == 0 and "2 passed" in done.stdout


def test_an_open_loop_is_a_benchmark_by_its_mean_latency(pytester: Pytest) -> None:
    text = PROFILE.replace('["software", "null"]', '"null"').replace("[64, 1024]", "64")
    (pytester.directory / "small.toml").write_text(text + "rate = 20000\n")
    (found,) = (each for each in pytester.benchmarks() if "benchsuite" in each["extra_info"])
    assert found["extra_info"]["benchsuite"]["case"]["rate"] == 20000
    assert found["extra_info"]["benchsuite"]["facts"]["offered_rate"] == "20000"
    assert found["stats"]["mean"] > 0
