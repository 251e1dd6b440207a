"""Many simulated cases in one run: a process for every CPU, and the run's promises all the same."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from subprocess import Popen

import pytest
from command import Cli
from test_cli_interrupt import SOON, children, end, lines, runs, wait_for

from benchsuite import backends, store
from benchsuite.model import Case, CaseResult, Failure, Measure, Plan, Result, WorkerRun
from benchsuite.runner import rounds
from benchsuite.runner.calls import measure
from benchsuite.series import Series

QUICK = """
why = "Many quick cases."
[[matrix]]
why = "All."
backend = ["sim:hifn7956", "sim:qat-8970"]
algorithm = "aes-128-cbc"
request_size = [64, 256, 1024, 1488, 4096, 8192]
q_len = [1, 2, 8, 40]
batch = [0, 1]
cbimm = [0, 1]
"""
# Each some tenths of a second, so that a test can meet a process at work.
SLOW = QUICK.replace("cbimm = [0, 1]", "request_num = 1000000").replace("q_len = [1, 2, 8, 40]", "q_len = 8")


@pytest.fixture(autouse=True)
def two_cpus() -> Iterator[None]:
    """On a machine with many CPUs all cases would be under way at once, and none be left to meet."""
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(usable)[:2])
    yield
    os.sched_setaffinity(0, usable)


def figures(result: Result) -> dict[str, tuple[int, float, float | None]]:
    return {
        case.case.name: (value.requests, value.wall, value.cpu)
        for case in result.cases
        for value in case.values
    }


def test_every_case_has_the_figures_it_has_by_itself(cli: Cli) -> None:
    done = cli.run("run", cli.profile(QUICK), "-o", "r.json", "-f", "table", "-f", "json")
    assert done.returncode == 0, done.stderr
    assert "192 cases, 192 simulations, about" in done.stderr
    assert "[1] simulated, a guess:" in done.stdout and "[2] one value:" in done.stdout
    assert "fewer than" not in done.stdout and "shorter than" not in done.stdout
    result = store.load(cli.directory / "r.json")
    assert result.complete and len(result.cases) == 192 and all(case.measured for case in result.cases)
    found = figures(result)
    assert len(found) == 192
    for case in [result.cases[i].case for i in (0, 17, 100, 191)]:
        engine = backends.open_case(case)
        value = engine.run(0)
        engine.close()
        assert found[case.name] == (value.requests, value.wall, value.cpu)
        alone = measure(case, Measure(processes=1, values=1), 0, None)
        assert isinstance(alone, WorkerRun) and alone.values == [value]
    assert cli.run("run", "./small.toml", "-q", "-o", "again.json").returncode == 0
    assert figures(store.load(cli.directory / "again.json")) == found


def test_values_and_processes_are_one(cli: Cli) -> None:
    text = QUICK.replace("[[matrix]]", "[measure]\nprocesses = 7\nvalues = 9\nwarmups = 3\n[[matrix]]", 1)
    done = cli.run("run", cli.profile(text), "-s", "q_len=4", "-o", "r.json", "-f", "json")
    assert done.returncode == 0, done.stderr
    for case in json.loads(done.stdout)["cases"]:
        assert case["simulated"] and case["figures"]["processes"] == case["figures"]["values"] == 1
        assert case["figures"]["requests"] == 1000
    assert "(simulated)" in cli.run("run", "./small.toml", "-n").stdout


def test_beside_cases_that_are_measured(cli: Cli) -> None:
    measured = '[[matrix]]\nwhy = "Real."\nbackend = "null"\nalgorithm = "sha256"\nrequest_size = 64\n'
    measured += 'processes = 2\nvalues = 2\nmin_time = "1ms"\n'
    done = cli.run("run", cli.profile(QUICK + measured), "-o", "r.json")
    assert done.returncode == 0, done.stderr
    assert "193 cases, 192 simulations, 2 worker processes, about" in done.stderr
    cases = store.load(cli.directory / "r.json").cases
    assert [len(case.runs) for case in cases] == [1] * 192 + [2]


def start(cli: Cli, *options: str) -> tuple[list[int], Popen[str]]:
    process = cli.start("run", cli.profile(SLOW), "-o", "r.json", *options)
    wait_for(lambda: lines(cli.directory / "r.json.journal", "run") >= 2)
    return children(process.pid), process


@pytest.mark.parametrize("number, kind", [(signal.SIGKILL, "killed"), (signal.SIGSEGV, "crash")])
def test_a_process_that_dies_fails_the_case_it_was_at(number: int, kind: str, cli: Cli) -> None:
    workers, process = start(cli)
    assert 1 <= len(workers) <= len(os.sched_getaffinity(0))
    os.kill(workers[0], number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 3
    assert "Traceback" not in err
    result = store.load(cli.directory / "r.json")
    failed = [case.failure for case in result.cases if case.failure]
    assert result.complete and [failure.kind for failure in failed] == [kind]
    assert "while simulating" in failed[0].reason
    assert sum(case.measured for case in result.cases) == len(result.cases) - 1


def test_a_process_that_hangs_fails_the_case_it_was_at(cli: Cli) -> None:
    workers, process = start(cli, "--deadline", "3s")
    os.kill(workers[0], signal.SIGSTOP)
    process.communicate(timeout=120)
    result = store.load(cli.directory / "r.json")
    failed = [case.failure for case in result.cases if case.failure]
    assert process.returncode == 3 and [failure.kind for failure in failed] == ["hang"]
    assert "no answer within 3 s, while simulating" in failed[0].reason
    assert not runs(workers[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_and_goes_on_later(number: int, cli: Cli) -> None:
    workers, process = start(cli)
    seconds, _, err = end(process, number)
    assert seconds < SOON and "Traceback" not in err and "--resume" in err
    assert not any(map(runs, workers))
    kept = figures(store.load(cli.directory / "r.json"))
    assert 2 <= len(kept) < 24
    done = cli.run("run", "./small.toml", "-o", "r.json", "--resume")
    assert done.returncode == 0, done.stderr
    whole = figures(store.load(cli.directory / "r.json"))
    assert len(whole) == 24 and kept.items() <= whole.items()
    assert not (cli.directory / "r.json.journal").exists()


def test_killed_it_leaves_no_process_and_goes_on_later(cli: Cli) -> None:
    workers, process = start(cli)
    done_by_then = lines(cli.directory / "r.json.journal", "run")
    process.kill()
    process.communicate()
    wait_for(lambda: not any(map(runs, workers)))
    assert lines(cli.directory / "r.json.journal", "run") >= done_by_then
    assert lines(cli.directory / "r.json.journal", "start") == 0
    assert cli.run("run", "./small.toml", "-o", "r.json", "--resume").returncode == 0
    assert len(figures(store.load(cli.directory / "r.json"))) == 24


class Nobody:
    """Observer of nothing."""

    def starts(self, index: int, round_number: int) -> None: ...
    def logged(self, index: int, round_number: int, part: Series) -> None: ...

    def measured(self, index: int, run: WorkerRun) -> None: ...
    def failed(self, index: int, failure: Failure) -> None: ...


def test_a_budget_ends_it() -> None:
    cases = tuple(Case("sim:hifn7956", "aes-128-cbc", request_size=16 * n) for n in range(1, 200))
    plan = Plan("p", "A test.", cases, (Measure(processes=1, values=1),) * len(cases))
    results = [CaseResult(case) for case in cases]
    clock = map(float, count())  # a second passes whenever somebody looks
    settings = rounds.Settings(budget=6)
    assert not rounds.run(plan, plan.measures, results, Nobody(), settings, lambda: next(clock))
    kinds = Counter(case.failure.kind if case.failure else "" for case in results)
    assert kinds["budget"] > 100 and kinds[""] > 0 and set(kinds) == {"budget", ""}


def test_a_case_that_cannot_be_is_a_row(cli: Cli, tmp_path: Path) -> None:
    done = cli.run(
        "run",
        cli.profile(QUICK),
        "-s",
        "algorithm=aes-128-cbc,sha256",
        "-s",
        "q_len=1",
        "-b",
        "sim:geode-lx",
        "-b",
        "sim:hifn7956,lost=0.5",
        "-o",
        "r.json",
    )
    assert done.returncode == 3, done.stderr
    kinds = {
        (case.case.backend.partition(",")[0], case.case.algorithm): case.failure.kind if case.failure else ""
        for case in store.load(tmp_path / "r.json").cases
    }
    assert kinds == {
        ("sim:geode-lx", "aes-128-cbc"): "",
        ("sim:geode-lx", "sha256"): "unsupported",
        ("sim:hifn7956", "aes-128-cbc"): "lost",
        ("sim:hifn7956", "sha256"): "unsupported",
    }


def test_memory_of_a_process_does_not_grow_with_cases_that_lose_requests() -> None:
    """Nobody else can write to what was lost on a virtual clock, so it is given back."""
    case = Case("sim:hifn7956,lost=0.5", "aes-128-cbc", request_size=8192, q_len=20)

    def lose(times: int) -> int:
        for _ in range(times):
            engine = backends.open_case(case)
            with pytest.raises(backends.MeasureError, match="never completed"):
                engine.run(1000)
            engine.close()
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    before = lose(20)
    assert lose(200) - before < 4 << 20
