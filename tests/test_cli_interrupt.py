"""Runs that are cut short, by Ctrl-C, a signal or the death of the process, and go on with --resume, as
docs/measure.md says."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from command import PATIENCE, Cli, assert_is_a_message
from zoo.library import build_faulty

from benchsuite import store
from benchsuite.cli import cli as whole
from benchsuite.cli.errors import guarded
from benchsuite.model import BenchsuiteError, Result
from benchsuite.runner import channel

SOON = 2.0  # seconds in which it must have ended; promised is half a second, on a quiet machine

LONG_VALUES = """
why = "A short case, then one whose value takes seconds."
[[matrix]]
why = "Short."
backend = "null"
algorithm = "aes-128-cbc"
processes = 2
values = 3
min_time = "1ms"
[[matrix]]
why = "Long."
algorithm = "aes-128-cbc"
processes = 1
values = 1
warmups = 0
min_time = "3s"
"""

MANY_WORKERS = """
why = "Many short workers."
[measure]
processes = 10
values = 2
min_time = "1ms"
[[matrix]]
why = "Short."
backend = "null"
algorithm = ["aes-128-cbc", "sha256"]
"""


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.005)


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def lines(journal: Path, kind: str) -> int:
    try:
        return journal.read_text().count(f'{{"{kind}"')
    except FileNotFoundError:
        return 0


def in_the_long_value(process: subprocess.Popen[str], journal: Path) -> list[int]:
    """Waits until the second case is being timed; its worker."""
    wait_for(lambda: lines(journal, "start") == 2 and bool(children(process.pid)))
    time.sleep(1)  # opened and verified by now; were it not, the test would ask for less, not fail
    return children(process.pid)


def end(process: subprocess.Popen[str], number: int) -> tuple[float, str, str]:
    """A signal to the whole group, as a terminal sends it: (seconds until the end, output, messages)."""
    begin = time.monotonic()
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=PATIENCE)
    return time.monotonic() - begin, out, err


def rounds_of(result: Result) -> list[list[int]]:
    return [sorted(run.round for run in case.runs) for case in result.cases]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_a_long_value_it_ends_at_once_and_goes_on_later(number: int, cli: Cli) -> None:
    path, journal = cli.directory / "r.json", cli.directory / "r.json.journal"
    arguments = ["run", cli.profile(LONG_VALUES), "-o", "r.json"]
    process = cli.start(*arguments)
    workers = in_the_long_value(process, journal)
    seconds, out, err = end(process, number)
    assert process.returncode == 130
    assert seconds < SOON
    assert workers and not any(map(runs, workers))
    assert "Traceback" not in err and "--resume" in err and "r.json" in err
    assert "aes-128-cbc" in out  # what was finished is printed
    assert journal.exists()
    result = store.load(path)
    assert not result.complete and rounds_of(result) == [[0], []]

    assert "go on with --resume" in cli.refuses(*arguments)
    done = cli.run(*arguments, "--resume")
    assert done.returncode == 0, done.stderr
    result = store.load(path)
    assert result.complete and rounds_of(result) == [[0, 1], [0]]
    assert not journal.exists()


@pytest.mark.parametrize("after", [1, 4, 11])
def test_between_short_values_it_ends_at_once_and_goes_on_later(after: int, cli: Cli) -> None:
    path, journal = cli.directory / "r.json", cli.directory / "r.json.journal"
    arguments = ["run", cli.profile(MANY_WORKERS), "-q", "-o", "r.json"]
    process = cli.start(*arguments)
    wait_for(lambda: lines(journal, "run") >= after)
    seconds, _, err = end(process, signal.SIGINT)
    assert process.returncode == 130 and "Traceback" not in err
    assert seconds < SOON
    kept = rounds_of(store.load(path))
    assert sum(map(len, kept)) >= after
    done = cli.run(*arguments, "--resume")
    assert done.returncode == 0, done.stderr
    result = store.load(path)
    assert result.complete and rounds_of(result) == [list(range(10))] * 2
    assert not journal.exists()


def test_it_may_be_interrupted_again_and_again(cli: Cli) -> None:
    journal = cli.directory / "r.json.journal"
    arguments = ["run", cli.profile(MANY_WORKERS), "-q", "-o", "r.json"]
    for attempt in range(3):
        process = cli.start(*arguments, *(["--resume"] if attempt else []))
        wait_for(lambda before=attempt * 2 + 2: lines(journal, "run") >= before)  # type: ignore[misc]
        end(process, signal.SIGINT)
        assert process.returncode == 130
    assert cli.run(*arguments, "--resume").returncode == 0
    assert rounds_of(store.load(cli.directory / "r.json")) == [list(range(10))] * 2


@pytest.mark.parametrize("named", [True, False])
def test_killed_it_leaves_no_worker_and_goes_on_later(named: bool, cli: Cli) -> None:
    output = ["-o", "r.json"] if named else []
    where = cli.directory if named else cli.directory / "results"
    where.mkdir(exist_ok=True)
    profile = cli.profile(LONG_VALUES)
    cli.profile(LONG_VALUES, "small-too.toml")
    (where / "small-too-20990101-000000.json.journal").write_text("of another profile\n")
    process = cli.start("run", profile, *output)

    def own() -> list[Path]:
        return [path for path in where.glob("*.journal") if "too" not in path.name]

    wait_for(lambda: bool(own()))
    (journal,) = own()
    workers = in_the_long_value(process, journal)
    process.kill()
    process.communicate()
    wait_for(lambda: not any(map(runs, workers)))
    if not named:  # its name is taken, and nothing is in it
        assert not journal.with_suffix("").stat().st_size

    message = cli.refuses("run", profile, "-o", str(journal.with_suffix("")))
    assert "--resume" in message and "cut short" in message
    done = cli.run("run", profile, *output, "--resume")
    assert done.returncode == 0, done.stderr
    result = store.load(journal.with_suffix(""))
    assert result.complete and rounds_of(result) == [[0, 1], [0]]
    assert not journal.exists()


@pytest.fixture
def cut_short(cli: Cli) -> Cli:
    """r.json.journal of a run that was killed."""
    process = cli.start("run", cli.profile(MANY_WORKERS), "-q", "-o", "r.json")
    wait_for(lambda: lines(cli.directory / "r.json.journal", "run") >= 2)
    process.kill()
    process.communicate()
    return cli


def test_another_plan_is_refused(cut_short: Cli) -> None:
    before = (cut_short.directory / "r.json.journal").read_bytes()
    message = cut_short.refuses("run", "./small.toml", "-s", "request_size=16", "-o", "r.json", "--resume")
    assert "other options" in message and "request_size" in message
    assert (cut_short.directory / "r.json.journal").read_bytes() == before
    assert cut_short.run("run", "./small.toml", "-q", "-o", "r.json", "--resume").returncode == 0


def test_nothing_to_resume(cli: Cli) -> None:
    assert "nothing to resume" in cli.refuses("run", cli.profile(), "--resume")
    assert "nothing to resume" in cli.refuses("run", cli.profile(), "--resume", "-o", "r.json")
    assert cli.run("run", cli.profile(), "-q", "-o", "r.json").returncode == 0
    assert "nothing to resume" in cli.refuses("run", cli.profile(), "--resume", "-o", "r.json")


def test_a_journal_cut_in_its_last_line_goes_on(cut_short: Cli) -> None:
    journal = cut_short.directory / "r.json.journal"
    journal.write_bytes(journal.read_bytes() + b'{"run": {"round": 1, "val')
    assert cut_short.run("run", "./small.toml", "-q", "-o", "r.json", "--resume").returncode == 0
    assert rounds_of(store.load(cut_short.directory / "r.json")) == [list(range(10))] * 2


def test_a_journal_damaged_elsewhere_is_refused_and_kept(cut_short: Cli) -> None:
    journal = cut_short.directory / "r.json.journal"
    damaged = journal.read_bytes().replace(b'{"run"', b'{"rn"', 1)
    journal.write_bytes(damaged)
    message = cut_short.refuses("run", "./small.toml", "-o", "r.json", "--resume")
    assert re.search(r"line \d+ of \d+ is damaged", message)
    assert journal.read_bytes() == damaged
    journal.write_bytes(damaged[:20])
    assert "header" in cut_short.refuses("run", "./small.toml", "-o", "r.json", "--resume")


def test_a_second_run_to_the_same_file_is_refused_while_the_first_runs(cli: Cli) -> None:
    process = cli.start("run", cli.profile(LONG_VALUES), "-o", "r.json")
    journal = cli.directory / "r.json.journal"
    in_the_long_value(process, journal)
    assert "another benchsuite" in cli.refuses("run", "./small.toml", "-o", "r.json", "--resume")
    end(process, signal.SIGINT)
    assert json.loads(journal.read_text().splitlines()[-1]) == {"stop": True}


def test_a_result_that_cannot_be_saved_is_saved_by_resuming(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The figures are printed all the same, and the journal keeps them."""

    def full(result: Result, path: Path) -> None:
        raise BenchsuiteError("r.json: cannot be written (No space left on device)")

    arguments = ["run", cli.profile(), "-q", "-b", "null", "-o", "r.json"]
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.chdir(cli.directory)
    with monkeypatch.context() as patched:
        patched.setattr(store, "save", full)
        status = guarded(lambda: whole.main(arguments, "benchsuite", standalone_mode=False))
    signal.signal(signal.SIGTERM, before)
    assert status == 2
    out, err = capsys.readouterr()
    assert "aes-128-cbc" in out and "No space left" in err
    done = cli.run(*arguments, "--resume")
    assert done.returncode == 0, done.stderr
    assert rounds_of(store.load(cli.directory / "r.json")) == [[0, 1]]


