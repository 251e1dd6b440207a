"""The files of devices: those that come with benchsuite, and a user's own."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from benchsuite.model import BenchsuiteError
from benchsuite.sim.device import Device
from benchsuite.sim.reading import read
from benchsuite.units import nearest, shown

DIRECTORY = Path(__file__).resolve().parents[1] / "devices"
MOST_BYTES = 1 << 20  # of a file


def names() -> list[str]:
    """Names of the devices that come with benchsuite."""
    return sorted(path.stem for path in DIRECTORY.glob("*.toml"))


def find(name: str) -> Path:
    """The file of a device's name, or a path (with a slash in it, or ending in .toml)."""
    if "/" in name or name.endswith(".toml"):
        return Path(name)
    if (path := DIRECTORY / f"{name}.toml").is_file():
        return path
    near = nearest(name, names())
    hint = f"did you mean {near!r}? " if near else ""
    raise BenchsuiteError(
        f"there is no device {shown(name)}: {hint}`benchsuite list devices` shows them; a file of your own "
        "is named by its path (./NAME.toml)"
    )


def load(name: str) -> Device:
    """BenchsuiteError for a file that cannot be read, or is not that of a device."""
    path = find(name)
    try:
        status = path.stat()
        return _load(path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError) as error:  # a path with a null byte in it
        why = getattr(error, "strerror", None) or error
        raise BenchsuiteError(f"device {shown(str(path))}: cannot be read: {why}") from None


@lru_cache(maxsize=256)
def _load(path: Path, _changed: int, size: int) -> Device:
    """A file's device, kept until the file changes: a sweep opens a device thousands of times."""
    if not path.is_file():
        raise BenchsuiteError(f"device {path}: not a file")
    if size > MOST_BYTES:
        raise BenchsuiteError(f"device {path}: more than {MOST_BYTES} bytes: this is no device's file")
    try:
        data = tomllib.loads(path.read_bytes().decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BenchsuiteError(f"device {path}: not TOML: {error}") from None
    return read(data, f"device {path}", path.stem)
