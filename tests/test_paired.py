"""Measuring in pairs: the order of turns, processes that crash, hang or are killed, and what comes back.
Faults are real (see zoo/library.py)."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from zoo.library import build_faulty

from benchsuite.facts import Fact
from benchsuite.model import BenchsuiteError, Case
from benchsuite.places import Place, find
from benchsuite.runner import channel, pair_client, paired, priority
from benchsuite.runner.messages import Measured, Message
from benchsuite.runner.pair_client import M, Side
from benchsuite.runner.paired import Lost, Pair, Round
from benchsuite.runner.turns import Finish, Open, Opened, Ready, Take, Taken

NULL = Case("null", "aes-128-cbc", request_size=64)
CBC = Case("software", "aes-128-cbc", request_size=64)


def environment(where: Path) -> Place:
    return find(f"environment:{where}")


@pytest.fixture
def pair() -> Iterator[Pair]:
    with Pair(Side(), Side(), slices=4, slice_time=0.0005) as pair:
        yield pair


def measured(outcome: Round | Lost) -> Round:
    assert isinstance(outcome, Round), outcome
    return outcome


def test_a_server_that_no_signal_reaches_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that waits in the kernel for a device that is gone; here the signal is what goes missing."""
    started: list[int] = []
    kill = os.killpg
    for program in ("import time; time.sleep(600)", "import os, time; os.close(1); time.sleep(600)"):
        monkeypatch.setattr(channel, "LAST_WAIT", 0.2)
        monkeypatch.setattr(os, "killpg", lambda group, number: started.append(group))
        server = Side(Place("", (sys.executable, "-c", program)), 0.3)
        server.begin()
        with pytest.raises(pair_client.SideFailed) as caught:
            server.answer(Ready)
        kill(started.pop(), signal.SIGKILL)
        assert caught.value.kind == "hang" and "it is stuck in the kernel" in caught.value.reason


def left_running() -> list[str]:
    """Servers of this process."""
    found = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    return [line for line in found.stdout.splitlines() if "runner.worker" in line]


def test_a_round_has_as_many_slices_of_each(pair: Pair) -> None:
    first = measured(pair.round((CBC, NULL), 0, None))
    second = measured(pair.round((CBC, NULL), 1, first.per_request))
    for number, found in enumerate((first, second)):
        for name, run in zip("AB", found.runs, strict=True):
            assert len(run.values) == 4 and run.round == number
            assert run.facts["side"] == name and run.facts["benchsuite"]
            assert run.facts["priority"] in (priority.REAL_TIME, priority.USUAL)
            assert run.started < run.ended and run.counters["failed"] == 0 and run.machine_busy >= 0
    assert first.runs[0].facts["verified"] != first.runs[1].facts["verified"] == "nothing to verify"
    assert all(seconds > 0 for seconds in first.per_request)


def test_slices_are_as_long_as_asked_for() -> None:
    with Pair(Side(), Side(), slices=2, slice_time=0.004) as pair:
        first = measured(pair.round((CBC, CBC), 0, None))
        again = measured(pair.round((CBC, CBC), 1, first.per_request))
    counts = {value.requests for run in again.runs for value in run.values}
    assert len(counts) == 1  # equal sides do the same work
    assert counts.pop() >= 0.9 * 0.004 / min(first.per_request)


def test_what_a_case_demands_is_kept(pair: Pair) -> None:
    asked = replace(NULL, request_num=12345)
    found = measured(pair.round((asked, asked), 0, (1.0, 1.0)))
    assert {value.requests for run in found.runs for value in run.values} == {12345}
    deep = replace(NULL, q_len=40, batch=1, cbimm=0)
    found = measured(pair.round((deep, deep), 0, (1.0, 1.0)))
    assert min(value.requests for run in found.runs for value in run.values) >= 160


class Recorder(Side):
    """A side that tells in which order it is asked to measure."""

    def __init__(self, name: str, asked: list[str]) -> None:
        super().__init__()
        self.name, self.asked = name, asked

    def send(self, order: Message) -> None:
        self.asked += [self.name] * (order.values if isinstance(order, Take) else 0)
        super().send(order)


def test_turns_are_mirrored_and_begin_with_the_other_side_every_second_round() -> None:
    asked: list[str] = []
    with Pair(Recorder("A", asked), Recorder("B", asked), slices=8, slice_time=0.0005) as pair:
        for number, expected in ((0, "AB" + "ABBA" * 4), (1, "BA" + "BAAB" * 4)):
            asked.clear()
            measured(pair.round((NULL, NULL), number, (1e-6, 1e-6)))
            assert "".join(asked) == expected  # the first of each does not count


def test_every_round_has_other_servers() -> None:
    """What lies in memory as it lies must not favour one side for good."""
    with Pair(Side(), Side(), slices=2, slice_time=0.0005) as pair:
        seen = []
        for number in (0, 0, 1):
            measured(pair.round((NULL, NULL), number, (1e-8, 1e-8)))
            seen.append([each.begin().pid for each in pair.sides])
    assert seen[0] == seen[1] and not set(seen[0]) & set(seen[2])


