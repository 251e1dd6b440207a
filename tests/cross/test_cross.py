"""The C core and its tests on other machines (`make cross`): built with Debian's cross compilers, run by
qemu-user. What is missing here is skipped with the line that installs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from test_native import FLAGS, PROGRAMS, ROOT, TESTS

FETCHED = ROOT / "build" / "cross"  # where .ci/cross-libcrypto puts another machine's libcrypto
NEED_LIBCRYPTO = ("test_libcrypto",)
LIMIT = 300  # seconds a program may take


@dataclass(frozen=True)
class Machine:
    """triplet and emulator: "" for this one. flags: how it is built there."""

    debian: str
    triplet: str
    emulator: str
    flags: tuple[str, ...] = ()

    @property
    def compiler(self) -> str:
        return f"{self.triplet}-gcc" if self.triplet else "cc"

    @property
    def packages(self) -> str:
        if not self.triplet:
            return "gcc libc6-dev"
        return f"gcc-{self.triplet} libc6-dev-{self.debian}-cross qemu-user"

    def missing(self) -> bool:
        return not all(map(shutil.which, filter(None, (self.compiler, self.emulator))))

    def libcrypto(self) -> Path | None:
        """The folder of one that is built for it; None where there is none, and the test says so."""
        for root in (FETCHED / self.debian, Path("/")):
            folder = root / "usr" / "lib" / self.triplet
            if self.triplet and any(folder.glob("libcrypto.so.*")):
                return folder
        return None

    def command(self, program: Path, *arguments: str) -> list[str]:
        run = [str(program), *arguments]
        if not self.triplet:
            return run
        library = self.libcrypto()
        found = ["-E", f"LD_LIBRARY_PATH={library}"] if library else []
        return [self.emulator, "-L", f"/usr/{self.triplet}", *found, *run]


HERE = Machine("", "", "")
# Little-endian with a weak order of memory; 32 bits, with 64-bit times as Debian has since 13; big-endian.
MACHINES = (
    Machine("arm64", "aarch64-linux-gnu", "qemu-aarch64"),
    Machine("armhf", "arm-linux-gnueabihf", "qemu-arm", ("-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64")),
    Machine("s390x", "s390x-linux-gnu", "qemu-s390x"),
)

Outcome = subprocess.CompletedProcess[str]


def at_once(work: Callable[[Any], Outcome], over: Iterable[Any]) -> list[Outcome]:
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(work, over))


def said(done: Outcome) -> str:
    return f"{' '.join(map(str, done.args))}\n{done.stdout}{done.stderr}"


def call(command: list[str]) -> Outcome:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, "", f"did not end within {LIMIT} s")


def build(machine: Machine, programs: Iterable[str], folder: Path) -> dict[str, Path]:
    """Each source is compiled once, whatever the number of programs it is in."""
    sources = {name: [*PROGRAMS[name], TESTS / f"{name}.c"] for name in programs}
    objects = {
        path: folder / f"{path.parent.name}-{path.stem}.o" for paths in sources.values() for path in paths
    }
    flags = [*FLAGS, "-O2", "-DEMULATED", *machine.flags]
    for done in at_once(
        lambda path: call([machine.compiler, *flags, "-c", str(path), "-o", str(objects[path])]), objects
    ):
        assert done.returncode == 0, said(done)
    for name, paths in sources.items():
        parts = [str(objects[path]) for path in paths]
        done = call([machine.compiler, *parts, "-o", str(folder / name), "-ldl", "-lm", "-lpthread"])
        assert done.returncode == 0, said(done)
    return {name: folder / name for name in sources}


@dataclass(frozen=True)
class Tried:
    machine: Machine
    outcomes: dict[str, Outcome]
    figures: list[Outcome]


def figures(machine: Machine, built: dict[str, Path]) -> list[list[str]]:
    return [machine.command(built[name], "figures") for name in ("test_sim", "test_stress")]


@pytest.fixture(scope="module", params=MACHINES, ids=lambda machine: machine.debian)
def tried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """Everything there is to run on a machine, run: several at once."""
    machine: Machine = request.param
    if machine.missing():
        pytest.skip(f"not tried on {machine.debian}: apt install {machine.packages}")
    built = build(machine, PROGRAMS, tmp_path_factory.mktemp(machine.debian))
    names = [name for name in PROGRAMS if name not in NEED_LIBCRYPTO or machine.libcrypto()]
    names.sort(key=["test_engine", "test_sim", "test_stress"].__contains__, reverse=True)  # the longest first
    commands = [machine.command(built[name]) for name in names] + figures(machine, built)
    outcomes = at_once(call, commands)
    return Tried(machine, dict(zip(names, outcomes, strict=False)), outcomes[len(names) :])


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The figures of this machine."""
    if HERE.missing():
        pytest.skip(f"nothing to compare with: apt install {HERE.packages}")
    built = build(HERE, ["test_sim", "test_stress"], tmp_path_factory.mktemp("here"))
    return printed(at_once(call, figures(HERE, built)))


def printed(outcomes: list[Outcome]) -> str:
    for done in outcomes:
        assert done.returncode == 0, said(done)
    return "".join(done.stdout for done in outcomes)


@pytest.mark.parametrize("program", PROGRAMS)
def test_c(tried: Tried, program: str) -> None:
    if program not in tried.outcomes:
        pytest.skip(f"no libcrypto for {tried.machine.debian}: .ci/cross-libcrypto fetches one")
    done = tried.outcomes[program]
    assert done.returncode == 0, said(done)


def test_a_seed_gives_the_same_figures(tried: Tried, here: str) -> None:
    """On a virtual clock every time, count and latency; under stress every choice: to the last byte."""
    assert printed(tried.figures) == here
    assert len(here.splitlines()) > 40
