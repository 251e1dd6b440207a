"""What `benchsuite verify --stress` says: the answer first, what a load excludes, both findings where there
are two, a soak with its progress, and what Ctrl-C leaves of it."""

from __future__ import annotations

import json
import math
import os
import pty
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import COMMAND, PATIENCE, Cli
from zoo.library import build_faulty

from benchsuite.backends.findings import SoFar, Stressed, StressLoad, excluded
from benchsuite.cli import verify_report
from benchsuite.cli.stress import Loads, Soaking, exclusion, summary
from benchsuite.cli.verify_lines import Line, Task
from benchsuite.cli.verify_report import Report

LOAD = StressLoad(workers=2, seed=3)
FOUND = Stressed(["md5"], requests=46052, sessions=60, longest=900, high_water=7, excluded=10000)
OK = Line("software", "md5", "ok", 0, requests=10, vectors=2, stressed=FOUND)
QUICK = ("--stress", "--time", "200ms", "--seed", "5")


# ---- what is excluded ----


@pytest.mark.parametrize("requests", [100, 5000, 10**7])
def test_what_is_excluded_would_have_been_seen_99_times_in_100(requests: int) -> None:
    """1 in N, and each request by itself: none of so many would have failed once in a hundred loads."""
    n = excluded(requests)
    assert (1 - 1 / n) ** requests <= 0.01 < (1 - 1 / (n + 1)) ** requests * 1.2
    assert n == math.floor(requests / 4.605170185988091)


def test_nothing_is_excluded_by_nothing_or_by_a_fault() -> None:
    assert excluded(0) == 0
    assert exclusion([replace(OK, stressed=replace(FOUND, excluded=0))]) == exclusion([]) == ""


def test_nothing_is_excluded_where_a_fault_was_found_without_load() -> None:
    wrong = replace(OK, algorithm="sha1", verdict="FAILED", status=1, kind="lost")
    assert exclusion([wrong]) == exclusion([OK, wrong]) == ""
    unavailable = Line("afalg", "", "NOT CHECKED", 3, "unavailable")  # is about no algorithm of another
    assert exclusion([OK, unavailable])


def test_the_least_is_told_of_several() -> None:
    less = replace(OK, algorithm="sha1", stressed=replace(FOUND, excluded=77))
    assert "fewer than 1 in 10000 do, with 99% confidence" in exclusion([OK])
    assert exclusion([OK, less]).endswith(
        "fewer than 1 in 77 do, with 99% confidence (the least: software sha1)"
    )


# ---- lines ----


def shown(capsys: pytest.CaptureFixture[str], *lines: Line) -> list[str]:
    report = Report([Task("software", "md5")], "table", Loads(LOAD, LOAD))
    for line in lines:
        report.add(line)
    report.finish()
    return capsys.readouterr().out.splitlines()


def test_the_answer_comes_before_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    _, row, answer, excludes = shown(capsys, OK)
    assert row.startswith("software  md5  ok ") and "60 sessions, the longest of 900, 7 outstanding" in row
    assert answer == "all right: 1 ok (10 requests, 2 vectors; 46052 requests under load)"
    assert excludes.startswith("under load, if each request fails independently")


def test_what_is_wrong_is_said_in_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = replace(OK, verdict="WRONG", status=1, kind="wrong-bytes", reason="byte 3", stressed=None)
    further = replace(wrong, further=tuple(f"sentence {i}" for i in range(9)))
    lines = shown(capsys, OK, further)
    assert lines[-1].startswith("not right: 1 ok; 1 WRONG (")
    assert lines[3:6] == [f"    sentence {i}" for i in range(3)]
    assert lines[6] == "    and 6 more: --format json tells all"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_lines_fit_a_terminal(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_report, "terminal_width", lambda: columns)
    left_out = replace(FOUND, left_out=["131072, 1048576 bytes (refused)"])
    lines = shown(capsys, replace(OK, stressed=left_out))
    assert max(map(len, lines)) <= columns
    whole = " ".join(" ".join(lines).split())
    assert "not under load: 131072, 1048576 bytes (refused)" in whole


def test_what_was_left_out_and_mixed_is_in_the_summary() -> None:
    mixed = replace(FOUND, algorithms=["md5", "sha1"], left_out=["AAD of 7 bytes (refused)"])
    assert summary(mixed).startswith("2 algorithms at once: under load 46052 requests in 60 sessions")
    assert summary(mixed).endswith("; not under load: AAD of 7 bytes (refused)")


