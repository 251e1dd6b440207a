"""`benchsuite gate`, the real command: every exit status, every report. No assertion is on a speed: where a
verdict is expected, the sides differ a hundredfold."""

from __future__ import annotations

import json
import os
import signal
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from command import Cli
from zoo.library import build_faulty

from benchsuite import store
from benchsuite.compare.baseline import BEFORE, REASON

ONE = ["-s", "algorithm=aes-128-cbc", "-s", "request_size=64", "-s", "op=encrypt", "-q"]
TWO = ["-s", "algorithm=aes-128-cbc", "-s", "request_size=64,1024", "-s", "op=encrypt", "-q"]
# A slice that takes most of the budget: one round, and nothing can be concluded of one.
TOO_SHORT = ["-s", "request_num=30000000", "--budget", "1s"]


def test_slower_is_exit_1(cli: Cli) -> None:
    done = cli.run("gate", "ci", "--paired", "null", "python", *TWO)
    assert done.returncode == 1, done.stderr
    assert "2 cases: 2 slower" in done.stdout
    assert "regression: 2 of 2 cases slower" in done.stderr


def test_faster_is_exit_0(cli: Cli) -> None:
    done = cli.run("gate", "ci", "--paired", "python", "null", *TWO)
    assert done.returncode == 0, done.stderr
    assert "pass: none of 2 cases slower by 5%" in done.stderr


@pytest.mark.parametrize(
    ("more", "status"), [([], 4), (["--undecided", "pass"], 0), (["--undecided", "fail"], 1)]
)
def test_undecided_is_exit_4_unless_it_counts_as_something(more: list[str], status: int, cli: Cli) -> None:
    done = cli.run("gate", "ci", "--paired", "null", "null", *ONE, *TOO_SHORT, *more)
    assert done.returncode == status, done.stderr + done.stdout
    assert "undecided: 1 of 1 case undecided" in done.stderr


@pytest.mark.parametrize("fault, kind", [("crash", "crash"), ("wrong-byte", "wrong-bytes"), ("hang", "hang")])
def test_what_cannot_be_measured_is_exit_3(fault: str, kind: str, cli: Cli, tmp_path: Path) -> None:
    bad = f"software:{build_faulty(tmp_path, fault)}"
    done = cli.run("gate", "ci", "--paired", "null", bad, *ONE, "--deadline", "2s", "--junit", "j.xml")
    assert done.returncode == 3, done.stderr
    assert kind in done.stdout and "Traceback" not in done.stderr
    assert ET.parse(cli.directory / "j.xml").find("testsuite/testcase/error") is not None


def test_a_regression_outweighs_what_could_not_be_measured(cli: Cli) -> None:
    both = [*ONE, "-s", "batch=0,1"]  # the python backend has no queues
    assert cli.run("gate", "ci", "--paired", "null", "python", *both).returncode == 1


MISTAKES = [
    (["ci"], "what to compare with?"),
    (["ci", "--baseline", "none.json"], "there is none yet"),
    (["ci", "--baseline", "b.json", "--paired", "null", "null"], "--baseline is a way by itself"),
    (["ci", "--paired", "null", "null", "-b", "null"], "leave --backend out"),
    (["ci", "--paired", "null", "null", "--accept", "x"], "--accept needs the file"),
    (["ci", "--baseline", "b.json", "--accept", " "], "give the reason"),
    (["ci", "--paired", "null", "null", "--partial"], "--partial is about a baseline"),
    (["nonesuch", "--paired", "null", "null"], "unknown profile"),
    (["ci", "--paired", "null"], "--paired"),
    (["ci", "--paired", "null", "null", "--budget", "0s"], "not above zero"),
    (["ci", "--paired", "null", "null", "--smallest", "9%"], "must be below"),
    (
        ["ci", "--paired", "null", "null", "--junit", "no/where.xml"],
        "--junit no/where.xml: there is no directory",
    ),
    (["ci", "--paired", "null", "null", "--json", "."], "--json .: this is a directory"),
    (
        ["ci", "--paired", "null", "null", "--json", "x", "--junit", "./x"],
        "--json x: --junit is the same file",
    ),
    (["ci", "--paired", "null", "null", "--json", "x", "-o", "x"], "--json x: -o is the same file"),
    (["ci", "--baseline", "x", "--accept", "why", "-o", "x"], "-o x: --baseline is the same file"),
    (["ci", "--baseline", "no/where.json", "--accept", "why"], "--baseline no/where.json: there is no dir"),
    (["ci", "--paired", "old=software:", "null"], "backend 'software:': nothing after the colon"),
    (["ci", "--paired", "null", "null", "-o", "no/where.json"], "no directory"),
    (["ci", "--baseline-env", "nowhere"], "no virtual environment"),
    (["ci", "--baseline", "here.json", "--undecided", "maybe"], "--undecided"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=[" ".join(a) for a, _ in MISTAKES])
def test_mistakes_are_exit_2(arguments: list[str], message: str, cli: Cli) -> None:
    assert message in cli.refuses("gate", *arguments)


# Reports


def test_every_report_says_the_same(cli: Cli) -> None:
    summary = cli.directory / "summary.md"
    summary.write_text("before\n")
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(summary)}
    reports = ["--junit", "j.xml", "--markdown", "c.md", "--json", "g.json", "--github"]
    done = cli.run(
        "gate", "ci", "--paired", "null", "python", *TWO, *reports, "-o", "r.json", environment=environment
    )
    assert done.returncode == 1, done.stderr
    (suite,) = ET.parse(cli.directory / "j.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "2")
    comment = (cli.directory / "c.md").read_text()
    assert comment.startswith("<!-- benchsuite gate -->") and "2 of 2 cases slower" in comment
    data = json.loads((cli.directory / "g.json").read_text())
    assert data["gate"]["exit_status"] == 1
    assert [line["verdict"] for line in data["comparisons"][0]["lines"]] == ["slower", "slower"]
    assert done.stdout.count("::error title=") == 2
    assert summary.read_text() == f"before\n{comment}\n"
    assert len(store.load(cli.directory / "r.json").cases) == 4
    printed = cli.run("gate", "ci", "--paired", "null", "python", *ONE, "-f", "json")
    assert json.loads(printed.stdout)["gate"]["outcome"] == "regression"


def test_without_a_summary_file_there_is_none(cli: Cli) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "GITHUB_STEP_SUMMARY"}
    done = cli.run("gate", "ci", "--paired", "python", "null", *ONE, "--github", environment=environment)
    assert done.returncode == 0 and "::error" not in done.stdout


