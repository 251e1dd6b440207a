"""The plots of `benchsuite report`: which of them, how far they are, and what is kept of them when they end
early."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchsuite.cli.errors import say, sigterm_as_ctrl_c
from benchsuite.model import BenchsuiteError
from benchsuite.units import many, nearest

if TYPE_CHECKING:
    from benchsuite.report.charts.entries import Data
    from benchsuite.report.plots.plan import Plan

LIST = "list"
PLAIN_EVERY = 10.0  # seconds between lines where no terminal is


def chosen(data: Data, patterns: Sequence[str]) -> list[Plan]:
    """The plots whose name or kind is like one of the patterns; all where there are no patterns.
    BenchsuiteError for a pattern that nothing is like."""
    from benchsuite.report.plots.plan import plans

    listed = plans(data)
    for pattern in patterns:
        if listed and not any(_like(plan, pattern) for plan in listed):
            raise BenchsuiteError(f"--plots: no plot is like {pattern!r}: {_hint(pattern, listed)}")
    return [plan for plan in listed if not patterns or any(_like(plan, each) for each in patterns)]


def _like(plan: Plan, pattern: str) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for name in (plan.name, plan.kind))


def _hint(pattern: str, listed: Sequence[Plan]) -> str:
    kinds = list(dict.fromkeys(plan.kind for plan in listed))
    near = nearest(pattern.strip("*"), kinds)
    mean = f"did you mean {near!r}? " if near else ""
    return f"{mean}There are {', '.join(kinds)}; `--plots {LIST}` has every name"


def show(listed: Sequence[Plan]) -> None:
    """Prints the names of plots, and how many there are of each kind."""
    for plan in listed:
        click.echo(plan.name)
    kinds = Counter(plan.kind for plan in listed)
    said = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    say(f"{many(len(listed), 'plot')}{': ' * bool(said)}{said}")
    say("--plots takes names, kinds, and patterns of both, as 'mbps-by-size*'")


def make(listed: Sequence[Plan], folders: dict[str, Path], overwrite: bool, missing: bool) -> None:
    """A file for each plot and kind of file. BenchsuiteError before anything is drawn where one is there
    already. missing: only those that are not there. However it ends, every file is whole."""
    from benchsuite.report.plots.processes import Stopped, drawn
    from benchsuite.runs.outputs import write

    for kind, folder in folders.items():
        _prepare(kind, folder, listed, overwrite or missing)
    work = [
        (plan, kinds)
        for plan in listed
        if (kinds := [kind for kind, folder in folders.items() if not _there(folder, plan, kind, missing)])
    ]
    if len(work) < len(listed):
        say(f"{many(len(listed) - len(work), 'plot')} of {len(listed)} are there already")
    done = 0
    sigterm_as_ctrl_c()
    try:
        with _progress(len(work)) as step:
            for number, images in drawn([plan for plan, _ in work], [kinds for _, kinds in work]):
                for kind, image in images:
                    write(folders[kind] / f"{work[number][0].name}.{kind}", image, f"--{kind}", durable=False)
                done += 1
                step()
    except (KeyboardInterrupt, Stopped) as end:
        made = f"{done} of {many(len(work), 'plot')} are made, each file of them whole"
        say(f"{made}; to go on give the same command with --missing")
        if isinstance(end, Stopped):
            raise Stopped(f"{end}: by somebody, or because memory ran out (dmesg may say)") from None
        raise
    for kind, folder in folders.items():
        say(f"{many(len(listed), 'plot')}: {folder}/*.{kind}")


def _there(folder: Path, plan: Plan, kind: str, missing: bool) -> bool:
    return missing and (folder / f"{plan.name}.{kind}").exists()


def _prepare(kind: str, folder: Path, listed: Sequence[Plan], may_be_there: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BenchsuiteError(
            f"--{kind} {folder}: no such directory can be made ({error.strerror}); choose another"
        ) from None
    there = [name for name in (f"{plan.name}.{kind}" for plan in listed) if (folder / name).exists()]
    if there and not may_be_there:
        raise BenchsuiteError(
            f"--{kind} {folder}: {many(len(there), 'plot')} would be replaced, as {there[0]}; choose another "
            "directory, --overwrite them, or make only the --missing ones"
        )


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], object]]:
    """What a person sees: a bar on a terminal, elsewhere a line now and then."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(total=total, desc="plots", leave=False, dynamic_ncols=True, file=sys.stderr) as bar:
            yield bar.update
    else:
        yield _Lines(total)


class _Lines:
    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._begin = self._said = time.monotonic()

    def __call__(self) -> None:
        from benchsuite.cli.progress import clock

        self._done += 1
        now = time.monotonic()
        if now - self._said < PLAIN_EVERY or self._done == self._total:
            return
        self._said, gone = now, now - self._begin
        left = gone * (self._total - self._done) / self._done
        say(f"{self._done} of {many(self._total, 'plot')}, {clock(gone)} gone, about {clock(left)} left")
