"""The first root file system of the guest: a few of the host's own programs with their libraries, the
kernel's modules that reach the host's files, and an init. Made anew for every start."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from benchsuite.lab.kernel import Kernel
from benchsuite.lab.programs import Failed, find, output
from benchsuite.model import CouldNotMeasure

SCRIPTS = Path(__file__).parent
PROGRAMS = ("sh", "cp", "mkdir", "modprobe", "mount", "switch_root")
LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
ALIVE = "exitcode=0x00002a00"  # what the kernel prints when a trial's init has run

_DIRECTORY, _PROGRAM, _FILE, _LINK = 0o040755, 0o100755, 0o100644, 0o120777
Files = dict[str, tuple[int, bytes]]


def of_host(kernel: Kernel, settings: str) -> bytes:
    """Its init makes the host's root file system, below writes that stay in memory, the root, and goes on
    with guest.sh there. settings: of guest.settings()."""
    base = kernel.base()
    names = " ".join(module for module, needed in base.items() if needed)
    files = _programs(PROGRAMS)
    files.update(_modules(kernel, {path for needed in base.values() for path in needed}))
    files.update({f"links/{name}": (_LINK, target.encode()) for name, target in LINKS.items()})
    files["settings.sh"] = (_FILE, f"base='{names}'\n{settings}".encode(errors="surrogateescape"))
    files["guest.sh"] = (_FILE, (SCRIPTS / "guest.sh").read_bytes())
    files["init"] = (_PROGRAM, (SCRIPTS / "init.sh").read_bytes())
    return archive(files, ("dev", "host", "proc", "root", "run", "sys", "writes"))


def of_trial() -> bytes:
    """Its init ends with a status of its own, and with it the guest."""
    files = _programs(("sh",))
    files["init"] = (_PROGRAM, b"#!/bin/sh\nexit 42\n")
    return archive(files, ("dev",))


def _modules(kernel: Kernel, wanted: Iterable[Path]) -> Files:
    """The modules, with the indexes that modprobe needs to know of these, and of no others."""
    base = Path("lib", "modules", kernel.release)
    with tempfile.TemporaryDirectory(prefix="benchsuite-lab-") as name:
        tree = Path(name, base)
        tree.mkdir(parents=True)
        for path in wanted:
            shutil.copy(path, tree)
        try:
            output("depmod", "-b", name, kernel.release)
        except Failed as error:
            raise CouldNotMeasure(f"depmod: {error}") from None
        return {str(base / file.name): (_FILE, file.read_bytes()) for file in tree.iterdir()}


def _programs(names: Iterable[str]) -> Files:
    """bin/NAME, and the libraries where the loader looks for them."""
    files: Files = {}
    for name in names:
        program = find(name)
        files[f"bin/{name}"] = (_PROGRAM, program.read_bytes())
        for library in _libraries(program):
            files[str(library).lstrip("/")] = (_PROGRAM, library.read_bytes())
    return files


def _libraries(program: Path) -> list[Path]:
    try:
        text = output("ldd", program)
    except Failed as error:
        if "not a dynamic executable" in str(error):
            return []
        raise CouldNotMeasure(f"the libraries of {program} cannot be listed: {error}") from None
    return [Path(path) for path in re.findall(r"(?:^\s*|=> )(/\S+) \(0x", text, re.MULTILINE)]


def archive(files: Files, directories: Iterable[str]) -> bytes:
    """A cpio archive, format newc, as the kernel unpacks it. Names are relative; parents are added."""
    entries: Files = dict.fromkeys(directories, (_DIRECTORY, b""))
    for name, entry in files.items():
        for parent in reversed(PurePosixPath(name).parents[:-1]):
            entries.setdefault(str(parent), (_DIRECTORY, b""))
        entries[name] = entry
    packed = [_entry(number, name, *entry) for number, (name, entry) in enumerate(entries.items(), 1)]
    return b"".join([*packed, _entry(0, "TRAILER!!!", 0, b"")])


def _entry(number: int, name: str, mode: int, data: bytes) -> bytes:
    path = name.encode() + b"\0"
    # inode, mode, uid, gid, links, mtime, size, device (2), device it is (2), name's size, checksum
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return _padded(header + path) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