def test_both_sides_of_one_thread_have_the_same_cpu(pair: Pair) -> None:
    usable = sorted(os.sched_getaffinity(0))
    asked: list[Any] = []
    send = Side.send

    def spy(self: Side, order: Message) -> None:
        asked.append(order.cpu if isinstance(order, Take) else "-")
        send(self, order)

    Side.send = spy  # type: ignore[method-assign]
    try:
        for number, case in ((0, NULL), (1, NULL), (2, replace(NULL, q_len=8, batch=1, cbimm=0))):
            asked.clear()
            measured(pair.round((case, case), number, (1e-8, 1e-8)))
            expected = {usable[number % len(usable)]} if case is NULL else {None}
            assert set(asked) - {"-"} == expected
    finally:
        Side.send = send  # type: ignore[method-assign]


# What goes wrong

FAULTS = [
    ("crash", 1, "crash", "SIGSEGV.* while verifying before timing"),
    ("crash", 3000, "crash", "SIGSEGV.* while timing"),
    ("abort", 1, "crash", "SIGABRT"),
    ("kill", 3000, "killed", "SIGKILL.* while timing"),
    ("wrong-byte", 1, "wrong-bytes", r"byte \d+ of \d+"),
    ("wrong-byte-later", 3000, "wrong-bytes", "after timing"),
    ("fail-later", 3000, "error", "requests failed"),
]


@pytest.mark.parametrize("fault, at, kind, reason", FAULTS, ids=[f"{f[0]}-at-{f[1]}" for f in FAULTS])
def test_a_fault_is_that_sides_and_the_next_round_is_sound(
    fault: str, at: int, kind: str, reason: str, pair: Pair, tmp_path: Path
) -> None:
    bad = replace(CBC, backend=f"software:{build_faulty(tmp_path, fault, at)}")
    for which, cases in ((1, (CBC, bad)), (0, (bad, CBC))):
        lost = pair.round(cases, 0, (1e-7, 1e-7))
        assert isinstance(lost, Lost) and lost.side == which
        assert lost.failure.kind == kind and re.search(reason, lost.failure.reason), lost.failure
        measured(pair.round((CBC, NULL), 0, None))


def test_a_hang_ends_with_the_deadline(tmp_path: Path) -> None:
    bad = replace(CBC, backend=f"software:{build_faulty(tmp_path, 'hang', 3000)}")
    with Pair(Side(), Side(None, 2.0), slices=2, slice_time=0.0005) as pair:
        begin = time.monotonic()
        lost = pair.round((CBC, bad), 0, (1e-7, 1e-7))
        assert isinstance(lost, Lost) and (lost.side, lost.failure.kind) == (1, "hang")
        assert "no answer within 2 s, while timing" in lost.failure.reason
        assert time.monotonic() - begin < 60
        measured(pair.round((CBC, CBC), 1, None))
    assert left_running() == []


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        (replace(CBC, backend="software:/nowhere/libcrypto.so"), "unavailable"),
        (replace(CBC, backend="python", batch=1), "unsupported"),
    ],
)
def test_what_cannot_be_opened_says_why(case: Case, kind: str, pair: Pair) -> None:
    lost = pair.round((NULL, case), 0, None)
    assert isinstance(lost, Lost) and (lost.side, lost.failure.kind) == (1, kind)


def test_a_server_that_is_killed_is_a_failure_and_is_there_again(pair: Pair) -> None:
    measured(pair.round((NULL, NULL), 0, None))
    os.kill(pair.sides[1].begin().pid, signal.SIGKILL)
    lost = pair.round((NULL, NULL), 0, None)
    assert isinstance(lost, Lost) and (lost.side, lost.failure.kind) == (1, "killed")
    measured(pair.round((NULL, NULL), 0, None))


def test_an_interruption_leaves_nothing_running() -> None:
    class Interrupted(Side):
        def answer(self, kind: type[M], expected: float = 0.0) -> M:
            if self.phase == "timing":
                raise KeyboardInterrupt
            return super().answer(kind, expected)

    with pytest.raises(KeyboardInterrupt), Pair(Side(), Interrupted()) as pair:
        pair.round((NULL, NULL), 0, None)
    assert left_running() == []


def test_a_backend_that_the_other_side_has_not_is_said(pair: Pair) -> None:
    lost = pair.round((NULL, replace(NULL, backend="quantum:9")), 0, None)
    assert isinstance(lost, Lost) and (lost.side, lost.failure.kind) == (1, "unavailable")
    assert lost.failure.reason.endswith("has no backend quantum")
    measured(pair.round((NULL, NULL), 0, None))


# Another environment


