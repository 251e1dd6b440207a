"""Results listed: filtered, ordered, grouped, and as a summary where there are many cases."""

from __future__ import annotations

import csv
import io
import json
import shlex
from dataclasses import replace
from statistics import geometric_mean

import pytest
from click.testing import CliRunner
from report_fixture import worker

from benchsuite import store
from benchsuite.cli import cli
from benchsuite.model import BenchsuiteError, Case, CaseResult, Failure, Result
from benchsuite.report import render
from benchsuite.stats import summary
from benchsuite.view.listing import MOST, Listing

SIZES = tuple(16 * 2**i for i in range(10))
BACKENDS = ("software", "null", "sim:hifn7956", "python")
ALGORITHMS = ("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "chacha20-poly1305", "sha256")


def case(backend: str, algorithm: str, size: int) -> CaseResult:
    op = "digest" if algorithm == "sha256" else "encrypt"
    base = Case(backend, algorithm, op, size, in_place=op != "digest")
    if backend == "python" and algorithm == "sha256":
        return CaseResult(base, failure=Failure("unsupported", "this library has no such digest"))
    seconds = (1e-6 + size * 1e-9 * (1 + ALGORITHMS.index(algorithm))) * (1 + BACKENDS.index(backend))
    return CaseResult(base, [worker(0, seconds), worker(1, seconds)])


def big() -> Result:
    cases = [case(b, a, s) for b in BACKENDS for a in ALGORITHMS for s in SIZES]
    return Result("hardware", "What is fast?", {"cpu_model_name": "Test CPU"}, cases)


@pytest.fixture
def path(tmp_path, monkeypatch):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    store.save(big(), "big.json")
    return "big.json"


def show(*words: str) -> str:
    done = CliRunner().invoke(cli, ["show", *words], prog_name="benchsuite")
    assert done.exit_code == 0, done.output
    return done.output


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_many_cases_are_a_summary(path: str) -> None:
    text = show(path)
    assert len(text.splitlines()) < 40
    assert "200 cases, too many to list" in text and "10 of 200 cases have no figure" in text
    assert "10 of python: unsupported: this library has no such digest" in text
    best = max(summary(each).rate for each in big().cases if each.case.backend == "null" and each.measured)
    (line,) = (line for line in text.splitlines() if line.startswith("null "))
    assert f"{best:.0f}" in line and line.split()[1] == "50"


def test_a_summary_says_commands_that_work(path: str) -> None:
    lines = show(path).split("To see more:\n")[1].split("\n\n")[0].splitlines()
    assert len(lines) == 5
    for line in lines[:4]:
        program, *words = shlex.split(line)
        assert program == "benchsuite" and words[1] == path
        done = CliRunner().invoke(cli, words, prog_name="benchsuite")
        assert done.exit_code == 0 and done.output
    assert lines[4].split() == ["benchsuite", "report", path, "-o", "report.html"]


def test_a_summary_of_a_part_keeps_its_filters(path: str) -> None:
    text = show(path, "--filter", "algorithm!=sha256", "--filter", "request_size>=16")
    assert "--filter 'algorithm!=sha256' --filter 'request_size>=16' --filter backend=software" in text


def test_a_small_part_is_printed_whole(path: str) -> None:
    text = show(path, "--filter", "backend=null", "--filter", "request_size>=1024")
    assert "To see more" not in text and text.count("\nsha256") == 4


def test_all_and_programs_get_every_case(path: str) -> None:
    assert "To see more" not in show(path, "--all")
    assert show(path, "--all").count("\nnull ") == 50
    assert len(rows(show(path, "-f", "csv"))) == 200
    assert len(json.loads(show(path, "-f", "json"))["cases"]) == 200
    assert show(path, "-f", "markdown").count("\n| null ") == 50


@pytest.mark.parametrize("style", ["table", "csv", "json", "markdown", "ocf-bench"])
def test_every_format_is_filtered_and_ordered(style: str, path: str) -> None:
    words = ["--filter", "backend=null", "--filter", "algorithm=aes-*", "--filter", "request_size=64,8KiB"]
    plain, ordered = show(path, "-f", style, *words), show(path, "-f", style, "--sort", "rate", *words)
    assert "chacha20" not in plain and "software" not in plain
    assert sorted(plain.splitlines()[:1]) == sorted(ordered.splitlines()[:1])
    if style == "csv":
        rates = [float(row["bits_per_second"]) for row in rows(ordered)]
        assert len(rates) == 6 and rates == sorted(rates, reverse=True)
        assert rates != [float(row["bits_per_second"]) for row in rows(plain)]


@pytest.mark.parametrize(
    ("sort", "figure", "reverse"),
    [
        ("rate", "bits_per_second", True),
        ("p99", "lat_p99_seconds", False),
        ("spread", "spread_fraction", False),
    ],
)
def test_orders(sort: str, figure: str, reverse: bool, path: str) -> None:
    found = rows(show(path, "-f", "csv", "--sort", sort))
    figures = [float(row[figure]) for row in found if row[figure]]
    assert figures == sorted(figures, reverse=reverse)
    assert all(row["status"] == "unsupported" for row in found[len(figures) :]) and len(figures) == 190


def test_order_by_a_parameter(path: str) -> None:
    sizes = [
        int(row["request_size_bytes"]) for row in rows(show(path, "-f", "csv", "--sort", "request_size"))
    ]
    assert sizes == sorted(sizes)


def test_groups_of_few_cases_stand_below_them(path: str) -> None:
    text = show(path, "--filter", "backend=null", "--group-by", "algorithm", "--group-by", "op,request_size")
    assert text.index("\nsha256 ") < text.index("By algorithm:") < text.index("By op, request_size:")
    markdown = show(path, "-f", "markdown", "--filter", "backend=null", "--group-by", "algorithm")
    assert "By algorithm" in markdown


def test_groups_for_programs(path: str) -> None:
    words = ["--group-by", "backend,algorithm", "--filter", "backend=null,python"]
    groups = json.loads(show(path, "-f", "json", *words))["groups"]
    assert len(groups) == 10 and groups[0]["by"] == ["backend", "algorithm"]
    first = [
        each for each in big().cases if (each.case.backend, each.case.algorithm) == ("null", "aes-128-cbc")
    ]
    rates = [summary(each).bits_per_second or 0.0 for each in first]
    assert groups[0]["values"] == ["null", "aes-128-cbc"] and groups[0]["cases"] == 10
    assert groups[0]["mean_bits_per_second"] == pytest.approx(geometric_mean(rates))
    assert groups[0]["highest"] == max(first, key=lambda each: summary(each).rate).name
    assert groups[-1]["measured"] == 0 and groups[-1]["highest_bits_per_second"] is None
    table = rows(show(path, "-f", "csv", *words))
    assert [row["cases"] for row in table] == ["10"] * 10 and float(
        table[0]["lowest_bits_per_second"]
    ) == min(rates)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--filter", "algorithm=des"], "no case of big.json fits"),
        (["--filter", "algorithm"], "expected KEY=PATTERN"),
        (["--sort", "speed"], "--sort: no parameter 'speed'"),
        (["--sort", "rates"], "did you mean 'rate'"),
        (["--group-by", "backends"], "did you mean 'backend'"),
        (["--group-by", "backend", "-f", "ocf-bench"], "has one case a line"),
    ],
)
def test_mistakes(words: list[str], message: str, path: str) -> None:
    done = CliRunner().invoke(cli, ["show", path, *words], prog_name="benchsuite")
    assert isinstance(done.exception, BenchsuiteError) and message in str(done.exception)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_a_summary_fits(width: int) -> None:
    text = render(big(), "table", width, listing=Listing(most=MOST))
    commands = text[text.index("To see more:") :]
    wide = [line for line in text.replace(commands, "").splitlines() if len(line) > width]
    assert not wide


def test_cases_with_and_without_a_size_are_tables_of_their_own() -> None:
    signs = [
        replace(each, case=replace(each.case, algorithm="ed25519", op="sign", request_size=0))
        for each in (case(backend, "aes-128-cbc", 64) for backend in BACKENDS)
    ]
    text = render(replace(big(), cases=big().cases + signs), "table", None, listing=Listing(most=MOST))
    assert "By backend, with a size:" in text and "By backend, without a size" in text


def test_an_export_is_filtered_and_ordered(path: str) -> None:
    words = ["export", path, "-t", "csv", "--filter", "backend=null", "--sort", "rate"]
    found = rows(CliRunner().invoke(cli, words, prog_name="benchsuite").output)
    assert len(found) == 50 and {row["backend"] for row in found} == {"null"}
