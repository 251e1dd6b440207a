"""Many plots: which of them, drawn by several processes, and what is left where they end early."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import PATIENCE, Cli
from report_fixture import measured

from benchsuite import store
from benchsuite.model import Case, Result
from benchsuite.report.charts.entries import collect
from benchsuite.report.plots.plan import plans
from benchsuite.report.plots.processes import FEW, drawn

KINDS = ["cpu-per-gbit-by-size", "latency", "mbps-by-size"]


def several(count: int) -> Result:
    """As many algorithms, of two sizes each."""
    cases = [
        measured(Case("software", f"aes-{number}-cbc", request_size=size), 1e-9 * size * (1 + number))
        for number in range(count)
        for size in (64, 1024)
    ]
    return Result("several", "A test.", {}, cases)


@pytest.fixture
def saved(cli: Cli) -> Cli:
    store.save(several(5), cli.directory / "several.json")
    return cli


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def test_several_processes_draw_what_one_does() -> None:
    listed = plans(collect([("several.json", several(5))]))
    kinds = [["png", "svg"]] * len(listed)
    assert len(listed) > FEW
    assert sorted(drawn(listed, kinds, 2)) == list(drawn(listed, kinds, 1))


def test_plots_are_chosen_by_kind_and_by_name(saved: Cli) -> None:
    all_of_them = saved.run("report", "several.json", "--plots", "list")
    assert all_of_them.returncode == 0
    listed = all_of_them.stdout.splitlines()
    assert sorted({name.partition("-aes")[0] for name in listed}) == KINDS
    assert f"{len(listed)} plots: " in all_of_them.stderr
    one = next(name for name in listed if name.startswith("cpu-per-gbit"))
    chosen = ("--plots", "mbps-by-*", "--plots", f"LATENCY,{one}")
    done = saved.run("report", "several.json", "--png", "figures", *chosen)
    assert done.returncode == 0, done.stderr
    wanted = {name for name in listed if not name.startswith("cpu-per-gbit")} | {one}
    assert names(saved.directory / "figures") == {f"{name}.png" for name in wanted}
    again = saved.run("report", "several.json", *chosen, "--plots", "list")
    assert set(again.stdout.splitlines()) == wanted


def test_what_no_plot_is_like(saved: Cli) -> None:
    said = saved.refuses("report", "several.json", "--png", "figures", "--plots", "mbps-by-sise")
    assert "no plot is like 'mbps-by-sise': did you mean 'mbps-by-size'?" in said
    assert "--png DIR or --svg DIR" in saved.refuses("report", "several.json", "--plots", "latency")
    assert not (saved.directory / "figures").exists()


KILLED = """
import os, random, signal, sys, time
from benchsuite.report.plots import processes

def large(plan, kinds):
    time.sleep(0.001)
    return [(kind, bytes(2_000_000)) for kind in kinds]

processes.images_within_settings = large
random.seed(int(sys.argv[1]))
drawing = processes.drawn(["plan"] * 40, [["png"]] * 40, 2)
next(drawing)
time.sleep(random.random() * 0.004)
children = open(f"/proc/self/task/{os.getpid()}/children").read().split()
os.kill(int(children[0]), signal.SIGKILL)
try:
    list(drawing)
except processes.Stopped:
    print("stopped")
"""


@pytest.mark.parametrize("moment", range(8))
def test_a_process_that_is_killed_while_it_hands_over_is_not_waited_for(moment: int) -> None:
    """Where plots came through the pipe, every second such kill was waited for without end."""
    words = [sys.executable, "-c", KILLED, str(moment)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert done.stdout in ("stopped\n", "")  # a busy machine may kill it after the last plot


@pytest.mark.parametrize("how", ["ctrl-c", "terminated", "killed"])
def test_an_end_leaves_whole_files_and_says_how_to_go_on(cli: Cli, how: str) -> None:
    store.save(several(40), cli.directory / "many.json")
    folder, command = (
        cli.directory / "figures",
        ("report", "many.json", "--png", "figures", "--plots", "mbps-*"),
    )
    started = cli.start(*command)
    until = time.monotonic() + PATIENCE
    while not names(folder) and started.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    if how == "ctrl-c":
        os.killpg(started.pid, signal.SIGINT)
    elif how == "terminated":
        started.terminate()
    else:
        children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
        os.kill(int((children or [str(started.pid)])[0]), signal.SIGKILL)
    _, said = started.communicate(timeout=PATIENCE)
    if started.returncode == 0:
        pytest.skip("this machine drew all of them first")
    if how != "killed" or len(os.sched_getaffinity(0)) > 1:
        assert started.returncode == (3 if how == "killed" else 130), said
        found = names(folder)
        assert f"{len(found)} of 40 plots are made, each file of them whole; to go on give" in said
        assert all((folder / name).read_bytes().endswith(b"IEND\xaeB`\x82") for name in found)
        assert "Traceback" not in said
    before = {name: (folder / name).stat().st_mtime_ns for name in names(folder)}
    done = cli.run(*command, "--missing")
    assert done.returncode == 0 and f"{len(before)} plots of 40 are there already" in done.stderr.replace(
        "1 plot of", "1 plots of"
    )
    assert len(names(folder)) == 40
    assert {name: (folder / name).stat().st_mtime_ns for name in before} == before