# Baselines


def test_a_baseline_is_accepted_compared_with_and_replaced(cli: Cli) -> None:
    gate = ["gate", "ci", "-b", "null", *ONE, "--baseline", "b.json"]
    done = cli.run(*gate, "--accept", "the first")
    assert done.returncode == 0, done.stderr
    assert "accepted: b.json (1 case, 16 rounds of each at least)" in done.stderr
    first = store.load(cli.directory / "b.json")
    assert first.environment[REASON] == "the first"
    assert [case.case.backend for case in first.cases] == ["python", "null"]

    limits = ["--threshold", "900%", "--smallest", "800%"]
    done = cli.run(*gate, *limits)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "paired with" not in done.stderr and "in pairs with python" in done.stdout
    assert store.load(cli.directory / "b.json").environment == first.environment

    # The same work by a backend that takes a thousand times as long, passed off as that of the baseline.
    text = (cli.directory / "b.json").read_text()
    (cli.directory / "b.json").write_text(text.replace('"null"', '"software"').replace("null/", "software/"))
    gate[3] = "software"
    done = cli.run(*gate)
    assert done.returncode == 1, done.stderr + done.stdout
    assert "--accept" in done.stderr
    done = cli.run(*gate, "--accept", "now with\n encryption")
    assert done.returncode == 0 and "1 slower" in done.stdout
    second = store.load(cli.directory / "b.json").environment
    assert second[REASON] == "now with encryption" and second[BEFORE][0]["reason"] == "the first"


def test_what_cannot_be_measured_is_not_accepted(cli: Cli, tmp_path: Path) -> None:
    bad = f"software:{build_faulty(tmp_path, 'wrong-byte')}"
    done = cli.run("gate", "ci", "-b", bad, *ONE, "--baseline", "b.json", "--accept", "why not")
    assert done.returncode == 3 and "not accepted" in done.stderr
    assert not (cli.directory / "b.json").exists()
    done = cli.run("gate", "ci", "-b", "null", *ONE, *TOO_SHORT, "--baseline", "b.json", "--accept", "quick")
    assert done.returncode == 3 and "1 rounds" in done.stderr and "--budget" in done.stderr
    assert not (cli.directory / "b.json").exists()


def test_a_run_is_no_baseline(cli: Cli) -> None:
    cli.run("run", cli.profile(), "-q", "-o", "r.json")
    assert "drift" in cli.refuses("gate", "ci", *ONE, "--baseline", "r.json")


def test_a_baseline_of_other_cases_is_said(cli: Cli) -> None:
    cli.run("gate", "ci", "-b", "null", *ONE, "--baseline", "b.json", "--accept", "first")
    other = ["128" if word == "64" else word.replace("size=64", "size=128") for word in ONE]
    message = cli.refuses("gate", "ci", "-b", "null", *other, "--baseline", "b.json")
    assert "none of the profile's cases" in message


# Interruption


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_says_what_there_is_and_keeps_it(number: int, cli: Cli) -> None:
    slow = ["-s", "request_num=3000000", "--threshold", "0.02%", "--smallest", "0.01%"]
    files = ["-o", "r.json", "--json", "g.json"]
    process = cli.start("gate", "ci", "--paired", "null", "null", *ONE, *slow, *files)
    time.sleep(4)
    if process.poll() is not None:
        pytest.skip("it was sure before it could be interrupted")
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert (
        "interrupted; what was measured is in r.json" in err
        and "same command again" in err
        and "Traceback" not in err
    )
    assert "1 case" in out
    assert len(store.load(cli.directory / "r.json").cases) == 2
    gate = json.loads((cli.directory / "g.json").read_text())["gate"]
    assert gate["exit_status"] == 130 and "budget" not in gate["sentence"]
