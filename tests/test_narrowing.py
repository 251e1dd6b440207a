"""A fault under load is narrowed to the smallest load that shows it again, and the command does so."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command import PATIENCE, Cli
from zoo.library import build_faulty

from benchsuite.backends.findings import Narrowed, Stressed, StressLoad
from benchsuite.cli import shown_again
from benchsuite.runner import calls
from benchsuite.runner.narrowing import Narrowing

LOAD = StressLoad(workers=2, sessions=2, q_len=4, seconds=0.2, seed=7)


def narrowed_of(cli: Cli, backend: str, algorithm: str, *options: str) -> dict[str, Any]:
    done = cli.run(
        "verify", "--stress", "--seed", "7", "-b", backend, "-a", algorithm, "-f", "json", *options
    )
    (line,) = (line for line in json.loads(done.stdout)["results"] if line["algorithm"] == algorithm)
    assert done.returncode == 1 and line["narrowed"], line
    found: dict[str, Any] = line["narrowed"]
    return found


def test_a_finding_comes_with_the_command_that_shows_it_again(cli: Cli, tmp_path: Path) -> None:
    backend = f"software:{build_faulty(tmp_path, 'race')}"
    found = narrowed_of(cli, backend, "aes-128-ctr")
    program, *arguments = shlex.split(found["command"])
    assert program == "benchsuite" and "--seed" in arguments and found["workers"] == 2
    again = cli.run(*arguments, "--no-narrow")
    assert again.returncode == 1 and "  WRONG  " in again.stdout
    assert "shows again" not in again.stdout


@pytest.mark.parametrize(
    ("fault", "sessions", "sizes"),
    [
        ("wrong-byte", (1,), range(16, 17)),
        ("middle", (1, 2), range(4097, 16384)),
        ("shared-iv", (2,), range(16, 4097)),
    ],
)
def test_the_smallest_load_is_found(
    tmp_path: Path, fault: str, sessions: tuple[int, ...], sizes: range
) -> None:
    backend = f"software:{build_faulty(tmp_path, fault)}"
    found = calls.stress(backend, ["aes-128-cbc"], LOAD)
    assert isinstance(found, Stressed) and found.faults
    narrowed = Narrowing(backend, found, LOAD, at_most=PATIENCE).smallest()
    assert narrowed.workers == 1 and narrowed.sessions in sessions and narrowed.q_len <= 2, narrowed
    assert narrowed.size in sizes and narrowed.times == narrowed.tries, narrowed


def test_a_lost_request_is_waited_for_less() -> None:
    """A try must end before all tries have to."""
    found = Stressed(["aes-128-cbc"], seconds=0.2, faults=5, kind="lost", wrong_sizes=[64])
    narrowed = Narrowing("sim:qat-gen4,clock=real,lost=0.05", found, LOAD).smallest()
    assert narrowed.times and narrowed.size == 64, narrowed


def test_a_fault_that_needs_no_load_has_the_plain_command(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    backend = f"software:{build_faulty(folder, 'wrong-byte')}"
    found = narrowed_of(cli, backend, "sha256", "--time", "100ms")
    assert found["workers"] == 0
    assert shlex.split(found["command"]) == ["benchsuite", "verify", "-b", backend, "-a", "sha256"]
    done = cli.run("verify", "-b", backend, "-a", "sha256")
    assert f"    shows again: {found['command']}\n" in done.stdout


def test_a_profile_is_part_of_the_command(cli: Cli, tmp_path: Path) -> None:
    profile = cli.profile("""
why = "A test."
[[matrix]]
why = "One."
backend = ["software"]
algorithm = ["sha256"]
request_size = [64]
""")
    backend = f"software:{build_faulty(tmp_path, 'wrong-byte')}"
    done = cli.run("verify", profile, "-b", backend, "-f", "json")
    (line,) = json.loads(done.stdout)["results"]
    command = ["benchsuite", "verify", profile, "-b", backend, "-a", "sha256"]
    assert shlex.split(line["narrowed"]["command"]) == command


def test_a_fault_that_does_not_come_again_says_so() -> None:
    """A sound driver, and a fault that it is said to have had."""
    found = Stressed(["sha256"], requests=104233, seconds=0.2, faults=1, kind="wrong-bytes", wrong_sizes=[64])
    begin = time.monotonic()
    narrowed = Narrowing("software", found, LOAD).smallest()
    assert time.monotonic() - begin < PATIENCE
    assert narrowed.times == 0 and not narrowed.interrupted
    assert (narrowed.workers, narrowed.sessions, narrowed.q_len, narrowed.size) == (2, 2, 4, None)
    text = shown_again.sentence(narrowed, found)
    assert text.startswith("seen once in 104233 requests; not seen again (in 5 s)")


def test_ctrl_c_ends_it() -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from benchsuite.backends.findings import Stressed, StressLoad\n"
        "from benchsuite.runner.narrowing import Narrowing\n"
        "found = Stressed(['md5'], seconds=1000, faults=1, kind='wrong-bytes')\n"
        "print('begins', flush=True)\n"
        "narrowed = Narrowing('software', found, StressLoad(2, seconds=600), at_most=500).smallest()\n"
        "print(narrowed.interrupted)\n"
    )
    started = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert started.stdout and started.stdout.readline() == "begins\n"
    time.sleep(1)
    started.send_signal(signal.SIGINT)
    out, _ = started.communicate(timeout=PATIENCE)
    assert (started.returncode, out) == (0, "True\n")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"q_len": 1, "size": 4096},
            "with one session of 1 request and 4096 bytes; shows again: benchsuite x",
        ),
        ({"workers": 2, "sessions": 3}, "with 2 workers, each with 3 sessions of 2 requests; shows again: "),
        ({"times": 1}, "with one session of 2 requests; shows again, though not every time: "),
        ({"workers": 0}, "shows again: benchsuite x"),
    ],
)
def test_the_load_is_said_in_words(fields: dict[str, int], words: str) -> None:
    usual = {"workers": 1, "sessions": 1, "q_len": 2, "times": 2, "tries": 2}
    narrowed = Narrowed(["sha256"], **(usual | fields), command="benchsuite x")  # type: ignore[arg-type]
    assert shown_again.sentence(narrowed, None).startswith(words)
