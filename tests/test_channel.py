"""A worker seen from outside: whatever it says, or does not say, it is understood within the limit."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchsuite.model import Case, Failure, Measure, Plan, WorkerRun
from benchsuite.places import Place, here
from benchsuite.runner import channel, pool
from benchsuite.runner.calls import measure
from benchsuite.runner.channel import PATIENCE, Channel, NoAnswer
from benchsuite.runner.messages import (
    PROTOCOL,
    Describe,
    Described,
    Hello,
    Measured,
    Message,
    Progress,
    encode,
)

CASE = Case("null", "aes-128-cbc", request_size=64)
HOW = Measure(processes=1, values=3, warmups=1, min_time=0.001)
RUN = Measured(WorkerRun(0))
SLEEP = "import time; time.sleep(600)"


def place(program: str) -> Place:
    """Where this program stands for a worker."""
    return Place("", (sys.executable, "-c", program))


def saying(*said: Message | bytes, then: str = "") -> Place:
    lines = [encode(each) if isinstance(each, Message) else each for each in said]
    return place(f"import os; os.write(1, {b''.join(lines)!r})\n{then}")


def no_answer(where: Place, deadline: float | None = 60.0, **limits: Any) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        Channel(where, deadline).do(Describe("null"), Described, **limits)
    return caught.value


HELLO = Hello(PROTOCOL, "1.2.3", [0, 1], ["null"])


# What it says


def test_it_is_given_the_time_it_says_it_needs() -> None:
    told = Channel(saying(HELLO, Progress("resting", 60.0), RUN))
    assert told.limit == PATIENCE
    told.answer(Measured)
    assert told.limit == PATIENCE + 300 and told.phase == "resting"
    assert told.hello and told.hello.cpus == [0, 1] and told.hello.version == "1.2.3"
    assert told.end()
    limited = Channel(place(""), 7.0, 100.0)
    assert limited.limit == 7.0 and limited.end()


def test_what_is_printed_before_the_worker_is_there_does_not_come_between() -> None:
    """As by a shell when it is logged into."""
    assert (
        Channel(saying(b"Welcome to board7!\n\n", HELLO, RUN)).do(Describe("null"), Measured).run.round == 0
    )


def test_a_library_that_prints_does_not_come_between() -> None:
    program = (
        f"import os, sys; sys.path[:] = {sys.path!r}\n"
        "from benchsuite.runner import worker\n"
        "open_case = worker.open_case\n"
        "worker.open_case = lambda case: (os.write(1, b'42\\n{{'), open_case(case))[1]\n"
        "worker.main()"
    )
    assert isinstance(measure(CASE, HOW, 0, None, place=place(program)), WorkerRun)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([b'{"serving":1,"version":"0.1.0"}\n'], "it speaks another protocol"),
        ([Hello(PROTOCOL + 1, "9", [], [])], "it speaks another protocol"),
        ([HELLO, b"garbage\n"], "makes no sense while starting: Expecting value"),
        ([HELLO, b"\xff\n"], "makes no sense while starting: .*decode"),
        ([HELLO, b'{"message":"Described"}\n'], "makes no sense .*missing .*'version'"),
        ([HELLO, b'{"message":"Described","version":7}\n'], r"Described\.version: expected text, not 7"),
        ([HELLO, b'{"message":"Described","version":"1","x":1}\n'], r"Described\.x: unknown key"),
        ([HELLO, b'{"message":"Nonsense"}\n'], "message: expected one of .*Hello.*Nonsense"),
        ([HELLO, Progress("resting"), RUN], "Measured is no answer while resting"),
    ],
)
def test_what_makes_no_sense_is_a_failure_that_says_what(said: list[Any], reason: str) -> None:
    failed = no_answer(saying(*said, then=SLEEP))
    assert failed.kind == "internal"
    assert re.search(reason, failed.reason), failed.reason


@pytest.mark.parametrize("said", [[], [HELLO], [HELLO, encode(Described("1"))[:-5]]])
def test_half_a_line_is_no_answer(said: list[Any]) -> None:
    ended = no_answer(saying(*said, then="import sys; sys.exit('out of luck')"))
    assert ended.kind == "internal"
    assert ended.reason == "the worker ended with status 1 while starting: out of luck"
    late = no_answer(saying(*said, then=SLEEP), 0.5)
    assert late.kind == "hang"
    assert late.reason == "no answer within 0.5 s, while starting; a longer --deadline if it is only slow"


# How it ends


@pytest.mark.parametrize(
    ("number", "kind", "name"),
    [
        (signal.SIGSEGV, "crash", "SIGSEGV"),
        (signal.SIGABRT, "crash", "SIGABRT"),
        (signal.SIGKILL, "killed", "SIGKILL"),
        (signal.SIGTERM, "killed", "SIGTERM"),
        (signal.SIGRTMIN + 3, "killed", f"signal {signal.SIGRTMIN + 3}"),
    ],
)
def test_every_signal_is_told(number: int, kind: str, name: str) -> None:
    dead = no_answer(place(f"import os; os.kill(os.getpid(), {int(number)})"))
    assert dead.kind == kind and name in dead.reason


def test_a_shell_in_between_tells_the_signal() -> None:
    """As ssh does, which has one at the other end."""
    command = f"{sys.executable} -c 'import os; os.kill(os.getpid(), 11)' && true"
    there = Place("board7", ("sh", "-c", command), local=False)
    assert no_answer(there).reason == "the worker crashed (SIGSEGV) while starting"


def test_last_words_are_the_last_though_there_were_many() -> None:
    flood = "import sys; [print('x' * 999, file=sys.stderr) for _ in range(1000)]; sys.exit('that was it')"
    assert no_answer(place(flood)).reason.endswith(": that was it")


def test_a_worker_that_says_nothing_is_killed() -> None:
    failure = measure(CASE, HOW, 1, None, deadline=0.3, place=place(SLEEP))
    assert isinstance(failure, Failure) and failure.kind == "hang" and failure.round == 1
    failure = measure(CASE, HOW, 1, None, deadline=60, budget_left=0.3, place=place(SLEEP))
    assert failure == Failure("budget", "the budget ran out while starting", 1)


def gone(pid: int) -> bool:
    """Or a zombie, which has no command line."""
    command = Path("/proc", str(pid), "cmdline")
    for _ in range(100):
        if not command.exists() or not command.read_bytes():
            return True
        time.sleep(0.05)
    return False


def test_what_a_worker_has_started_is_killed_with_it() -> None:
    program = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
        "from benchsuite.runner.messages import *\n"
        f"sys.stdout.buffer.write({encode(HELLO)!r} + encode(Progress(str(child.pid))))\n"
        "sys.stdout.flush()\n"
        "time.sleep(600)"
    )
    started = Channel(place(program), 3.0)
    with pytest.raises(NoAnswer):
        started.do(Describe("null"), Described)
    assert gone(int(started.phase)) and gone(started.pid)


def test_a_worker_that_no_signal_reaches_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that waits in the kernel for a device that is gone; here the signal is what goes missing."""
    started: list[int] = []
    monkeypatch.setattr(channel, "LAST_WAIT", 0.2)
    kill = os.killpg
    monkeypatch.setattr(os, "killpg", lambda group, number: started.append(group))
    failure = measure(CASE, HOW, 1, None, deadline=0.3, place=place(SLEEP))
    kill(started[0], signal.SIGKILL)
    assert isinstance(failure, Failure) and failure.kind == "hang" and len(started) == 1
    assert failure.reason == (
        "no answer within 0.3 s, while starting; it cannot be killed either, because it is stuck in the "
        "kernel; a longer --deadline if it is only slow"
    )


