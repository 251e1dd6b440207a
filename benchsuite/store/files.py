"""Paths that can be written, and files that are replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

from benchsuite.model import BenchsuiteError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}  # no place for it, and not the user's mistake


def journal_path(result: str | os.PathLike[str]) -> Path:
    """Where the journal of a result file stands: beside it."""
    target = _target(result)
    return target.parent / (target.name + ".journal")


def _target(result: str | os.PathLike[str]) -> Path:
    """The file itself, where a link leads to it."""
    if "\0" in os.fspath(result):
        raise BenchsuiteError("-o: the name of the result file has a NUL in it; give another")
    return Path(os.path.realpath(result))


def check_writable(path: str | os.PathLike[str], option: str = "-o") -> None:
    """Would a result, and its journal, fit there? Tries it with a small file beside it, which is removed
    again. Raises BenchsuiteError saying what to do with the option."""
    name = os.fspath(path)
    if not name.strip():
        raise BenchsuiteError(f"{option}: the name of the file is empty; give one, as {option} mine.json")
    if name.endswith(".gz"):
        raise BenchsuiteError(f"{option} {name}: files are written uncompressed; use {option} {name[:-3]}")
    try:
        target = _target(name)
        _refuse_what_is_no_file(name, target, option)
        trial = target.with_name(f"{target.name}.{os.getpid():07d}")  # as long as RESULT.journal
        try:
            _write(trial, b"benchsuite was here to see whether it can write\n")
        finally:
            trial.unlink(missing_ok=True)
    except OSError as error:
        raise BenchsuiteError(
            f"{option} {name}: cannot write there ({error.strerror}); choose another {option}"
        ) from None


def _refuse_what_is_no_file(name: str, target: Path, option: str) -> None:
    if name.endswith(("/", "/.", "/..")) or target.is_dir():
        example = Path(name, "result.json")
        raise BenchsuiteError(f"{option} {name}: this is a directory; add a file name, as {option} {example}")
    if not target.parent.is_dir():
        raise BenchsuiteError(
            f"{option} {name}: there is no directory {target.parent}; make it with mkdir -p, or choose "
            f"another {option}"
        )
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise BenchsuiteError(f"{option} {name}: this is no regular file; choose another with {option}")
    if not os.access(target, os.W_OK):
        raise BenchsuiteError(f"{option} {name}: the file is write-protected; choose another with {option}")


def replace(target: Path, data: bytes) -> None:
    """The file as a whole: written beside it, synced, and renamed. After a crash at any moment there is
    the old file or the new one. Raises OSError, and then the old file is untouched."""
    target = _target(target)
    new = target.with_name(f"{target.name}.{os.getpid():07d}")
    try:
        _write(new, data)
        new.rename(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_directory(target.parent)


def write_temporary(prefix: str, data: bytes) -> Path:
    """A new file in the temporary directory. Raises OSError."""
    fd, name = tempfile.mkstemp(prefix=prefix, suffix=".json")
    os.close(fd)
    try:
        _write(Path(name), data)
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_directory(directory: Path) -> None:
    """Makes a rename, a new name or a removal outlive a power failure."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
