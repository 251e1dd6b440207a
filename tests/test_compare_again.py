"""One file, one verdict: the gate's, `compare`'s and the report's, from the same rounds by the same rule.
Rounds are planted, but for one gate from the command line; nothing here depends on a speed."""

from __future__ import annotations

import copy
import json
import tempfile
from dataclasses import replace
from math import log
from pathlib import Path
from typing import Any

import pytest
from command import Cli
from compare_fixture import CBC, GCM, MACHINE, paired
from hypothesis import given, settings
from hypothesis import strategies as st
from page_reading import read, rows
from planted import Change, gate, measure, noisy, plan

from benchsuite import store
from benchsuite.compare.comparison import Comparison, Party, judged
from benchsuite.compare.kept import KEY, kept
from benchsuite.compare.matching import across, of_two, sides
from benchsuite.compare.outcome import PASS, REGRESSION, outcome
from benchsuite.compare.sequential import FURTHER, LEAST_TO_DIFFER
from benchsuite.compare.verdicts import FASTER, NOT_SLOWER, SAME, SLIGHTLY_SLOWER, SLOWER, UNDECIDED, Rule
from benchsuite.model import BenchsuiteError, Result
from benchsuite.report import github, junit, pull_request, render_comparisons
from benchsuite.report.charts.compared import compared
from benchsuite.report.charts.entries import collect
from benchsuite.runs.pairs import How, Measuring, against
from benchsuite.view.comparison import legend, said, summary

A, B = Party("a"), Party("b")
OF_FILES = Rule(alpha=0.05)  # what `compare` has unless told otherwise


def kinds(comparison: Comparison) -> list[str]:
    return [line.verdict.kind if line.verdict else line.status for line in comparison.lines]


def by_compare(result: Result, rule: Rule = OF_FILES, *given: str) -> Comparison:
    (found,) = judged([(A, B, sides(result))], rule, None, None, given)
    return found


def by_report(*results: Result) -> Comparison:
    return compared(collect([(f"{i}.json", result) for i, result in enumerate(results)]))[0].comparison


def saved(result: Result) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        store.save(result, Path(folder) / "r.json")
        return store.load(Path(folder) / "r.json")


# The outcomes, on planted rounds. In the second list the four of the rule and two more.

PLANTED: dict[str, tuple[Change, str, int]] = {  # change, verdict, rounds at most
    "a tenth": (noisy(log(1.10), 0.004, 1), SLOWER, LEAST_TO_DIFFER),
    "as much as the threshold": (noisy(log(1.05), 0.006, 2), SLOWER, FURTHER * 14),
    "in between": (noisy(log(1.038), 0.009, 4), SLIGHTLY_SLOWER, FURTHER * 20),
    "a little": (noisy(log(1.015), 0.004, 4), NOT_SLOWER, 7),
    "perhaps a little faster": (noisy(log(0.97), 0.02, 5), NOT_SLOWER, LEAST_TO_DIFFER),
    "nothing": (noisy(0.0, 0.004, 6), NOT_SLOWER, 5),
    "a third faster": (noisy(log(0.75), 0.02, 9), FASTER, LEAST_TO_DIFFER),
    "twice as fast": (noisy(log(0.5), 0.01, 7), FASTER, LEAST_TO_DIFFER),
    "anything at all": (noisy(0.0, 0.5, 8), UNDECIDED, 1000),
}


def planted() -> tuple[Measuring, Result]:
    return gate([change for change, _, _ in PLANTED.values()], budget=300)


def test_planted_changes_have_their_verdicts() -> None:
    measuring, _ = planted()
    comparison = measuring.comparison(A, B)
    assert dict(zip(PLANTED, kinds(comparison), strict=True)) == {
        name: kind for name, (_, kind, _) in PLANTED.items()
    }
    for task, (_, _, most) in zip(measuring.pairing.tasks, PLANTED.values(), strict=True):
        assert task.rounds <= most


