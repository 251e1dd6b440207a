"""Our engine and a plain loop over the same libcrypto, alternating in one process; run by the benchmarks.

`python pairs.py JOB`, where JOB is JSON with library, loop, case (a Case's fields) and blocks, prints a JSON
list: of each block (ours, theirs, theirs, ours) the rate of ours as a fraction of theirs.
"""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Callable

from benchsuite.backends import open_case
from benchsuite.model import Case

LIBCRYPTO = b"libcrypto.so.3"  # what the driver finds when no path is named
SLICE = 0.004  # seconds
NAMES = {  # cipher, digest
    "aes-128-cbc": (b"AES-128-CBC", None),
    "aes-128-gcm": (b"AES-128-GCM", None),
    "sha256": (None, b"SHA256"),
}

Run = Callable[[int], float]  # so many requests -> seconds


def open_plain(job: dict[str, str], case: Case) -> Run:
    library = ctypes.CDLL(job["library"])
    cipher, digest = NAMES[case.algorithm]
    if library.plain_open(LIBCRYPTO, cipher, digest, case.request_size) != 0:
        sys.exit("the plain loop could not be opened")
    loop = getattr(library, f"plain_{job['loop']}")
    loop.argtypes, loop.restype = [ctypes.c_uint64], ctypes.c_uint64

    def run(requests: int) -> float:
        return float(loop(requests) or sys.exit("an operation of the plain loop failed")) / 1e9

    return run


def requests_for(run: Run) -> int:
    requests = 64
    while (seconds := run(requests)) < SLICE / 4:
        requests *= 2
    return int(requests * SLICE / seconds)


def main() -> None:
    job = json.loads(sys.argv[1])
    case = Case(**job["case"])
    engine = open_case(case)
    engine.verify()
    plain = open_plain(job, case)

    def ours(requests: int) -> float:
        return engine.run(requests).wall

    requests = requests_for(plain)
    ours(requests)
    ratios = []
    for _ in range(job["blocks"]):
        first, second, third, fourth = ours(requests), plain(requests), plain(requests), ours(requests)
        ratios.append((second + third) / (first + fourth))
    engine.verify_after()
    engine.close()
    json.dump(ratios, sys.stdout)


main()
