"""A libcrypto with one fault, for tests of what happens to a backend that has it.

`software:PATH` measures the library that build_faulty makes. Everything works as in the system's
libcrypto, except the fault, from the `at`-th operation of the process on (an update of a cipher that writes
text, or the end of a digest or HMAC).
"""

from __future__ import annotations

import ctypes.util
import subprocess
from pathlib import Path

SOURCE = Path(__file__).parent / "native" / "faulty_libcrypto.c"

# name -> (the C macro, at which operation it begins unless a test says so)
FAULTS = {
    "wrong-byte": ("WRONG_BYTE", 1),  # a bit in the middle of every output
    "wrong-byte-later": ("WRONG_BYTE", 1000),  # only after verification before timing
    "beyond": ("BEYOND", 1),  # the byte behind the output
    "input": ("INPUT", 1),  # the first byte of the input, when out of place
    "accepts-forgery": ("ACCEPTS_FORGERY", 1),
    "crash": ("CRASH", 1),  # SIGSEGV
    "abort": ("ABORT", 1),  # SIGABRT
    "hang": ("HANG", 1),
    "kill": ("KILL", 1),  # SIGKILL
    "fail-later": ("FAIL", 1000),  # the function returns 0
    "version-empty": ("VERSION_EMPTY", 1),
    # Right until there is traffic:
    "shared-iv": ("SHARED_IV", 1),  # a session used again after another one takes that one's IV
    "race": ("RACE", 1),  # texts pass through one buffer for all threads
    "crowded": ("CROWDED", 1),  # while more than five contexts are there
    "middle": ("MIDDLE", 1),  # between 4096 and 16384 bytes
    "unaligned": ("UNALIGNED", 1),  # outputs that do not begin on a multiple of eight
}


def build_faulty(tmp_path: Path, fault: str, at: int | None = None) -> Path:
    """Compiles the library into tmp_path and returns its path."""
    macro, usual = FAULTS[fault]
    begins = usual if at is None else at
    system = ctypes.util.find_library("crypto")
    assert system, "the tests need the system's libcrypto (Debian: apt install openssl)"
    library = tmp_path / f"libfaulty-{fault}-{begins}.so"
    subprocess.run(
        [
            "cc",
            "-std=gnu11",
            "-O1",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fPIC",
            "-shared",
            f"-DFAULT={macro}",
            f"-DAT={begins}ul",
            f'-DLIBCRYPTO="{system}"',
            "-o",
            library,
            SOURCE,
            "-ldl",
        ],
        check=True,
    )
    return library
