"""Programs of the host that the lab uses: where they are, and what to install where they are not."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from benchsuite.model import CouldNotMeasure

# Debian's package of each program that a small installation may lack.
PACKAGES = {
    "apt-cache": "apt",
    "apt-get": "apt",
    "depmod": "kmod",
    "dpkg-deb": "dpkg",
    "ldd": "libc-bin",
    "modprobe": "kmod",
    "mount": "mount",
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-system-x86_64": "qemu-system-x86",
    "switch_root": "util-linux",
}
# What a system is run with: root does not take it from a $PATH that others can write to.
_ROOTS = ("kmod", "mount", "util-linux")
# Not on every user's PATH.
SYSTEM = ("/usr/local/sbin", "/usr/sbin", "/sbin")


class Failed(Exception):
    """A program ended with a status that is not 0; the text is what it said last."""


def look(name: str) -> Path | None:
    folders = [*os.environ.get("PATH", os.defpath).split(os.pathsep), *SYSTEM]
    if os.geteuid() == 0 and PACKAGES.get(name) in _ROOTS:
        folders = [folder for folder in folders if _only_roots(folder)]
    found = shutil.which(name, path=os.pathsep.join(folders))
    return Path(found) if found else None


def _only_roots(folder: str) -> bool:
    """Nobody but root can put a program there."""
    with suppress(OSError):
        about = Path(folder).stat()
        others = 0o002 if about.st_gid == 0 else 0o022
        return Path(folder).is_absolute() and about.st_uid == 0 and not about.st_mode & others
    return False


def find(name: str) -> Path:
    """Raises CouldNotMeasure, with the line that installs it."""
    if found := look(name):
        return found
    raise CouldNotMeasure(
        f"the lab needs {name}, which is not here; on Debian: sudo apt-get install {PACKAGES.get(name, name)}"
    )


def output(name: str, *arguments: str | Path, cwd: Path | None = None, limit: float = 60) -> str:
    """What a program prints. Raises Failed, also where it takes longer than `limit` seconds."""
    try:
        done = subprocess.run(
            [find(name), *arguments],
            cwd=cwd,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{name} took longer than {limit:g} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"{name} ended with status {done.returncode}"]
        raise Failed(said[-1])
    return done.stdout
