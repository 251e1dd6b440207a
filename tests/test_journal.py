from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_strategies import failures, plans, runs, tags, worker_run

from benchsuite.model import BenchsuiteError, Case, Failure, Measure, Plan, Value
from benchsuite.remarks import Remarks
from benchsuite.store import journal as journals
from benchsuite.store.journal import Journal, JournalFull, Resumed, resume

relaxed = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
CASES = tuple(Case("software", "aes-cbc-128", request_size=size) for size in (16, 1488, 4096))
PLAN = Plan("quick", "to see", CASES, (Measure(processes=2),) * 3)
ENVIRONMENT = {"hostname": "gateway", "cpu_count": 2, "benchsuite_smt": False}
CRASH = Failure("crash", "the worker died of signal 11 (SIGSEGV)", 0)


@pytest.fixture
def result(tmp_path: Path) -> Path:
    return tmp_path / "r.json"


def written(result: Path, boot: str = "boot-1") -> Path:
    """A journal of a whole first round, with a crash, and a second round begun."""
    with Journal.create(result, PLAN, ENVIRONMENT, boot) as journal:
        for case in (0, 1):
            journal.start(case, 0)
            journal.run(case, worker_run(0))
        journal.start(2, 0)
        journal.fail(2, CRASH)
        journal.start(0, 1)
        journal.run(0, worker_run(1))
    return journals.journal_path(result)


def remaining(found: Resumed) -> list[tuple[int, int]]:
    """What is still to be measured, as (case, round): every case of a round before the next round."""
    todo = []
    for round in range(max((m.processes for m in found.plan.measures), default=0)):
        for i, (result, measure) in enumerate(zip(found.cases, found.plan.measures, strict=True)):
            done = result.failure or any(run.round == round for run in result.runs)
            if round < measure.processes and not done:
                todo.append((i, round))
    return todo


def test_everything_comes_back(result: Path) -> None:
    path = written(result)
    assert path == result.with_name("r.json.journal")
    with (found := resume(result, PLAN, "boot-1")).journal:
        assert (found.plan, found.environment, found.dropped) == (PLAN, ENVIRONMENT, 0)
        assert [case.case for case in found.cases] == list(CASES)
        assert found.cases[0].runs == [worker_run(0), worker_run(1)]
        assert found.cases[1].runs == [worker_run(0)] and found.cases[1].failure is None
        assert found.cases[2].runs == [] and found.cases[2].failure == CRASH
        assert remaining(found) == [(1, 1)]


def test_a_resumed_journal_goes_on_and_can_be_resumed_again(result: Path) -> None:
    written(result)
    with resume(result).journal as journal:
        journal.start(1, 1)
        journal.run(1, worker_run(1))
    with (found := resume(result)).journal:
        assert remaining(found) == [] and len(found.cases[1].runs) == 2


def test_remaining_takes_every_case_of_a_round_before_the_next(result: Path) -> None:
    plan = replace(PLAN, measures=(Measure(processes=1), Measure(processes=3), Measure(processes=2)))
    Journal.create(result, plan, {}).close()
    with (found := resume(result)).journal:
        assert remaining(found) == [(0, 0), (1, 0), (2, 0), (1, 1), (2, 1), (1, 2)]


def test_every_record_is_on_disk_when_the_call_returns(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(os.fstat(fd).st_size), real(fd))[1])
    with Journal.create(result, PLAN, ENVIRONMENT) as journal:
        for step in (
            lambda: journal.start(0, 0),
            lambda: journal.run(0, worker_run()),
            lambda: journal.fail(1, CRASH),
        ):
            step()
            assert synced[-1] == journal.path.stat().st_size


def test_remove_leaves_nothing_and_close_twice_is_harmless(result: Path) -> None:
    journal = Journal.create(result, PLAN, ENVIRONMENT)
    journal.start(0, 0)
    journal.remove()
    journal.close()
    assert list(result.parent.iterdir()) == []


# What is said of it


SAID = Remarks(
    {"kernel": "6.12", "board": "espressobin"}, "with the new heat sink", ("benchsuite run quick",)
)
AGAIN = "benchsuite run quick -o r.json --resume"


def test_remarks_outlive_the_process(result: Path) -> None:
    Journal.create(result, PLAN, ENVIRONMENT, remarks=SAID).close()
    with (found := resume(result)).journal:
        assert found.remarks == SAID and all(case.tags == SAID.tags for case in found.cases)


