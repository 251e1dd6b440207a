"""Kernels that were unpacked once, in the user's cache: `kernels/NAME/` each, whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchsuite.lab.programs import Failed, output
from benchsuite.model import BenchsuiteError, CouldNotMeasure


def place() -> Path:
    """The lab's part of the user's cache. Raises CouldNotMeasure where it cannot be made."""
    if named := os.environ.get("BENCHSUITE_LAB_CACHE"):
        path = Path(named)
    else:
        path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "benchsuite", "lab")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CouldNotMeasure(
            f"{path} cannot be made ({error.strerror}); set BENCHSUITE_LAB_CACHE to a directory of yours"
        ) from None
    return path.resolve()


def kernels() -> list[Path]:
    """The unpacked ones."""
    return sorted(path for path in (place() / "kernels").glob("*") if not path.name.startswith("."))


def name(release: str, version: str) -> str:
    """What the kernel of a package of the archive is called here."""
    return f"{release}_{version}"


def fetched(release: str, version: str = "") -> Path | None:
    """A kernel of the archive; where the version of its package is not given, the one fetched last."""
    if version:
        path = place() / "kernels" / name(release, version)
        return path if path.is_dir() else None
    found = [path for path in kernels() if path.name.startswith(name(release, ""))]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


@contextmanager
def workshop() -> Iterator[Path]:
    """A directory on the cache's file system that is empty now and gone afterwards; one process at a time
    has it, others wait. What an earlier one left when it was killed is removed."""
    base = place()
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in base.glob(".work-*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=base, prefix=".work-") as directory:
            yield Path(directory)


def unpack(deb: Path, name: str, work: Path) -> Path:
    """The directory `kernels/NAME` with the files of a kernel package, ready for modprobe. `work` is a
    workshop(). Raises BenchsuiteError for a file that is no kernel package."""
    kernel = place() / "kernels" / name
    if kernel.is_dir():
        return kernel
    new = work / name
    try:
        output("dpkg-deb", "-x", deb, new, limit=600)
        modules = [path for base in ("lib", "usr/lib") for path in new.glob(f"{base}/modules/*")]
        if not modules or not list(new.glob("boot/vmlinu[xz]-*")):
            raise BenchsuiteError(f"{deb.name} is no kernel: it has no boot/vmlinuz-VERSION with its modules")
        for path in modules:
            output("depmod", "-b", path.parents[2], path.name, limit=600)
    except Failed as error:
        raise BenchsuiteError(f"{deb} cannot be unpacked: {error}") from None
    for unneeded in (new / "usr" / "share", *(new / "boot").glob("System.map-*")):
        shutil.rmtree(unneeded) if unneeded.is_dir() else unneeded.unlink()
    kernel.parent.mkdir(exist_ok=True)
    return new.rename(kernel)


def of_package(deb: Path) -> Path:
    """The unpacked kernel of a .deb of the user's; its content is what it is known by."""
    with deb.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    with workshop() as work:
        return unpack(deb, f"deb-{content[:16]}", work)
