"""--cpus: what is read, what is refused, where workers and their threads are, what a result says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command import PATIENCE, Cli
from hypothesis import given
from hypothesis import strategies as st

import benchsuite
from benchsuite import cpu_lists
from benchsuite.facts import Environment, Fact
from benchsuite.host import cpus, placement
from benchsuite.host.files import Tree
from benchsuite.host.placement import Cpus
from benchsuite.model import BenchsuiteError, Case, Measure, Plan
from benchsuite.runner.channel import Channel
from benchsuite.runner.messages import MeasureCase, Measured
from benchsuite.runner.pair_client import Side
from benchsuite.runner.paired import Pair, Round
from benchsuite.runs.run import Observer, Run, Settings

USABLE = sorted(os.sched_getaffinity(0))
TWO = pytest.mark.skipif(len(USABLE) < 2, reason="takes two CPUs")
SHORT = Measure(processes=1, values=2, warmups=0, min_time=0.001)
PLAIN = Case("software", "aes-128-cbc", request_size=64)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0", [0]), ("0,2-5", [0, 2, 3, 4, 5]), ("3,1", [3, 1]), ("0-6:2", [0, 2, 4, 6]), (" 1, 2 ", [1, 2])],
)
def test_a_list_is_read_as_taskset_writes_it(text: str, numbers: list[int]) -> None:
    assert list(Cpus.parse(text)) == numbers


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20, unique=True))
def test_what_is_written_is_read_in_the_same_order(numbers: list[int]) -> None:
    assert list(Cpus.parse(cpu_lists.written(numbers))) == numbers


@pytest.mark.parametrize("text", ["", ",", "a", "0,,1", "-1", "3-1", "0-4:0", "70000", "0x1", "1-", "0;1"])
def test_what_is_no_list_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BenchsuiteError, match="write it as taskset does, as in 0,2-5"):
        Cpus.parse(text)


@given(st.text(max_size=12))
def test_any_text_is_a_list_or_a_sentence(text: str) -> None:
    try:
        assert len(Cpus.parse(text)) >= 1
    except BenchsuiteError as error:
        assert str(error).startswith("--cpus: ") and str(error).isprintable()


def test_the_longest_list_is_read_at_once() -> None:
    assert len(Cpus.parse(f"0-{placement.MOST - 1}")) == placement.MOST


def test_a_cpu_twice_is_refused() -> None:
    with pytest.raises(BenchsuiteError, match="has CPU 2 twice"):
        Cpus.parse("0,2-3,2")


def machine(root: Path) -> Tree:
    """Eight CPUs, of which 7 is offline: two nodes, and 2 with 3 and 4 with 5 are threads of one core."""
    files = {"present": "0-7", "online": "0-6"}
    for cpu in range(8):
        pair = {2: "2-3", 3: "2-3", 4: "4-5", 5: "4-5"}.get(cpu, str(cpu))
        files[f"cpu{cpu}/topology/thread_siblings_list"] = pair
        files[f"cpu{cpu}/node{cpu // 4}/cpulist"] = "0-3" if cpu < 4 else "4-7"
    for name, text in files.items():
        path = root / "sys/devices/system/cpu" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return Tree(root)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,9", "--cpus 0,9: there is no CPU 9, the machine has 0-7"),
        ("7", "--cpus 7: CPU 7 is offline: echo 1 | sudo tee /sys/devices/system/cpu/cpu7/online"),
        ("1-6", "--cpus 1-6: CPU 5 is not for this process: its affinity or its cpuset leaves 0-4"),
    ],
)
def test_a_cpu_that_cannot_be_had_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BenchsuiteError) as error:
        placement.check(Cpus.parse(text), range(5), machine(tmp_path))
    assert str(error.value) == said


def test_a_dry_run_refuses_it_as_well(cli: Cli) -> None:
    said = cli.refuses("run", "quick", "-b", "null", "--cpus", "0,1023", "-n")
    assert "--cpus 0,1023: there is no CPU 1023, the machine has " in said


def test_what_can_be_had_is_taken(tmp_path: Path) -> None:
    placement.check(Cpus.parse("4,0-2"), range(5), machine(tmp_path))


@TWO
def test_isolated_cpus_are_in_no_affinity_and_can_be_had(tmp_path: Path) -> None:
    own, isolated = USABLE[:2]
    tree = machine(tmp_path)
    (tree.root / cpus.CPU / "isolated").write_text(f"{isolated},1023\n")
    try:
        os.sched_setaffinity(0, {own})
        placement.check(Cpus.parse(str(isolated)), tree=tree)
        assert os.sched_getaffinity(0) == {own}
        with pytest.raises(BenchsuiteError, match="CPU 1023"):
            placement.check(Cpus.parse("1023"), tree=tree)
    finally:
        os.sched_setaffinity(0, USABLE)


def test_threads_of_one_core_and_nodes_are_told(tmp_path: Path) -> None:
    tree = machine(tmp_path)
    assert placement.environment(Cpus.parse("3,0,2,5"), tree) == {
        Environment.CPUS_CHOSEN: "3,0,2,5",
        Environment.CPUS_OF_ONE_CORE: "3,2",
        Environment.CPUS_BY_NODE: "0: 3,0,2; 1: 5",
    }
    assert placement.environment(Cpus.parse("0-1"), tree) == {Environment.CPUS_CHOSEN: "0-1"}


def placed(case: Case, cpus: list[int]) -> dict[str, str]:
    """Facts of a worker process that was given these CPUs."""
    answer = Channel().do(MeasureCase(case, SHORT, 0, cpus=cpus), Measured)
    return answer.run.facts


def test_one_thread_is_on_the_first() -> None:
    facts = placed(PLAIN, [USABLE[-1]])
    assert facts[Fact.CPUS] == str(USABLE[-1])
    assert facts[Fact.PLACEMENT] == f"worker 0: caller on CPU {USABLE[-1]}"
    assert Fact.CPUS not in placed(PLAIN, [])


def test_python_is_on_the_first() -> None:
    facts = placed(Case("python", "sha256", "digest", 64), [USABLE[-1]])
    assert facts[Fact.PLACEMENT] == f"worker 0: caller on CPU {USABLE[-1]}"


@TWO
def test_threads_of_a_single_worker_take_the_cpus_in_turn() -> None:
    second, first = USABLE[:2]
    facts = placed(Case("null", "aes-128-cbc", q_len=4, batch=1, cbimm=0), [first, second])
    assert facts[Fact.PLACEMENT] == (
        f"worker 0: caller and dispatcher on CPU {first}, callback on CPU {second}"
    )


@TWO
def test_workers_have_a_cpu_each_with_all_their_threads() -> None:
    second, first = USABLE[:2]
    facts = placed(Case("null", "aes-128-cbc", q_len=4, batch=1, cbimm=0, workers=2), [first, second])
    assert facts[Fact.PLACEMENT] == (
        f"worker 0: caller, dispatcher and callback on CPU {first}; "
        f"worker 1: caller, dispatcher and callback on CPU {second}"
    )


@TWO
def test_all_workers_are_as_many_as_the_list_has(tmp_path: Path) -> None:
    options: dict[str, Any] = {"backend": "null", "filter": "algorithm=aes-*-gcm"}
    whole = benchsuite.cases("smp", **options)
    assert max(case.workers for case in whole) == len(USABLE)
    result = benchsuite.run(
        "smp", **options, set={"min_time": "1ms", "values": 1, "processes": 1}, cpus=USABLE[:1]
    )
    assert {case.case.workers for case in result.cases} == {1}
    assert result.environment[Environment.CPUS_CHOSEN] == str(USABLE[0])
    assert f"Placed on CPUs {USABLE[0]} (--cpus)" in result.table()


def test_both_sides_of_a_pair_have_the_same_cpus() -> None:
    cpus = tuple(USABLE[-1:])
    with Pair(Side(), Side(), urgent=False, slices=2, cpus=cpus) as pair:
        found = pair.round((PLAIN, PLAIN), 0, None)
    assert isinstance(found, Round)
    for run in found.runs:
        assert run.facts[Fact.CPUS] == str(cpus[0])
        assert run.facts[Fact.PLACEMENT] == f"worker 0: caller on CPU {cpus[0]}"


_MOVES = """
import os, sys
from benchsuite.backends import open_case
from benchsuite.model import Case
from benchsuite.runner import placing
first, second = map(int, sys.argv[1:])
placing.confine([first, second])
engine = open_case(Case("null", "aes-128-cbc"))
placing.settle([first, second], engine)
engine.run(10)
print(os.sched_getaffinity(0) == {first})
placing.move([first, second], second)
engine.run(10)
print(os.sched_getaffinity(0) == {second})
"""


@TWO
def test_a_case_that_was_moved_stays_there_when_it_runs() -> None:
    command = [sys.executable, "-c", _MOVES, *map(str, USABLE[:2])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.split() == ["True", "True"], done.stderr


def test_a_run_goes_on_with_the_cpus_it_was_begun_with(tmp_path: Path) -> None:
    class Stops(Observer):
        def measured(self, index: int, run: Any) -> None:
            raise KeyboardInterrupt

    plan = Plan("p", "why", (PLAIN, PLAIN.__class__("null", "aes-128-cbc")), (SHORT, SHORT))
    path, cpus = tmp_path / "r.json", Cpus(tuple(USABLE[:1]))
    assert Run(plan, path, cpus=cpus).perform(Settings(), Stops()).why == "interrupted"
    with pytest.raises(BenchsuiteError, match=rf"was begun with --cpus {cpus}: .* give --cpus {cpus}"):
        Run(plan, path, resume=True)
    ended = Run(plan, path, resume=True, cpus=cpus).perform(Settings(), Observer())
    assert ended.why == "finished"
    assert {run.facts[Fact.CPUS] for case in ended.result.cases for run in case.runs} == {str(cpus)}


def test_a_cpu_that_is_not_there_is_an_error_before_anything_is_measured(cli: Cli, tmp_path: Path) -> None:
    output = tmp_path / "r.json"
    done = cli.run("run", "quick", "-b", "null", "--cpus", "60000", "-o", str(output))
    assert done.returncode == 2 and "--cpus 60000: " in done.stderr and not output.exists()
    assert "Traceback" not in done.stderr


def test_the_lab_says_how_many_cpus_its_machine_has(cli: Cli) -> None:
    done = cli.run("lab", "run", "quick", "-b", "null", "--vcpus", "2", "--cpus", "0,3")
    assert done.returncode == 2
    assert "--cpus 0,3: the machine will have 2 CPUs, 0-1: --vcpus 4 gives it more" in done.stderr
