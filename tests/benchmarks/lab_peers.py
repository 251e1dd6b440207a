"""AF_ALG side by side with its peers, in one boot of the lab:

    benchsuite lab exec -- python tests/benchmarks/lab_peers.py --kcapi-speed PATH

kcapi-speed is libkcapi's (speed-test/), at the same cipher and sizes; without it only our own ways are
compared. Every line is the median of blocks (A, B, B, A) with a bootstrap interval.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a thread of numpy's makes our system calls dearer

import numpy
from scipy.stats import bootstrap
from tabulate import tabulate

from benchsuite.backends import open_case
from benchsuite.backends.native import NativeEngine
from benchsuite.model import Case

AESNI, VIRTIO = "cbc-aes-aesni", "virtio_crypto_aes_cbc"
KCAPI_NAME = "AES(AESNI) CBC(ASM) 128"  # kcapi-speed's name of the same driver
SLICE = 0.3  # seconds of ours in a block; kcapi-speed knows whole seconds only

Rate = Callable[[], float]  # requests per second

_engines: dict[tuple[str, int, int], NativeEngine] = {}


def engine(driver: str, size: int, q_len: int) -> NativeEngine:
    key = (driver, size, q_len)
    if key not in _engines:
        found = open_case(Case(f"afalg:{driver}", "aes-128-cbc", request_size=size, q_len=q_len))
        assert isinstance(found, NativeEngine)
        found.verify()
        _engines[key] = found
    return _engines[key]


def ours(driver: str, size: int, q_len: int) -> Rate:
    def rate() -> float:
        found = engine(driver, size, q_len)
        once = found.run(4 * q_len).per_request
        return 1 / found.run(max(q_len, int(SLICE / once))).per_request

    return rate


def kcapi(program: Path, size: int, at_once: int = 0) -> Rate:
    """With -o it counts calls, each of `at_once` requests."""
    command = [program, "-c", KCAPI_NAME, "-t", "1", "-b", str(size // 16), "-r"]
    if at_once:
        command += ["-o", str(at_once)]

    def rate() -> float:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            name, direction, *_, rate = line.split(",")
            if "CBC" in name and direction == "e":
                return float(rate) * (at_once or 1)
        sys.exit(f"kcapi-speed said nothing of {KCAPI_NAME}:\n{done.stdout}{done.stderr}")

    return rate


def compare(what: str, a: Rate, b: Rate, target: float, blocks: int) -> tuple[str, ...]:
    ratios, rates = [], []
    for _ in range(blocks):
        a1, b1, b2, a2 = a(), b(), b(), a()
        ratios.append((a1 + a2) / (b1 + b2))
        rates.append(((a1 + a2) / 2, (b1 + b2) / 2))
    found = bootstrap((numpy.array(ratios),), numpy.median, random_state=1).confidence_interval
    first, second = (statistics.median(rate[i] for rate in rates) for i in (0, 1))
    return (
        what, f"{first:,.0f}", f"{second:,.0f}", f"{statistics.median(ratios):.2f}",
        f"[{found.low:.2f}, {found.high:.2f}]", f"{max(ratios):.2f}", f"{target:g}",
    )  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--kcapi-speed", type=Path)
    options.add_argument("--blocks", type=int, default=5)
    options.add_argument("--only", default="", help="lines that contain this text")
    chosen = options.parse_args()
    jobs: list[tuple[str, Rate, Rate, float]] = []
    if chosen.kcapi_speed:
        for size in (16, 1024, 16384):
            jobs.append(
                (
                    f"q_len 1 / kcapi-speed, {size} B",
                    ours(AESNI, size, 1),
                    kcapi(chosen.kcapi_speed, size),
                    1.0,
                )
            )
        for size in (16, 1024):
            jobs.append(
                (f"q_len 16 / kcapi-speed -o 16, {size} B", ours(AESNI, size, 16),
                 kcapi(chosen.kcapi_speed, size, 16), 1.3)
            )  # fmt: skip
    jobs.append(("q_len 16 / q_len 1, 16 B", ours(AESNI, 16, 16), ours(AESNI, 16, 1), 2.0))
    for size in (16, 1024):
        jobs.append(
            (f"virtio q_len 16 / q_len 1, {size} B", ours(VIRTIO, size, 16), ours(VIRTIO, size, 1), 3.0)
        )
    rows = []
    for job in jobs:
        if chosen.only in job[0]:
            rows.append(compare(*job, blocks=chosen.blocks))
            print(*rows[-1], sep="; ", file=sys.stderr, flush=True)  # a later one may stop the machine
    headers = ("what", "ours /s", "other /s", "median ratio", "95 % interval", "best", "target")
    print(tabulate(rows, headers, disable_numparse=True, tablefmt="github"))
    for (driver, size, q_len), found in _engines.items():
        facts = {key: found.facts().get(key) for key in ("way", "in_flight", "requests_per_message", "aio")}
        print(f"{driver} {size} B q_len {q_len}: {facts}, {found.verify_after()} slots verified afterwards")


if __name__ == "__main__":
    main()
