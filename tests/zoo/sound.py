"""Libcryptos without a known bug, which no command may accuse: the system's, and others that wheels carry."""

from __future__ import annotations

import platform
import subprocess
import sys
import zipfile
from pathlib import Path

from zoo.hunt import Place
from zoo.library import build_faulty

# What it is -> the wheel that has it. Binary packages of PostgreSQL's clients bring their OpenSSL with them.
WHEELS = {"OpenSSL 1.1.1": "psycopg2-binary==2.9.6", "OpenSSL 3.5": "psycopg-binary==3.3.9"}


def _fetched(requirement: str, directory: Path) -> Path:
    """Downloads the wheel unless it is there; the libcrypto in it."""
    folder = directory / requirement.replace("==", "-")
    found = list(folder.glob("libcrypto*"))
    if not found:
        folder.mkdir(parents=True, exist_ok=True)
        # For the Python of any machine: only the library in it is wanted.
        of = ["--python-version", "3.11", "--platform", f"manylinux2014_{platform.machine()}"]
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, *of, "--dest", folder, requirement], check=True)
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if Path(name).name.startswith("libcrypto"))
            found = [folder / Path(name).name]
            found[0].write_bytes(archive.read(name))
        wheel.unlink()
    return found[0]


def libraries(directory: Path) -> dict[str, Place]:
    """Name -> where it is. The zoo's own without a bug is among them: it is what all bugs are built on."""
    fetched = {name: Place(f"software:{_fetched(wheel, directory)}") for name, wheel in WHEELS.items()}
    return {
        "the system's": Place("software"),
        **fetched,
        "the zoo's": Place(f"software:{build_faulty(directory, 'sound')}"),
    }
