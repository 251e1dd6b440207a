"""Files of a user's: read with a sentence for each way that it can fail, and replaced whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchsuite.model import BenchsuiteError
from benchsuite.units import shown

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
_MB = 10**6
_STREAMS = {"/dev/stdin", "/dev/stdout", "/dev/stderr"}
_TOML_ERROR = re.compile(r"(.*) \(at (line \d+, column \d+|end of document)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Expected:
    """Kind of file that a user is to name, in words for the sentences where what is named is none."""

    what: str  # "a profile"
    advice: str  # "name a .toml file"
    most: int  # bytes
    too_large: str = ""  # what to do then, where it may be one all the same
    name: str = "file"  # "result file"
    pipe: bool = False  # may be one: it is read until it ends


def read(path: str | os.PathLike[str], expected: Expected, where: str = "", hint: str = "") -> bytes:
    """Read a whole file. where: what a message calls it, its path if that is not said. hint: what to do where
    there is no such file. Raises BenchsuiteError for each way in which it cannot be read."""
    where = where or os.fspath(path)
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise BenchsuiteError(f"{where}: is a directory; {expected.advice}")
        if not stat.S_ISREG(mode) and not expected.pipe:  # nobody may ever write to it
            raise BenchsuiteError(f"{where}: is no regular file; {expected.advice}")
        with Path(path).open("rb") as file:
            data = file.read(expected.most + 1)
    except FileNotFoundError:
        raise BenchsuiteError(f"{where}: no such {expected.name}{hint and '; '}{hint}") from None
    except OSError as error:
        raise BenchsuiteError(f"{where}: cannot be read ({error.strerror})") from None
    except ValueError:  # a NUL byte
        raise BenchsuiteError(f"{shown(where)}: no path of a file: there is a NUL in it") from None
    check_size(data, expected, where)
    return data


def check_size(data: bytes, expected: Expected, where: str) -> None:
    """Raise BenchsuiteError where there is more than such a file has."""
    if len(data) > expected.most:
        then = expected.too_large or f"this cannot be {expected.what}"
        raise BenchsuiteError(f"{where}: larger than {max(1, expected.most // _MB)} MB: {then}")


def text(data: bytes, where: str, language: str) -> str:
    """Decode the text of a file in TOML or JSON. BenchsuiteError with the line where it is no UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BenchsuiteError(f"{where}: line {line}: not UTF-8, as {language} must be") from None


def toml(data: bytes, where: str) -> dict[str, Any]:
    """Parse a TOML file. BenchsuiteError with the place where it is none."""
    import tomllib

    try:
        return tomllib.loads(text(data, where, "TOML"))
    except RecursionError:
        raise BenchsuiteError(f"{where}: nested too deeply: tables with lists are enough") from None
    except tomllib.TOMLDecodeError as error:
        found = _TOML_ERROR.fullmatch(str(error))
        place, what = (found[2], found[1]) if found else ("not TOML", str(error))
        raise BenchsuiteError(f"{where}: {place}: {' '.join(what.split())}") from None
    except ValueError as error:  # a number of too many digits
        raise BenchsuiteError(f"{where}: not TOML: {' '.join(str(error).split())}") from None


def followed(path: str | os.PathLike[str]) -> Path:
    """Path of the file itself, where links lead to it."""
    if "\0" in os.fspath(path):
        raise BenchsuiteError(f"{shown(os.fspath(path))}: no path of a file: there is a NUL in it")
    return Path(os.path.realpath(path))


def is_nowhere(path: str | os.PathLike[str]) -> bool:
    """Whether it is /dev/null, where nothing is kept."""
    try:
        found, null = Path(path).stat(), Path(os.devnull).stat()
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == null.st_rdev


def check_writable(path: str | os.PathLike[str], option: str = "-o") -> None:
    """Try whether a file, and a journal of it, can be written there, with a small one beside it, which is
    removed again. Raises BenchsuiteError saying what to do with the option."""
    name = os.fspath(path)
    if not name.strip():
        raise BenchsuiteError(f"{option}: the name of the file is empty; give one, as {option} mine.json")
    if name.endswith(".gz"):
        raise BenchsuiteError(f"{option} {name}: files are written uncompressed; use {option} {name[:-3]}")
    try:
        target = followed(name)
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
    if _is_stream(str(Path(name).absolute())):
        raise BenchsuiteError(
            f"{option} {name}: a file is replaced as a whole, and a stream cannot be; choose another with "
            f"{option}; what is printed goes to standard output by itself (-f json, say)"
        )
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise BenchsuiteError(
            f"{option} {name}: this is no regular file, and cannot be replaced as a whole; choose another "
            f"with {option}"
        )
    if not os.access(target, os.W_OK):
        raise BenchsuiteError(f"{option} {name}: the file is write-protected; choose another with {option}")


def _is_stream(path: str) -> bool:
    """Whether a path names one of the process's own streams, which may lead to a file."""
    return path in _STREAMS or path.startswith(("/dev/fd/", "/proc/self/fd/"))


def replace(target: Path, data: bytes, durable: bool = True) -> None:
    """Replace a file as a whole: written beside it, synced, and renamed. After a crash at any moment there is
    the old file or the new one; where it is not to be durable, after one of this process. Raises OSError, and
    then the old file is untouched."""
    target = followed(target)
    new = target.with_name(f"{target.name}.{os.getpid():07d}")
    try:
        _write(new, data, durable)
        if target.exists():
            shutil.copymode(target, new)  # who may read it stays as it was
        new.rename(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    if durable:
        sync_directory(target.parent)


@contextmanager
def alone(path: str | os.PathLike[str]) -> Iterator[None]:
    """Reading, changing and writing a file without another process that does the same: the others wait. On a
    disk that knows no locks, as some of networks, nobody waits. Raises OSError where nothing can be written
    beside it."""
    target = followed(path)
    lock = target.with_name(f".{target.name}.lock")
    fd = _locked(lock)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)  # before it is let go: whoever waits for it then makes one anew
        os.close(fd)


def _locked(lock: Path) -> int:
    """The open file of a lock that is ours, and still is the one that others find."""
    while True:
        fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return fd
            os.close(fd)
            raise
        try:
            if os.path.samestat(os.fstat(fd), lock.stat()):
                return fd
        except FileNotFoundError:
            pass
        os.close(fd)


def write_temporary(prefix: str, data: bytes) -> Path:
    """Write a new file to the temporary directory. Raises OSError."""
    fd, name = tempfile.mkstemp(prefix=prefix, suffix=".json")
    os.close(fd)
    try:
        _write(Path(name), data)
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)


def _write(path: Path, data: bytes, durable: bool = True) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        if durable:
            os.fsync(file.fileno())


def sync_directory(directory: Path) -> None:
    """Make a rename, a new name or a removal in it outlive a power failure."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
