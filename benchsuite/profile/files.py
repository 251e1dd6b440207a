"""Files of profiles: those that come with the package, by name, and any other, by path."""

from __future__ import annotations

import re
from pathlib import Path

from benchsuite import files
from benchsuite.files import Expected
from benchsuite.model import BenchsuiteError
from benchsuite.profile.parsing import Profile, parse
from benchsuite.units import first_sentence, nearest, shown

DIRECTORY = Path(__file__).parent.parent / "profiles"  # in a checkout a link to the one at its top
_PROFILE = Expected("a profile", "name a .toml file", 1 << 20)
_NAMED = "`benchsuite list profiles` shows those with a name"


def _installed() -> dict[str, Path]:
    return {path.stem: path for path in sorted(DIRECTORY.glob("*.toml"))}


def find(name_or_path: str) -> Path:
    """Find the file of a profile: a path when it has a slash or ends in .toml, else an installed name."""
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
    """List the installed profiles: (name, first sentence of its why)."""
    return [(name, first_sentence(load(path).why)) for name, path in _installed().items()]


def load(source: Path | str) -> Profile:
    """Load the profile in a file; its name is the file's, without what a file name should not have."""
    path = Path(source)
    name = re.sub(r"[^\w.+-]", "_", path.stem)
    return parse(files.toml(files.read(path, _PROFILE, hint=_NAMED), str(path)), str(path), name)
