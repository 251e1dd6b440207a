"""A hunt: one command, let loose on one bug or on a sound library."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zoo import devices
from zoo.bug import COMMANDS, HERE, Bug
from zoo.library import build_faulty

DEADLINE = "15s"  # until a worker that does not answer is given up; more than an honest one takes
PATIENCE = 300  # seconds
_BUILDING = threading.Lock()


@dataclass(frozen=True)
class Place:
    """Where a command meets a driver: what `-b` takes, and the environment that knows it."""

    backend: str
    environment: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Outcome:
    """What a command said, and after how many seconds. accused: of a fault; sentence: the first one's, or why
    nothing was checked, or nothing."""

    accused: bool
    seconds: float
    sentence: str


def place_of(bug: Bug, directory: Path) -> Place:
    """Builds what the bug is in, once per directory."""
    with _BUILDING:
        if bug.table == "devices":
            return Place(devices.backend_of(bug.name), devices.environment_of(bug.name, directory))
        return Place(f"software:{build_faulty(directory, bug.name)}")


def hunt(command: str, place: Place, algorithms: tuple[str, ...], directory: Path, seed: int) -> Outcome:
    """Runs the command (a name of COMMANDS) on these algorithms."""
    begun = time.monotonic()
    if command == "run":
        accused, sentence = _run(place, algorithms, directory)
    else:
        accused, sentence = _verify(command, place, algorithms, seed)
    return Outcome(accused, time.monotonic() - begun, sentence)


def _benchsuite(place: Place, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchsuite", *arguments, "-b", place.backend],
        env=place.environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE,
    )


def _verify(command: str, place: Place, algorithms: tuple[str, ...], seed: int) -> tuple[bool, str]:
    words = COMMANDS[command].split()
    # What is found counts here, not the smallest load that shows it.
    load = ["--seed", str(seed), "--no-narrow"] if "--stress" in words else []
    patience = [] if "--time" in words else ["--deadline", DEADLINE]
    chosen = [argument for name in algorithms for argument in ("-a", name)]
    done = _benchsuite(place, *words, *load, *patience, *chosen, "-f", "json")
    try:
        lines = json.loads(done.stdout)["results"]
    except ValueError:
        return False, f"no answer: {done.stderr.strip()[-300:]}"
    accused = [
        line["reason"]
        for line in lines
        if line["verdict"] in ("WRONG", "FAILED") or line["kind"] in ("crash", "killed", "hang")
    ]
    told = [*accused, *(line["reason"] for line in lines if line["reason"])]
    return bool(accused), told[0] if told else ""


def _run(place: Place, algorithms: tuple[str, ...], directory: Path) -> tuple[bool, str]:
    result = directory / f"{Path(place.backend).stem.replace(':', '-')}.json"
    done = _benchsuite(
        place,
        *("run", HERE / "run.toml", "--quiet", "--deadline", DEADLINE, "--overwrite", "-o", result),
        *("--set", f"algorithm={','.join(algorithms)}"),
    )
    notes = re.findall(r"(?:wrong-bytes|error|crash|killed|hang): .*", done.stdout)
    if done.returncode == 3 and notes:
        return True, notes[0].strip()
    return False, "" if done.returncode == 0 else done.stderr.strip()[-300:]