def test_of_the_commands_of_a_run_the_first_and_the_last_are_kept(result: Path) -> None:
    Journal.create(result, PLAN, ENVIRONMENT, remarks=SAID).close()
    for attempt in ("second", "third"):
        again = Remarks(commands=(f"{AGAIN} # {attempt}",))
        resume(result, remarks=again).journal.close()
    with (found := resume(result)).journal:
        assert found.remarks.commands == ("benchsuite run quick", f"{AGAIN} # third")
    with (found := resume(result, remarks=Remarks(commands=(AGAIN,)))).journal:
        assert found.remarks.command == f"benchsuite run quick\n{AGAIN}"


def test_a_note_of_a_later_attempt_replaces_the_first(result: Path) -> None:
    Journal.create(result, PLAN, ENVIRONMENT, remarks=SAID).close()
    resume(result, remarks=Remarks(note="it fell off")).journal.close()
    with (found := resume(result)).journal:
        assert found.remarks.note == "it fell off" and found.remarks.tags == SAID.tags


@pytest.mark.parametrize("tags", [{"kernel": "6.14"}, {"kernel": "6.12", "new": "1"}])
def test_a_run_is_not_resumed_with_other_tags(result: Path, tags: dict[str, str]) -> None:
    Journal.create(result, PLAN, ENVIRONMENT, remarks=SAID).close()
    with pytest.raises(BenchsuiteError, match=r"other options: tag (kernel|new) was"):
        resume(result, remarks=Remarks(tags))
    with (found := resume(result, remarks=Remarks({"kernel": "6.12"}))).journal:  # as far as it says
        assert found.remarks.tags == SAID.tags


@relaxed
@given(tags, st.text(), st.lists(st.text(min_size=1), max_size=1))
def test_any_remarks_come_back(tmp_path: Path, said: dict[str, str], note: str, commands: list[str]) -> None:
    result = tmp_path / "r.json"
    remarks = Remarks(said, note, tuple(commands))
    Journal.create(result, PLAN, ENVIRONMENT, remarks=remarks).close()
    (found := resume(result)).journal.remove()
    assert found.remarks == remarks


# How it ended


def test_a_killed_process_measures_that_worker_again(result: Path) -> None:
    die_while(result, "boot-1")
    with (found := resume(result, PLAN, "boot-1")).journal:
        assert all(case.failure is None for case in found.cases)
        assert remaining(found)[:2] == [(1, 0), (2, 0)]


def test_after_another_boot_the_case_took_the_machine_down(result: Path) -> None:
    die_while(result, "boot-1")
    with (found := resume(result, PLAN, "boot-2")).journal:
        failure = found.cases[1].failure
        assert failure is not None and (failure.kind, failure.round) == ("machine-crash", 0)
        assert "round 0" in failure.reason
        assert found.cases[0].failure is None and (1, 0) not in remaining(found)
    with (again := resume(result, PLAN, "boot-2")).journal:  # and that is remembered
        assert again.cases[1].failure == failure and remaining(again) == remaining(found)
    with (third := resume(result, PLAN, "boot-3")).journal:
        assert [case.failure for case in third.cases] == [None, failure, None]


def test_a_kill_resumed_in_the_same_boot_is_forgotten_by_the_next(result: Path) -> None:
    die_while(result, "boot-1")
    resume(result, PLAN, "boot-1").journal.close()
    with (found := resume(result, PLAN, "boot-2")).journal:
        assert all(case.failure is None for case in found.cases)


def test_an_interrupted_run_blames_nobody_after_a_reboot(result: Path) -> None:
    with Journal.create(result, PLAN, ENVIRONMENT, "boot-1") as journal:
        journal.start(0, 0)  # Ctrl-C: close() is reached
    with (found := resume(result, PLAN, "boot-2")).journal:
        assert found.cases[0].failure is None and (0, 0) in remaining(found)


@pytest.mark.parametrize(("before", "after"), [("", "boot-2"), ("boot-1", "")])
def test_an_unknown_boot_blames_nobody(result: Path, before: str, after: str) -> None:
    die_while(result, before)
    with (found := resume(result, PLAN, after)).journal:
        assert all(case.failure is None for case in found.cases)