def test_what_is_slower_but_below_the_threshold_passes_with_a_warning() -> None:
    """In every report."""
    measuring, _ = gate([PLANTED["in between"][0], PLANTED["nothing"][0]])
    comparison = measuring.comparison(A, B)
    found = outcome(comparison)
    assert (found.kind, found.exit_status) == (PASS, 0)
    assert found.sentence == "1 of 2 cases slower, below the threshold; none fails"
    assert said(comparison.lines[0]) == "slower, below the threshold"
    assert summary(comparison).startswith("2 cases: 1 slower below the threshold, 1 not slower by 5%")
    text = github.render(comparison, found)
    assert text.startswith("::warning title=") and "::slower, below the threshold: 0.9" in text
    assert "<failure" not in junit.render(comparison, found, "p")
    assert "slower, below the threshold: 0.9" in junit.render(comparison, found, "p")
    first, _, folded = pull_request.render(comparison, found, "p").partition("<details>")
    assert first.count("| slower, below the threshold |") == 1 == folded.count("| slower, below")
    data = json.loads(render_comparisons([comparison], "json", None))
    assert [line["verdict"] for line in data["comparisons"][0]["lines"]] == [SLIGHTLY_SLOWER, NOT_SLOWER]


def test_a_failure_beside_a_warning_is_a_regression() -> None:
    measuring, _ = gate([PLANTED["in between"][0], PLANTED["a tenth"][0]])
    found = outcome(measuring.comparison(A, B))
    assert (found.kind, found.sentence) == (REGRESSION, "1 of 2 cases slower")


def test_not_slower_says_by_how_much() -> None:
    measuring, _ = gate([PLANTED["perhaps a little faster"][0]], rule=Rule(threshold=0.07))
    comparison = measuring.comparison(A, B)
    assert said(comparison.lines[0]) == "not slower by 7%"
    assert "1 case: 1 not slower by 7%" in summary(comparison)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_slower_goes_on_for_a_bounded_number_of_rounds(seed: int) -> None:
    """Just below the threshold, where nothing is ever shown beside being slower."""
    measuring, _ = gate([noisy(log(1.049), 0.01, seed)], budget=10_000)
    (task,) = measuring.pairing.tasks
    ((kind,), looks) = (
        kinds(measuring.comparison(A, B)),
        measuring.result({}).environment[KEY]["cases"][0]["looks"],
    )
    assert kind in (SLOWER, SLIGHTLY_SLOWER)
    assert LEAST_TO_DIFFER <= task.rounds == looks[-1] <= FURTHER * 28
    assert kind == SLIGHTLY_SLOWER or task.rounds > LEAST_TO_DIFFER


# One file, one verdict


