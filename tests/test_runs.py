"""Runs as a room of its own: who may be in it, what it asks `auto`, and what it keeps when it ends."""

from __future__ import annotations

import ast
import errno
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from command import Cli

from benchsuite import store
from benchsuite.compare.verdicts import Rule
from benchsuite.model import BenchsuiteError, Case, WorkerRun
from benchsuite.runs import auto, pairs, run
from benchsuite.runs.plan import make_plan, of_cases
from benchsuite.runs.run import BROKEN, FINISHED, OUT_OF_BUDGET, Observer, Run, Settings

PACKAGE = Path(run.__file__).parents[1]
QUIET = [*sorted((PACKAGE / "runs").glob("*.py")), PACKAGE / "api.py"]
FEW = ("processes=2", "values=2", "min_time=1ms", "request_size=64", "algorithm=sha256")


@pytest.mark.parametrize("path", QUIET, ids=lambda path: path.name)
def test_nothing_of_it_knows_of_a_terminal(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name.partition(".")[0] for name in imported} & {"click", "tqdm", "sys", "signal"}
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not any(isinstance(function, ast.Name) and function.id == "print" for function in called)


def test_the_plugin_needs_nothing_of_the_command_line() -> None:
    assert "benchsuite.cli" not in (PACKAGE / "pytest_plugin.py").read_text()


# What `auto` is asked


@pytest.fixture
def deadlines(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """Those with which it was asked."""
    found: list[float | None] = []

    def decide(cases: Iterable[Case], deadline: float | None = None) -> dict[Case, auto.Decision]:
        found.append(deadline)
        facts = {"chosen": "null", "chosen_class": "software", "candidates": "[]", "kernel_fips": "none"}
        return {auto.question(case): facts for case in cases}

    monkeypatch.setattr(auto, "decide", decide)
    return found


def test_a_run_asks_within_its_deadline(deadlines: list[float | None]) -> None:
    ended = Run(make_plan("ci", FEW, ["auto"])).perform(Settings(deadline=7.0), Observer())
    assert deadlines == [7.0] and ended.why == FINISHED
    assert {each.facts["chosen"] for case in ended.result.cases for each in case.runs} == {"null"}


def test_pairs_ask_within_their_deadline(deadlines: list[float | None]) -> None:
    sides = pairs.named_sides(("auto", "null"), "here")
    work = pairs.side_by_side(make_plan("ci", FEW, ["null"]), sides, None)
    ended = pairs.measure(work, pairs.How(Rule(), 10.0, 7.0, rounds=2), None, pairs.Observer())
    assert deadlines == [7.0] and ended.path is None
    a, b = ended.result.cases
    assert {each.facts["chosen"] for each in a.runs} == {"null"} and "chosen" not in b.runs[0].facts


@pytest.mark.parametrize("command", ["compare", "gate"])
def test_pairs_say_what_auto_chose_unless_they_are_to_be_quiet(command: str, cli: Cli) -> None:
    sides = ("--paired", "auto:require=software", "null", "-s", "algorithm=sha256", "-s", "request_size=64")
    words = [*(["gate", "ci"] if command == "gate" else ["compare"]), *sides, "--budget", "1s"]
    assert "  auto:require=software, sha256: software\n" in cli.run(*words).stderr
    assert "auto chooses" not in cli.run(*words, "-q").stderr


# How it ends


def test_what_ends_a_run_is_said(tmp_path: Path) -> None:
    plan = make_plan("ci", FEW, ["null"])
    ended = Run(plan, tmp_path / "r.json").perform(Settings(), Observer())
    assert (ended.why, ended.path, ended.finished) == (FINISHED, tmp_path / "r.json", 1)
    assert store.load(tmp_path / "r.json").complete
    ended = Run(plan).perform(Settings(budget=1e-9), Observer())
    assert (ended.why, ended.path, ended.finished) == (OUT_OF_BUDGET, None, 0)
    assert not ended.result.complete


def test_a_full_disk_leaves_what_was_measured_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(Observer):
        """The journal takes one record, and no more."""

        def measured(self, index: int, run: WorkerRun) -> None:
            def write(*_: Any) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

            monkeypatch.setattr("benchsuite.store.journal.os.write", write)

    def rescue(result: Any) -> Path:
        monkeypatch.undo()
        store.save(result, tmp_path / "rescued.json")
        return tmp_path / "rescued.json"

    monkeypatch.setattr(store, "rescue", rescue)
    ended = Run(make_plan("ci", FEW, ["null"]), tmp_path / "r.json").perform(Settings(), Full())
    assert ended.why == BROKEN and ended.path == tmp_path / "rescued.json"
    assert "No space left" in str(ended.error) and "rescued.json" in str(ended.error)
    assert len(store.load(ended.path).cases[0].runs) == 1


def test_cases_are_held_to_what_a_profile_is() -> None:
    gcm = Case("software", "aes-128-gcm", "decrypt", aad_size=0)
    (case,) = make_plan(of_cases([gcm])).cases
    assert case.in_place is False and case.aad_size == 0
    with pytest.raises(BenchsuiteError, match="cases: matrix 1: q_len"):
        make_plan(of_cases([Case("null", "sha256", q_len=0)]))
