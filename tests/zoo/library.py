"""Libcryptos with one bug each: one library built once, and copies of it whose names choose the bug.

`software:PATH` measures them. Everything works as in the system's libcrypto, but for the bug, from the
`at`-th operation of the process on (a text that goes through a cipher, or the end of a digest or HMAC).
"""

from __future__ import annotations

import ctypes.util
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent / "libcrypto"
BUILT = Path(__file__).parents[2] / "build" / "zoo" / "libzoo.so"

# Right at first: only after what is checked before.
LATER = {"wrong-byte-later": ("wrong-byte", 1000), "fail-later": ("fail", 1000)}


def build() -> Path:
    """Compiles the library unless it is there and newer than its sources."""
    newest = max(source.stat().st_mtime for source in SOURCES.iterdir())
    if BUILT.exists() and BUILT.stat().st_mtime > newest:
        return BUILT
    system = ctypes.util.find_library("crypto")
    assert system, "the zoo needs the system's libcrypto (Debian: apt install openssl)"
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILT.parent) as directory:
        made = Path(directory) / BUILT.name
        flags = ["-std=gnu11", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
        sources = sorted(SOURCES.glob("*.c"))
        subprocess.run(
            ["cc", *flags, f'-DLIBCRYPTO="{system}"', "-o", made, *sources, "-ldl", "-lpthread"], check=True
        )
        made.rename(BUILT)
    return BUILT


def build_faulty(directory: Path, name: str, at: int | None = None) -> Path:
    """Puts the libcrypto with this bug into the directory, from the at-th operation on."""
    name, usual = LATER.get(name, (name, 1))
    begins = usual if at is None else at
    path = directory / (f"libzoo-{name}.so" if begins <= 1 else f"libzoo-{name}@{begins}.so")
    if not path.exists():
        # A file of its own, not a link: the loader knows files by their number and would take two for one.
        with tempfile.NamedTemporaryFile(dir=directory, delete=False) as copy:
            shutil.copyfile(build(), copy.name)
        Path(copy.name).replace(path)
    return path
