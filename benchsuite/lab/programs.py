"""Programs of the host that the lab uses: where they are, and what to install where they are not."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from benchsuite.model import CouldNotMeasure

# Debian's package of each program that a small installation may lack.
PACKAGES = {
    "apt-cache": "apt", "apt-get": "apt", "depmod": "kmod", "dpkg-deb": "dpkg", "ldd": "libc-bin",
    "modprobe": "kmod", "mount": "mount", "qemu-system-aarch64": "qemu-system-arm",
    "qemu-system-x86_64": "qemu-system-x86", "switch_root": "util-linux",
}  # fmt: skip
# Not on every user's PATH.
SYSTEM = ("/usr/local/sbin", "/usr/sbin", "/sbin")


class Failed(Exception):
    """A program ended with a status that is not 0; the text is what it said last."""


def look(name: str) -> Path | None:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM))
    found = shutil.which(name, path=path)
    return Path(found) if found else None


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
            [find(name), *arguments], cwd=cwd, env={**os.environ, "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Failed(f"{name} took longer than {limit:g} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"{name} ended with status {done.returncode}"]
        raise Failed(said[-1])
    return done.stdout