def test_a_machine_that_starts_no_more_workers_keeps_what_was_measured(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    starts = [subprocess.Popen]

    def popen(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        if not starts:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        return starts.pop()(*arguments, **options)

    arguments = ["run", cli.profile(), "-q", "-b", "null", "-o", "r.json"]
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.chdir(cli.directory)
    with monkeypatch.context() as patched:
        patched.setattr(
            channel,
            "subprocess",
            SimpleNamespace(TimeoutExpired=subprocess.TimeoutExpired, Popen=popen, PIPE=subprocess.PIPE),
        )
        patched.setattr(tempfile, "tempdir", str(cli.directory))
        status = guarded(lambda: whole.main(arguments, "benchsuite", standalone_mode=False))
    signal.signal(signal.SIGTERM, before)
    assert status == 2
    assert_is_a_message(message := capsys.readouterr().err)
    assert "cannot be started: Resource temporarily unavailable" in message
    (rescued,) = cli.directory.glob("benchsuite-small-*.json")
    assert str(rescued) in message and rounds_of(store.load(rescued)) == [[0]]
    assert cli.run(*arguments, "--resume").returncode == 0
    assert rounds_of(store.load(cli.directory / "r.json")) == [[0, 1]]


def test_a_worker_that_would_hang_for_ever_dies_with_its_parent(cli: Cli, tmp_path: Path) -> None:
    library = build_faulty(tmp_path, "hang")
    process = cli.start("run", cli.profile(), "-b", f"software:{library}", "-o", "r.json")
    journal = tmp_path / "r.json.journal"
    wait_for(lambda: lines(journal, "start") == 1 and bool(children(process.pid)))
    time.sleep(0.5)
    workers = children(process.pid)
    process.kill()
    process.communicate()
    wait_for(lambda: not any(map(runs, workers)))
