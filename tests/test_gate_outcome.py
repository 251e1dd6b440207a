"""Exit statuses, and baselines with their reasons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from compare_fixture import CBC, GCM, MACHINE, SHA, failed, measured, noisy, paired, result

from benchsuite import store
from benchsuite.compare import baseline
from benchsuite.compare.comparison import Comparison, Party, judged
from benchsuite.compare.kept import KEY, Kept, Looked, kept
from benchsuite.compare.matching import Couple, Matched, of_two, sides
from benchsuite.compare.outcome import NOT_MEASURED, PASS, REGRESSION, outcome
from benchsuite.compare.verdicts import Rule
from benchsuite.compare.warnings import warnings
from benchsuite.model import BenchsuiteError, Case

SAME, SLOW, NOISY, FAILED = "same", "slow", "noisy", "failed"


def comparison(*kinds: str, drift: float = 0.0) -> Comparison:
    couples = []
    for number, kind in enumerate(kinds):
        case = replace(CBC, request_size=16 * (number + 1))
        base = measured(case, noisy(1e-6, seed=number))
        other = {
            SAME: lambda case=case, number=number: measured(case, noisy(1e-6, seed=number + 50)),
            SLOW: lambda case=case, number=number: measured(case, noisy(1.2e-6, seed=number)),
            NOISY: lambda case=case, number=number: measured(case, noisy(1e-6, spread=0.3, seed=number)),
            FAILED: lambda case=case, number=number: failed(case),
        }[kind]()
        couples.append(Couple(base, other, True))
    (found,) = judged([(Party("a"), Party("b"), Matched(couples, [], []))], Rule(), None, drift)
    return found


@pytest.mark.parametrize(
    ("kinds", "kind", "status"),
    [
        ([SAME, SAME], PASS, 0),
        ([SAME, SLOW], REGRESSION, 1),
        ([SLOW, FAILED, NOISY], REGRESSION, 1),
        ([SAME, FAILED, NOISY], NOT_MEASURED, 3),
        ([SAME, NOISY], "undecided", 4),
        ([], NOT_MEASURED, 3),
    ],
)
def test_the_worst_decides(kinds: list[str], kind: str, status: int) -> None:
    found = outcome(comparison(*kinds))
    assert (found.kind, found.exit_status) == (kind, status)


def test_a_regression_does_not_hide_what_could_not_be_measured() -> None:
    assert outcome(comparison(SLOW, FAILED)).sentence == "1 of 2 cases slower; 1 could not be measured"


@pytest.mark.parametrize(("counts", "status"), [("pass", 0), ("fail", 1), (None, 4)])
def test_undecided_counts_as_asked(counts: str | None, status: int) -> None:
    found = outcome(comparison(SAME, NOISY), counts)
    assert (found.kind, found.exit_status) == ("undecided", status)
    assert "1 of 2 cases undecided" in found.sentence and "--budget" in found.sentence
    assert outcome(comparison(SAME), counts).exit_status == 0
    assert outcome(comparison(SLOW), counts).exit_status == 1


def test_an_interruption_is_no_budget() -> None:
    assert outcome(comparison(NOISY), interrupted=True).sentence.endswith("; the measuring was interrupted")


def test_where_time_does_not_help_it_says_what_does() -> None:
    found = outcome(comparison(SLOW, drift=0.5))
    assert found.kind == "undecided" and "--paired" in found.sentence


# Baselines


def a_baseline(path: Path, **environment: object) -> Path:
    store.save(paired([(CBC, 5e-6, 1e-6)], ("python", "software"), **environment), path)
    return path


def test_the_reason_is_kept_and_so_are_those_before(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    now = paired([(CBC, 5e-6, 1e-6)], ("python", "software"), benchsuite_revision="abc")
    for reason in ("the first", "slower,\n but  safe", "third"):
        baseline.accept(now, path, reason)
    kept = store.load(path).environment
    assert kept[baseline.REASON] == "third"
    assert [entry["reason"] for entry in kept[baseline.BEFORE]] == ["the first", "slower, but safe"]
    assert all(entry["date"] and entry["revision"] == "abc" for entry in kept[baseline.BEFORE])


def test_what_was_not_measured_stays_with_what_its_environment_was(tmp_path: Path) -> None:
    path, backends = tmp_path / "b.json", ("python", "software")
    first = paired([(CBC, 5e-6, 1e-6), (GCM, 5e-6, 2e-6)], backends, benchsuite_governor="powersave")
    first.note = "before the update"
    found = [baseline.accept(first, path, "the first")]
    second = paired([(CBC, 5e-6, 3e-6), (SHA, 5e-6, 4e-6)], backends, benchsuite_governor="performance")
    second.note = "after it"
    found.append(baseline.accept(second, path, "faster"))
    assert [(each.replaced, each.added, each.kept) for each in found] == [(0, 0, 0), (1, 1, 1)]
    assert found[1].in_words == "; 1 replaced, 1 added, 1 kept" and found[0].in_words == ""

    result = store.load(path)
    algorithms = [case.algorithm for case in (CBC, GCM, SHA)]
    assert [case.case.algorithm for case in result.cases[1::2]] == algorithms
    assert [case.runs for case in result.cases] == [
        case.runs for case in (*second.cases[:2], *first.cases[2:], *second.cases[2:])
    ]
    governors = [(result.environment | case.environment)["benchsuite_governor"] for case in result.cases]
    assert governors == ["performance"] * 2 + ["powersave"] * 2 + ["performance"] * 2
    reasons = [(result.environment | case.environment)[baseline.REASON] for case in result.cases[::2]]
    assert reasons == ["faster", "the first", "faster"]
    before, after = result.note.splitlines()
    assert before.startswith("[accepted 2") and before.endswith("] before the update")
    assert after.startswith("[accepted 2") and after.endswith("] after it")
    assert len(baseline.load(path, dict(MACHINE), False).cases) == 6
    now = paired([(GCM, 5e-6, 2e-6)], backends, benchsuite_governor="performance")
    couples = of_two(result, now).couples
    assert "different frequency governor: powersave against performance" in warnings(result, now, couples)


def test_a_baseline_is_complete_again_when_what_was_cut_short_is_replaced(tmp_path: Path) -> None:
    path, backends = tmp_path / "b.json", ("python", "software")
    short = paired([(CBC, 5e-6, 1e-6)], backends, rounds=9)
    short.cases += paired([(SHA, 5e-6, 1e-6)], backends, rounds=16).cases
    short.complete = False
    baseline.accept(short, path, "too little time")
    baseline.accept(paired([(GCM, 5e-6, 1e-6)], backends, rounds=16), path, "more")
    assert not store.load(path).complete  # CBC is as it was
    baseline.accept(paired([(CBC, 5e-6, 1e-6)], backends, rounds=16), path, "the rest")
    assert store.load(path).complete
    cut = paired([(CBC, 5e-6, 1e-6)], backends, rounds=9)
    cut.complete = False
    baseline.accept(cut, path, "too little time again")
    assert not store.load(path).complete


def test_a_kept_record_of_verdicts_finds_all_sides(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    for case in (CBC, GCM):
        result = paired([(case, 5e-6, 1e-6)], ("python", "software"))
        names = [each.name for each in result.cases]
        record = Kept(Rule(), True, True, (Looked(names[0], names[1], (5, 7), verdict="faster"),))
        result.environment[KEY] = record.to_record()
        for each in result.cases:
            each.runs[0].facts.pop("side")  # the record alone tells
        baseline.accept(result, path, "why")
    result = store.load(path)
    assert [each.looks for each in kept(result.environment).cases] == [(5, 7), (5, 7)]
    assert [couple.other.case.algorithm for couple in sides(result).couples] == [CBC.algorithm, GCM.algorithm]


def test_a_file_that_is_no_baseline_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text("mine")
    with pytest.raises(BenchsuiteError):
        baseline.accept(paired([(CBC, 5e-6, 1e-6)]), path, "why")
    assert path.read_text() == "mine"


def test_hostile_history_is_left_out(tmp_path: Path) -> None:
    path = a_baseline(tmp_path / "b.json", **{baseline.BEFORE: [1, {"reason": "kept"}, None]})
    baseline.accept(paired([(CBC, 5e-6, 1e-6)]), path, "why")
    assert [entry.get("reason") for entry in store.load(path).environment[baseline.BEFORE]] == ["kept", None]


def test_a_baseline_is_loaded(tmp_path: Path) -> None:
    path = a_baseline(tmp_path / "b.json")
    assert baseline.load(path, dict(MACHINE), False).profile == "p"


def test_what_is_no_baseline_is_said(tmp_path: Path) -> None:
    with pytest.raises(BenchsuiteError, match=r"there is none yet.*--accept"):
        baseline.load(tmp_path / "none.json", {}, False)
    store.save(result(measured(CBC, [1e-6])), tmp_path / "run.json")
    with pytest.raises(BenchsuiteError, match=r"by itself: drift.*\n--accept .* in another file"):
        baseline.load(tmp_path / "run.json", {}, False)
    store.save(paired([(CBC, 1e-6, 1e-6)], ("software:/old.so", "software:/new.so")), tmp_path / "pair.json")
    with pytest.raises(BenchsuiteError, match=r"beside software:/old.so, not .* anchor python\n.*--accept"):
        baseline.load(tmp_path / "pair.json", {}, True)
    path = a_baseline(tmp_path / "b.json")
    with pytest.raises(BenchsuiteError, match=r"another machine.*Other CPU.*\n.*--any-machine"):
        baseline.load(path, {**MACHINE, "cpu_model_name": "Other CPU"}, False)
    assert baseline.load(path, {**MACHINE, "cpu_model_name": "Other CPU"}, True)


@pytest.mark.parametrize("case", [CBC, GCM, SHA, replace(CBC, q_len=40, batch=1, cbimm=0, workers=2)])
def test_an_anchor_is_the_same_work_by_another_library(case: Case) -> None:
    found = baseline.anchor(case)
    assert found.backend == "python"
    assert (found.algorithm, found.op, found.request_size) == (case.algorithm, case.op, case.request_size)
    assert (found.q_len, found.batch, found.cbimm, found.workers) == (1, 0, 1, 1)


def test_the_anchor_has_another_anchor() -> None:
    assert baseline.anchor(replace(CBC, backend="python")).backend == "software"
