"""`--stress`, `--soak` and the options that say how: of `benchsuite verify`."""

from __future__ import annotations

import functools
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from benchsuite.cli.errors import say
from benchsuite.cli.progress import clock
from benchsuite.cli.types import Duration, Size
from benchsuite.units import format_duration, many

if TYPE_CHECKING:
    from benchsuite.backends.findings import SoFar, Stressed, StressLoad
    from benchsuite.cli.verify_lines import Line

_SEEDS = 10**9  # short enough to type
_DETAILS = ("time", "workers", "sessions", "q_len", "seed", "size", "no_narrow")
_LARGEST = 2**30  # bytes of a request
_LINE_EVERY = 60.0  # seconds between lines of progress where there is no terminal


@dataclass(frozen=True, slots=True)
class Loads:
    """How drivers are loaded: with each algorithm, then with all of them at once. narrow: after a fault, the
    smallest load that shows it again is looked for."""

    each: StressLoad
    all: StressLoad
    narrow: bool = True

    @contextmanager
    def watching(self, backend: str) -> Iterator[Soaking | None]:
        """Whoever is to be shown how far the load of all is; None, if it is short."""
        watch = Soaking(backend, self.all.seconds) if self.all.soak else None
        try:
            yield watch
        finally:
            if watch:
                watch.end()


def stress_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The command gets them as `loads`: None without --stress or --soak."""

    @functools.wraps(function)
    def command(*arguments: Any, stress: bool, soak: float | None, **options: Any) -> Any:
        details = {name: options.pop(name) for name in _DETAILS}
        given = {name: value for name, value in details.items() if value not in (None, (), False)}
        wanted = stress or soak is not None
        if given and not wanted:
            raise click.UsageError(f"--{next(iter(given)).replace('_', '-')} says how to --stress: give both")
        return function(*arguments, loads=_loads(given, soak) if wanted else None, **options)

    for option in reversed(
        [
            click.option(
                "--stress", is_flag=True, help="Then load each driver with real traffic, all of it checked."
            ),
            click.option("--time", type=Duration(), help="Load each algorithm for so long.  [default: 1.5s]"),
            click.option(
                "--soak",
                type=Duration(),
                help="Then all algorithms of a backend at once for so long, say 1h: a steady load, with a "
                "line of progress. A fault ends it early, and so does Ctrl-C, with what was found.",
            ),
            _number("--workers", 256, "Threads.  [default: 2 to 4, by CPUs]"),
            _number("--sessions", 10_000, "Sessions open at once, per worker.  [default: 4]"),
            _number("--q-len", 100_000, "Requests outstanding at once, per session.  [default: 16]"),
            click.option(
                "--size",
                type=Size(0, _LARGEST, "too much: 1GiB or less"),
                multiple=True,
                help="Only requests of this size; may be given more than once.",
            ),
            click.option(
                "--seed", type=click.IntRange(0, 2**63 - 1), metavar="N", help="Repeat the load of this seed."
            ),
            click.option(
                "--no-narrow",
                is_flag=True,
                help="After a fault, do not look for the smallest load that shows it again.",
            ),
        ]
    ):
        command = option(command)
    return command


def _number(name: str, most: int, help: str) -> Callable[..., Any]:
    return click.option(name, type=click.IntRange(1, most), metavar="N", help=help)


def _loads(given: dict[str, Any], soak: float | None) -> Loads:
    from benchsuite.backends.findings import StressLoad, default_workers

    details = {"workers": default_workers(), "seed": secrets.randbelow(_SEEDS)} | given
    narrow = not details.pop("no_narrow", False)
    if "time" in details:
        details["seconds"] = details.pop("time")
    if "size" in details:
        details["only_sizes"] = tuple(sorted(set(details.pop("size"))))
    each = StressLoad(**details)
    return Loads(each, each if soak is None else replace(each, seconds=soak, soak=True), narrow)


def announcement(loads: Loads) -> str:
    load = loads.each
    mixed = f"all at once for {format_duration(loads.all.seconds)}" if loads.all.soak else "all at once"
    return (
        f"under load: {many(load.workers, 'worker')} with {many(load.sessions, 'session')} of up to "
        f"{many(load.q_len, 'request')} each, {format_duration(load.seconds)} per algorithm, then {mixed}; "
        f"--seed {load.seed} repeats it"
    )


def summary(found: Stressed) -> str:
    among = f"{len(found.algorithms)} algorithms at once: " if len(found.algorithms) > 1 else ""
    interrupted = f"interrupted after {clock(found.seconds)}; " if found.interrupted else ""
    left_out = f"; not under load: {', '.join(found.left_out)}" if found.left_out else ""
    sessions = f"{many(found.sessions, 'session')}, the longest of {found.longest}"
    return (
        f"{among}{interrupted}under load {many(found.requests, 'request')} in {sessions}, "
        f"{found.high_water} outstanding{left_out}"
    )


def exclusion(lines: Sequence[Line]) -> str:
    """What the loads rule out, of the one that rules out least; "" where there was none, or where anything
    was wrong, be it found without load."""
    loaded = [(line.stressed, line) for line in lines if line.stressed and line.stressed.excluded]
    if not loaded or any(line.status for line in lines if line.algorithm):
        return ""
    least, line = min(loaded, key=lambda one: one[0].excluded)
    which = f" (the least: {line.backend} {line.algorithm})" if len(loaded) > 1 else ""
    return (
        f"under load, if each request fails independently, fewer than 1 in {least.excluded} do, "
        f"with 99% confidence{which}"
    )


class Soaking:
    """Shows how far a long load is: on a terminal one line again and again, elsewhere a line a minute."""

    def __init__(self, backend: str, seconds: float) -> None:
        self._backend, self._seconds = backend, seconds
        self._begin = self._said = time.monotonic()
        self._terminal = sys.stderr.isatty()

    def __call__(self, so_far: SoFar) -> None:
        now = time.monotonic()
        if not self._terminal and now - self._said < _LINE_EVERY:
            return
        self._said = now
        text = (
            f"{self._backend}: {clock(now - self._begin)} of {clock(self._seconds)}, "
            f"{many(so_far.requests, 'request')} in {many(so_far.sessions, 'session')}, "
            f"{many(so_far.faults, 'fault')}, {so_far.resident / 1e6:.0f} MB"
        )
        if not self._terminal:
            say(text)
            return
        room = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r{text[:room]:{room}}")
        sys.stderr.flush()

    def end(self) -> None:
        """Clears the line, for what comes next."""
        if self._terminal:
            sys.stderr.write(f"\r{'':{shutil.get_terminal_size().columns - 1}}\r")
            sys.stderr.flush()
