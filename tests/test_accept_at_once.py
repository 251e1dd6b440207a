"""Several processes that accept a baseline at the same time: none of the reasons is lost."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from compare_fixture import CBC, measured, result

from benchsuite import files, store
from benchsuite.compare import baseline
from benchsuite.facts import Environment

TIMES = 20
ACCEPTS = """
import sys
from pathlib import Path
from benchsuite import store
from benchsuite.compare import baseline

source, target, name, times = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(times)):
    baseline.accept(store.load(source), Path(target), f"{name} {number}")
"""


def reasons(path: Path) -> list[str]:
    environment = store.load(path).environment
    before = [entry["reason"] for entry in environment.get(Environment.ACCEPTED_BEFORE, [])]
    return [*before, environment[Environment.ACCEPTED_REASON]]


def test_two_processes_at_once_lose_no_reason(tmp_path: Path) -> None:
    source, target = tmp_path / "source.json", tmp_path / "b.json"
    store.save(result(measured(CBC, [1e-6])), source)
    words = [sys.executable, "-c", ACCEPTS, str(source), str(target)]
    both = [
        subprocess.Popen([*words, name, str(TIMES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in ("one", "other")
    ]
    for process in both:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        process.communicate(timeout=120)
        assert process.returncode == 0
    found = reasons(target)
    assert sorted(found) == sorted(f"{name} {n}" for name in ("one", "other") for n in range(TIMES))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b.json", "source.json"]


def test_a_disk_without_locks_does_not_keep_from_accepting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(fd: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(files.fcntl, "flock", none)
    for reason in ("first", "second"):
        baseline.accept(result(measured(CBC, [1e-6])), tmp_path / "b.json", reason)
    assert reasons(tmp_path / "b.json") == ["first", "second"]
