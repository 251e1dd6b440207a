"""The one command that shows again what `benchsuite verify` has found, and how far that was narrowed."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from benchsuite.backends.findings import Narrowed
from benchsuite.runner.narrowing import AT_MOST, Narrowing
from benchsuite.units import format_duration, many

if TYPE_CHECKING:
    from benchsuite.backends.findings import Stressed, StressLoad

_TIMES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 600.0)  # seconds that are typed
_AMPLE = 4  # times as long as it took, lest another machine is slower
_RARE = 10.0  # seconds for what did not come every time


def plain(profile: str, backend: str, algorithm: str) -> Narrowed:
    """What needs no load."""
    command = _command(profile, "-b", backend, "-a", algorithm)
    return Narrowed([algorithm], command=command)


def under_load(
    profile: str, backend: str, found: Stressed, load: StressLoad, deadline: float | None
) -> Narrowed:
    """The smallest load that shows again what this one has found; it takes some seconds."""
    narrowed = Narrowing(backend, found, load, deadline).smallest()
    algorithms = [part for name in narrowed.algorithms for part in ("-a", name)]
    shape = ["--workers", narrowed.workers, "--sessions", narrowed.sessions, "--q-len", narrowed.q_len]
    size = [] if narrowed.size is None else ["--size", narrowed.size]
    ending = ["--seed", narrowed.seed, "--time", format_duration(_time(narrowed, load.seconds))]
    command = _command(profile, "--stress", "-b", backend, *algorithms, *shape, *size, *ending)
    return replace(narrowed, command=command)


def _time(narrowed: Narrowed, asked: float) -> float:
    if not narrowed.times:
        return asked
    least = _AMPLE * narrowed.seconds if narrowed.times == narrowed.tries else _RARE
    return next((seconds for seconds in _TIMES if seconds >= least), least)


def _command(profile: str, *words: object) -> str:
    return shlex.join(["benchsuite", "verify", *([profile] if profile else []), *map(str, words)])


def sentence(narrowed: Narrowed, found: Stressed | None) -> str:
    """The load, and the command. found: by the load that showed it first."""
    if not narrowed.workers:
        return f"shows again: {narrowed.command}"
    if not narrowed.times:
        seen = _seen(found) if found else "seen"
        again = "interrupted" if narrowed.interrupted else f"in {AT_MOST:g} s"
        return f"{seen}; not seen again ({again}). The load was: {narrowed.command}"
    workers = f"with {narrowed.workers} workers, each with " if narrowed.workers > 1 else "with "
    sessions = "one session" if narrowed.sessions == 1 else f"{narrowed.sessions} sessions"
    size = f" and {many(narrowed.size, 'byte')}" if narrowed.size is not None else ""
    shows = "shows again" if narrowed.times == narrowed.tries else "shows again, though not every time"
    return f"{workers}{sessions} of {many(narrowed.q_len, 'request')}{size}; {shows}: {narrowed.command}"


def _seen(found: Stressed) -> str:
    times = "once" if found.faults == 1 else f"{found.faults} times"
    return f"seen {times} in {many(found.requests, 'request')}"
