"""A libcrypto that pauses now and then, built for a test: what a closed loop hides, and an open one shows."""

from __future__ import annotations

import ctypes.util
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
NATIVE = HERE.parent / "benchsuite" / "native"
SOURCES = HERE / "pausing_libcrypto.c", HERE / "benchmarks" / "libcrypto_stubs.c"


def build(folder: Path, *, service_us: int, pause_ms: int, every: int) -> str:
    """The backend of it."""
    system = ctypes.util.find_library("crypto")
    assert system, "the system's libcrypto is what pauses (Debian: apt install openssl)"
    numbers = {"SERVICE_US": service_us, "PAUSE_MS": pause_ms, "EVERY": every}
    defines = [f"-D{name}={number}" for name, number in numbers.items()]
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-Wl,--no-as-needed", f"-I{NATIVE}"]
    library = folder / f"libpausing-{every}.so"
    defines.append(f'-DLIBCRYPTO="{system}"')
    files = [str(library), *map(str, SOURCES)]
    subprocess.run(["cc", *flags, *defines, "-o", *files, f"-l:{system}", "-ldl"], check=True)
    return f"software:{library}"
