"""How good the gate's verdicts are on this machine; the figures of METHODOLOGY.md.

    python verdicts.py record FILE SECONDS [usual]     rounds of unchanged code, for `replay`
    python verdicts.py replay FILE [wall|cpu]          this gate and other ways on the same record
    python verdicts.py gates FOLDER UNCHANGED SLOW     real gates, and real libraries that are 5 % slower

The second and third print Markdown.
"""

from __future__ import annotations

import ctypes.util
import json
import os
import random
import subprocess
import sys
import time
from math import exp
from pathlib import Path
from statistics import median
from typing import Any

import slower
from support import program

from benchsuite import profile
from benchsuite.compare.verdicts import SLOWER, UNDECIDED
from benchsuite.model import CPU, Case

SHARE = 0.05
CASES = profile.expand(profile.load(profile.find("ci"))).cases
MOST_WINDOWS = 200


def record(path: Path, seconds: float, urgent: bool) -> None:
    import replay

    other = f"software:{ctypes.util.find_library('crypto')}"
    replay.record(CASES, other, seconds, urgent, path)


def show_replay(path: Path, metric: str) -> None:
    import replay  # needs scipy

    kept = replay.load(path, len(CASES))
    rounds = replay.rounds_of(kept, replay.MINUTE)
    print(f"{path.name}, {metric}: {len(kept[0])} rounds of {len(kept)} cases, {rounds} in a minute\n")
    print("| way | gates | with a false alarm | 5 % found (1 slow) | 5 % found (all slow) | rounds a case |")
    print("|:--|--:|--:|--:|--:|--:|")
    for name, way in replay.WAYS.items():
        one = replay.judge(way, kept, metric, MOST_WINDOWS, 1, SHARE)
        every = replay.judge(way, kept, metric, MOST_WINDOWS // 10, len(CASES), SHARE)
        shares = f"{one.false_alarms:.2f} | {one.found:.2f} | {every.found:.2f}"
        print(f"| {name} | {one.gates} | {shares} | {one.rounds:.1f} |", flush=True)


def gate(folder: Path, sides: tuple[str, str], *more: str) -> tuple[dict[str, Any], float]:
    """The JSON report of a real gate, and the seconds the command took."""
    report = folder / "report.json"
    command = [
        *program(), "gate", "ci", "--paired", *sides, "-q", "--json", report, "-o", folder / "result.json",
        "--overwrite", *more,
    ]  # fmt: skip
    begin = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    took = time.monotonic() - begin
    assert done.returncode in (0, 1, 4), done.stderr
    data: dict[str, Any] = json.loads(report.read_text())
    return data, took


def kinds(data: dict[str, Any]) -> list[str | None]:
    return [line["verdict"] for line in data["comparisons"][0]["lines"]]


def show_gates(folder: Path, unchanged: int, slow: int, more: tuple[str, ...] = ()) -> dict[str, Any]:
    """Gates of a library against an equal one; then against one with five slower cases, and with all slower.
    Every third of `slow` has all."""
    folder.mkdir(parents=True, exist_ok=True)
    table, reached = slower.calibrated(folder, CASES, SHARE, CPU, lambda text: print(text, file=sys.stderr))
    base = slower.build(folder, "usual", {})
    equal = slower.build(folder, "equal", {})
    rng, times, load = random.Random(20051114), [], os.getloadavg()[0]
    alarms = 0
    for _ in range(unchanged):
        data, took = gate(folder, (base, equal), *more)
        times.append(took)
        alarms += SLOWER in kinds(data)
        print(f"unchanged: {took:.0f} s, {data['gate']['sentence']}", file=sys.stderr)
    injected = found = undecided = wrong = 0
    slow_times = []
    for number in range(slow):
        chosen = set(CASES) if number % 3 == 0 else set(rng.sample(CASES, 5))
        some: dict[Case, int] = {case: rounds for case, rounds in table.items() if case in chosen}
        data, took = gate(folder, (base, slower.build(folder, f"slow-{number}", some)), *more)
        slow_times.append(took)
        for case, kind in zip(CASES, kinds(data), strict=True):
            injected += case in chosen
            found += case in chosen and kind == SLOWER
            undecided += case in chosen and kind == UNDECIDED
            wrong += case not in chosen and kind == SLOWER
        print(f"{len(chosen)} slow: {took:.0f} s, {data['gate']['sentence']}", file=sys.stderr)
    shares = sorted(exp(change.change) - 1 for change in reached.values())
    figures = {
        "unchanged gates": unchanged, "with a false alarm": alarms,
        "slow-downs injected": injected, "found": found, "undecided": undecided,
        "unchanged cases beside them called slower": wrong,
        "injected, measured with 16 rounds: median": f"{median(shares):.2%}",
        "injected: least and most": f"{shares[0]:.2%} to {shares[-1]:.2%}",
        "seconds, unchanged: median and most": f"{median(times or [0]):.0f}, {max(times or [0]):.0f}",
        "seconds, slow: median and most": f"{median(slow_times or [0]):.0f}, {max(slow_times or [0]):.0f}",
        "load when it began and ended": f"{load:.1f}, {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs",
    }  # fmt: skip
    print("| what | figure |\n|:--|--:|")
    for name, figure in figures.items():
        print(f"| {name} | {figure} |", flush=True)
    return figures | {"times": times, "slow_times": slow_times}


def main() -> None:
    match sys.argv[1:]:
        case ["record", path, seconds, *usual]:
            record(Path(path), float(seconds), not usual)
        case ["replay", path, *metric]:
            show_replay(Path(path), metric[0] if metric else CPU)
        case ["gates", folder, unchanged, slow, *more]:
            show_gates(Path(folder), int(unchanged), int(slow), tuple(more))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
