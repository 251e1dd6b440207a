"""What must hold for any bytes that are given to benchsuite as a file: a result that everything works on, or
a BenchsuiteError that a person can read. Whatever else is raised is a finding."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

from benchsuite import exports, imports, stats, store
from benchsuite.formats.figure import Known
from benchsuite.model import BenchsuiteError, CouldNotMeasure, Result
from benchsuite.report import FORMATS, WRITERS, render

LONGEST_MESSAGE = 1200


def importing(data: bytes) -> bool:
    """`benchsuite import`; whether there was a figure."""
    try:
        imported = imports.read([("fuzz.log", data)], Known(None, 2.5e9 if len(data) % 2 else None))
    except BenchsuiteError as error:
        readable(error)
        return False
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        path = Path(folder, "r.json")
        store.save(imported.result, path)
        again = store.load(path)
    assert again == imported.result
    assert imported.counts and sum(imported.counts.values()) == sum(len(case.runs) for case in again.cases)
    usable(again, crc32(data))
    return True


def loading(data: bytes) -> bool:
    """A result file; whether it is one."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        path = Path(folder, "r.json")
        path.write_bytes(data)
        try:
            result = store.load(path)
        except BenchsuiteError as error:
            readable(error)
            return False
    usable(result, crc32(data))
    return True


TARGETS: dict[str, Callable[[bytes], bool]] = {"import": importing, "result": loading}


def usable(result: Result, which: int) -> None:
    """The intervals, and one of every report and export there is: with many files all have their turn."""
    choices: list[Callable[[], str]] = [lambda name=name: render(result, name, 80) for name in FORMATS]
    choices += [lambda name=name: render(result, name, 80, across="backend") for name in WRITERS]
    choices += [lambda name=name: exports.render(result, name) for name in exports.EXPORTS]
    choices[which % len(choices)]()
    for case in result.cases:
        try:
            low, high = stats.summary(case).interval
        except CouldNotMeasure as error:
            assert str(error)
            continue
        assert 0 < low <= high


def readable(error: BenchsuiteError) -> None:
    text = str(error)
    assert error.exit_status in (2, 3)
    assert text and len(text) < LONGEST_MESSAGE and len(text.splitlines()) <= 2, text[:2000]
    assert all(line.isprintable() for line in text.splitlines()), repr(text)


def memory() -> str | None:
    """Where files cost no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
