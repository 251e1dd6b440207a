"""Which clock a time is of (elapsed, user CPU, not known) stays with every figure, in every writer; and of
two clocks there is no ratio and no verdict."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import Cli
from import_fixture import read as import_text
from page_reading import read, rows
from report_fixture import measured, sizes
from report_page_fixture import along
from sizeless_fixture import NEW, NOTE, by_clock, keys, mixed
from test_report import result_of

from benchsuite import doubts, stats, store
from benchsuite.compare import crossovers
from benchsuite.compare.comparison import NOT_COMPARED, Comparison, Party, judged
from benchsuite.compare.matching import across, of_two
from benchsuite.compare.outcome import outcome
from benchsuite.compare.verdicts import SAME, SLOWER, Rule
from benchsuite.exports import EXPORTS, SERIES
from benchsuite.exports import render as export
from benchsuite.formats.figure import CLOCK_UNKNOWN, ELAPSED, USER
from benchsuite.model import CPU, Case, Result
from benchsuite.report import FORMATS, WRITERS, github, junit, pull_request, render, render_comparisons
from benchsuite.report.charts.entries import collect
from benchsuite.report.html.page import render as page
from benchsuite.report.plots.images import images
from benchsuite.report.plots.plan import plans

REASON = "Base is elapsed time, Other is user CPU time: a ratio of the two has no meaning"


def user(result: Result, **how: str) -> Result:
    return by_clock(result, USER, **how)


def compared(base: Result, other: Result, on: str | None = None) -> Comparison:
    (found,) = judged([(Party("a"), Party("b"), of_two(base, other))], Rule(alpha=0.05), on, None)
    return found


def compare(style: str, *sides: Result) -> str:
    return render_comparisons([compared(*sides)], style, 200, ())


def csv_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# What a case says


def test_the_clock_of_a_case() -> None:
    case = keys().cases[0]
    assert stats.clock(case) == ELAPSED and doubts.imported_notes(case) == []
    assert stats.clock(user(keys()).cases[0]) == USER
    torn = user(keys()).cases[0]
    torn.runs[0].facts["imported_clock"] = ELAPSED
    unknown = by_clock(keys(), CLOCK_UNKNOWN).cases[0]
    for cases, agree in (
        ([case, case], True),
        ([unknown, unknown], True),
        ([torn], False),
        ([case, user(keys()).cases[0]], False),
        ([unknown, case], None),
        ([unknown, user(keys()).cases[0]], None),
        ([unknown, torn], False),
    ):
        assert stats.clocks_agree(map(stats.clock, cases)) is agree


@pytest.mark.parametrize("clock", [USER, CLOCK_UNKNOWN])
def test_a_clock_that_its_source_says_nothing_of_is_said_all_the_same(clock: str) -> None:
    (note,) = doubts.imported_notes(by_clock(keys(), clock, note="").cases[0])
    assert "user CPU time" in note and note in render(by_clock(keys(), clock, note=""), "json", None)


def test_notes_of_a_result_are_no_commands_of_a_terminal() -> None:
    text = render(user(keys(), note="\x1b[31m user CPU time"), "table", 80)
    assert "\x1b" not in text and "[31m user CPU time" in text


# compare


@pytest.mark.parametrize("style", WRITERS)
@pytest.mark.parametrize("sizeless", [False, True], ids=["sizes", "keys"])
def test_two_clocks_are_not_compared(style: str, sizeless: bool) -> None:
    result = keys() if sizeless else sizes()
    comparison = compared(result, user(result))
    assert comparison.counts() == {NOT_COMPARED: len(comparison.lines)} or sizeless
    text = render_comparisons([comparison], style, None, ())
    assert NOT_COMPARED in text and REASON in text and NOTE in text
    assert "wall time" not in text and "faster" not in text.replace("above 1 is faster", "")


def test_the_reason_stands_at_the_ratio() -> None:
    lines = compare("table", sizes(), user(sizes())).splitlines()
    (row,) = [line for line in lines if line.startswith("software     16")]
    assert row.split()[-4:] == ["-", "not", "compared", "[1,2]"]
    assert [line for line in lines if line.startswith("[1] not compared: " + REASON)]
    assert [line for line in lines if line.startswith("[2] Other: " + NOTE)]


def test_each_side_is_named() -> None:
    text = compare("table", user(sizes()), sizes())
    assert "Base is user CPU time, Other is elapsed time" in text and f"Base: {NOTE}" in text


@pytest.mark.parametrize("clock", [ELAPSED, USER])
def test_what_may_be_another_clock_has_a_ratio_and_no_verdict(clock: str) -> None:
    comparison = compared(by_clock(sizes(), CLOCK_UNKNOWN), by_clock(sizes(), clock))
    assert comparison.counts() == {NOT_COMPARED: 10} and comparison.overall() is None
    text = render_comparisons([comparison], "table", 200, ())
    assert "Base is elapsed or user CPU time (not known which), Other is" in text
    assert "may have no meaning" in text and "11112  11112  1.000    -  not compared" in text
    (row, *_) = csv_rows(render_comparisons([comparison], "csv", None, ()))
    assert float(row["ratio"]) == 1 and not row["verdict"] and not row["low"]


@pytest.mark.parametrize("clock", [USER, CLOCK_UNKNOWN])
def test_the_same_clock_is_compared_and_named(clock: str) -> None:
    base, other = by_clock(sizes(), clock), by_clock(sizes(), clock)
    comparison = compared(base, other)
    assert comparison.counts() == {SAME: 10}
    text = render_comparisons([comparison], "table", 200, ())
    assert f"by {stats.CLOCKS[clock]}; above 1 is faster" in text and "wall time" not in text
    assert f"[1] {NOTE}" in text and "same [1]" in text


def test_lines_of_several_clocks_are_each_judged_by_their_own() -> None:
    base = user(keys(), backend="software")
    found = compared(base, user(keys(1.5), backend="software"))
    assert found.counts()[SLOWER] == 16
    text = render_comparisons([found], "table", 200, ())
    assert "by user CPU time and wall time" in text


def test_cpu_time_asked_for_is_of_no_other_clock() -> None:
    """What both have of it by a counter of their own is compared, whatever clock the wall time is of."""
    assert SAME in compared(sizes(), user(sizes()), CPU).counts()


@pytest.mark.parametrize("style", ["csv", "json"])
def test_data_of_a_comparison_have_both_clocks(style: str) -> None:
    text = compare(style, sizes(), user(sizes()))
    row: dict[str, Any]
    row = csv_rows(text)[0] if style == "csv" else json.loads(text)["comparisons"][0]["lines"][0]
    assert (row["base_clock"], row["other_clock"]) == (ELAPSED, USER)
    assert not row["verdict"] and not row["ratio"] and row["status"] == NOT_COMPARED
    assert row["notes"] in (f"Other: {NOTE}", [f"Other: {NOTE}"])


def test_other_notes_of_an_imported_figure_come_along() -> None:
    said = "only the median of the rounds is in the file"
    text = compare("markdown", by_clock(sizes(), ELAPSED, note=said), sizes())
    assert f"Base: {said}" in text and "by wall time" in text
    rounded = sizes()
    for run in rounded.cases[0].runs:
        run.facts["imported_precision"] = "0.5"
    assert "Other: printed with so few digits" in compare("table", sizes(), rounded)


def test_a_gate_says_it_too() -> None:
    for base, other, word in (
        (sizes(), user(sizes()), REASON),
        (user(sizes()), user(sizes()), "user CPU time"),
    ):
        comparison = compared(base, other)
        found = outcome(comparison)
        test = ET.fromstring(junit.render(comparison, found, "ci")).find(".//testcase/*")
        assert test is not None and word in (test.get("message") or test.text or "")
        assert word in pull_request.render(comparison, found, "ci")
    assert REASON in github.render(compared(sizes(), user(sizes())), outcome(comparison))


def test_logs_of_a_maintainer(cli: Cli, tmp_path: Path) -> None:
    """The figures of an engine by user CPU time against elapsed ones: no ratio of 100, no "faster"."""
    told = "You have chosen to measure elapsed time instead of user CPU time.\n"
    doing = "Doing aes-128-cbc for 3s on 1024 size blocks: {} aes-128-cbc's in {}s\n"
    (tmp_path / "elapsed.txt").write_text(told + doing.format(195865, "3.00"))
    (tmp_path / "user.txt").write_text(doing.format(70848, "0.25"))
    for name in ("elapsed", "user"):
        result = import_text((tmp_path / f"{name}.txt").read_text()).result
        if name == "user":  # whatever the reader makes of the line
            result = user(result, note="divided by user CPU time")
        store.save(result, tmp_path / f"{name}.json")
    done = cli.run("compare", "elapsed.json", "user.json")
    assert done.returncode == 3 and REASON in " ".join(done.stdout.split())
    done = cli.run("compare", "user.json", "user.json")
    assert done.returncode == 0 and "by user CPU time" in " ".join(done.stdout.split())


# Backends of one result


def test_backends_side_by_side_have_no_ratio() -> None:
    result = user(mixed(), backend="software")
    text = render(result, "table", 200, across="backend")
    assert "×" not in text.split("software.\n", 1)[1] and "Crossover" not in text
    assert "no ratio: its time is elapsed time, that of software is user CPU time" in text
    cell = json.loads(render(result, "json", None, across="backend"))["lines"][0]["cells"]["python"]
    assert cell["ratio"] is None and cell["clock"] == ELAPSED
    row = csv_rows(render(result, "csv", None, across="backend"))[0]
    assert (row["software clock"], row["python clock"], row["python ratio"]) == (USER, ELAPSED, "")


def test_backends_that_may_be_of_another_clock_say_so() -> None:
    text = render(by_clock(mixed(), CLOCK_UNKNOWN, backend="software"), "table", 200, across="backend")
    assert "×20.00" in text and "its ratio may have no meaning: its time is elapsed time" in text
    assert "Crossover" not in text


def test_no_crossover_of_two_clocks() -> None:
    result = user(sizes(), backend="python")
    assert crossovers.meetings(sizes().cases) and not crossovers.meetings(result.cases)
    (panel,) = along(collect([("a.json", result)]), "request_size")
    assert panel.meetings == () and not any(line.mark or line.remark for line in panel.curves)
    assert along(collect([("a.json", sizes())]), "request_size")[0].meetings


def test_compare_across_backends() -> None:
    (found,) = judged(
        [(Party("a"), Party("b"), across(user(keys(), backend=NEW), "backend", None)[NEW])],
        Rule(),
        None,
        None,
    )
    assert set(found.counts()) == {NOT_COMPARED}


# show and export


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_it(format: str) -> None:
    text = render(user(sizes()), format, 80)
    assert {"csv": USER, "json": f'"clock": "{USER}"', "ocf-bench": "(user CPU time)"}.get(
        format, NOTE
    ) in text
    assert "CPU time" not in render(sizes(), format, 80)


# A time series has rates by a clock of its own, and no times of requests.
@pytest.mark.parametrize("name", [name for name, each in EXPORTS.items() if each.needs != SERIES])
def test_every_export_says_it(name: str) -> None:
    text = export(user(mixed(), backend="software"), name)
    if name == "openmetrics":
        lines = [line for line in text.splitlines() if line.startswith("benchsuite_request_seconds{")]
        assert lines and all(('clock="user CPU"' in each) == ('backend="software"' in each) for each in lines)
    elif name == "pytest-benchmark":
        found = json.loads(text)["benchmarks"]
        assert {each["extra_info"].get("clock") for each in found} == {None, USER}
        assert all(
            ("clock" in each["extra_info"]) == (NOTE in each["extra_info"].get("notes", [])) for each in found
        )
    else:
        found = {
            (row["backend"], row["clock"]) for row in csv_rows(text) if row.get("status") != "unsupported"
        }
        assert {("software", USER), ("python", ELAPSED)} <= found and ("software", ELAPSED) not in found


def test_from_pytest_benchmark_it_comes_back() -> None:
    back = import_text(export(user(sizes()), "pytest-benchmark")).result
    assert {stats.clock(case) for case in back.cases} == {USER}
    assert all(NOTE in doubts.notes(case) for case in back.cases)


# report


def test_the_page_says_it_everywhere() -> None:
    root = read(page(collect([("a.json", user(mixed(), backend="software"))])))
    glance = root.one("section", id="glance")
    assert [each for each in glance.all("p", class_="warning") if "software (user CPU time)" in each.text]
    legends = [
        item.text
        for section in ("mbps-by-size", "operations")
        for item in root.one("section", id=section).all("li")
    ]
    assert "software (user CPU time)" in legends and "python" in legends
    tips = [mark.attributes["data-t"] for mark in root.all("path") if "data-t" in mark.attributes]
    assert [tip for tip in tips if tip and "software (user CPU time), 16 B" in tip]
    assert [tip for tip in tips if tip and "rsa-2048 sign, software (user CPU time): 1667 requests/s" in tip]
    cases = rows(root.one("table", data_csv="cases"))
    assert (
        cases[0]["backend"] == "software (user CPU time)" and cases[0]["kind"] == "measured (user CPU time)"
    )
    data = [row for each in root.all("pre") for row in rows(each) if "software (user" in row.get("line", "")]
    assert data and all(row["kind"] == "measured (user CPU time)" for row in data)


def test_the_page_gives_no_verdict_on_two_clocks() -> None:
    root = read(page(collect([("a.json", sizes()), ("b.json", replace(user(sizes()), profile="other"))])))
    verdicts = rows(root.one("table", data_csv="verdicts"))[:10]
    assert all(row["ratio"] == "-" and REASON in row["verdict"] for row in verdicts)
    notes = [item.text for item in root.one("section", id="verdicts").all("li")]
    assert f"Other: {NOTE}" in notes


def test_a_page_without_a_single_ratio_says_why() -> None:
    root = read(page(collect([("a.json", user(sizes(), backend="python"))])))
    assert not root.all("section", id="ratio")
    assert REASON in root.one("section", id="verdicts").text


def test_a_way_with_figures_of_several_clocks() -> None:
    result = user(sizes(), backend="software")
    for run in result.cases[0].runs:
        run.facts["imported_clock"] = CLOCK_UNKNOWN
    labels = [contender.label for contender in collect([("a.json", result)]).contenders]
    assert labels == ["software (not all elapsed time)", "python"]


def test_legends_of_plots_on_paper_say_it() -> None:
    kinds = ("mbps-by-size", "operations", "latency-aes")
    found = [plan for plan in plans(collect([("a.json", user(mixed()))])) if plan.name.startswith(kinds)]
    assert len(found) == 3
    for plan in found:
        ((_, content),) = images(plan, ["svg"])
        text = " ".join("".join(each.itertext()) for each in ET.fromstring(content).iter())
        assert "(user CPU time)" in text, plan.name


def test_a_long_name_on_a_plot_keeps_it() -> None:
    case = measured(Case("software:" + "x" * 300, "aes-128-cbc"), 1e-6)
    (plan, *_) = plans(collect([("a.json", user(result_of(case)))]))
    ((_, content),) = images(plan, ["svg"])
    text = " ".join("".join(each.itertext()) for each in ET.fromstring(content).iter())
    assert "(user CPU time)" in " ".join(text.split())
