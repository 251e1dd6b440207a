"""The Python API: what it measures, holds, compares and refuses. Nothing of it prints."""

from __future__ import annotations

import json
import math
import os
import pkgutil
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import SMALL, Cli

import benchsuite
from benchsuite import store
from benchsuite.model import Failure, WorkerRun
from benchsuite.profile import DIRECTORY, names

FEW: dict[str, Any] = {"processes": 2, "values": 3, "min_time": "1ms"}
DEVICE = "sim:hifn7956"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(here: Path) -> str:
    (here / "small.toml").write_text(SMALL)
    return "./small.toml"


@pytest.fixture
def brief(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The profiles that come with benchsuite, but ci measures each case for a moment only."""
    directory = shutil.copytree(DIRECTORY, tmp_path / "profiles")
    how = '[measure]\ndecide_on = "cpu"\nprocesses = 2\nvalues = 3\nmin_time = "1ms"\n\n'
    text = (directory / "ci.toml").read_text()
    short, count = re.subn(r"\[measure\]\n.*?\n\n", how, text, count=1, flags=re.DOTALL)
    assert count
    (directory / "ci.toml").write_text(short)
    monkeypatch.setattr("benchsuite.profile.files.DIRECTORY", directory)


@pytest.fixture(scope="module")
def simulated() -> benchsuite.Result:
    return benchsuite.run(
        "ci", backend=DEVICE, set={"algorithm": "aes-128-cbc", "op": "encrypt", "request_size": [64, 1024]}
    )


def python(program: str, directory: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=directory,
        text=True,
        capture_output=True,
        timeout=120,
        **options,
    )


# The names


def test_importing_it_loads_nothing_more(tmp_path: Path) -> None:
    done = python(
        "import sys; before = set(sys.modules); import benchsuite; print(*set(sys.modules) - before)",
        tmp_path,
    )
    assert sorted(done.stdout.split()) == ["benchsuite", "benchsuite.version"]


def test_the_names_are_those_of_the_api() -> None:
    from benchsuite import api

    assert benchsuite.__all__ == api.__all__
    assert all(getattr(benchsuite, name) is getattr(api, name) for name in benchsuite.__all__)
    assert set(benchsuite.__all__) <= set(dir(benchsuite))
    with pytest.raises(AttributeError, match="no attribute 'measure'"):
        benchsuite.measure  # type: ignore[attr-defined]  # noqa: B018


def test_they_work_after_every_module_was_imported(tmp_path: Path) -> None:
    """A package that is called as a function is would take its place."""
    modules = [module.name for module in pkgutil.walk_packages(benchsuite.__path__, "benchsuite.")]
    modules = [name for name in modules if not name.endswith(("__main__", "native.build"))]
    assert len(modules) > 200
    done = python(
        f"""
        import importlib
        import benchsuite
        for name in {modules!r}:
            importlib.import_module(name)
        from benchsuite import api
        for name in benchsuite.__all__:
            assert callable(getattr(benchsuite, name)), name
            assert getattr(benchsuite, name) is getattr(api, name), name
        result = benchsuite.run("ci", backend="{DEVICE}", set={{"algorithm": "aes-128-cbc"}})
        print(len(result.rows()))
        """,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


# Runs


def test_a_run_is_a_result_that_says_what_it_is(small: str, capfd: pytest.CaptureFixture[str]) -> None:
    result = benchsuite.run(small, backend=["null", "software"], set=FEW | {"request_size": [64, 1488]})
    assert result.complete and not result.interrupted and result.path is None
    assert [case.case.backend for case in result.measured] == ["null"] * 2 + ["software"] * 2
    assert all(len(case.runs) == 2 for case in result.cases)
    assert repr(result) == "<Result of small: 4 of 4 cases measured>"
    table = result.table()
    assert "aes-128-cbc" in table and "1488" in table
    assert result._repr_html_().startswith("<pre>") and "<pre>" not in table
    assert json.loads(result.table("json"))["benchsuite_report"] == 1
    assert "software" in result.table("markdown", across="backend")
    assert not list(Path().glob("*.json*")) and not Path("results").exists()
    assert capfd.readouterr() == ("", "")


def test_rows_are_plain_and_have_their_units(simulated: benchsuite.Result) -> None:
    rows = simulated.rows()
    assert {type(value) for row in rows for value in row.values()} <= {str, int, float, bool, type(None)}
    assert [row["request_size_bytes"] for row in rows] == [64, 1024]
    for row, case in zip(rows, simulated.cases, strict=True):
        bits = case.case.bits_per_second(row["seconds_per_request"])
        assert bits is not None and math.isclose(row["bits_per_second"], bits)
        assert row["simulated"] is True and row["status"] == "measured"


def test_cases_are_measured_as_those_of_a_profile_are(here: Path) -> None:
    wanted = benchsuite.cases("sizes", backend="null", filter=["algorithm=aes-128-gcm", "request_size<=64"])
    assert wanted and all(isinstance(case, benchsuite.Case) for case in wanted)
    result = benchsuite.run(wanted, set={"processes": 1, "values": 2, "min_time": "1ms"})
    assert [case.case for case in result.measured] == wanted
    with pytest.raises(benchsuite.BenchsuiteError, match="multiples of 16 bytes"):
        benchsuite.run([benchsuite.Case("null", "aes-128-cbc", request_size=17)])
    with pytest.raises(benchsuite.BenchsuiteError, match="did you mean 'aes-128-cbc'"):
        benchsuite.run([benchsuite.Case("null", "aes-128-cbd")])


def test_the_cases_of_every_profile_are_the_same_as_cases() -> None:
    for name, _ in names():
        found = benchsuite.cases(name)
        assert benchsuite.cases(found) == found


def test_a_file_is_written_loaded_and_not_replaced_unasked(small: str) -> None:
    result = benchsuite.run(small, backend="null", output="r.json")
    assert result.path == Path("r.json") and not Path("r.json.journal").exists()
    back = benchsuite.load("r.json")
    assert (back.cases, back.environment) == (result.cases, result.environment)
    with pytest.raises(benchsuite.BenchsuiteError, match=r"output r\.json: there is a file already"):
        benchsuite.run(small, backend="null", output="r.json")
    with pytest.raises(benchsuite.BenchsuiteError, match="there is a file already"):
        result.save("r.json")
    assert benchsuite.run(small, backend="null", output="r.json", overwrite=True).complete
    assert result.save("s.json") == Path("s.json") and store.load("s.json").cases == result.cases
    Path("mine.json").write_text("mine")
    with pytest.raises(benchsuite.BenchsuiteError, match="it is no result"):
        result.save("mine.json", overwrite=True)


def test_the_command_line_reads_what_python_wrote(cli: Cli, simulated: benchsuite.Result) -> None:
    simulated.save(cli.directory / "r.json", overwrite=True)
    assert cli.run("show", "r.json").stdout == simulated.table()


def test_a_page_is_written(simulated: benchsuite.Result, here: Path) -> None:
    assert simulated.report("r.html", simulated, title="A page") == Path("r.html")
    assert "<title>A page</title>" in Path("r.html").read_text()
    with pytest.raises(benchsuite.BenchsuiteError, match="there is a file already"):
        simulated.report("r.html")


class Steps(benchsuite.Observer):
    def __init__(self) -> None:
        self.steps: list[str] = []

    def begins(self, plan: Any, done: Any) -> None:
        self.steps.append(f"begins {len(plan.cases)}")

    def chosen(self, chosen: Any) -> None:
        self.steps += [f"chosen {facts['chosen']}" for facts in chosen.values()]

    def starts(self, index: int, round_number: int) -> None:
        self.steps.append(f"starts {index} {round_number}")

    def measured(self, index: int, run: WorkerRun) -> None:
        self.steps.append(f"measured {index} {run.round}")

    def failed(self, index: int, failure: Failure) -> None:
        self.steps.append(f"failed {index} {failure.kind}")


def test_an_observer_is_told_of_every_step(small: str) -> None:
    told = Steps()
    result = benchsuite.run(small, backend=["auto", DEVICE], require="software", observer=told)
    chosen, measured = ["begins 2", "chosen software"], ["starts 0 0", "measured 0 0", "starts 0 1"]
    assert told.steps == [*chosen, "measured 1 0", *measured, "measured 0 1"]
    assert result.cases[0].runs[0].facts["chosen"] == "software"
    told = Steps()
    result = benchsuite.run(
        small, backend="auto", require="hardware", set={"algorithm": "sha512-224"}, observer=told
    )
    assert told.steps == ["begins 1", "failed 0 unavailable"]
    assert not result.measured and result.complete


class Stops(benchsuite.Observer):
    """Presses Ctrl-C after so many worker processes."""

    def __init__(self, after: int) -> None:
        self.left = after

    def measured(self, index: int, run: WorkerRun) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("output", [None, "r.json"])
def test_ctrl_c_leaves_what_was_measured(output: str | None, small: str) -> None:
    result = benchsuite.run(small, backend="null", set={"processes": 6}, output=output, observer=Stops(2))
    assert result.interrupted and not result.complete
    assert 2 <= len(result.cases[0].runs) < 6 and result.measured
    assert "interrupted" in repr(result)
    if output:
        whole = benchsuite.run(small, backend="null", set={"processes": 6}, output=output, resume=True)
        assert whole.complete and [run.round for run in whole.cases[0].runs] == list(range(6))


def test_what_an_observer_raises_ends_the_run_and_gives_the_journal_back(small: str) -> None:
    class Broken(benchsuite.Observer):
        def measured(self, index: int, run: WorkerRun) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        benchsuite.run(small, backend="null", output="r.json", observer=Broken())
    assert benchsuite.run(small, backend="null", output="r.json", resume=True).complete


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"profile": "quik"}, "did you mean 'quick'"),
        ({"profile": "quick", "set": {"q_lem": 4}}, "did you mean 'q_len'"),
        ({"profile": "quick", "set": {"q_len": 0}}, "q_len"),
        ({"profile": "quick", "backend": "sofware"}, "did you mean 'software'"),
        ({"profile": "quick", "backend": "software:/none.so"}, "backend software:/none.so"),
        ({"profile": "quick", "filter": "algorithm=nix"}, "no case of the profile fits"),
        ({"profile": "quick", "budget": 0.001}, "too short"),
        ({"profile": "quick", "require": "fast", "backend": "auto"}, "no such class"),
        ({"profile": "quick", "output": "none/r.json"}, "no directory"),
        ({"profile": []}, "there is no case in it"),
        ({"profile": 3}, "profile: int is no Case: give the name or path"),
        ({"profile": ["quick"]}, "str is no Case"),
        ({"profile": "quick", "backend": 3}, "backend: 3 is neither text nor a list"),
        ({"profile": "quick", "filter": {"q_len": 1}}, "filter: .* is neither text"),
        ({"profile": "quick", "set": "q_len=1"}, "set: 'q_len=1' is no dictionary"),
        ({"profile": "quick", "budget": "soon"}, "budget: 'soon' is no duration"),
        ({"profile": "quick", "budget": math.nan}, "budget: nan is no duration"),
        ({"profile": "quick", "deadline": 0}, "deadline: 0 is no duration"),
        ({"profile": "quick", "resume": True}, "resume: which run"),
    ],
)
def test_a_mistake_is_a_sentence(arguments: dict[str, Any], message: str, here: Path) -> None:
    with pytest.raises(benchsuite.BenchsuiteError, match=message):
        benchsuite.run(**arguments)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda result: result.table("nix"), "no format 'nix'"),
        (lambda result: result.table(across="q_len"), "side by side by backend or tag.KEY, not by 'q_len'"),
        (lambda result: result.report("p.html", "r.json"), "'r.json' is no Result"),
        (lambda result: result.compare("r.json"), "'r.json' is no Result"),
        (lambda result: result.compare(result, on="time"), "on: 'time' is not known: expected one of wall"),
        (lambda result: result.compare(result, threshold="5%"), "threshold: '5%' is no number"),
        (lambda result: result.compare(result, drift=-2), "drift: -2 is no number from 0"),
        (lambda result: result.compare(result).table("ocf-bench"), "format: 'ocf-bench' is not known"),
        (lambda result: result.compare(result).table(group_by="q_lem"), "did you mean 'q_len'"),
    ],
)
def test_a_mistake_with_a_result_is_a_sentence(
    asked: Callable[[Any], object], message: str, simulated: benchsuite.Result, here: Path
) -> None:
    with pytest.raises(benchsuite.BenchsuiteError, match=message):
        asked(simulated)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"paired": "null"}, "paired: 'null' are not two backends"),
        ({"paired": ("null",)}, "are not two backends"),
        ({"paired": ("null", "null"), "undecided": "ok"}, "expected one of pass, fail"),
        ({"paired": ("null", "null"), "on": "time"}, "on: 'time' is not known"),
        ({"paired": ("null", "null"), "threshold": "5%"}, "threshold: '5%' is no number"),
        ({"paired": ("null", "null"), "budget": None}, "budget: None is no duration"),
    ],
)
def test_a_mistake_with_a_gate_is_a_sentence_before_it_measures(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(benchsuite.BenchsuiteError, match=message):
        benchsuite.gate("ci", **arguments)


def test_durations_are_texts_as_on_the_command_line_too(small: str) -> None:
    assert benchsuite.run(small, backend="null", budget="1m", deadline="30s").complete


# Comparisons


def test_two_results_are_compared(simulated: benchsuite.Result) -> None:
    found = simulated.compare(simulated)
    assert set(found.verdicts.values()) == {"same"} and len(found.verdicts) == 2
    assert [row["verdict"] for row in found.rows()] == ["same"] * 2
    assert all(row["ratio"] == 1.0 for row in found.rows())
    assert "Ratio" in found.table() and found._repr_html_().startswith("<pre>")
    assert repr(found) == "<Comparison: 2 same>"
    with pytest.raises(benchsuite.BenchsuiteError, match="--smallest"):
        simulated.compare(simulated, smallest=0.5)


def test_backends_of_one_result_are_compared() -> None:
    aes = {"algorithm": "aes-128-cbc", "op": "encrypt", "request_size": 4096}
    result = benchsuite.run("ci", backend=[DEVICE, "sim:qat-8950"], set=aes)
    found = result.compare(across="backend", base=DEVICE)
    assert list(found.verdicts.values()) == ["faster"] and found.rows()[0]["ratio"] > 1
    with pytest.raises(benchsuite.BenchsuiteError, match="name a second file"):
        result.compare()


# Gates

ONE: dict[str, Any] = {"algorithm": "sha256", "request_size": 64}


def test_a_gate_says_whether_it_passes(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    slower = benchsuite.gate("ci", paired=("null", "python"), set=ONE, output="g.json")
    assert not slower.passes and slower.outcome.kind == "regression" and slower.outcome.exit_status == 1
    assert set(slower.verdicts.values()) == {"slower"} and "slower" in slower.table()
    assert json.loads(slower.table("json"))["gate"]["outcome"] == "regression"
    assert [row["verdict"] for row in slower.rows()] == ["slower"]
    faster = benchsuite.gate("ci", paired=("python", "null"), set=ONE)
    assert faster.passes and repr(faster).startswith("<Gate: pass: ")
    again = benchsuite.load("g.json").compare()
    assert again.verdicts == slower.verdicts
    assert capfd.readouterr() == ("", "")


def test_a_baseline_is_accepted_and_compared_with(here: Path) -> None:
    usual: dict[str, Any] = {"backend": "null", "set": ONE, "baseline": "b.json"}
    with pytest.raises(benchsuite.BenchsuiteError, match="there is none yet"):
        benchsuite.gate("ci", **usual)
    first = benchsuite.gate("ci", **usual, accept="the first")
    assert first.accepted and first.passes and benchsuite.load("b.json").complete
    then = benchsuite.gate("ci", **usual, threshold=5.0, smallest=4.0)
    assert then.passes and not then.accepted
    with pytest.raises(benchsuite.BenchsuiteError, match="what to compare with"):
        benchsuite.gate("ci")


def test_an_interrupted_gate_does_not_pass(here: Path) -> None:
    class Stop(benchsuite.PairsObserver):
        def round(self, index: int, task: Any) -> None:
            raise KeyboardInterrupt

    found = benchsuite.gate("ci", paired=("python", "null"), set=ONE, observer=Stop())
    assert found.result.interrupted and not found.passes


def test_a_gate_tells_what_auto_chose(here: Path) -> None:
    class Chosen(benchsuite.PairsObserver):
        def chosen(self, chosen: Any) -> None:
            told.update(chosen)

    told: dict[Any, Any] = {}
    benchsuite.gate("ci", paired=("auto:require=software", "null"), set=ONE, budget=5, observer=Chosen())
    assert [facts["chosen"] for facts in told.values()] == ["software"]


def test_requests_arrive_at_a_rate(small: str) -> None:
    result = benchsuite.run(small, backend="null", set={"rate": [5000, "10%"], "arrival": "poisson"})
    assert [(each.case.rate, each.case.rate_percent) for each in result.measured] == [(5000, 0), (0, 10)]
    for value in (value for each in result.measured for value in each.values):
        assert 0 < value.requests <= value.offered and value.latency > 0
