"""Files that commands write: their default names, and that none is written twice."""

from __future__ import annotations

import atexit
import itertools
import os
import re
import time
from contextlib import suppress
from pathlib import Path

from benchsuite import files, store
from benchsuite.model import BenchsuiteError
from benchsuite.runs import outputs

RESULTS = Path("results")
_TIME = "%Y%m%d-%H%M%S"

_taken: set[Path] = set()  # default names, which are ours although there is a file


def default(name: str) -> Path:
    """results/NAME-TIME.json, a name that nobody else has: an empty file is made there, and removed at the
    end if it still is empty. BenchsuiteError where that cannot be."""
    stamp = time.strftime(_TIME)
    try:
        RESULTS.mkdir(exist_ok=True)
        for number in itertools.count(1):
            path = RESULTS / f"{name}-{stamp}{f'-{number}' if number > 1 else ''}.json"
            if not store.journal_path(path).exists() and _take(path):
                return path
    except OSError as error:
        raise BenchsuiteError(
            f"{RESULTS}/ cannot be made here, or not written to ({error.strerror}); choose a file with -o"
        ) from None
    raise AssertionError("numbers do not end")


def for_result(output: Path | None, name: str, overwrite: bool) -> Path | None:
    """Where a result goes: as the user says, else to a default name; seen to be possible before anything is
    measured or read. None for /dev/null: it is not kept."""
    path = outputs.kept(output or default(name))
    if path is None:
        return None
    check(path, overwrite, result=True)
    return path


def in_words(path: Path | None) -> str:
    """A line on where a result is."""
    return f"result: {path}" if path else f"the result is kept in no file (-o {os.devnull})"


def _take(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    _taken.add(path)
    atexit.register(_give_back, path.absolute(), os.getpid())
    return True


def _give_back(path: Path, process: int) -> None:
    with suppress(OSError):
        if os.getpid() == process and not path.stat().st_size:
            path.unlink()


def cut_short(name: str) -> Path:
    """The newest result of that default name whose run was cut short. BenchsuiteError where there is none."""
    pattern = re.compile(re.escape(name) + r"-(\d{8}-\d{6})(?:-(\d+))?\.json\.journal")
    left = [(found, path) for path in RESULTS.glob("*.journal") if (found := pattern.fullmatch(path.name))]
    if not left:
        raise BenchsuiteError(
            f"nothing to resume: no {RESULTS}/{name}-TIME.json.journal here\n"
            "name the result file with -o, or run without --resume"
        )
    return max(left, key=lambda each: (each[0][1], int(each[0][2] or 1)))[1].with_suffix("")


def check(path: Path, overwrite: bool, option: str = "-o", result: bool = False) -> None:
    """Refuses as runs.outputs.check() does, but for the file of a default name, which is ours."""
    if path in _taken:
        files.check_writable(path, option)
    else:
        outputs.check(path, overwrite, option, result)


def check_apart(named: dict[str, Path | None]) -> None:
    """BenchsuiteError where two options name the same file: the second would replace what the first wrote."""
    found: dict[Path, str] = {}
    for option, path in named.items():
        if path is not None and (other := found.setdefault(path.resolve(), option)) != option:
            raise BenchsuiteError(
                f"{option} {path}: {other} is the same file; choose another for one of them"
            )
