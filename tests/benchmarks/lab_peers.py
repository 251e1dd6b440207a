"""AF_ALG side by side with its peers, in one boot of the lab:

    benchsuite lab exec -- python tests/benchmarks/lab_peers.py --kcapi-speed PATH

kcapi-speed is libkcapi's (speed-test/), at the same cipher and sizes; without it only our own ways are
compared. Both sides are new processes every time and measure for a second: what an emulated CPU has in its
tables depends on what ran before. Every line is the median of blocks (A, B, B, A) with a bootstrap interval.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tabulate import tabulate

from benchsuite.backends import open_case
from benchsuite.backends.native import NativeEngine
from benchsuite.model import Case

AESNI, VIRTIO = "cbc-aes-aesni", "virtio_crypto_aes_cbc"
KCAPI_NAME = "AES(AESNI) CBC(ASM) 128"  # kcapi-speed's name of the same driver
WARM_UP, SLICE = 0.2, 1.0  # seconds of ours; kcapi-speed knows whole seconds only

Rate = Callable[[], float]  # requests per second

facts: dict[tuple[str, int, int], dict[str, str]] = {}


def once(driver: str, size: int, q_len: int) -> None:
    """In a process of its own: the rate and what the session says of itself, as JSON."""
    found = open_case(Case(f"afalg:{driver}", "aes-128-cbc", request_size=size, q_len=q_len))
    assert isinstance(found, NativeEngine)
    found.verify()
    per_request = found.run(8 * q_len).per_request
    per_request = found.run(max(q_len, int(WARM_UP / per_request))).per_request
    rate = 1 / found.run(max(q_len, int(SLICE / per_request))).per_request
    assert found.verify_after() == q_len
    print(json.dumps({"rate": rate, "facts": found.facts()}))


def ours(driver: str, size: int, q_len: int) -> Rate:
    command = [sys.executable, __file__, "--once", driver, str(size), str(q_len)]

    def rate() -> float:
        done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        facts[driver, size, q_len] = done["facts"]
        return float(done["rate"])

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


def interval(ratios: list[float]) -> tuple[float, float]:
    import numpy  # not for --once: its threads would make system calls dearer
    from scipy.stats import bootstrap

    found = bootstrap((numpy.array(ratios),), numpy.median, random_state=1).confidence_interval
    return found.low, found.high


def compare(what: str, a: Rate, b: Rate, target: float, blocks: int) -> tuple[str, ...]:
    ratios, rates = [], []
    for _ in range(blocks):
        a1, b1, b2, a2 = a(), b(), b(), a()
        ratios.append((a1 + a2) / (b1 + b2))
        rates.append(((a1 + a2) / 2, (b1 + b2) / 2))
    low, high = interval(ratios)
    first, second = (statistics.median(rate[i] for rate in rates) for i in (0, 1))
    return (
        what,
        f"{first:,.0f}",
        f"{second:,.0f}",
        f"{statistics.median(ratios):.2f}",
        f"[{low:.2f}, {high:.2f}]",
        f"{max(ratios):.2f}",
        f"{target:g}",
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--once", nargs=3, metavar=("DRIVER", "SIZE", "Q_LEN"), help=argparse.SUPPRESS)
    options.add_argument("--kcapi-speed", type=Path)
    options.add_argument("--blocks", type=int, default=5)
    options.add_argument("--only", default="", help="lines that contain this text")
    chosen = options.parse_args()
    if chosen.once:
        driver, size, q_len = chosen.once
        once(driver, int(size), int(q_len))
        return
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
                (
                    f"q_len 16 / kcapi-speed -o 16, {size} B",
                    ours(AESNI, size, 16),
                    kcapi(chosen.kcapi_speed, size, 16),
                    1.3,
                )
            )
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
    headers = ("what", "ours /s", "other /s", "median ratio", "95% interval", "best", "target")
    print(tabulate(rows, headers, disable_numparse=True, tablefmt="github"))
    for (driver, size, q_len), said in facts.items():
        kept = {key: said.get(key) for key in ("way", "in_flight", "requests_per_message", "aio")}
        print(f"{driver} {size} B q_len {q_len}: {kept}")


if __name__ == "__main__":
    main()