def die_while(result: Path, boot: str) -> None:
    """A process that is killed with SIGKILL while case 1 runs."""
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_journal import *
journal = Journal.create({str(result)!r}, PLAN, ENVIRONMENT, {boot!r})
journal.start(0, 0)
journal.run(0, worker_run(0))
journal.start(1, 0)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9


# Damage


@relaxed
@given(st.data())
def test_cut_anywhere_every_whole_record_survives(tmp_path: Path, data: st.DataObject) -> None:
    result = tmp_path / "r.json"
    path = journals.journal_path(result)
    path.unlink(missing_ok=True)
    whole = written(result).read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    lines = whole[:cut].count(b"\n")
    if lines == 0:
        with pytest.raises(BenchsuiteError, match="cut short in its header; delete it"):
            resume(result, PLAN)
        assert path.read_bytes() == whole[:cut]
        return
    with (found := resume(result, PLAN, "boot-1")).journal as journal:
        survivors = [json.loads(line) for line in whole.split(b"\n")[1:lines]]
        assert sum(len(case.runs) for case in found.cases) == sum("run" in record for record in survivors)
        assert (found.cases[2].failure == CRASH) == any("fail" in record for record in survivors)
        assert found.dropped == cut - (whole[:cut].rindex(b"\n") + 1)
        journal.run(1, worker_run(7))  # what is appended starts on a line of its own
    with (again := resume(result, PLAN, "boot-1")).journal:
        assert again.dropped == 0 and again.cases[1].runs[-1].round == 7


@relaxed
@given(plan=plans(), data=st.data())
def test_any_records_come_back(tmp_path: Path, plan: Plan, data: st.DataObject) -> None:
    result = tmp_path / "r.json"
    journals.journal_path(result).unlink(missing_ok=True)
    number = st.integers(0, len(plan.cases) - 1)
    events = data.draw(st.lists(st.tuples(number, runs | failures), max_size=4))
    want = [({}, []) for _ in plan.cases]
    with Journal.create(result, plan, ENVIRONMENT) as journal:
        for case, event in events:
            if isinstance(event, Failure):
                journal.fail(case, event)
                want[case][1].append(event)
            else:
                journal.run(case, event)
                want[case][0].pop(event.round, None)
                want[case][0][event.round] = event
    with (found := resume(result, plan)).journal:
        assert found.plan == plan
        assert [case.runs for case in found.cases] == [list(by_round.values()) for by_round, _ in want]
        assert [case.failure for case in found.cases] == [f[-1] if f else None for _, f in want]


@pytest.mark.parametrize(
    "garbage",
    [
        b"\0" * 4096,
        b'{"run": {"round"',
        b"\xff\xfe\n",
        b"{}\n",
        b'{"start": [99, 0]}\n',
        b'{"run": 3, "case": 0}\n',
        b'{"fail": {"kind": "x", "reason": ""}, "case": 0}\n',
        b'{"start": [0]}\n',
        b"[" * 20000 + b"\n",
        b"7\n",
    ],
)
def test_garbage_at_the_end_is_cut_off(result: Path, garbage: bytes) -> None:
    path = written(result)
    sound = path.read_bytes()
    path.write_bytes(sound + garbage)
    with (found := resume(result, PLAN)).journal:
        assert found.dropped == len(garbage) and remaining(found) == [(1, 1)]
    assert path.read_bytes().startswith(sound + b'{"resume":')


def test_garbage_in_the_middle_names_the_line_and_the_cure_works(result: Path) -> None:
    path = written(result)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:4], b"garbage\n", *lines[5:]]))
    damaged = path.read_bytes()
    with pytest.raises(BenchsuiteError, match=r"line 5 of 9 is damaged \(the line: is not JSON") as caught:
        resume(result, PLAN)
    assert path.read_bytes() == damaged
    command = str(caught.value).split("before it: ")[1]
    subprocess.run(command, shell=True, check=True, cwd=result.parent)
    with (found := resume(result, PLAN)).journal:
        assert found.cases[0].runs == [worker_run(0)] and found.cases[1].runs == []


