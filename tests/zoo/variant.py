"""A variant of the package whose core has one more driver: `faulty:BUG`, a device of tests/zoo/device/.

The package is copied as symbolic links, beside a core that is built from the same sources; with PYTHONPATH
the whole command runs on it, workers included. No line of what is installed knows of the zoo.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, NATIVE = ROOT / "benchsuite", ROOT / "benchsuite" / "native"
DEVICE = Path(__file__).resolve().parent / "device"
CORE = ROOT / "build" / "zoo" / "_core.abi3.so"
FLAGS = (
    "-std=c11",
    "-O1",
    "-g",
    "-fPIC",
    "-fvisibility=hidden",
    "-ffp-contract=off",
    "-D_GNU_SOURCE",
    f"-I{NATIVE}",
)


def _sources() -> list[Path]:
    core = [path for path in NATIVE.rglob("*.c") if path.stem not in ("_core", "drivers")]
    return [*core, *DEVICE.glob("*.c")]


def _stale() -> bool:
    """The core is older than anything that it is made of."""
    headers = [*NATIVE.rglob("*.h"), *DEVICE.glob("*.h"), NATIVE / "drivers.c", NATIVE / "build.py"]
    newest = max(path.stat().st_mtime for path in [*_sources(), *headers])
    return not CORE.exists() or CORE.stat().st_mtime < newest


def _glue(folder: Path) -> Path:
    """cffi's part of the core, made by the recipe that the core itself is built by."""
    before = Path.cwd()
    os.chdir(ROOT)  # where the recipe's paths begin
    try:
        runpy.run_path(str(NATIVE / "build.py"))["builder"].emit_c_code(str(folder / "_core.c"))
    finally:
        os.chdir(before)
    return folder / "_core.c"


def _compile(sources: list[Path], folder: Path) -> list[str]:
    python = (f"-I{sysconfig.get_path('include')}", "-DPy_LIMITED_API=0x030b0000")

    def one(number: int) -> str:
        target = str(folder / f"{number}.o")
        subprocess.run(["cc", *FLAGS, *python, "-c", str(sources[number]), "-o", target], check=True)
        return target

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, range(len(sources))))


def _core() -> Path:
    """Builds the variant of the core, unless it is there and newer than its sources."""
    if _stale():
        CORE.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CORE.parent) as folder:
            objects = _compile([*_sources(), _glue(Path(folder))], Path(folder))
            made = Path(folder) / CORE.name
            subprocess.run(
                ["cc", "-shared", *objects, "-o", str(made), "-ldl", "-lm", "-lpthread"], check=True
            )
            made.replace(CORE)
    return CORE


def _link(source: Path, target: Path, but: str) -> None:
    """Makes a folder of links to everything that is in another, except what begins so."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.name != "__pycache__" and not path.name.startswith(but):
            (target / path.name).symlink_to(path)


@cache
def build(folder: Path) -> Path:
    """Makes the variant in a folder. -> what PYTHONPATH has to begin with."""
    package = folder / "variant" / "benchsuite"
    _link(PACKAGE, package, "native")
    _link(NATIVE, package / "native", "_core.")
    (package / "native" / CORE.name).symlink_to(_core())
    return package.parent


def environment(folder: Path) -> dict[str, str]:
    """An environment in which `python -m benchsuite` is the variant, also where the current folder has a
    benchsuite. The variant is made in `folder` at the first call."""
    return {
        **os.environ,
        "PYTHONPATH": str(build(folder)),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