def test_a_worker_that_hangs_after_closing_its_pipes_is_not_waited_for_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channel, "LAST_WAIT", 0.2)
    closed = no_answer(place(f"import os; os.close(1); os.close(2); {SLEEP}"), 0.5)
    assert (closed.kind, closed.reason) == ("hang", "it closed its pipes while starting, and did not end")


@pytest.mark.parametrize(
    ("said", "kind"),
    [(b'{"message":"Failed","kind":"lost","reason":"1 of 16"}\n', "lost"), (encode(RUN), "hang")],
    ids=["lost", "run"],
)
def test_an_answer_counts_though_the_worker_does_not_end(
    monkeypatch: pytest.MonkeyPatch, said: bytes, kind: str
) -> None:
    """As with a thread that waits in the kernel for what was lost, which keeps the process and its pipes."""
    monkeypatch.setattr(channel, "LAST_WAIT", 0.2)
    failure = measure(CASE, HOW, 1, None, deadline=60, place=saying(HELLO, said, then=SLEEP))
    assert isinstance(failure, Failure) and failure.kind == kind and failure.round == 1


def test_figures_of_a_worker_that_dies_after_them_do_not_count() -> None:
    died = measure(CASE, HOW, 2, None, place=saying(HELLO, RUN, then="os.kill(os.getpid(), 11)"))
    assert died == Failure("crash", "the worker crashed (SIGSEGV) while starting", 2)


# Many at work


SIMULATED = tuple(Case("sim:hifn7956", "aes-128-cbc", request_size=16 * n) for n in range(1, 20))
SWEEP = Plan("p", "A test.", SIMULATED, (Measure(processes=1, values=1),) * len(SIMULATED))


def outcomes(where: Place, deadline: float | None = None) -> list[WorkerRun | Failure]:
    found = dict(pool.run(SWEEP, list(range(len(SIMULATED))), deadline, lambda: 60.0, where))
    return [found[index] for index in range(len(SIMULATED))]


def test_elsewhere_the_first_worker_says_how_many_there_can_be() -> None:
    """It has one CPU there, whatever this process has; figures are the same."""
    one_cpu = f"import os; os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})\n"
    there = place(one_cpu + here.PROGRAM.format(path=sys.path))
    found = outcomes(replace(there, local=False))
    assert [run.values for run in found] == [run.values for run in outcomes(here.place())]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("where", "kind", "reason"),
    [
        (saying(HELLO, b"garbage\n", then=SLEEP), "internal", "makes no sense while simulating"),
        (saying(HELLO, Described("1"), then=SLEEP), "internal", "Described is no answer while simulating"),
        (place("import os; os.close(1); os.kill(os.getpid(), 9)"), "killed", "SIGKILL while simulating"),
        (saying(HELLO, then=SLEEP), "hang", "no answer within 0.2 s, while simulating; a longer --deadline"),
    ],
)
def test_each_case_of_many_is_lost_by_itself(where: Place, kind: str, reason: str) -> None:
    for failure in outcomes(where, 0.2 if kind == "hang" else None):
        assert isinstance(failure, Failure) and failure.kind == kind and reason in failure.reason