@relaxed
@given(st.data())
def test_flipped_bytes_never_raise_anything_else(tmp_path: Path, data: st.DataObject) -> None:
    result = tmp_path / "r.json"
    path = journals.journal_path(result)
    path.unlink(missing_ok=True)
    damaged = bytearray(written(result).read_bytes())
    flips = st.tuples(st.integers(0, len(damaged) - 1), st.integers(1, 255))
    for position, bits in data.draw(st.lists(flips, min_size=1, max_size=3)):
        damaged[position] ^= bits
    path.write_bytes(damaged)
    try:
        resume(result).journal.close()
    except BenchsuiteError as error:
        assert len(str(error).splitlines()) <= 2 and len(str(error)) < 700
        assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"", "cut short in its header"),
        (b'{"benchsuite_journal": 1', "cut short in its header"),
        (b"hello\n", "its header is damaged .*not JSON"),
        (b"[]\n", "its header is damaged .*expected an object"),
        (b'{"version": "1.0"}\n', "line 1.benchsuite_journal: is missing"),
        (b'{"benchsuite_journal": 2}\n', r"newer benchsuite \(format 2; this one reads 1\): upgrade"),
        (b'{"benchsuite_journal": 1}\n', "plan: is missing"),
        (b'{"benchsuite_journal": 1, "plan": {"cases": [], "measures": [3]}}\n', "0 cases but 1 measures"),
    ],
)
def test_no_sound_header(result: Path, header: bytes, says: str) -> None:
    journals.journal_path(result).write_bytes(header)
    with pytest.raises(BenchsuiteError, match=says):
        resume(result)


# Refusals


def test_nothing_to_resume_and_nothing_to_overwrite(result: Path) -> None:
    with pytest.raises(BenchsuiteError, match="nothing to resume; run without --resume"):
        resume(result)
    written(result)
    before = journals.journal_path(result).read_bytes()
    with pytest.raises(BenchsuiteError, match="go on with --resume, or delete it"):
        Journal.create(result, PLAN, ENVIRONMENT)
    assert journals.journal_path(result).read_bytes() == before
    os.mkfifo(result.with_name("fifo.journal"))
    with pytest.raises(BenchsuiteError, match="no regular file"):
        resume(result.with_name("fifo"))
    result.with_name("directory.journal").mkdir()
    with pytest.raises(BenchsuiteError, match="Is a directory"):
        resume(result.with_name("directory"))
    with pytest.raises(BenchsuiteError, match="NUL"):
        resume("a\0b")
    with pytest.raises(BenchsuiteError, match="No such file or directory"):
        Journal.create(result.parent / "no" / "r.json", PLAN, ENVIRONMENT)


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (replace(PLAN, profile="sizes"), "profile was 'quick' then, is 'sizes' now"),
        (replace(PLAN, cases=CASES[:2], measures=PLAN.measures[:2]), "number of cases was 3 then, is 2 now"),
        (
            replace(PLAN, cases=(CASES[0], replace(CASES[1], q_len=4), CASES[2])),
            "q_len of case 2 was 1 then, is 4 now",
        ),
        (
            replace(PLAN, measures=(*PLAN.measures[:2], Measure(processes=2, min_time=1.0))),
            "min_time of case 3 was 0.02 then, is 1.0 now",
        ),
    ],
)
def test_another_plan_is_refused_by_key(result: Path, plan: Plan, says: str) -> None:
    path = written(result)
    before = path.read_bytes()
    with pytest.raises(BenchsuiteError, match=says):
        resume(result, plan)
    assert path.read_bytes() == before
    resume(result, replace(PLAN, why="in other words")).journal.close()


def test_a_figure_that_cannot_be_does_not_get_in(result: Path) -> None:
    run = copy.deepcopy(worker_run())
    run.values[0] = Value(0, 0.02, 0.0, 0.0)
    with Journal.create(result, PLAN, ENVIRONMENT) as journal:
        before = journal.path.read_bytes()
        with pytest.raises(BenchsuiteError, match=r"values.requests\[0\]: expected a whole number from 1"):
            journal.run(0, run)
        with pytest.raises(BenchsuiteError, match="kind: expected one of"):
            journal.fail(0, Failure("bored", "no reason"))
        assert journal.path.read_bytes() == before


def test_two_processes_do_not_share_a_journal(result: Path) -> None:
    program = f"from benchsuite.store.journal import resume; resume({str(result)!r})"
    with Journal.create(result, PLAN, ENVIRONMENT):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert "BenchsuiteError" in done.stderr and "another benchsuite is using it" in done.stderr
        with pytest.raises(BenchsuiteError, match="another benchsuite is using it"):
            Journal.create(result, PLAN, ENVIRONMENT)
    with pytest.raises(BenchsuiteError, match="left from a run that was cut short"):
        Journal.create(result, PLAN, ENVIRONMENT)
    with resume(result).journal, pytest.raises(BenchsuiteError, match="another benchsuite is using it"):
        resume(result)
    resume(result).journal.close()