# ---- two findings ----


def results(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(done.stdout)["results"]
    return listed


def test_a_finding_of_verify_hides_none_of_the_load(cli: Cli, tmp_path: Path) -> None:
    backend = f"software:{build_faulty(tmp_path, 'accepts-forgery')}"
    arguments = ("-b", backend, "-a", "aes-128-gcm", "-f", "json", "--no-narrow")
    done = cli.run("verify", *QUICK, *arguments)
    (line,) = results(done)  # none of them is right, so that none is mixed
    assert (done.returncode, line["verdict"]) == (1, "WRONG")
    assert "a forgery was accepted" in line["reason"] and not line["reason"].startswith("under load")
    assert line["further"][0].startswith("under load, ") and "a forgery was accepted" in line["further"][0]
    assert line["stressed"]["faults"] >= 1 and line["stressed"]["excluded"] == 0


# ---- sizes ----


def test_a_load_of_one_size(cli: Cli) -> None:
    done = cli.run("verify", *QUICK, "--size", "2KiB", "-b", "software", "-a", "sha1", "-f", "json")
    line, mixed = results(done)
    assert done.returncode == 0 and mixed["stressed"]["faults"] == 0
    assert line["stressed"]["bytes"] == 2048 * line["stressed"]["requests"] > 0


def test_a_size_that_the_algorithm_does_not_have(cli: Cli) -> None:
    one = ("--size", "17", "-b", "software", "-a", "aes-128-cbc")
    done = cli.run("verify", *QUICK, *one, "-a", "md5", "-f", "json")
    line, _, mixed = results(done)
    assert done.returncode == 0 and line["stressed"] is None and not mixed["stressed"]["faults"]
    why = "aes-128-cbc has no requests of them"
    assert line["refused"][-1] == f"under load: none of the sizes asked for: {why}"
    alone = cli.run("verify", *QUICK, *one)
    assert alone.returncode == 2 and not alone.stdout
    assert alone.stderr.startswith("benchsuite: --size 17: ")
    assert "aes-128-cbc takes multiples of 16 bytes, 16 or more" in alone.stderr


# ---- soak ----


def test_ctrl_c_leaves_what_a_soak_has_found(cli: Cli) -> None:
    master, terminal = pty.openpty()
    command = [
        COMMAND,
        "verify",
        "--soak",
        "1h",
        "--time",
        "100ms",
        "-b",
        "software",
        "-a",
        "md5",
        "-f",
        "json",
    ]
    started = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
        process_group=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(terminal)
    seen = b""
    while b"requests in " not in seen:  # its line of progress
        seen += os.read(master, 1000)
    started.send_signal(signal.SIGINT)
    out, _ = started.communicate(timeout=PATIENCE)
    os.close(master)
    assert started.returncode == 130
    assert b"\rsoftware: " in seen and b" of 1h, " in seen and b"0 faults, " in seen
    line, mixed = json.loads(out)["results"]
    assert not line["stressed"]["interrupted"] and mixed["stressed"]["interrupted"]
    assert mixed["stressed"]["requests"] > 0 and mixed["stressed"]["excluded"] > 0


def test_a_fault_ends_a_soak(cli: Cli, tmp_path: Path) -> None:
    backend = f"software:{build_faulty(tmp_path, 'wrong-byte', 300_000)}"
    arguments = ("-b", backend, "-a", "md5", "-f", "json", "--no-narrow")
    done = cli.run("verify", "--soak", "1h", "--time", "50ms", *arguments)
    line, mixed = results(done)
    assert (done.returncode, line["verdict"], mixed["verdict"]) == (1, "ok", "WRONG")
    assert mixed["stressed"]["faults"] >= 1 and mixed["reason"].startswith("under load, ")


def test_progress_is_a_line_a_minute_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("benchsuite.cli.stress.time.monotonic", lambda: now)
    soaking = Soaking("software", 3600)
    for seconds in range(150):
        now = 1000.0 + seconds
        soaking(SoFar(seconds * 10, seconds, 0, 50_000_000))
    soaking.end()
    assert capsys.readouterr().err.splitlines() == [
        "software: 1m of 1h, 600 requests in 60 sessions, 0 faults, 50 MB",
        "software: 2m of 1h, 1200 requests in 120 sessions, 0 faults, 50 MB",
    ]
