"""`benchsuite compare`, the real command. No assertion is on a speed: sides differ a hundredfold, or not at
all."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from command import Cli
from compare_fixture import CBC, GCM, SHA, measured, noisy, paired, result

from benchsuite import store

ONE = ["-s", "algorithm=aes-128-cbc", "-s", "request_size=64", "-s", "op=encrypt"]


@pytest.fixture
def files(cli: Cli) -> Cli:
    """a.json and b.json, of which b is slower with one algorithm; c.json of another backend; and a paired
    one."""
    for name, by in (("a", 1.0), ("b", 2.0)):
        cases = [
            measured(replace(case, request_size=size), noisy(seconds * size))
            for case, seconds in ((CBC, 1e-9), (GCM, 1e-9 * by))
            for size in (64, 1024)
        ]
        store.save(result(*cases, profile="made"), cli.directory / f"{name}.json")
    by_another = measured(replace(CBC, backend="null", request_size=64), noisy(1e-9))
    store.save(result(by_another), cli.directory / "c.json")
    store.save(paired([(CBC, 1e-6, 1.5e-6), (GCM, 1e-6, 1e-6)]), cli.directory / "pairs.json")
    return cli


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_two_files(files: Cli) -> None:
    done = files.run("compare", "a.json", "b.json", "--group-by", "algorithm", "--group-by", "request_size")
    assert done.returncode == 0, done.stderr
    assert "4 cases: 2 same, 2 slower" in done.stdout
    assert "By " not in done.stdout and "mean ratio" in done.stdout
    found = rows(files.run("compare", "a.json", "b.json", "-f", "csv").stdout)
    assert [row["verdict"] for row in found] == ["same", "same", "slower", "slower"]
    turned = rows(files.run("compare", "b.json", "a.json", "-f", "csv").stdout)
    assert [row["verdict"] for row in turned] == ["same", "same", "faster", "faster"]


def test_three_files(files: Cli) -> None:
    data = json.loads(files.run("compare", "a.json", "b.json", "a.json", "-f", "json").stdout)
    assert data["cases"] == 8
    assert [each["other"]["label"] for each in data["comparisons"]] == ["b.json", "a.json"]
    assert "[C]" in files.run("compare", "a.json", "b.json", "a.json").stdout


def test_filter_and_sort(files: Cli) -> None:
    arguments = ["compare", "a.json", "b.json", "-f", "csv"]
    by_ratio = rows(files.run(*arguments, "--sort", "ratio").stdout)
    ratios = [float(row["ratio"]) for row in by_ratio]
    assert ratios == sorted(ratios)
    by_size = rows(files.run(*arguments, "--sort", "request_size").stdout)
    assert [row["request_size"] for row in by_size] == ["64", "64", "1024", "1024"]
    by_verdict = rows(files.run(*arguments, "--sort", "verdict").stdout)
    assert [row["verdict"] for row in by_verdict][:2] == ["slower", "slower"]
    some = rows(files.run(*arguments, "--filter", "algorithm=*gcm", "--filter", "request_size>64").stdout)
    assert [(row["algorithm"], row["request_size"]) for row in some] == [("aes-128-gcm", "1024")]


def test_drift_and_thresholds_are_the_users(files: Cli) -> None:
    arguments = ["compare", "a.json", "b.json", "-f", "csv", "--filter", "algorithm=aes-128-gcm"]
    assert {row["verdict"] for row in rows(files.run(*arguments, "--drift", "150%").stdout)} == {"undecided"}
    assert {row["undecided_because"] for row in rows(files.run(*arguments, "--drift", "150%").stdout)} == {
        "drift"
    }
    limits = ["--threshold", "300%", "--smallest", "200%"]
    assert {row["verdict"] for row in rows(files.run(*arguments, *limits).stdout)} == {"same"}


def test_a_paired_result_again(files: Cli) -> None:
    done = files.run("compare", "pairs.json", "-f", "csv")
    assert [row["verdict"] for row in rows(done.stdout)] == ["slower", "same"]
    assert done.returncode == 0


def test_sides_that_are_called_the_same_are_told_apart(files: Cli) -> None:
    store.save(paired([(CBC, 1e-6, 1e-6)], ("software", "software")), files.directory / "same.json")
    text = files.run("compare", "same.json").stdout
    assert "Base: software, side A (same.json" in text and "Other: software, side B (" in text


def test_across(files: Cli) -> None:
    done = files.run("compare", "a.json", "--across", "request_size", "--base", "1024", "-f", "csv")
    assert [row["other"] for row in rows(done.stdout)] == ["request_size=64"] * 2
    sizes = [
        measured(replace(GCM, backend=backend, request_size=size), noisy(each + by * size))
        for backend, each, by in (("software", 2e-7, 1e-9), ("python", 2e-6, 0.5e-9))
        for size in (16, 1024, 16384)
    ]
    store.save(result(*sizes), files.directory / "sizes.json")
    done = files.run("compare", "sizes.json", "--across", "backend")
    assert "python is faster than software from 16384 B on" in done.stdout
    done = files.run("compare", "sizes.json", "--across", "backend", "--base", "python")
    assert done.returncode == 0 and "Base: python" in done.stdout


MISTAKES = [
    ([], "which results"),
    (["none.json", "a.json"], "none.json: no such result file"),
    (["a.json"], "a.json: one result, and not measured in pairs"),
    (["a.json", "pairs.json"], "no case in common"),
    (["a.json", "c.json"], "it has the same work by software, not by null: "),
    (["pairs.json", "--filter", "backend=software"], "no case with both of its sides: --filter by"),
    (["a.json", "b.json", "--across", "backend"], "within one result, not 2"),
    (["a.json", "--across", "backend"], "no two cases differ in backend alone"),
    (["a.json", "--across", "colour"], "no parameter 'colour'"),
    (["a.json", "--across", "op", "--base", "digest"], "no case with op 'digest'"),
    (["a.json", "b.json", "--base", "x"], "--base is for --across"),
    (["a.json", "b.json", "--filter", "algorithm=nothing"], "no case of a.json fits"),
    (["a.json", "b.json", "--filter", "x"], "expected KEY=PATTERN"),
    (["a.json", "b.json", "--group-by", "sizes"], "--group-by: no parameter 'sizes'"),
    (["a.json", "b.json", "--sort", "speed"], "--sort: no parameter 'speed'"),
    (["a.json", "b.json", "--threshold", "5"], "'5' is no share"),
    (["a.json", "b.json", "--threshold", "1%"], "--smallest 2% must be below --threshold 1%"),
    (["a.json", "b.json", "--alpha", "60%"], "--alpha 60%: expected a chance"),
    (["a.json", "b.json", "--drift", "lots"], "no share"),
    (["a.json", "b.json", "-o", "x.json"], "--output means nothing with result files"),
    (["a.json", "b.json", "-s", "q_len=1"], "--set means nothing"),
    (["--paired", "null", "null", "--drift", "5%"], "--drift means nothing where pairs"),
    (["--paired", "null", "null", "quick", "sizes"], "2 names"),
    (["--paired", "null", "nul"], "unknown backend 'nul'"),
    (["--paired", "null", "software:/none.so"], "software:/none.so"),
    (["--paired", "null", "null", "nonesuch"], "unknown profile 'nonesuch'"),
    (["--paired", "null", "null", "--filter", "q_len>1"], "no case of the profile fits"),
    (["--baseline-env", "nowhere"], "nowhere: no virtual environment"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=[" ".join(a) or "none" for a, _ in MISTAKES])
def test_mistakes_are_sentences(arguments: list[str], message: str, files: Cli) -> None:
    assert message in files.refuses("compare", *arguments)
    assert not list(files.directory.glob("results/*.json"))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"benchsuite": {"format": 99}}'])
def test_what_is_no_result_is_said(text: str, files: Cli) -> None:
    (files.directory / "bad.json").write_text(text)
    assert "bad.json" in files.refuses("compare", "bad.json", "a.json")


def test_pairs_are_measured_judged_and_kept(cli: Cli) -> None:
    done = cli.run("compare", "--paired", "null", "python", *ONE, "-o", "p.json", "-q", "-f", "csv")
    assert done.returncode == 0, done.stderr
    (row,) = rows(done.stdout)
    assert row["verdict"] == "slower" and float(row["ratio"]) < 0.1
    kept = store.load(cli.directory / "p.json")
    assert [case.case.backend for case in kept.cases] == ["null", "python"]
    again = rows(cli.run("compare", "p.json", "-f", "csv").stdout)
    assert again[0]["ratio"] == row["ratio"]
    assert cli.run("show", "p.json").returncode == 0
    assert "there is a file already" in cli.refuses(
        "compare", "--paired", "null", "null", *ONE, "-o", "p.json"
    )


def test_a_side_that_cannot_be_measured_is_exit_3(cli: Cli) -> None:
    profile = cli.profile()
    done = cli.run("compare", "--paired", "null", "python", profile, "-s", "batch=1", "-q", "-o", "p.json")
    assert done.returncode == 3
    assert "unsupported" in done.stdout and "other: " in done.stdout
    assert not store.load(cli.directory / "p.json").cases[1].measured


def test_progress_is_on_standard_error(cli: Cli) -> None:
    done = cli.run("compare", "--paired", "null", "python", *ONE, "-f", "json")
    assert "1 case in pairs" in done.stderr and "result: results/paired-ci-" in done.stderr
    assert json.loads(done.stdout)["comparisons"][0]["paired"] is True
    assert SHA.op == "digest" and Path(cli.directory, "results").is_dir()
