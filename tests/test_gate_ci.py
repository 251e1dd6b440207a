"""What CI and git bisect get to know of a gate that could not do what it was asked, or not all of it; and the
recipe of docs/ci.md for git bisect."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmarks import slower
from command import Cli
from compare_fixture import CBC, GCM, measured, paired, result
from test_ci_docs import TEXT, library
from test_gate_cli import ONE, TOO_SHORT

from benchsuite import host, store
from benchsuite.compare.comparison import BUDGET, Line
from benchsuite.compare.matching import Couple
from benchsuite.model import Case, Failure

NULLS = ["gate", "ci", "--paired", "null", "null"]
LIMITS = ["--threshold", "900%", "--smallest", "800%"]
MANY = ["-s", "algorithm=aes-128-cbc", "-s", "request_size=64,128,256", "-s", "op=encrypt", "-q"]


# Too little time is undecided, and nothing else


@pytest.mark.parametrize(("more", "status"), [([], 4), (["--undecided", "pass"], 0)])
def test_cases_without_a_round_are_undecided(more: list[str], status: int, cli: Cli) -> None:
    done = cli.run(*NULLS, *MANY, *TOO_SHORT, *more, "--junit", "j.xml", "--github")
    assert done.returncode == status, done.stderr + done.stdout
    assert "undecided: 3 of 3 cases undecided" in done.stderr and "--budget was too short" in done.stderr
    assert "undecided, 3 of 3 cases: null/aes-128-cbc" in done.stderr  # which
    assert "undecided (budget)" in done.stdout and "3 cases: 3 undecided" in done.stdout
    suite = ET.parse(cli.directory / "j.xml").getroot()[0]
    assert suite.get("skipped") == "3" and suite.get("errors") == "0"
    assert "::error" not in done.stdout and done.stdout.count("::warning title=") == 3


def test_compare_takes_too_little_time_for_undecided_as_well(cli: Cli) -> None:
    done = cli.run("compare", *NULLS[2:], "ci", *MANY, *TOO_SHORT, "-o", "r.json")
    assert done.returncode == 0 and "undecided (budget)" in done.stdout, done.stderr + done.stdout
    done = cli.run("compare", "r.json")
    assert done.returncode == 0 and "undecided (budget)" in done.stdout, done.stderr + done.stdout


def line(status: str, *failures: str, runs: bool = False, **couple: bool) -> Line:
    sides = [measured(CBC, [1e-6] * runs) for _ in range(2)]
    for side, kind in zip(sides, failures, strict=False):
        side.failure = Failure(kind, "why") if kind else None
    return Line(Couple(*sides, couple.get("together", True)), "wall", status)


def test_a_failure_is_not_for_want_of_time() -> None:
    assert line(BUDGET).kind == "undecided" and line("not measured").kind == "undecided"
    assert line(BUDGET, "", "crash").kind == "" and line("hang", "hang").kind == ""
    assert line("not measured", runs=True).kind == ""  # no cycles are counted, say
    assert line("not measured", together=False).kind == ""  # of two files


# A baseline of some of the cases


def test_a_baseline_of_some_cases_passes_only_as_partial_and_gets_the_others(cli: Cli) -> None:
    few = ["gate", "ci", "-b", "null", "--baseline", "b.json", *LIMITS]
    assert cli.run(*few, *ONE, "--accept", "one").returncode == 0
    message = cli.refuses(*few, *MANY)
    assert "has 1 of the 3 cases, without null/aes-128-cbc/encrypt/request_size=128" in message
    assert "--accept" in message and "--partial" in message
    done = cli.run(*few, *MANY, "--partial", "-o", "r.json")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "none of 1 case slower by 900%; 2 cases not measured, for want of a baseline" in done.stderr
    assert "only in Other: null/aes-128-cbc/encrypt/request_size=128" in done.stdout
    assert len(store.load(cli.directory / "r.json").cases) == 2  # a case and its anchor
    done = cli.run(*few, *MANY, "--filter", "request_size!=64", "--accept", "the others")
    assert "rounds of each at least; 0 replaced, 2 added, 1 kept)" in done.stderr, done.stderr
    done = cli.run(*few, *MANY, "--filter", "request_size=64")
    assert done.returncode == 0 and "only in Base: null/aes-128-cbc/encrypt/request_size=128" in done.stdout


@pytest.mark.parametrize(
    ("backend", "environment", "said"),
    [
        ("null", {}, "from another machine (Example CPU @ 2.80GHz, this one is "),
        ("software:/old/libcrypto.so", host.environment(), "would stay in it, beside those of software:"),
    ],
)
def test_what_the_next_gate_would_not_take_does_not_stay(
    backend: str, environment: dict[str, Any], said: str, cli: Cli
) -> None:
    two = [(replace(CBC, request_size=size), 5e-6, 1e-6) for size in (64, 128)]
    store.save(paired(two, ("python", backend), **environment), cli.directory / "b.json")
    here = f"software:{library()}" if "software" in backend else backend
    message = cli.refuses("gate", "ci", "-b", here, *ONE, "--baseline", "b.json", "--accept", "one")
    assert said in message and "1 case" in message and "or measure all of its cases" in message


# One value a side


def test_one_value_a_side_says_what_to_do(cli: Cli) -> None:
    for name, count in (("a", 1), ("b", 1), ("c", 3)):
        cases = [
            measured(case, [1e-6 + i * 1e-9 for i in range(count)], imported_from="x") for case in (CBC, GCM)
        ]
        for case in cases:
            for run in case.runs:
                del run.values[1:]
        store.save(result(*cases), cli.directory / f"{name}.json")
    said = cli.run("compare", "a.json", "b.json").stdout
    assert said.count("undecided (one value)") == 2 and "noise)" not in said
    assert "One value each, so noise cannot be told from change: import several logs together" in said
    assert "One value, so noise" in cli.run("compare", "a.json", "c.json").stdout
    assert "ne value" not in cli.run("compare", "c.json", "c.json").stdout


# Errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gate", "ci", "--paired", "null", "nul"], "unknown backend 'nul'"),
        (["gate", "ci", "--paired", "null", "null", "--budget", "x"], "--budget"),
        (["gate", "ci"], "what to compare with?"),
        (["gate", "ci", "--no-such-option"], "--no-such-option"),
        (["gate", "ci", "--paired", "null", "software:/no%such.so"], "/no%25such.so"),
    ],
)
def test_bad_input_is_an_annotation_and_a_failed_test(words: list[str], message: str, cli: Cli) -> None:
    done = cli.run(*words, "--github", "--junit=j.xml")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stdout.startswith("::error title=benchsuite::") and message in done.stdout
    assert done.stdout.count("\n") == 1
    test = ET.parse(cli.directory / "j.xml").find("testsuite/testcase/error")
    assert test is not None and message.replace("%25", "%") in (test.get("message") or "")


def test_without_the_option_there_is_neither(cli: Cli) -> None:
    cli.refuses("gate", "ci", "--paired", "null", "nul", "--junit", "no/where.xml")
    (cli.directory / "j.xml").write_text("mine")
    assert "already" in cli.refuses(*NULLS, "--junit", "j.xml")
    assert (cli.directory / "j.xml").read_text() == "mine"


# git bisect


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ([*NULLS, *ONE, *TOO_SHORT], 125),
        (["gate", "ci", "--paired", "null", "python", *ONE, "-s", "batch=1"], 125),  # it has no queues
        (["gate", "ci", "--paired", "null", "software:/not/built.so", *ONE], 125),
        (["gate", "ci", "--paired", "null", "nul", *ONE], 128),
        (["gate", "ci", "--paired", "null", "null", "--no-such-option"], 128),
    ],
)
def test_what_cannot_be_told_skips_a_commit(words: list[str], status: int, cli: Cli) -> None:
    done = cli.run(*words, "--bisect")
    assert done.returncode == status, done.stderr


def git(folder: Path, *words: str) -> str:
    usual = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *usual, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture
def history(tmp_path: Path) -> tuple[Path, list[str]]:
    """A repository of seven commits: the third does not build, and from the fifth on sha256 takes longer."""
    if not shutil.which("git"):
        pytest.skip("no git")
    (tmp_path / "built").mkdir()
    case = Case("software", "sha256", "digest", request_size=64)
    slow = slower.build(tmp_path / "built", "slow", {case: 256 * 20_000}).partition(":")[2]
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    commits = []
    for number, built in enumerate([library(), library(), "/nowhere", library(), slow, slow, slow]):
        (folder / "build.sh").write_text(f'mkdir -p "$1" && cp {built} "$1/libcrypto.so" # {number}\n')
        (folder / "build.sh").chmod(0o755)
        git(folder, "add", "build.sh")
        git(folder, "commit", "-q", "-m", f"commit {number}")
        commits.append(git(folder, "rev-parse", "HEAD"))
    return folder, commits


def test_the_recipe_finds_the_commit(history: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder, commits = history
    (recipe,) = re.findall(r"```sh\n(git checkout .*?)```", TEXT, re.DOTALL)
    few = "--budget 20s --filter algorithm=sha256 --filter request_size=64 " + " ".join(LIMITS)
    script = recipe.replace("/tmp/bisect", str(tmp_path / "bisect")).replace("--budget 60s", few)
    assert few in script
    script = script.replace("git bisect reset\n", "git bisect log\n")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": path, "GOOD": commits[0], "BAD": commits[-1]},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{commits[4]} is the first bad commit" in done.stdout
    assert "trial" in done.stdout and not git(folder, "status", "--porcelain")