CHANGES = st.builds(
    noisy,
    st.sampled_from([-0.5, -0.06, -0.03, 0.0, 0.015, 0.03, 0.04, 0.045, log(1.05), 0.06, 0.3]),
    st.sampled_from([0.0005, 0.005, 0.01, 0.02, 0.1]),
    st.integers(0, 10**6),
)
RULES = st.sampled_from(
    [Rule(), Rule(alpha=0.2), Rule(threshold=0.03, smallest=0.01), Rule(threshold=0.1, smallest=0.0)]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(CHANGES, min_size=1, max_size=6),
    st.integers(1, 150),
    RULES,
    st.booleans(),
    st.dictionaries(st.integers(0, 5), st.integers(0, 12), max_size=1),
    st.data(),
)
def test_gate_compare_and_report_of_one_file_agree(
    changes: list[Change], budget: int, rule: Rule, one_sided: bool, lost: dict[int, int], data: st.DataObject
) -> None:
    lost = {case: at for case, at in lost.items() if case < len(changes)}
    measuring, result = gate(changes, budget, rule, one_sided, lost)
    ours = measuring.comparison(A, B)
    assert ours.again and ours.again.changed == 0
    for line, entry in zip(ours.lines, result.environment[KEY]["cases"], strict=True):
        assert line.verdict is None or line.verdict.kind == entry["verdict"]
    assert sum(kind == "crash" for kind in kinds(ours)) <= len(lost)
    loaded = saved(result)
    for found in (by_compare(loaded), by_report(loaded)):
        assert kinds(found) == kinds(ours) and found.rule == rule
        assert [line.verdict for line in found.lines] == [line.verdict for line in ours.lines]
        assert (found.cases, found.again) == (ours.cases, ours.again)
    across_sides = across(loaded, "backend", None).values()
    assert [
        kinds(found) for found in judged([(A, B, each) for each in across_sides], OF_FILES, None, None)
    ] == [kinds(ours)]
    some = data.draw(st.sets(st.integers(0, len(changes) - 1), min_size=1))
    filtered = [case for i, case in enumerate(loaded.cases) if i // 2 in some]
    assert kinds(by_compare(replace(loaded, cases=filtered))) == [kinds(ours)[i] for i in sorted(some)]


def test_what_crashed_before_it_was_looked_at_has_no_other_verdict() -> None:
    _, result = gate([PLANTED["nothing"][0]] * 2, lost={1: 3})
    assert "said something else" not in legend(by_compare(saved(result)))


@pytest.mark.parametrize("seed", range(5))
def test_compare_of_a_baseline_and_a_gate_says_what_the_gate_said(seed: int) -> None:
    first = measure(against(plan(3), None, None), [noisy(0.5, 0.01, seed)] * 3, How(Rule(), 100.0, rounds=16))
    baseline = saved(first.result(dict(MACHINE)))
    changes = [noisy(0.5 + more, 0.01, seed + i) for i, more in enumerate((0.0, 0.2, -0.4))]
    now = measure(against(plan(3), baseline, None), changes, How(Rule(), 100.0, one_sided=True))
    ours, loaded = now.comparison(A, B), saved(now.result(dict(MACHINE)))
    assert kinds(ours)[1:] == [SLOWER, FASTER]
    (found,) = judged([(A, B, of_two(baseline, loaded))], OF_FILES, None, None)
    for other in (found, by_report(baseline, loaded)):
        assert [line.verdict for line in other.lines] == [line.verdict for line in ours.lines]
        assert legend(other) == legend(ours)


def test_another_rule_is_another_verdict_and_said() -> None:
    _, result = gate([PLANTED["a tenth"][0], PLANTED["nothing"][0]])
    assert "another rule" not in legend(by_compare(result))
    found = by_compare(result, Rule(threshold=0.3, smallest=0.2, alpha=0.05), "threshold", "smallest")
    assert kinds(found)[0] == NOT_SLOWER and found.rule == Rule(threshold=0.3, smallest=0.2)
    assert "By another rule than it was measured by (smallest effect 2%, threshold 5%, alpha 1%)" in legend(
        found
    )
    data = json.loads(render_comparisons([found], "json", None))
    assert data["comparisons"][0]["measured_by"] == {
        "threshold": 0.05,
        "smallest": 0.02,
        "alpha": 0.01,
        "missed": Rule().missed,
    }
    (on_cpu,) = judged([(A, B, sides(result))], OF_FILES, "cpu", None)
    (drifting,) = judged([(A, B, sides(result))], OF_FILES, None, 0.5)
    assert kinds(drifting)[0] == UNDECIDED
    assert all("or by another metric or drift" in legend(found) for found in (on_cpu, drifting))
    with pytest.raises(BenchsuiteError, match=r"--smallest 2% is not below --threshold 1%.*give both"):
        by_compare(result, Rule(threshold=0.01, smallest=0.005), "threshold")


def test_figures_decide_and_not_the_word_that_is_kept() -> None:
    _, result = gate([PLANTED["a tenth"][0], PLANTED["nothing"][0]])
    result.environment[KEY]["cases"][0]["verdict"] = SAME
    found = by_compare(result)
    assert kinds(found) == [SLOWER, NOT_SLOWER]
    assert "1 verdict given when it was measured said something else" in legend(found)


def test_an_older_result_is_looked_at_as_it_would_have_been() -> None:
    result = paired([(CBC, 1e-6, 1e-6), (GCM, 1e-6, 1.1e-6)])
    assert KEY not in result.environment
    assert kinds(by_compare(result)) == kinds(by_report(result)) == [SAME, SLOWER]
    assert "rule" not in legend(by_compare(result))


def test_of_a_gate_with_a_baseline_the_file_alone_says_where_its_verdicts_are() -> None:
    from benchsuite.compare.warnings import warnings

    first = measure(against(plan(1), None, None), [noisy(0.5, 0.01, 1)], How(Rule(), 50.0, rounds=16))
    result = saved(first.result(dict(MACHINE)))
    assert kinds(by_compare(result)) == [SLOWER]  # the case against its anchor
    assert any("compare BASELINE" in text for text in warnings(result, result, []))


DAMAGES: list[tuple[list[Any], Any]] = [
    ([], []),
    (["rule"], None),
    (["rule", "alpha"], "1%"),
    (["rule", "threshold"], -1),
    (["rule", "missed"], True),
    (["rule", "smallest"], 0.05),
    (["one_sided"], 1),
    (["undecided"], "maybe"),
    (["undecided"], ["pass"]),
    (["cases"], {}),
    (["cases", 0], "x"),
    (["cases", 0, "looks"], [5, 5]),
    (["cases", 0, "looks"], [0]),
    (["cases", 0, "looks"], [1.5]),
    (["cases", 0, "verdict"], "slowest"),
    (["cases", 0, "verdict"], ["same"]),
    (["cases", 0, "slower"], None),
    (["cases", 0, "base"], 7),
]


@pytest.mark.parametrize(("path", "value"), DAMAGES, ids=[f"{path}={value}" for path, value in DAMAGES])
def test_a_damaged_record_is_said(path: list[Any], value: Any) -> None:
    _, result = gate([PLANTED["nothing"][0]])
    record: Any = {KEY: copy.deepcopy(result.environment[KEY])}
    place: Any = record
    *way, last = [KEY, *path]
    for key in way:
        place = place[key]
    place[last] = value
    with pytest.raises(
        BenchsuiteError, match=r"r.json: its record of verdicts is damaged: .*measure it again"
    ):
        kept(record, "r.json")
    del place[last]
    if path and last != "undecided" and not isinstance(last, int):
        with pytest.raises(BenchsuiteError, match="is missing"):
            kept(record)


def test_a_filter_changes_no_verdict() -> None:
    """The last case is slower only beside nine others that are: Holm asks less of it then."""
    measuring, result = gate([noisy(log(1.1), 0.004, i) for i in range(9)] + [noisy(log(1.06), 0.02, 4)], 108)
    assert kinds(measuring.comparison(A, B)) == [SLOWER] * 10
    alone = result.environment[KEY]["cases"][-1]["slower"]
    assert Rule().alpha / 10 < alone < Rule().alpha
    assert kinds(by_compare(replace(result, cases=result.cases[-2:]))) == [SLOWER]


def test_a_case_that_was_lost_before_its_first_run_is_compared_too() -> None:
    measuring, result = gate([PLANTED["nothing"][0]] * 2, lost={0: 0})
    assert kinds(measuring.comparison(A, B)) == ["crash", NOT_SLOWER]
    assert kinds(by_compare(saved(result))) == kinds(by_report(saved(result))) == ["crash", NOT_SLOWER]


def test_looks_beyond_the_rounds_that_there_are_do_no_harm() -> None:
    _, result = gate([PLANTED["nothing"][0]])
    result.environment[KEY]["cases"][0]["looks"] = [5, 10**15]
    assert kinds(by_compare(result)) == [NOT_SLOWER]


# The real command


def test_a_gate_from_the_command_line_and_what_is_said_of_its_file(cli: Cli) -> None:
    """Real rounds of the null driver against itself: whatever the gate says, the others say, too."""
    some = ["-s", "algorithm=aes-128-cbc,aes-128-gcm", "-s", "request_size=64,1024", "-s", "op=encrypt"]
    done = cli.run(
        "gate", "ci", "--paired", "null", "null", *some, "--budget", "10s", "-q", "-o", "r.json", "-f", "json"
    )
    assert done.returncode in (0, 1, 4), done.stderr

    def lines(text: str) -> list[tuple[str, str, float, int]]:
        (found,) = json.loads(text)["comparisons"]
        return [(line["name"], line["verdict"], line["ratio"], line["rounds"]) for line in found["lines"]]

    gated = lines(done.stdout)
    assert len(gated) == 4 and all(kind for _, kind, _, _ in gated)
    again = cli.run("compare", "r.json", "-f", "json")
    assert lines(again.stdout) == gated
    assert json.loads(again.stdout)["rule"] == json.loads(done.stdout)["rule"]
    some = lines(cli.run("compare", "r.json", "-f", "json", "--filter", "algorithm=*gcm").stdout)
    assert some == [line for line in gated if "gcm" in line[0]]
    assert cli.run("report", "r.json", "-o", "r.html").returncode == 0
    table = rows(read((cli.directory / "r.html").read_text()).one("table", data_csv="verdicts"))
    words = {NOT_SLOWER: "not slower by 5%"}
    for row, (_, kind, _, _) in zip(table, gated, strict=True):
        assert row["verdict"].startswith(words.get(kind, kind))
    other = cli.run("compare", "r.json", "--threshold", "50%")
    assert "By another rule than it was measured by (smallest effect 2%, threshold 5%, alpha 1%)" in " ".join(
        other.stdout.split()
    )
