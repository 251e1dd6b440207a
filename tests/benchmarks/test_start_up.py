"""What a user waits for beside the measuring: the start of the command, and of the workers of a run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from support import Figure, Row, Summary, program

from benchsuite import backends, profile, stats, store
from benchsuite.model import Case, Measure
from benchsuite.runner.messages import Hello, MeasureCase, Measured, Progress, decode, encode

VERSIONS = 15
SWEEPS = 5
# As places.here starts it:
PROGRAM = f"import sys; sys.path[:] = {sys.path!r}; from benchsuite.runner.worker import main; main()"
WORKER = [sys.executable, "-I", "-c", PROGRAM]
PHASES = {
    Hello: "interpreter and imports",
    "opening": "hello",
    "verifying before timing": "opening the engine",
    "timing": "verification before",
    "verifying after timing": "timing",
    Measured: "verification after",
}


def test_version(benchmark: Any, summary: Summary) -> None:
    seconds: list[float] = []

    def version() -> None:
        begin = time.perf_counter()
        subprocess.run([*program(), "--version"], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - begin)

    benchmark.pedantic(version, rounds=VERSIONS, warmup_rounds=1)
    summary.add(Row("benchsuite --version", Figure(tuple(seconds[1:])), 3, "s", most=0.2), benchmark)


def test_quick(benchmark: Any, summary: Summary, tmp_path: Path) -> None:
    """The share of `benchsuite run quick` that lies inside its values, and inside its time-stamping."""
    output = tmp_path / "quick.json"
    command = [*program(), "run", "quick", "-q", "-o", str(output)]
    begin = time.perf_counter()
    done = benchmark.pedantic(lambda: subprocess.run(command, capture_output=True, text=True), rounds=1)
    wall = time.perf_counter() - begin
    assert done.returncode == 0, done.stdout + done.stderr
    cases = store.load(output).cases
    values = sum(value.wall for case in cases for value in case.values)
    warmups = sum(value.wall for case in cases for run in case.runs for value in run.warmups)
    stamps, most = max((100 * stats.summary(case).timestamps, case.case.name) for case in cases)
    row = Row("quick: time-stamping, most of any case", Figure((stamps,)), 2, "%", most=1, remark=most)
    summary.add(row, benchmark)
    row = Row("quick: inside values", Figure((100 * values / wall,)), 1, "%", least=80, more_is_better=True)
    row.remark = f"{wall:.1f} s in all, {warmups:.1f} s of warm-ups and calibration"
    summary.add(row, benchmark)


def phases(case: Case, how: Measure) -> Counter[str]:
    """Seconds of each phase of a worker, seen from outside."""
    spent: Counter[str] = Counter()
    before = time.perf_counter()
    with subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdin and worker.stdout
        worker.stdin.write(encode(MeasureCase(case, how, 0)))
        worker.stdin.close()
        for line in worker.stdout:
            message, now = decode(line), time.perf_counter()
            assert isinstance(message, (Hello, Progress, Measured)), message
            phase = message.phase if isinstance(message, Progress) else type(message)
            if phase:  # else it says how long it will take
                spent[PHASES[phase]] += now - before
                before = now
        assert isinstance(message, Measured)
    spent["leaving"] += time.perf_counter() - before
    return spent


def test_worker(benchmark: Any, summary: Summary) -> None:
    """Where a worker's time goes that is not measuring: of each phase the mean over the cases of `quick`."""
    plan = profile.expand(
        profile.load(profile.find("quick")), [], [], known_backends=backends.names(), cpus=2
    )
    short = [replace(how, values=1, warmups=0) for how in plan.measures]

    def sweep() -> Counter[str]:
        return sum((phases(case, how) for case, how in zip(plan.cases, short, strict=True)), Counter())

    sweeps = benchmark.pedantic(lambda: [sweep() for _ in range(SWEEPS)], rounds=1)
    for phase in (*PHASES.values(), "leaving"):
        if phase != "timing":
            figure = Figure(tuple(1000 * sweep[phase] / len(plan.cases) for sweep in sweeps))
            summary.add(Row(f"worker of quick: {phase}", figure, 1, "ms"), benchmark)
