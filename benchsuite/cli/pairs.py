"""Measuring in pairs on the command line, for `compare` and `gate`: progress, Ctrl-C, the result file."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from benchsuite import backends, host, native, store
from benchsuite.cli import outputs
from benchsuite.cli.errors import say
from benchsuite.cli.options import check_backends
from benchsuite.cli.progress import PLAIN_EVERY, clock
from benchsuite.cli.run import terminate
from benchsuite.compare.campaign import Task
from benchsuite.compare.comparison import Comparison
from benchsuite.compare.sides import of_pairs
from benchsuite.compare.verdicts import UNDECIDED
from benchsuite.compare.warnings import warnings
from benchsuite.gate.measuring import How, Measuring, Work
from benchsuite.model import BenchsuiteError, Plan, Result
from benchsuite.profile import Named
from benchsuite.report.comparison import some
from benchsuite.units import many


class Watch:
    """Observer of a campaign: on a terminal a bar of the time, elsewhere plain lines."""

    def __init__(self, work: Work, how: How, quiet: bool) -> None:
        self._total, self._budget, self._quiet = len(work.tasks), how.budget, quiet
        self._rounds, self._open = 0, self._total
        self._begin = self._said = time.monotonic()
        self._bar = None
        if not quiet and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=how.budget,
                leave=False,
                mininterval=0.2,
                dynamic_ncols=True,
                file=sys.stderr,
                bar_format="|{bar}| {elapsed} of at most " + clock(how.budget) + "  {desc}",
            )

    def round(self, index: int, task: Task) -> None:
        if self._rounds == 0 and self._bar is None and not self._quiet:
            say(f"{many(self._total, 'case')} in pairs, at most {clock(self._budget)}")
        self._rounds += 1
        now = time.monotonic()
        text = f"{many(self._rounds, 'round')}, {self._open} of {many(self._total, 'case')} open"
        if self._bar is not None:
            self._bar.n = min(self._budget, now - self._begin)
            self._bar.set_description_str(text)
        elif not self._quiet and now - self._said >= PLAIN_EVERY:
            self._said = now
            say(f"{text}, {clock(now - self._begin)} gone")

    def open(self, cases: int) -> None:
        self._open = cases

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


@dataclass(slots=True)
class Done:
    """What came of measuring."""

    measuring: Measuring
    result: Result
    interrupted: bool
    seconds: float

    def comparison(self) -> Comparison:
        """Side against side."""
        tasks = self.measuring.work.tasks
        labels = self.measuring.work.labels()
        pairs = [(labels.call(task.results[0]), labels.call(task.results[1])) for task in tasks]
        parties = of_pairs(pairs, str(self.measuring.how.environment or ""))
        found = self.measuring.comparison(*parties)
        couples = [line.couple for line in found.lines]
        return replace(found, warnings=warnings(self.result, self.result, couples))


def sides_of(paired: tuple[str, str] | None) -> tuple[Named, Named] | None:
    """The backends of --paired, with their labels. BenchsuiteError where these are the same."""
    if paired is None:
        return None
    known = list(backends.known())
    a, b = (Named.of(text, known, "--paired") for text in paired)
    if a.label and a.label == b.label:
        raise BenchsuiteError(f"--paired: both sides have the label {a.label!r}: choose another for one")
    return a, b


def output_of(plan: Plan, kind: str, output: Path | None, overwrite: bool) -> Path:
    """Where the result goes, seen to be possible before anything is measured."""
    path = output or outputs.default(f"{kind}-{plan.profile}")
    outputs.check(path, overwrite, result=True)
    return path


def measure(work: Work, how: How, path: Path, quiet: bool) -> Done:
    """Keeps what was measured, also after Ctrl-C."""
    here = {case.backend for task in work.tasks for case in task.cases[how.environment is not None :]}
    check_backends(here)
    environment = host.environment(native.compiler()) | host.load("before")
    measuring, watch = Measuring(work, how), Watch(work, how, quiet)
    signal.signal(signal.SIGTERM, terminate)  # a cancelled CI job says what it has, too
    begin, interrupted = time.monotonic(), False
    try:
        measuring.perform(watch)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        watch.close()
    result = measuring.result(environment | host.load("after"))
    store.save(result, path)
    return Done(measuring, result, interrupted, time.monotonic() - begin)


def interrupted(comparison: Comparison, path: Path, said: str = "") -> str:
    """What there is after Ctrl-C, and what to do next."""
    return (
        f"\ninterrupted; {said}what was measured is in {path}\n"
        f"{still_open(comparison)}\nmeasuring in pairs is not resumed: give the same command again, with "
        "--overwrite where it names files; --filter gives it less to do"
    )


def still_open(comparison: Comparison) -> str:
    """Which cases have no verdict yet, and what gives them one."""
    lines = [line for line in comparison.lines if line.kind == UNDECIDED]
    if not lines:
        return f"every one of {many(len(comparison.lines), 'case')} has its verdict"
    rounds = [line.verdict.more for line in lines if line.verdict and line.verdict.more]
    about = f", about {max(rounds)} more rounds of each" if len(rounds) == len(lines) else ""
    names = some([line.couple.other.case.name for line in lines])
    return f"undecided, {len(lines)} of {many(len(comparison.lines), 'case')}{about}: {names}"
