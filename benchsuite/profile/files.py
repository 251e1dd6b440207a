"""Profiles as files: those that come with the package, by name, and any other, by path."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any

from benchsuite.model import BenchsuiteError
from benchsuite.profile.parsing import Profile, parse
from benchsuite.units import first_sentence, nearest, shown

DIRECTORY = Path(__file__).parent.parent / "profiles"  # in a checkout a link to the one at its top
MAX_BYTES = 1 << 20


def _installed() -> dict[str, Path]:
    return {path.stem: path for path in sorted(DIRECTORY.glob("*.toml"))}


def find(name_or_path: str) -> Path:
    """The path of a profile: itself when it has a slash or ends in .toml, else the name of an installed
    profile."""
    if "/" in name_or_path or name_or_path.endswith(".toml"):
        return Path(name_or_path)
    installed = _installed()
    if name_or_path in installed:
        return installed[name_or_path]
    near = nearest(name_or_path, installed)
    hint = f"did you mean {near!r}? " if near else ""
    raise BenchsuiteError(
        f"unknown profile {shown(name_or_path)}: {hint}there are {', '.join(installed)}\n"
        "a file of your own: give its path, with a slash or ending in .toml"
    )


def names() -> list[tuple[str, str]]:
    """(name, first sentence of its why) of the installed profiles."""
    return [(name, first_sentence(load(path).why)) for name, path in _installed().items()]


def load(source: Path | str) -> Profile:
    """The profile in a file; its name is the file's, without what a file name should not have."""
    path = Path(source)
    name = re.sub(r"[^\w.+-]", "_", path.stem)
    return parse(_toml(_read(path), str(path)), str(path), name)


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a pipe nobody writes to would be waited for
            raise BenchsuiteError(f"{path}: not a regular file: a profile is a .toml file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise BenchsuiteError(
            f"{path}: no such file; `benchsuite list profiles` shows those with a name"
        ) from None
    except IsADirectoryError:
        raise BenchsuiteError(f"{path}: a directory, not a profile: name a .toml file in it") from None
    except OSError as error:
        raise BenchsuiteError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:  # a NUL byte
        raise BenchsuiteError(f"{shown(str(path))}: no path of a file") from None
    if len(data) > MAX_BYTES:
        raise BenchsuiteError(f"{path}: larger than 1 MiB: this cannot be a profile")
    return data


def _toml(data: bytes, where: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BenchsuiteError(f"{where}: line {line}: not UTF-8, as TOML must be") from None
    except RecursionError:
        raise BenchsuiteError(
            f"{where}: nested too deeply: a profile has tables with lists, no more"
        ) from None
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at (line \d+, column \d+|end of document)\)", str(error), re.DOTALL)
        place, what = (found[2], found[1]) if found else ("not TOML", str(error))
        raise BenchsuiteError(f"{where}: {place}: {' '.join(what.split())}") from None
    except ValueError as error:  # a number of too many digits
        raise BenchsuiteError(f"{where}: not TOML: {' '.join(str(error).split())}") from None
