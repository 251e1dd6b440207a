"""`make fuzz`: so many damaged files, made of real ones, and none of them a traceback.

    python tests/fuzz/run.py import 100000          what `benchsuite import` reads
    python tests/fuzz/run.py result 100000          what every command reads
    python tests/fuzz/run.py import 100000 --seed 7

A finding is written to tests/fuzz/found, and its traceback printed.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fuzz_check import TARGETS
from fuzz_mutate import inputs

FOUND = Path(__file__).parent / "found"
SLOW = 5.0  # CPU seconds for one small file


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("runs", type=int)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began, sound, findings = time.monotonic(), 0, 0
    for number, data in zip(range(1, given.runs + 1), inputs(given.target, given.seed), strict=False):
        start = time.process_time()
        try:
            sound += TARGETS[given.target](data)
            if time.process_time() - start > SLOW:
                raise TimeoutError(f"{len(data)} bytes took {time.process_time() - start:.1f} s")
        except Exception:
            findings += 1
            FOUND.mkdir(exist_ok=True)
            path = FOUND / f"{given.target}-{given.seed}-{number}"
            path.write_bytes(data)
            print(f"{path}:\n{traceback.format_exc()}", file=sys.stderr)
            if findings >= 10:
                break
        if number % max(1, given.runs // 20) == 0 or number == given.runs:
            rate = f"{number / (time.monotonic() - began):.0f}/s"
            print(f"{given.target}: {number} files, {sound} sound, {findings} findings, {rate}", flush=True)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
