"""A /dev/crypto for tests: the CUSE server of tests/lab/cuse, built, started and told what to do wrong."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

SOURCES = sorted((Path(__file__).parent / "cuse").glob("*.c"))
PATIENCE = 60  # seconds to wait for a server

# As in cuse/abi.h.
FAULTS = (
    *("none", "busy", "eio", "wrong", "late", "lost", "hang", "intr"),
    *("sizes", "nth", "one-iv", "one-key", "old-iv", "part-of-tag", "beyond", "writes-iv", "takes-all"),
    *("aad", "first-part", "before", "page", "asleep", "sessions"),
)
_SET_FAULT, _COUNTS = 0x401063F0, 0x803063F1
_COUNTS_FORMAT = "=IIIIQQQQ"

_numbers = itertools.count()


class Counts(NamedTuple):
    """What the server has seen: struct lab_counts."""

    open_files: int
    sessions: int
    most_inside: int
    most_queued: int
    operations: int
    faults: int
    sessions_made: int
    copied: int


def why_not() -> str:
    """Why there can be no CUSE device here; "" when there can. Loads the module."""
    if os.geteuid() != 0:
        return "not root"
    subprocess.run(["modprobe", "cuse"], capture_output=True)
    if not Path("/dev/cuse").exists():
        return "no /dev/cuse: this kernel has no CUSE (`make lab` brings one that has)"
    for program in ("cc", "pkg-config"):
        if not shutil.which(program):
            return f"no {program} to build the server with"
    if subprocess.run(["pkg-config", "--atleast-version=3.12", "fuse3"], capture_output=True).returncode:
        return "no libfuse 3.12 or newer to build the server with (Debian: apt install libfuse3-dev)"
    return ""


def build(folder: Path) -> Path:
    """The server's program."""
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "fuse3"], capture_output=True, text=True, check=True
    ).stdout.split()
    program = folder / "cuse-crypto"
    compile_all = ["cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", *map(str, SOURCES)]
    subprocess.run([*compile_all, "-o", str(program), *flags, "-ldl", "-lpthread"], check=True)
    return program


class Device:
    """The server while it runs. Use it in a `with`."""

    def __init__(self, program: Path, *options: str) -> None:
        self.name = f"bs-crypto-{os.getpid()}-{next(_numbers)}"
        self.path = Path("/dev") / self.name
        self.backend = f"cryptodev:{self.path}"
        self._server = subprocess.Popen(
            [program, f"--name={self.name}", *options], stdout=subprocess.PIPE, text=True
        )
        self._control = -1

    def __enter__(self) -> Self:
        assert self._server.stdout and self._server.stdout.readline() == "ready\n"
        until = time.monotonic() + PATIENCE
        while not self.path.exists():
            assert time.monotonic() < until and self._server.poll() is None, "the device did not appear"
            time.sleep(0.01)
        self._control = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._control)
        self._server.terminate()
        try:
            self._server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
            raise
        finally:
            if self._server.stdout:
                self._server.stdout.close()

    def fault(self, name: str, every: int = 1, after: int = 0, ms: int = 0) -> None:
        """See enum fault of cuse/abi.h."""
        fcntl.ioctl(self._control, _SET_FAULT, struct.pack("=IIII", FAULTS.index(name), every, after, ms))

    def counts(self) -> Counts:
        buffer = bytearray(struct.calcsize(_COUNTS_FORMAT))
        fcntl.ioctl(self._control, _COUNTS, buffer)
        return Counts(*struct.unpack(_COUNTS_FORMAT, buffer))
