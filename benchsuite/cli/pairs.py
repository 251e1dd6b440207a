"""Measuring in pairs on the command line, for `compare` and `gate`: progress, Ctrl-C, the result file."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchsuite.cli import outputs
from benchsuite.cli.auto_options import lines
from benchsuite.cli.errors import say, sigterm_as_ctrl_c
from benchsuite.cli.progress import PLAIN_EVERY, clock
from benchsuite.compare.comparison import Comparison
from benchsuite.compare.verdicts import UNDECIDED
from benchsuite.runs.auto import Chosen
from benchsuite.runs.campaign import Task
from benchsuite.runs.pairs import Ended, How, Observer, Pairing, measure
from benchsuite.units import many
from benchsuite.view.comparison import some

if TYPE_CHECKING:
    from tqdm import tqdm


class Watch(Observer):
    """Shows measuring in pairs, unless it is to be quiet: on a terminal a bar of the time, elsewhere plain
    lines."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: tqdm[Any] | None = None

    def begins(self, pairing: Pairing, how: How) -> None:
        self._total, self._budget = len(pairing.tasks), how.budget
        self._rounds, self._open = 0, self._total
        self._begin = self._said = time.monotonic()
        if not self._quiet and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=how.budget,
                leave=False,
                mininterval=0.2,
                dynamic_ncols=True,
                file=sys.stderr,
                bar_format="|{bar}| {elapsed} of at most " + clock(how.budget) + "  {desc}",
            )

    def chosen(self, chosen: Chosen) -> None:
        for text in lines(chosen, verbose=False):
            if self._bar is not None:
                self._bar.write(text, file=sys.stderr)
            elif not self._quiet:
                say(text)

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


def measure_watched(pairing: Pairing, how: How, path: Path | None, quiet: bool) -> Ended:
    """The work done, with a person or a log looking on."""
    watch = Watch(quiet)
    sigterm_as_ctrl_c()
    try:
        return measure(pairing, how, path, watch)
    finally:
        watch.close()


def interrupted(comparison: Comparison, path: Path | None, said: str = "") -> str:
    """What there is after Ctrl-C, and what to do next."""
    where = f"what was measured is in {path}" if path else outputs.in_words(None)
    return (
        f"\ninterrupted; {said}{where}\n"
        f"{still_open(comparison)}\nmeasuring in pairs is not resumed: give the same command again, with "
        "--overwrite where it names files; --filter gives it less to do"
    )


def still_open(comparison: Comparison) -> str:
    """Which cases have no verdict yet, and what gives them one."""
    open_ = [line for line in comparison.lines if line.kind == UNDECIDED]
    if not open_:
        return f"every one of {many(len(comparison.lines), 'case')} has its verdict"
    rounds = [line.verdict.more for line in open_ if line.verdict and line.verdict.more]
    about = f", about {max(rounds)} more rounds of each" if len(rounds) == len(open_) else ""
    names = some([line.couple.other.case.name for line in open_])
    return f"undecided, {len(open_)} of {many(len(comparison.lines), 'case')}{about}: {names}"
