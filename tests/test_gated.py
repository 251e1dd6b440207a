"""What the gate said, come to again from the result it wrote: in the library and on top of the page."""

from __future__ import annotations

from dataclasses import replace
from math import log

import pytest
from page_reading import Element, read
from planted import gate, noisy
from report_fixture import sizes

from benchsuite.compare.comparison import Party
from benchsuite.compare.gated import gated
from benchsuite.compare.outcome import NOT_MEASURED, PASS, REGRESSION, outcome
from benchsuite.compare.verdicts import UNDECIDED
from benchsuite.facts import Environment
from benchsuite.model import Result
from benchsuite.report import render as render_table
from benchsuite.report.charts.entries import collect
from benchsuite.report.html.page import render

PARTIES = Party("a"), Party("b")
SAME, SLOWER = (lambda _: 0.0), (lambda _: log(1.25))


def page(*results: Result) -> Element:
    return read(render(collect([(f"{number}.json", each) for number, each in enumerate(results)])))


@pytest.mark.parametrize(
    ("changes", "options", "kind", "words"),
    [
        ([SAME, SAME], {}, PASS, "Passed: none of 2 cases slower by 5%."),
        ([SAME, SLOWER], {}, REGRESSION, "Failed, a regression: 1 of 2 cases slower."),
        ([SAME, SAME], {"lost": {1: 3}}, NOT_MEASURED, "Could not measure: 1 of 2 cases could"),
        ([SAME, noisy(0.0, 0.5, 1)], {"budget": 40}, UNDECIDED, "Undecided: 1 of 2 cases undecided."),
    ],
    ids=["pass", "regression", "lost", "undecided"],
)
def test_the_page_says_first_whether_it_passed(
    changes: list[object], options: dict[str, object], kind: str, words: str
) -> None:
    measuring, result = gate(changes, **options)  # type: ignore[arg-type]
    found = gated(result)
    assert found and found.outcome.kind == kind == outcome(measuring.comparison(*PARTIES)).kind
    sections = page(result).all("section")
    assert sections[0].attributes["id"] == "gate" and words in sections[0].text
    named = [item.text for item in sections[0].all("li")]
    assert len(named) == len(found.slower) + len(found.undecided)
    if kind == REGRESSION:
        assert named[0].startswith(found.slower[0]) and named[0].endswith(": 0.800 times the rate")


@pytest.mark.parametrize(
    ("counts", "words"), [("pass", ", which counts as pass"), ("fail", "fail"), (None, "")]
)
def test_what_undecided_counts_as_is_in_the_result(counts: str | None, words: str) -> None:
    measuring, result = gate([noisy(0.0, 0.5, 1)], budget=40)
    measuring.how = replace(measuring.how, undecided=counts)
    found = gated(measuring.result({}))
    assert found and found.outcome.exit_status == outcome(measuring.comparison(*PARTIES), counts).exit_status
    assert found.words.startswith("undecided: 1 of 1 case undecided") and found.words.endswith(words)
    del result.environment[Environment.VERDICTS]["undecided"]  # of an older benchsuite
    older = gated(result)
    assert older and older.outcome.exit_status == 4


def test_a_table_of_it_says_so_too() -> None:
    _, result = gate([SAME, SLOWER])
    text = render_table(result, "table", 100)
    assert text.startswith("Gate: regression: 1 of 2 cases slower.\n")
    assert "Gate:" not in render_table(sizes(), "table", 100)


def test_what_no_gate_has_measured_says_nothing() -> None:
    _, pairs = gate([SAME], one_sided=False)
    assert gated(sizes()) is None and gated(pairs) is None
    assert "gate" not in {part.attributes["id"] for part in page(sizes(), pairs).all("section")}


def test_a_baseline_says_why_it_was_accepted() -> None:
    _, result = gate([SAME])
    accepted = replace(result, environment={**result.environment, Environment.ACCEPTED_REASON: "new <CPU>"})
    assert "A baseline, accepted: new <CPU>." in page(accepted).one("section", id="gate").text


def test_a_baseline_of_parts_says_why_each_was_accepted() -> None:
    _, result = gate([SAME, SAME])
    part = {Environment.ACCEPTED_REASON: "the first"}
    cases = [replace(case, environment=part if at < 2 else {}) for at, case in enumerate(result.cases)]
    environment = {**result.environment, Environment.ACCEPTED_REASON: "the second"}
    accepted = gated(replace(result, cases=cases, environment=environment))
    assert accepted and accepted.accepted == "the first; the second"


def test_several_gates_are_told_apart() -> None:
    _, good = gate([SAME])
    _, bad = gate([SLOWER])
    text = page(good, bad).one("section", id="gate").text
    assert "0: Passed" in text and "1: Failed" in text


def test_a_damaged_record_loses_no_figure() -> None:
    _, result = gate([SAME])
    damaged = replace(result, environment={**result.environment, Environment.VERDICTS: {"rule": 1}})
    text = render_table(damaged, "table", 100)
    assert text.startswith("the result: its record of verdicts is damaged") and "aes-128-cbc" in text
