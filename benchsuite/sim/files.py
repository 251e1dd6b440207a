"""The files of devices: those that come with benchsuite, and a user's own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from benchsuite import files
from benchsuite.files import Expected
from benchsuite.model import BenchsuiteError
from benchsuite.sim.device import Device
from benchsuite.sim.reading import read
from benchsuite.units import nearest, shown

DIRECTORY = Path(__file__).resolve().parents[1] / "devices"
_DEVICE = Expected("a device's file", "name a .toml file", 1 << 20)
_NAMED = "`benchsuite list devices` shows those with a name"


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
    """Load a device by name or path. BenchsuiteError for a file that cannot be read, or is not a device's."""
    path = find(name)
    try:
        status = path.stat()
        changed = (status.st_mtime_ns, status.st_size)
    except (OSError, ValueError):
        changed = (0, 0)  # reading it says why
    return _load(path, changed)


@lru_cache(maxsize=256)
def _load(path: Path, _changed: tuple[int, int]) -> Device:
    """Load a file, and keep it as long as it does not change: a sweep opens a device thousands of times."""
    where = f"device {path}"
    return read(files.toml(files.read(path, _DEVICE, where, _NAMED), where), where, path.stem)
