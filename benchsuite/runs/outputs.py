"""The one refusal of what stands already where a file is to be written, and writing it whole."""

from __future__ import annotations

from pathlib import Path

from benchsuite import files, store
from benchsuite.model import BenchsuiteError


def kept(path: Path | None) -> Path | None:
    """The path of a result; None where it is not to be kept: there is none, or it is /dev/null."""
    return None if path is None or files.is_nowhere(path) else path


def check(path: Path, overwrite: bool, option: str = "-o", result: bool = False) -> None:
    """BenchsuiteError where the file cannot be written, or one is there that is not to be replaced. option:
    that named it. result: what is there must be a result, else it is not ours to replace."""
    files.check_writable(path, option)
    if not path.exists():
        return
    if not overwrite:
        raise BenchsuiteError(
            f"{option} {path}: there is a file already; choose another name, or --overwrite it"
        )
    if result:
        try:
            store.load(path)
        except BenchsuiteError as error:
            raise BenchsuiteError(
                f"{option} {path}: not overwritten, because it is no result; delete it or choose another\n"
                f"{str(error).splitlines()[0]}"
            ) from None


def write(path: Path, content: bytes, option: str = "-o", durable: bool = True) -> None:
    """The whole file, or the old one stays. BenchsuiteError where it cannot be written. durable: a power
    failure a moment later does not take it; what is quickly made anew need not be."""
    try:
        files.replace(path, content, durable)
    except OSError as error:
        raise BenchsuiteError(
            f"{option} {path}: cannot be written ({error.strerror}); choose another"
        ) from None
