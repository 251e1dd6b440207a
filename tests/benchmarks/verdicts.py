"""How good the gate's verdicts are on this machine; the figures of METHODOLOGY.md.

    python verdicts.py record FILE SECONDS [usual]    rounds of unchanged code, for the next two
    python verdicts.py power FILE [wall|cpu [GATES]]  replays: gates without change, and the power curve
    python verdicts.py replay FILE [wall|cpu]         the gate and other ways on the same record
    python verdicts.py gates FOLDER UNCHANGED SLOW [SHARE [ROUNDS]]
        real gates of equal libraries, and of libraries slower by SHARE (0.05), measured by ROUNDS (200)

All but the first print Markdown.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from math import exp
from pathlib import Path
from statistics import median
from typing import Any

import power
import recorded
import slower
from support import program

from benchsuite import profile
from benchsuite.compare.verdicts import SLIGHTLY_SLOWER, SLOWER
from benchsuite.model import CPU, Case

SHARE, ROUNDS = 0.05, 200
PLAN = profile.expand(profile.load(profile.find("ci")), cpus=2)
CASES = PLAN.cases
MOST_WINDOWS = 200
GATES = 400  # replays of unchanged code, and about as many injections in each point of the curve
SLOW_AT_ONCE = 5
LIMITS = (0.04, 0.045, 0.05, 0.055, 0.06)  # by which injected changes are grouped


def load() -> str:
    return ", ".join(f"{each:.1f}" for each in os.getloadavg()) + f" on {os.cpu_count()} CPUs"


def record(path: Path, seconds: float, urgent: bool) -> None:
    print(f"load before: {load()}")
    recorded.record(CASES, seconds, urgent, path)
    print(f"load after: {load()}")


def show_power(path: Path, metric: str, gates: int) -> None:
    kept = recorded.load(path, len(CASES))
    passes, rounds = len(kept[0]), recorded.rounds_of(kept, recorded.BUDGET)
    print(f"{path.name}, {metric}: {passes} rounds of {len(kept)} cases, {rounds} in a minute\n")
    count = min(gates, passes)  # more would come twice
    (unchanged,) = power.curve(PLAN, kept, metric, count, 1, (1.0,))
    power.show_unchanged(unchanged, count)
    for slow in (SLOW_AT_ONCE, len(CASES)):
        count = -(-gates // slow)
        print(f"\n{slow} of {len(CASES)} cases slower, {count} gates for each change\n")
        power.show(power.curve(PLAN, kept, metric, count, slow))


def show_replay(path: Path, metric: str) -> None:
    import replay  # scipy takes a second

    kept = recorded.load(path, len(CASES))
    rounds = recorded.rounds_of(kept, recorded.BUDGET)
    print(f"{path.name}, {metric}: {len(kept[0])} rounds of {len(kept)} cases, {rounds} in a minute\n")
    print("| way | gates | with a false alarm | 5% found (1 slow) | 5% found (all slow) | rounds a case |")
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
        *program(),
        "gate",
        "ci",
        "--paired",
        *sides,
        "-q",
        "--json",
        report,
        "-o",
        folder / "result.json",
        "--overwrite",
        *more,
    ]
    begin = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    took = time.monotonic() - begin
    assert done.returncode in (0, 1, 4), done.stderr
    data: dict[str, Any] = json.loads(report.read_text())
    return data, took


def kinds(data: dict[str, Any]) -> list[str | None]:
    return [line["verdict"] for line in data["comparisons"][0]["lines"]]


def by_change(outcomes: list[tuple[float, str]]) -> None:
    """Markdown: what became of injected changes, by the change measured."""
    print("\n| change measured | injected | fails | slower, below the threshold | not slower | undecided |")
    print("|:--|--:|--:|--:|--:|--:|")
    for low, high in zip((-1.0, *LIMITS), (*LIMITS, 9.0), strict=True):
        found = Counter(outcome for change, outcome in outcomes if low <= change < high)
        if count := sum(found.values()):
            name = f"below {high:.1%}" if low < 0 else f"from {low:.1%}"
            cells = [power.percent(found[outcome], count) for outcome in power.OUTCOMES]
            print(f"| {name} | {count} | {' | '.join(cells)} |", flush=True)


def show_gates(
    folder: Path, unchanged: int, slow: int, share: float = SHARE, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Gates of a library against an equal one; then against one with five slower cases, and with all slower.
    Every third of `slow` has all."""
    folder.mkdir(parents=True, exist_ok=True)
    before = load()

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    table, reached = slower.calibrated(folder, CASES, share, CPU, rounds, tell)
    changes = {case: exp(estimate.change) - 1 for case, estimate in reached.items()}
    base = slower.build(folder, "usual", {})
    equal = slower.build(folder, "equal", {})
    rng, times = random.Random(20051114), []
    alarms = warned = wrong = 0
    for _ in range(unchanged):
        data, took = gate(folder, (base, equal))
        times.append(took)
        alarms += SLOWER in kinds(data)
        warned += SLIGHTLY_SLOWER in kinds(data)
        tell(f"unchanged: {took:.0f} s, {data['gate']['sentence']}")
    outcomes: list[tuple[float, str]] = []
    slow_times = []
    for number in range(slow):
        chosen = set(CASES) if number % 3 == 0 else set(rng.sample(CASES, SLOW_AT_ONCE))
        some: dict[Case, int] = {case: table[case] for case in chosen}
        data, took = gate(folder, (base, slower.build(folder, f"slow-{number}", some)))
        slow_times.append(took)
        for case, kind in zip(CASES, kinds(data), strict=True):
            if case in chosen:
                outcomes.append((changes[case], power.outcome_of(kind)))
            else:
                wrong += kind in (SLOWER, SLIGHTLY_SLOWER)
        tell(f"{len(chosen)} slow: {took:.0f} s, {data['gate']['sentence']}")
    shares = sorted(changes.values())
    errors = sorted(estimate.error for estimate in reached.values())
    found = sum(kind == SLOWER for _, kind in outcomes)
    figures = {
        "unchanged gates": unchanged,
        "with a false alarm": alarms,
        "with a warning": warned,
        "slow-downs injected": len(outcomes),
        "found": found,
        "unchanged cases beside them called slower": wrong,
        f"injected, measured by {rounds} rounds: median": f"{median(shares):.2%}",
        "injected: least and most": f"{shares[0]:.2%} to {shares[-1]:.2%}",
        "standard error of these: median and most": f"{median(errors):.2%}, {errors[-1]:.2%}",
        "seconds, unchanged: median and most": f"{median(times or [0]):.0f}, {max(times or [0]):.0f}",
        "seconds, slow: median and most": f"{median(slow_times or [0]):.0f}, {max(slow_times or [0]):.0f}",
        "load when it began": before,
        "load when it ended": load(),
    }
    print("| what | figure |\n|:--|--:|")
    for name, figure in figures.items():
        print(f"| {name} | {figure} |", flush=True)
    by_change(outcomes)
    return figures | {"times": times, "slow_times": slow_times}


def main() -> None:
    match sys.argv[1:]:
        case ["record", path, seconds, *usual]:
            record(Path(path), float(seconds), not usual)
        case ["power", path, *more]:
            metric, gates = [*more, *(CPU, str(GATES))[len(more) :]]
            show_power(Path(path), metric, int(gates))
        case ["replay", path, *metric]:
            show_replay(Path(path), metric[0] if metric else CPU)
        case ["gates", folder, unchanged, slow, *more]:
            share, rounds = [*more, *(str(SHARE), str(ROUNDS))[len(more) :]]
            show_gates(Path(folder), int(unchanged), int(slow), float(share), int(rounds))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
