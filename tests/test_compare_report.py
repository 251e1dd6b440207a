"""Comparisons as text, Markdown, CSV, JSON, JUnit XML, annotations and comments: golden files
(UPDATE_GOLDEN=1 writes them anew: read the difference), and what programs and terminals rely on."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from compare_fixture import CBC, GCM, SHA, failed, measured, noisy, paired, result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchsuite.compare import crossovers
from benchsuite.compare.comparison import Comparison, Party, judged
from benchsuite.compare.matching import Matched, across, of_two, sides
from benchsuite.compare.outcome import outcome
from benchsuite.compare.sides import of_file, of_pairs
from benchsuite.compare.verdicts import SLOWER, Rule
from benchsuite.compare.warnings import warnings
from benchsuite.model import Result
from benchsuite.report import WRITERS, github, junit, pull_request, render_comparisons
from benchsuite.view.comparison import interval, ratio, said

GOLDEN = Path(__file__).parent / "golden"
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
EVIL = "<img src=x onerror=alert(1)> | `code` @team #1\n\x1b[31mred\u202e =1+1 %0A::error::x"


def check_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text


def compare(
    base: Result, *others: Result, names: tuple[str, ...] = ("a.json", "b.json", "c.json")
) -> list[Comparison]:
    parties = [of_file(name, each) for name, each in zip(names, (base, *others), strict=False)]
    matched = [
        (parties[0], party, of_two(base, other)) for party, other in zip(parties[1:], others, strict=True)
    ]
    return [
        replace(
            each,
            warnings=warnings(base, other, [line.couple for line in each.lines]),
            remarks=crossovers.moved(base, other),
        )
        for each, other in zip(judged(matched, Rule(alpha=0.05), None, None), others, strict=True)
    ]


def library(by: float, **environment: Any) -> Result:
    """Several algorithms and sizes; `by` is what the AEAD takes of its usual time."""
    cases = []
    for case, each, size_factor in (
        (CBC, 1.5e-7, 1.2e-9),
        (GCM, 2.4e-7 * by, 0.3e-9 * by),
        (SHA, 1.1e-7, 0.6e-9),
    ):
        for size in (64, 1488, 16384):
            seconds = each + size_factor * size
            cases.append(measured(replace(case, request_size=size), noisy(seconds, 5, 0.01, size)))
    return result(*cases, profile="sizes", **environment)


def everything() -> list[Comparison]:
    """Every kind of verdict and status, hostile text, warnings, cases without a partner."""
    sizes = {size: replace(GCM, request_size=size) for size in (16, 32, 64, 128, 256, 512, 1024)}
    base = result(
        measured(sizes[16], noisy(1e-6, 20, 0.002)),
        measured(sizes[32], noisy(1e-6, 20, 0.002)),
        measured(sizes[64], noisy(1e-6, 20, 0.002)),
        measured(sizes[128], noisy(1e-6, 6, 0.2)),
        measured(sizes[256], noisy(1e-6, 20, 0.002)),
        measured(sizes[512], [1e-6]),
        failed(sizes[1024]),
        measured(
            replace(SHA, backend="sim:hifn7956"), noisy(1e-4, 5, 0.0), simulated="yes", confidence="headline"
        ),
        measured(CBC, noisy(1e-6)),
    )
    other = result(
        measured(sizes[16], noisy(1.5e-6, 20, 0.002)),
        measured(sizes[32], noisy(0.6e-6, 20, 0.002)),
        measured(sizes[64], noisy(1e-6, 20, 0.002)),
        measured(sizes[128], noisy(0.97e-6, 6, 0.2)),
        measured(sizes[256], noisy(1.07e-6, 20, 0.002)),
        measured(sizes[512], [1.01e-6]),
        measured(sizes[1024], noisy(1e-6)),
        measured(
            replace(SHA, backend="sim:hifn7956"), noisy(1e-4, 5, 0.0), simulated="yes", confidence="headline"
        ),
        failed(replace(CBC, q_len=7), "hang", EVIL),
        complete=False,
        cpu_model_name="Other CPU",
        benchsuite_governor="powersave",
        benchsuite_load_after=9.0,
    )
    return compare(base, other)


def pairs(**environment: Any) -> Comparison:
    cases = [(replace(GCM, request_size=64), 1e-7, 1.08e-7), (GCM, 1e-6, 1e-6), (SHA, 1e-6, 0.9e-6)]
    both = paired(cases, **environment)
    matched = sides(both)
    parties = of_pairs([(couple.base, couple.other) for couple in matched.couples])
    (found,) = judged([(*parties, matched)], Rule(), None, None)
    return replace(found, warnings=warnings(both, both, matched.couples))


def three() -> list[Comparison]:
    return compare(library(1.0), library(1.3), library(0.7, benchsuite_kernel_release="6.12.1"))


WHAT = {
    "everything": everything,
    "library": lambda: compare(library(1.0), library(1.3)),
    "three": three,
    "pairs": lambda: [pairs()],
}


# Golden files


@pytest.mark.parametrize("width", [40, 80, 120, None])
@pytest.mark.parametrize("name", WHAT)
def test_golden_table(name: str, width: int | None) -> None:
    keys = ["algorithm"] if name == "library" else []
    check_golden(f"compare-table-{name}-{width}.txt", render_comparisons(WHAT[name](), "table", width, keys))


@pytest.mark.parametrize("style", ["markdown", "csv", "json"])
@pytest.mark.parametrize("name", WHAT)
def test_golden_others(name: str, style: str) -> None:
    keys = ["algorithm,op"] if name == "library" else []
    check_golden(f"compare-{style}-{name}.txt", render_comparisons(WHAT[name](), style, 80, keys))


@pytest.mark.parametrize("name", ["everything", "pairs"])
def test_golden_gate(name: str) -> None:
    (comparison,) = WHAT[name]()
    found = outcome(comparison)
    check_golden(f"gate-junit-{name}.txt", junit.render(comparison, found, "ci"))
    check_golden(f"gate-github-{name}.txt", github.render(comparison, found))
    check_golden(f"gate-comment-{name}.txt", pull_request.render(comparison, found, "ci"))


# Tables


@pytest.mark.parametrize("name", WHAT)
@pytest.mark.parametrize("width", [40, 47, 64, 80, 99, 120, 160])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    text = render_comparisons(WHAT[name](), "table", width, ())
    assert max(map(len, text.splitlines())) <= width


def test_what_was_left_out_is_said() -> None:
    text = render_comparisons(compare(library(1.0), library(1.3)), "table", 40, ())
    assert "Too narrow for the interval and the rates" in " ".join(text.split())


@pytest.mark.parametrize("style", WRITERS)
def test_nothing_to_compare(style: str) -> None:
    nothing = Comparison(Party("a"), Party("b"), [], Rule(), 0)
    text = render_comparisons([nothing], style, 80, ["algorithm"])
    assert style in ("csv", "json") or "No case in common." in text


def test_every_verdict_is_in_the_table() -> None:
    lines = {line.case.request_size: said(line) for line in everything()[0].lines}
    assert lines[16] == "slower" and lines[32] == "faster" and lines[64] == "same"
    assert re.fullmatch(r"undecided \(\+\d+ rounds\)", lines[128])
    assert lines[256] == "undecided (drift)" and lines[1024] == "crash"
    assert lines[512] == "undecided (one process)"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1.000"), (0.9505, "0.951"), (123.4, "123"), (0.00123, "0.0012"), (float("inf"), "inf")],
)
def test_ratios(value: float, text: str) -> None:
    assert ratio(value) == text


def test_no_interval_is_a_dash() -> None:
    (line,) = [line for line in everything()[0].lines if line.case.request_size == 512]
    assert line.verdict and interval(line.verdict) == "-"


# Data


def test_csv_is_the_comparison() -> None:
    comparisons = three()
    rows = list(csv.DictReader(io.StringIO(render_comparisons(comparisons, "csv", None, ()), newline="")))
    lines = [line for comparison in comparisons for line in comparison.lines]
    assert len(rows) == len(lines) == 18
    for row, line in zip(rows, lines, strict=True):
        assert (
            line.verdict and float(row["ratio"]) == line.verdict.ratio and row["verdict"] == line.verdict.kind
        )


def test_json_has_every_key_in_every_line() -> None:
    data = json.loads(render_comparisons(everything(), "json", None, ["algorithm"]))
    lines = data["comparisons"][0]["lines"]
    assert {tuple(line) for line in lines} == {tuple(lines[0])}
    assert data["rule"] == {"threshold": 0.05, "smallest": 0.02, "alpha": 0.05, "missed": 0.02}
    assert data["comparisons"][0]["drift"] == 0.1 and data["gate"] is None
    assert [group["by"] for group in data["comparisons"][0]["groups"]] == [[], ["algorithm"], ["algorithm"]]


def test_json_of_a_gate_says_how_it_ended() -> None:
    found = outcome(pairs())
    text = render_comparisons([pairs()], "json", None, (), found)
    assert json.loads(text)["gate"] == {
        "outcome": "regression",
        "exit_status": 1,
        "sentence": "1 of 3 cases slower",
    }


# JUnit


def suite_of(text: str) -> ET.Element:
    (suite,) = ET.fromstring(text)
    return suite


def test_junit_counts_are_those_of_its_tests() -> None:
    (comparison,) = everything()
    suite = suite_of(junit.render(comparison, outcome(comparison), "ci"))
    cases = suite.findall("testcase")
    assert int(suite.get("tests", "")) == len(cases) == len(comparison.lines)
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(name, "")) == len(suite.findall(f"testcase/{tag}")) > 0
    assert comparison.counts()[SLOWER] == len(suite.findall("testcase/failure"))


def test_undecided_fails_where_it_is_to() -> None:
    noisy_one = compare(
        result(measured(CBC, noisy(1e-6, 6, 0.3))), result(measured(CBC, noisy(1.1e-6, 6, 0.3)))
    )
    (comparison,) = noisy_one
    for counts, tag in ((None, "skipped"), ("pass", "skipped"), ("fail", "failure")):
        found = outcome(comparison, counts)
        assert len(suite_of(junit.render(comparison, found, "ci")).findall(f"testcase/{tag}")) == 1
        assert ("::error" in github.render(comparison, found)) == (counts == "fail")


# GitHub


def test_at_most_ten_annotations_of_a_kind() -> None:
    cases = [replace(CBC, request_size=16 * (i + 1)) for i in range(25)]
    base, other = (result(*(measured(case, noisy(by, 12)) for case in cases)) for by in (1e-6, 2e-6))
    (comparison,) = compare(base, other)
    lines = github.render(comparison, outcome(comparison)).splitlines()
    assert [line.startswith("::error ") for line in lines] == [True] * 10
    assert lines[-1].endswith("::and 16 more, in the summary")


@given(ANY_TEXT)
def test_an_annotation_is_one_command(text: str) -> None:
    both = [result(measured(replace(CBC, backend=text), noisy(by, 12))) for by in (1e-6, 2e-6)]
    (comparison,) = compare(*both)
    for line in github.render(comparison, outcome(comparison)).splitlines():
        command = re.fullmatch(r"::(\w+) title=([^:,]*)::(.*)", line)
        assert command
        level, title, message = command.groups()
        assert level in ("error", "warning", "notice")
        assert not re.search(r"%(?!25|3A|2C)", title) and not re.search(r"%(?!25)", message)


def test_a_comment_is_not_longer_than_github_takes() -> None:
    cases = [replace(CBC, request_size=16 * (i + 1)) for i in range(400)]
    both = [result(*(measured(case, [by, by, by]) for case in cases)) for by in (1e-6, 2e-6)]
    (comparison,) = compare(*both)
    text = pull_request.render(comparison, outcome(comparison), "ci")
    assert len(text) <= 65536 and text.startswith(pull_request.MARKER)


def test_the_worst_comes_first_in_a_comment() -> None:
    text = pull_request.render(pairs(), outcome(pairs()), "ci")
    before, _, after = text.partition("<details>")
    assert "| slower |" in before and "| faster |" not in before and "| faster |" in after
    assert "❌ benchsuite gate ci: regression" in before


# Hostile text, everywhere


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(text=ANY_TEXT.filter(bool), width=st.integers(20, 120))
def test_no_text_of_a_result_reaches_a_terminal_or_a_page(text: str, width: int) -> None:
    def of(seconds: float) -> Result:
        case = replace(GCM, backend=f"software:{text}")
        bad = failed(replace(case, algorithm=text), "error", text)
        ok = measured(case, noisy(seconds), version=text, kernel_driver=f"{text}{seconds}")
        return result(
            ok,
            bad,
            profile=text,
            cpu_model_name=f"{text}{seconds}",
            benchsuite_accepted_reason=text,
            date=text,
        )

    comparisons = compare(of(1e-6), of(2e-6), names=(text, text))
    found = outcome(comparisons[0])
    texts = {style: render_comparisons(comparisons, style, width, ["algorithm"]) for style in WRITERS}
    texts["github"] = github.render(comparisons[0], found)
    texts["comment"] = pull_request.render(comparisons[0], found, text)
    for style, printed in texts.items():
        assert not [c for c in printed if unicodedata.category(c)[0] == "C" and c not in "\r\n"], style
        printed.encode()
    assert max(map(len, texts["table"].splitlines())) <= width
    json.loads(texts["json"])
    ET.fromstring(junit.render(comparisons[0], found, text).encode())
    for name in ("markdown", "comment"):
        plain = re.sub(r"&#\d+;|<!-- benchsuite gate -->|</?details>|</?summary>", "", texts[name])
        assert not set(plain) & set("<>`"), name


def test_across_one_result() -> None:
    backends = [
        measured(replace(GCM, backend=backend, request_size=size), noisy(each + by * size))
        for backend, each, by in (("software", 2e-7, 1e-9), ("python", 2e-6, 0.5e-9))
        for size in (64, 16384)
    ]
    found = across(result(*backends), "backend", None)["python"]
    (comparison,) = judged([(Party("software"), Party("python"), found)], Rule(), None, None)
    text = render_comparisons([comparison], "table", None, ())
    assert "backend=" not in text and re.search(r"^aes-128-gcm +64|^ +64", text, re.MULTILINE)
    assert Matched([], [], []).couples == []