def test_no_environment_is_said(tmp_path: Path) -> None:
    with pytest.raises(BenchsuiteError, match=r"no virtual environment.*bin/python is not there"):
        environment(tmp_path)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment without benchsuite."""
    where = tmp_path_factory.mktemp("bare") / "env"
    venv.create(where, symlinks=True)
    return where


def site_packages(environment: Path) -> Path:
    (found,) = environment.glob("lib/python3*/site-packages")
    return found


def test_an_environment_without_benchsuite_is_said(bare: Path) -> None:
    message = r"its benchsuite cannot be measured in pairs.*No module named 'benchsuite'.*install"
    with pytest.raises(BenchsuiteError, match=message), Pair(Side(environment(bare)), Side()):
        pass
    assert left_running() == []


def test_a_benchsuite_that_knows_no_pairs_is_said(bare: Path, tmp_path: Path) -> None:
    old = site_packages(bare) / "benchsuite"
    (old / "runner").mkdir(parents=True)
    for init in (old, old / "runner"):
        (init / "__init__.py").touch()
    try:
        for worker, what in (
            ('print(\'{"failure": ["internal", "what?"]}\')', "another protocol"),
            ("print('{\"serving\": 99}')", "another protocol"),
            ("raise SystemExit(5)", "status 5"),
        ):
            (old / "runner" / "worker.py").write_text(f"def main():\n    input()\n    {worker}\n")
            with pytest.raises(BenchsuiteError, match=what), Pair(Side(environment(bare)), Side()):
                pass
    finally:
        subprocess.run(["rm", "-r", old], check=True)


def test_another_environment_measures_with_its_own(bare: Path) -> None:
    """It has this checkout's code, at another path and with another version."""
    packages = site_packages(bare)
    here = Path(paired.__file__).parents[2]
    copy = packages / "benchsuite"
    subprocess.run(["cp", "-r", here / "benchsuite", copy], check=True)
    (copy / "version.py").write_text('__version__ = "0.0.7"\n')
    others = [entry for entry in sys.path if entry.endswith("site-packages")]
    (packages / "others.pth").write_text("\n".join(others) + "\n")
    try:
        with Pair(Side(environment(bare)), Side(), slices=2, slice_time=0.0005) as pair:
            found = measured(pair.round((CBC, CBC), 0, None))
        assert found.runs[0].facts["benchsuite"] == "0.0.7" != found.runs[1].facts["benchsuite"]
    finally:
        subprocess.run(["rm", "-r", copy], check=True)
        (packages / "others.pth").unlink()


# Priority


def test_priority_is_given_back() -> None:
    before = os.sched_getscheduler(0)
    with priority.raised(False) as said:
        assert said == priority.USUAL and os.sched_getscheduler(0) == before
    with priority.raised(True) as said:
        raised = os.sched_getscheduler(0) == os.SCHED_FIFO
        assert said == (priority.REAL_TIME if raised else priority.USUAL)
    assert os.sched_getscheduler(0) == before


def test_threads_that_wait_for_each_other_have_the_usual_one() -> None:
    assert CBC.load.alone
    for key, value in (("q_len", 2), ("batch", 1), ("cbimm", 0), ("workers", 2)):
        assert not replace(CBC, **{key: value}).load.alone


def test_the_protocol_is_one_line_at_a_time() -> None:
    """What follows a line in the pipe is for the process that is forked next, and must not be read with
    it."""
    orders = [(Open(NULL), Opened), (Take(1, 10), Taken), (Finish(3), Measured)]
    server = Side()
    server.start()
    for order, kind in orders:
        server.send(order)
        answer = server.answer(kind)
    assert isinstance(answer, Measured) and answer.run.round == 3
    server.end()


OPEN = replace(NULL, rate_percent=5, arrival="poisson", backlog=100)


def test_sides_of_an_open_loop_are_offered_the_same_of_one_capacity(pair: Pair) -> None:
    """That of the base side, whatever the other one could carry, for as many rounds as there are."""
    slow = replace(OPEN, backend="software")
    first = measured(pair.round((OPEN, slow), 0, None))
    second = measured(pair.round((OPEN, slow), 1, first.per_request))
    rates = {run.facts[Fact.RATE] for found in (first, second) for run in found.runs}
    assert len(rates) == 1
    for found in (first, second):
        for value in (value for run in found.runs for value in run.values):
            assert 0 < value.requests == value.offered - value.dropped and value.latency > 0


def test_sides_are_offered_the_same_arrivals_and_each_round_others(pair: Pair) -> None:
    case = replace(NULL, rate=50_000, arrival="poisson")
    schedules = []
    for number in range(2):
        a, b = measured(pair.round((case, case), number, None)).runs
        assert [value.arriving for value in b.values] == pytest.approx(
            [value.arriving for value in a.values], rel=1e-4
        )  # each process measures its clock
        schedules.append([value.arriving for value in a.values])
    assert schedules[0] != schedules[1]


def test_an_open_loop_has_no_pair_in_a_closed_one_or_at_another_rate(pair: Pair) -> None:
    for other, said in ((NULL, "only A is an open loop"), (replace(OPEN, rate_percent=6), "at other rates")):
        with pytest.raises(BenchsuiteError, match=said):
            pair.round((OPEN, other), 0, None)
