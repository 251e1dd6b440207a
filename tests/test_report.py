"""Every format against golden files (UPDATE_GOLDEN=1 writes them anew: read the difference), and
what programs and terminals rely on."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_fixture import BOOT, everything, measured, sizes

from benchsuite import stats
from benchsuite.model import FAILURES, BenchsuiteError, Case, CaseResult, Failure, Result
from benchsuite.report import FORMATS, render
from benchsuite.sheet.as_markdown import escape
from benchsuite.sheet.numbers import percent, significant
from benchsuite.view.cases_sheet import HEADER

GOLDEN = Path(__file__).parent / "golden"
OCF_LINE = re.compile(r"\[ *\d+\.\d{6}\] OCF: \d+ requests of \d+ bytes in \d+ jiffies \(\d+\.\d{3} Mbps\)")
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def result_of(*cases: CaseResult, **environment: object) -> Result:
    return Result("p", "", dict(environment), list(cases))


def check_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("result", [everything(), sizes()], ids=lambda result: result.profile)
def test_golden_table(result, width):
    check_golden(f"table-{result.profile}-{width}.txt", render(result, "table", width))


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "table"])
@pytest.mark.parametrize("result", [everything(), sizes()], ids=lambda result: result.profile)
def test_golden_others(result, format):
    check_golden(f"{format}-{result.profile}.txt", render(result, format, 80))


def test_unknown_format_names_the_known():
    with pytest.raises(BenchsuiteError, match=r"no format 'xml'.*table, ocf-bench"):
        render(sizes(), "xml", 80)


@pytest.mark.parametrize("format", FORMATS)
def test_a_result_without_cases(format):
    text = render(result_of(), format, 80)
    assert format in ("ocf-bench", "csv", "json") or "No case" in text


# --- table


@pytest.mark.parametrize("result", [everything(), sizes()], ids=lambda result: result.profile)
@pytest.mark.parametrize("width", [20, 30, 47, 64, 72, 80, 81, 99, 100, 132, 160, 181, 240])
def test_no_line_is_wider_than_the_terminal(result, width):
    assert max(map(len, render(result, "table", width).splitlines())) <= width


def test_without_a_width_reasons_stand_in_their_rows():
    (row,) = [line for line in render(everything(), "table", None).splitlines() if "segmentation" in line]
    assert row.startswith("software ") and row.endswith("crash: signal 11 (segmentation fault)")


def test_figures_left_out_are_named():
    text = render(sizes(), "table", 60)
    assert "Too narrow for: requests/s" in text
    assert "requests\n" not in text.split("Too narrow")[0]


def test_decimal_points_stand_under_each_other():
    lines = render(sizes(), "table", 80).splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("---")) + 1
    points = {line.index(".") for line in lines[first : first + 10] if line.split()[2].count(".")}
    assert len(points) == 1


def test_a_note_of_many_cases_is_one_line():
    cases = [measured(Case("software", "des-cbc", request_size=8 * i), 1e-6, values=1) for i in range(1, 101)]
    text = render(result_of(*cases), "table", 80)
    assert text.count("All rows: fewer than 5 values") == text.count("fewer than 5 values") == 1
    assert "[1]" not in text
    quiet = measured(Case("software", "des-cbc", request_size=4096), 1e-6, requests=25_000)
    text = render(result_of(*cases, quiet), "table", 80)
    assert text.count("fewer than 5 values") == 1
    assert text.count("[1]") == 101  # of all rows but one, and before the sentence


def test_what_all_cases_share_is_said_once():
    text = render(sizes(), "table", 200).partition("Findings:")[0]
    assert text.count("aes-cbc-128") == text.count("q_len") == 1


def test_one_case_still_says_what_it_is_of():
    text = render(result_of(measured(Case("null", "des-cbc"), 1e-6)), "table", 80)
    assert re.search(r"^null +des-cbc +11904 ", text, re.MULTILINE)


def test_no_stamps_cost_nothing_to_say():
    result = sizes()
    assert "Time-stamping took" in render(result, "table", 80)
    for case in result.cases:
        for run in case.runs:
            run.values = [replace(value, timestamps=0.0) for value in run.values]
    assert "Time-stamping" not in render(result, "table", 80)


def test_stamps_that_cost_too_much_are_a_warning():
    result = sizes()
    result.cases[0].runs[0].values = [
        replace(value, timestamps=value.wall / 4) for value in result.cases[0].runs[0].values
    ]
    text = " ".join(render(result, "table", 100).split())
    assert "Warning: time-stamping took" in text and f"of 1 of the {len(result.cases)} cases" in text
    assert "`benchsuite doctor` says which; then measure again." in text


@pytest.mark.parametrize("format", ["table", "ocf-bench", "markdown", "csv"])
def test_simulated_is_said(format):
    by_name = measured(Case("sim:x", "des-cbc"), 1e-6)
    by_fact = measured(Case("other", "des-cbc"), 1e-6, facts={"simulated": "yes"})
    for case in (by_name, by_fact):
        assert "simulated, how sure is not said: the times" in render(result_of(case), format, 80) or (
            format == "ocf-bench"
            and "(simulated, how sure is not said)" in render(result_of(case), format, 80)
        )


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (None, "-"),
        (0, "0.000"),
        (535.1224, "535.1"),
        (1234567.4, "1234567"),
        (999.96, "1000"),
        (9.99951, "10.00"),
        (0.25, "0.2500"),
        (0.00012347, "0.0001235"),
        (99999.7, "100000"),
    ],
)
def test_four_significant_digits(figure, text):
    assert significant(figure) == text


@given(st.floats(1e-9, 1e12))
def test_significant_digits_keep_the_figure(figure):
    assert float(significant(figure)) == pytest.approx(figure, rel=0.000501)


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.05, None, "5%"),
        (0.015, None, "1.5%"),
        (0.0123, 2, "1.2%"),
        (-0.5, 2, "-50%"),
        (12.345, 2, "1234%"),
        (0.0, 2, "0%"),
        (1.23e-6, 2, "0.00012%"),
        (-4.5e-7, 2, "<0.0001%"),
    ],
)
def test_a_share_is_said_without_an_exponent(share, digits, text):
    assert percent(share, digits) == text


# --- ocf-bench


def test_ocf_bench_lines_are_exact_or_say_why_not():
    result = everything()
    lines = render(result, "ocf-bench", None).splitlines()
    results = [line for line in lines if OCF_LINE.fullmatch(line)]
    missing = [line for line in lines if ": not measured: " in line]
    assert len(results) == sum(1 for case in result.cases if case.measured)
    assert len(results) + len(missing) == len(result.cases)
    assert len(lines) == 2 * len(results) + len(missing)


def test_ocf_bench_sums_requests_and_jiffies_of_one_case():
    case = measured(Case("software", "des-cbc"), 2e-5, requests=1000, values=5, wobble=0.0)
    text = render(result_of(case, benchsuite_boot_time=BOOT), "ocf-bench", None, hz=250)
    line = r"\[  585\.22874\d\] OCF: 15000 requests of 1488 bytes in 75 jiffies \(595\.200 Mbps\)\n"
    assert re.fullmatch(line, text)
    assert "in 30 jiffies" in render(result_of(case), "ocf-bench", None, hz=100)


def test_ocf_bench_without_boot_time_counts_from_the_first_worker():
    case = measured(Case("software", "des-cbc"), 2e-5, requests=1000, values=5, wobble=0.0)
    assert render(result_of(case), "ocf-bench", None).startswith("[    2.22874")


def test_ocf_bench_without_a_jiffy_has_no_line():
    case = measured(Case("software", "des-cbc"), 1e-6, requests=10)
    text = render(result_of(case), "ocf-bench", None)
    assert text.startswith("OCF: software/des-cbc/") and "took 0 jiffies at HZ 250" in text


# --- csv, json, markdown


def parsed(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(result, "csv", None), newline=""), strict=True))


def test_csv_figures_are_the_summary_to_the_last_bit():
    result = everything()
    for line, case in zip(parsed(result), result.cases, strict=True):
        if not case.measured:
            assert line["status"] in (*FAILURES, "not measured")
            assert line["reason"] and not line["bits_per_second"] and not line["submitted"]
            continue
        figures = stats.summary(case)
        assert line["status"] == "measured" and not line["reason"]
        assert float(line["bits_per_second"]) == figures.bits_per_second
        assert float(line["lat_p99_seconds"]) == figures.latency["lat"].p99 / 1e9
        assert int(line["request_size_bytes"]) == case.case.request_size
        assert line["in_place"] == "true"


def test_csv_lines_end_as_rfc_4180_says():
    text = render(sizes(), "csv", None)
    assert text.endswith("\r\n") and text.count("\n") == text.count("\r\n") == 11


@given(ANY_TEXT, ANY_TEXT)
def test_csv_text_is_never_a_formula_and_never_breaks_a_row(backend, reason):
    case = CaseResult(Case(backend, "des-cbc"), [], Failure("crash", reason))
    (line,) = parsed(result_of(case))
    assert list(line) == list(HEADER)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line.values())


def test_json_has_every_key_in_every_case():
    cases = json.loads(render(everything(), "json", None))["cases"]
    assert {tuple(case) for case in cases} == {tuple(cases[0])}
    assert {tuple(case["figures"]) for case in cases} == {tuple(cases[0]["figures"])}
    assert cases[0]["figures"]["bits_per_second"] == stats.summary(everything().cases[0]).bits_per_second
    assert [case["status"] for case in cases][8:-1] == ["not measured", *FAILURES]


@given(ANY_TEXT)
def test_markdown_text_cannot_leave_its_cell(text):
    plain = re.sub(r"&#\d+;", "", escape(text))
    assert not set(plain) & set("\\`*[]<>|~#&")
    assert "://" not in plain
    assert not re.search(r"@\w|(^|\W)_|_(\W|$)", escape(text))


def test_markdown_rows_have_as_many_cells_as_the_header():
    lines = [line for line in render(everything(), "markdown", None).splitlines() if line.startswith("|")]
    assert len(lines) == 2 + len(everything().cases)
    assert len({line.count("|") for line in lines}) == 1


# --- hostile text, everywhere


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=ANY_TEXT.filter(bool), format=st.sampled_from(list(FORMATS)), width=st.integers(20, 120))
def test_no_text_of_a_result_reaches_the_terminal_as_control(text, format, width):
    case = measured(Case(f"software:{text}", "des-cbc"), 1e-6, facts={"version": text})
    failed = CaseResult(replace(case.case, algorithm=text), [], Failure("error", text))
    result = Result(text, text, {"cpu_model_name": text, "benchsuite_kernel_release": text}, [case, failed])
    printed = render(result, format, width)
    assert not [char for char in printed if unicodedata.category(char)[0] == "C" and char not in "\r\n"]
    printed.encode()
    if format == "table":
        assert max(map(len, printed.splitlines())) <= width
