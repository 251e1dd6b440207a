"""`benchsuite list`: backends, algorithms, profiles, simulated devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from benchsuite.sim import Device


@click.group(name="list")
def command() -> None:
    """List what can be named in a profile or on the command line."""


def _table(rows: list[list[str]], headers: list[str]) -> None:
    from tabulate import tabulate

    click.echo(tabulate(rows, headers=headers, tablefmt="plain", disable_numparse=True))


@command.command()
def backends() -> None:
    """The backends, and what each would measure here or why it cannot."""
    from benchsuite.backends import known
    from benchsuite.model import Failure
    from benchsuite.runner.process import describe

    rows = []
    for name, about in known().items():
        answer = describe(name)
        here = f"not here: {answer.reason}" if isinstance(answer, Failure) else answer
        rows.append([name, about, here])
    _table(rows, ["BACKEND", "WHAT IT IS", "HERE"])


@command.command()
@click.option(
    "--kind", type=click.Choice(["cipher", "aead", "digest", "hmac", "authenc"]), help="Only this kind."
)
def algorithms(kind: str | None) -> None:
    """The algorithms, and what each is called elsewhere."""
    from benchsuite.algorithms import ALGORITHMS, ALIASES

    rows = []
    for algorithm in ALGORITHMS.values():
        if kind in (None, algorithm.kind):
            names = ["+".join(filter(None, algorithm.names(column) or ())) for column in COLUMNS]
            rows.append([algorithm.name, algorithm.kind, *(name or "-" for name in names)])
    _table(rows, ["ALGORITHM", "KIND", *COLUMNS])
    click.echo("\nauthenc: encrypt, then MAC, as one request. Other names that are understood:")
    others: dict[str, list[str]] = {}
    for alias, name in ALIASES.items():
        if kind in (None, ALGORITHMS[name].kind):
            others.setdefault(name, []).append(alias)
    for name, aliases in others.items():
        click.echo(f"  {name}: {', '.join(aliases)}")


COLUMNS = ["libcrypto", "afalg", "cryptodev", "tcrypt"]


@command.command()
def profiles() -> None:
    """The profiles that come with benchsuite, and the question each answers."""
    from benchsuite.profile import DIRECTORY, names

    _table([[name, why] for name, why in names()], ["PROFILE", "WHY"])
    click.echo(f"\nA path to a TOML file of your own does as well; the format: {DIRECTORY / 'README.md'}")


@command.command()
def devices() -> None:
    """The simulated devices, and how well the speed of each is known."""
    from benchsuite import sim
    from benchsuite.sim.device import DIRECTORY

    rows = []
    for name in sim.names():
        device = sim.load(name)
        algorithms = str(len(device.algorithms))
        rows.append(
            [
                name,
                device.title,
                *_speed(device),
                algorithms,
                _ring(device),
                str(device.value("units", "count")),
            ]
        )
    _table(rows, ["DEVICE", "WHAT IS SIMULATED", "CONFIDENCE", "OF", "ALGORITHMS", "RING", "UNITS"])
    click.echo(
        "\nAll of them are simulated: `-b sim:DEVICE` measures nothing, and every figure of it says so."
    )
    click.echo(
        "CONFIDENCE: how well the speed of the best known is known, by the weaker one of set-up and rate:"
    )
    for confidence, meaning in sim.CONFIDENCES.items():
        click.echo(f"  {confidence}: {meaning}")
    click.echo(
        f"The source of every figure is in its file in {DIRECTORY}, README.md is the format for your own"
    )


def _speed(device: Device) -> tuple[str, str]:
    """How well it is known, and of which algorithms, where it is known best."""
    from benchsuite.sim import CONFIDENCES

    order = list(CONFIDENCES)
    best = min(
        device.rates, key=lambda rate: (order.index(rate.confidence), order.index(rate.rate_mbps.confidence))
    )
    rate, names = best.rate_mbps.confidence, sorted(best.algorithms)
    known = best.confidence + (f", rate: {rate}" if rate != best.confidence else "")
    return known, f"{names[0]} {best.op}".strip() if len(names) == 1 else f"{len(names)} algorithms"


def _ring(device: Device) -> str:
    """How many requests a device holds."""
    if device.value("completion", "mode") == "sync":
        return "none"
    count, depth = device.value("ring", "count"), device.value("ring", "depth")
    return f"{count} x {depth}" if count > 1 else str(depth)
