"""`--stress` and the options that say how: of `benchsuite verify`."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from benchsuite.cli.types import Duration
from benchsuite.units import format_duration, many

if TYPE_CHECKING:
    from benchsuite.backends.findings import Stressed, StressLoad

_SEEDS = 10**9  # short enough to type
_DETAILS = ("time", "workers", "sessions", "q_len", "seed")


def stress_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The command gets them as `load`: a StressLoad, or None without --stress."""

    @functools.wraps(function)
    def command(*arguments: Any, stress: bool, **options: Any) -> Any:
        details = {name: options.pop(name) for name in _DETAILS}
        given = {name: value for name, value in details.items() if value is not None}
        if given and not stress:
            raise click.UsageError(f"--{next(iter(given)).replace('_', '-')} says how to --stress: give both")
        return function(*arguments, load=_load(given) if stress else None, **options)

    for option in reversed(
        [
            click.option(
                "--stress", is_flag=True, help="Then load each driver with real traffic, all of it checked."
            ),
            click.option("--time", type=Duration(), help="Load each algorithm for so long.  [default: 1s]"),
            _number("--workers", 256, "Threads.  [default: 2 to 4, by CPUs]"),
            _number("--sessions", 10_000, "Sessions open at once, per worker.  [default: 4]"),
            _number("--q-len", 100_000, "Requests outstanding at once, per session.  [default: 16]"),
            click.option(
                "--seed", type=click.IntRange(0, 2**63 - 1), metavar="N", help="Repeat the load of this seed."
            ),
        ]
    ):
        command = option(command)
    return command


def _number(name: str, most: int, help: str) -> Callable[..., Any]:
    return click.option(name, type=click.IntRange(1, most), metavar="N", help=help)


def _load(given: dict[str, Any]) -> StressLoad:
    from benchsuite.backends.findings import StressLoad, default_workers

    details = {"workers": default_workers(), "seed": secrets.randbelow(_SEEDS)} | given
    if "time" in details:
        details["seconds"] = details.pop("time")
    return StressLoad(**details)


def announcement(load: StressLoad) -> str:
    return (
        f"under load: {many(load.workers, 'worker')} with {many(load.sessions, 'session')} of up to "
        f"{many(load.q_len, 'request')} each, {format_duration(load.seconds)} per algorithm; "
        f"--seed {load.seed} repeats it"
    )


def summary(found: Stressed) -> str:
    return (
        f"under load {many(found.requests, 'request')} in {many(found.sessions, 'session')}, "
        f"{found.high_water} outstanding"
    )