# A full disk


def fill(journal: Journal) -> tuple[int, JournalFull]:
    for number in range(10_000):
        try:
            journal.run(0, worker_run(number))
        except JournalFull as error:
            return number, error
    raise AssertionError("the disk is not full")


def check_filled(result: Path, number: int) -> None:
    """Everything before the record that did not fit is there, and it goes on where there is room."""
    assert number > 0
    text = journals.journal_path(result).read_bytes()
    assert text.endswith(b"\n") and len(text.splitlines()) == number + 1
    for line in text.splitlines():
        json.loads(line)


def test_a_file_size_limit(result: Path) -> None:
    program = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_journal import *
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, resource.RLIM_INFINITY))
number, error = fill(Journal.create({str(result)!r}, PLAN, ENVIRONMENT))
print(number, error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    number, says = done.stdout.split(" ", 1)
    assert "cannot be written (File too large); what it holds is intact" in says
    check_filled(result, int(number))
    with (found := resume(result)).journal as journal:
        assert len(found.cases[0].runs) == int(number) and found.dropped == 0
        journal.run(1, worker_run())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.getuid() != 0:
        pytest.skip("mounting a small tmpfs takes root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "benchsuite-test", tmp_path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    result = small_disk / "r.json"
    journal = Journal.create(result, PLAN, ENVIRONMENT)
    number, error = fill(journal)
    assert "No space left on device" in str(error) and error.exit_status == 2
    journal.close()
    check_filled(result, number)
    fillers = small_disk / "filler"
    with fillers.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 512)
            except OSError:
                break
    with pytest.raises(BenchsuiteError, match="No space left"):
        Journal.create(small_disk / "other.json", PLAN, ENVIRONMENT)
    assert not (small_disk / "other.json.journal").exists()
    subprocess.run(["mount", "-o", "remount,size=1m", small_disk], check=True)
    with (found := resume(result)).journal as again:
        assert len(found.cases[0].runs) == number
        again.run(1, worker_run())


def test_a_disk_that_fails_to_sync(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.create(result, PLAN, ENVIRONMENT)
    before = journal.path.read_bytes()
    real, calls = os.fsync, []

    def fail_once(fd: int) -> None:
        calls.append(fd)
        if len(calls) == 1:
            raise OSError(5, "Input/output error")
        real(fd)

    monkeypatch.setattr(os, "fsync", fail_once)
    with pytest.raises(JournalFull, match="Input/output error"):
        journal.run(0, worker_run())
    assert journal.path.read_bytes() == before
    journal.close()


@pytest.mark.parametrize(("taken", "kept"), [(10, 0), (None, 1)])
def test_an_interrupt_leaves_no_half_line(
    result: Path, monkeypatch: pytest.MonkeyPatch, taken: int | None, kept: int
) -> None:
    journal = Journal.create(result, PLAN, ENVIRONMENT)
    real = os.write

    def interrupted(fd: int, data: memoryview) -> int:
        real(fd, data[:taken])
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        journal.run(0, worker_run())
    monkeypatch.undo()
    journal.close()
    with (found := resume(result)).journal:
        assert found.dropped == 0 and len(found.cases[0].runs) == kept


def test_what_is_only_simulated_is_synced_soon_and_at_the_end(
    result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []  # sizes
    real = os.fsync

    def fsync(fd: int) -> None:
        real(fd)
        synced.append(os.fstat(fd).st_size)

    with Journal.create(result, PLAN, ENVIRONMENT, "boot-1") as journal:
        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(journals, "SYNC_EVERY", 3600.0)
        for number in range(50):
            journal.run(0, worker_run(number), at_once=False)
        assert not synced
        monkeypatch.setattr(journals, "SYNC_EVERY", 0.0)
        journal.fail(2, CRASH, at_once=False)
        assert len(synced) == 1
        monkeypatch.setattr(journals, "SYNC_EVERY", 3600.0)
        journal.run(1, worker_run(0), at_once=False)
    assert len(synced) == 2 and synced[1] == journals.journal_path(result).stat().st_size
    found = resume(result, PLAN, "boot-1")
    found.journal.close()
    assert [len(case.runs) for case in found.cases] == [50, 1, 0] and found.cases[2].failure == CRASH
