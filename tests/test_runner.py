"""The runner: the order of a run, its budget, and what becomes of workers that do not come back.

Faults are real: a libcrypto with one (see zoo/library.py), measured beside the sound one by the real command.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import Cli
from hypothesis import given
from hypothesis import strategies as st
from zoo.library import build_faulty

from benchsuite import store
from benchsuite.model import BenchsuiteError, Case, CaseResult, Failure, Measure, Plan, Value, WorkerRun
from benchsuite.runner import rounds
from benchsuite.runner.rounds import Settings, estimate, within
from benchsuite.series import Series

# A worker's fault is a row with its reason

FAULTS = [
    ("crash", 1, "crash", "SIGSEGV.* while verifying before timing"),
    ("crash", 2000, "crash", "SIGSEGV.* while timing"),
    ("abort", 1, "crash", "SIGABRT.* while verifying"),
    ("kill", 1, "killed", "SIGKILL.* while verifying"),
    ("kill", 2000, "killed", "SIGKILL.* while timing"),
    ("hang", 1, "hang", "no answer within 2 s, while verifying before timing"),
    ("hang", 2000, "hang", "no answer within 2 s, while timing"),
    ("wrong-byte", 1, "wrong-bytes", r"byte \d+ of \d+ is .., should be"),
    ("wrong-byte-later", 2000, "wrong-bytes", r"after timing.* byte \d+ of \d+"),
    ("beyond", 1, "wrong-bytes", "byte 1 behind the output was overwritten"),
    ("fail-later", 2000, "error", r"\d+ of \d+ requests failed; the first with"),
]


@pytest.mark.parametrize("fault, at, kind, reason", FAULTS, ids=[f"{f[0]}-at-{f[1]}" for f in FAULTS])
def test_a_fault_is_a_row_and_the_others_still_run(
    fault: str, at: int, kind: str, reason: str, cli: Cli, tmp_path: Path
) -> None:
    library = build_faulty(tmp_path, fault, at)
    done = cli.run(
        "run",
        cli.profile(),
        "-b",
        f"software:{library}",
        "-b",
        "software",
        "-o",
        "r.json",
        "--deadline",
        "2s",
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert f"{kind}: " in done.stderr and kind in done.stdout
    result = store.load(tmp_path / "r.json")
    bad, good = result.cases
    assert result.complete and good.measured and len(good.runs) == 2
    assert bad.failure is not None and bad.failure.kind == kind and bad.failure.round == 0
    assert re.search(reason, bad.failure.reason), bad.failure.reason
    assert "\n" not in bad.failure.reason
    assert not (tmp_path / "r.json.journal").exists()


def test_all_cases_failing_is_a_result_too(cli: Cli, tmp_path: Path) -> None:
    library = build_faulty(tmp_path, "crash")
    done = cli.run("run", cli.profile(), "-q", "-b", f"software:{library}", "-o", "r.json")
    assert done.returncode == 3
    assert [case.measured for case in store.load(tmp_path / "r.json").cases] == [False]
    assert cli.run("show", "r.json").returncode == 0


def test_a_library_without_a_version_is_not_measured(cli: Cli, tmp_path: Path) -> None:
    library = build_faulty(tmp_path, "version-empty")
    assert "version" in cli.refuses("run", cli.profile(), "-b", f"software:{library}")


# Order and budget

CASE = Case("null", "aes-128-cbc", request_size=64)


def plan_of(*measures: Measure) -> Plan:
    cases = tuple(replace(CASE, request_size=16 * (i + 1)) for i in range(len(measures)))
    return Plan("p", "A test.", cases, measures)


MEASURES = st.builds(
    Measure,
    processes=st.integers(1, 6),
    values=st.integers(1, 30),
    warmups=st.integers(0, 3),
    min_time=st.floats(0.001, 1),
)
PLANS = st.lists(MEASURES, min_size=1, max_size=6).map(lambda measures: plan_of(*measures))


@given(PLANS)
def test_every_round_of_every_case_is_scheduled_once(plan: Plan) -> None:
    order = rounds.schedule(plan.measures)
    assert sorted(order) == [
        (n, i) for n in range(6) for i, how in enumerate(plan.measures) if n < how.processes
    ]
    assert [n for n, _ in order] == sorted(n for n, _ in order)


def test_every_second_round_runs_backwards() -> None:
    order = rounds.schedule((Measure(processes=2),) * 3)
    assert order == [(0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0)]


@given(PLANS, st.floats(0.05, 500))
def test_a_budget_takes_values_first_then_processes(plan: Plan, budget: float) -> None:
    try:
        cut = within(plan, budget)
    except BenchsuiteError as error:
        least = plan_of(*(replace(how, processes=1, values=min(3, how.values)) for how in plan.measures))
        assert estimate(least) > budget * rounds.PLANNED_SHARE
        assert "at least" in str(error) and "--budget" in str(error)
        return
    assert estimate(plan, cut) <= budget
    for before, after in zip(plan.measures, cut, strict=True):
        assert min(3, before.values) <= after.values <= before.values
        assert 1 <= after.processes <= before.processes
        assert (after.warmups, after.min_time) == (before.warmups, before.min_time)
    most = max(how.processes for how in plan.measures)
    kept = max(how.processes for how in cut)
    if kept < most:  # then one process more was too much even with the fewest values
        more = plan_of(
            *(
                replace(how, processes=min(how.processes, kept + 1), values=min(3, how.values))
                for how in plan.measures
            )
        )
        assert estimate(more) > budget * rounds.PLANNED_SHARE


class Quiet:
    def __init__(self) -> None:
        self.failures: dict[int, Failure] = {}

    def starts(self, index: int, round_number: int) -> None: ...

    def logged(self, index: int, round_number: int, part: Series) -> None: ...

    def measured(self, index: int, run: WorkerRun) -> None: ...

    def failed(self, index: int, failure: Failure) -> None:
        self.failures[index] = failure


def run_with(monkeypatch: pytest.MonkeyPatch, outcomes: Any, plan: Plan, **settings: Any) -> tuple[Any, ...]:
    """rounds.run with a clock and workers of the test's own: outcomes(case, round, budget left) gives the
    seconds and the outcome of each."""
    now, results, observer = [0.0], [CaseResult(case) for case in plan.cases], Quiet()

    def measure(
        case: Case, how: Measure, number: int, per_request: Any, deadline: Any, left: float, *rest: Any
    ) -> Any:
        seconds, outcome = outcomes(case, number, left)
        now[0] += seconds
        return outcome

    monkeypatch.setattr(rounds, "measure", measure)
    complete = rounds.run(plan, plan.measures, results, observer, Settings(**settings), lambda: now[0])
    return complete, results, observer


def a_run(number: int) -> WorkerRun:
    return WorkerRun(round=number, values=[Value(1, 1e-3, 1e-3, 0.0)])


def test_a_failed_case_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[int, int]] = []

    def outcomes(case: Case, number: int, left: float) -> Any:
        tried.append((case.request_size, number))
        return 1.0, Failure("crash", "for the test", number) if case.request_size == 16 else a_run(number)

    complete, results, _ = run_with(monkeypatch, outcomes, plan_of(Measure(), Measure()))
    assert complete and tried == [(16, 0), (32, 0), (32, 1), (32, 2)]
    assert [result.measured for result in results] == [False, True]


def test_a_budget_that_runs_out_keeps_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(*[Measure()] * 3)
    complete, results, observer = run_with(monkeypatch, lambda c, n, left: (4.0, a_run(n)), plan, budget=7.0)
    assert complete is False
    assert [result.measured for result in results] == [True, True, False]
    assert {index: failure.kind for index, failure in observer.failures.items()} == {2: "budget"}
    assert "7s" in observer.failures[2].reason


def test_a_worker_stopped_by_the_budget_spoils_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    def outcomes(case: Case, number: int, left: float) -> Any:
        return (left, Failure("budget", "the budget ran out", number)) if number else (1.0, a_run(number))

    complete, results, observer = run_with(monkeypatch, outcomes, plan_of(Measure(), Measure()), budget=9.0)
    assert complete is False and observer.failures == {}
    assert all(result.measured and len(result.runs) == 1 for result in results)


def test_what_an_earlier_attempt_measured_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, asked = plan_of(Measure(), Measure()), []
    results = [CaseResult(plan.cases[0], [a_run(0), a_run(2)]), CaseResult(plan.cases[1])]

    def measure(case: Case, how: Measure, number: int, *rest: Any) -> WorkerRun:
        asked.append((case.request_size, number))
        return a_run(number)

    monkeypatch.setattr(rounds, "measure", measure)
    assert rounds.run(plan, plan.measures, results, Quiet(), Settings())
    assert asked == [(32, 0), (32, 1), (16, 1), (32, 2)]
    assert [sorted(run.round for run in result.runs) for result in results] == [[0, 1, 2], [0, 1, 2]]


# The budget on the command line


def test_a_budget_means_fewer_values(cli: Cli, tmp_path: Path) -> None:
    arguments = ["-s", "values=200", "-s", "min_time=20ms", "-b", "null", "--budget", "2s", "-o", "r.json"]
    done = cli.run("run", cli.profile(), "-q", *arguments)
    assert done.returncode == 0, done.stderr
    (case,) = store.load(tmp_path / "r.json").cases
    # A busy machine may have used the budget up before the second process.
    assert 1 <= len(case.runs) <= 2 and all(3 <= len(run.values) < 200 for run in case.runs)


def test_too_small_a_budget_says_how_much_it_takes(cli: Cli) -> None:
    arguments = ["run", cli.profile(), "-s", "min_time=1s"]
    message = cli.refuses(*arguments, "--budget", "1500ms")
    least = re.search(r"too short for 1 case: it takes at least (\d\.\d)s", message)
    assert least, message
    assert cli.run(*arguments, "--dry-run", "--budget", f"{least[1]}s").returncode == 0
    assert not (cli.directory / "results").exists()


def test_a_slow_case_does_not_outlast_the_budget(cli: Cli, tmp_path: Path) -> None:
    """null requests take some nanoseconds: a billion of them, many seconds."""
    slow = ["-s", "request_num=1,1000000000", "-s", "values=3", "-s", "processes=1", "-b", "null"]
    done = cli.run("run", cli.profile(), *slow, "--budget", "2s", "-o", "r.json")
    assert done.returncode == 3, done.stderr
    result = store.load(tmp_path / "r.json")
    assert not result.complete
    quick, slow_case = result.cases
    assert quick.measured
    assert slow_case.failure is not None and slow_case.failure.kind == "budget"
    assert "--resume" in done.stderr and "larger --budget" in done.stderr
    again = cli.run("run", cli.profile(), *slow, "--budget", "2s", "-o", "r.json", "--resume")
    assert again.returncode == 3 and "did not" not in again.stderr
    kept = store.load(tmp_path / "r.json").cases[0]
    assert kept.runs == quick.runs  # what was measured stands, and the other has another turn
