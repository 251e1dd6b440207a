"""`benchsuite list`: backends, algorithms, profiles, simulated devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from benchsuite.cli.options import complete_algorithm, complete_device, terminal_width
from benchsuite.cli.tables import table
from benchsuite.cli.types import Size
from benchsuite.sheet.printable import wrap

if TYPE_CHECKING:
    from benchsuite.model import Failure
    from benchsuite.sim import Device


@click.group(name="list")
def command() -> None:
    """List what can be named in a profile or on the command line."""


def _say(text: str, indent: int = 0) -> None:
    click.echo("\n".join(wrap(text, terminal_width(), indent)))


def here(name: str) -> str | Failure:
    """What the backend would measure on this machine."""
    from benchsuite.backends import of
    from benchsuite.runner.calls import describe

    return of(name).without_setting or describe(name)


@command.command()
@click.option("-v", "--verbose", is_flag=True, help="Also what the setting of each may say.")
def backends(verbose: bool) -> None:
    """The backends, and what each would measure here or why it cannot."""
    from benchsuite.backends import known, of
    from benchsuite.model import Failure

    rows = []
    for name, about in known().items():
        answer = here(name)
        said = f"not here: {answer.reason}" if isinstance(answer, Failure) else answer
        rows.append([name, about, said])
    table(rows, ["BACKEND", "WHAT IT IS", "HERE"])
    for name in known() if verbose else ():
        options = [[option.usage, option.doc] for option in of(name).options]
        if options:
            click.echo(f"\n{name}: what may stand after its colon, with commas between")
            table(options, [])


@command.command()
@click.option(
    "--kind", type=click.Choice(["cipher", "aead", "digest", "hmac", "authenc"]), help="Only this kind."
)
def algorithms(kind: str | None) -> None:
    """The algorithms, and what each is called elsewhere."""
    from benchsuite.algorithms import ALGORITHMS, ALIASES
    from benchsuite.algorithms.names import columns

    rows = []
    shown = columns()
    for algorithm in ALGORITHMS.values():
        if kind in (None, algorithm.kind):
            names = ["+".join(filter(None, algorithm.names(column) or ())) for column in shown]
            rows.append([algorithm.name, algorithm.kind, *(name or "-" for name in names)])
    table(rows, ["ALGORITHM", "KIND", *shown])
    click.echo("\nauthenc: encrypt, then MAC, as one request. Other names that are understood:")
    others: dict[str, list[str]] = {}
    for alias, name in ALIASES.items():
        if kind in (None, ALGORITHMS[name].kind):
            others.setdefault(name, []).append(alias)
    for name, aliases in others.items():
        click.echo(f"  {name}: {', '.join(aliases)}")


@command.command()
def profiles() -> None:
    """The profiles that come with benchsuite, and the question each answers."""
    from benchsuite.profile import DIRECTORY, names

    table([[name, why] for name, why in names()], ["PROFILE", "WHY"])
    click.echo()
    _say(f"A path to a TOML file of your own does as well; the format: {DIRECTORY / 'README.md'}")


@command.command()
@click.option(
    "--for",
    "wanted",
    metavar="ALGORITHM",
    shell_complete=complete_algorithm,
    help="Simulate and rank what would serve this algorithm.",
)
@click.option(
    "--size",
    type=Size(1, 16 << 20, "not a size from 1 byte to 16 MiB"),
    help="Of a request.  [default: 1420, rounded]",
)
@click.option("--mbps", type=click.FloatRange(min=0, min_open=True), help="The rate that it is to reach.")
@click.option(
    "--op",
    type=click.Choice(["encrypt", "decrypt", "digest"]),
    help="What is done.  [default: encrypt; digest of what only has that]",
)
@click.option(
    "--device",
    "own",
    multiple=True,
    metavar="DEVICE",
    shell_complete=complete_device,
    help="Only this one, by name or by the path of a file of your own; may be given more than once.",
)
@click.option(
    "-f",
    "--format",
    "format_name",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
)
def devices(
    wanted: str | None,
    size: int | None,
    mbps: float | None,
    op: str | None,
    own: tuple[str, ...],
    format_name: str,
) -> None:
    """The simulated devices, and how well the speed of each is known.

    With --for they are simulated with that algorithm, at one size and with up to 128 requests outstanding,
    and ranked: what serves surely first, then what serves by a guess, then what does not reach the rate.

    \b
    Examples:
      benchsuite list devices
      benchsuite list devices --for aes-128-gcm --size 1420 --mbps 2000
      benchsuite list devices --for aes-128-cbc --op decrypt --device ./mine.toml
    """
    if wanted:
        from benchsuite.cli import serving

        serving.show(wanted, size, mbps, op, own, format_name)
        return
    if size or mbps or op or own or format_name != "table":
        raise click.UsageError("--size, --mbps, --op, --device and --format go with --for ALGORITHM")
    _all_devices()


def _all_devices() -> None:
    from benchsuite import sim
    from benchsuite.confidence import CONFIDENCES
    from benchsuite.sim.files import DIRECTORY

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
    headers = ["DEVICE", "WHAT IS SIMULATED", "CONFIDENCE", "OF", "ALGORITHMS", "RING", "UNITS"]
    table(rows, headers, spare="OF")
    click.echo()
    _say("All of them are simulated: `-b sim:DEVICE` measures nothing, and every figure of it says so.")
    _say("CONFIDENCE: how well the speed of the best known is known, by the weaker one of set-up and rate:")
    for confidence, meaning in CONFIDENCES.items():
        _say(f"  {confidence}: {meaning}", 4)
    _say(f"The source of every figure is in its file in {DIRECTORY}, README.md is the format for your own")


def _speed(device: Device) -> tuple[str, str]:
    """How well it is known, and of which algorithms, where it is known best."""
    from benchsuite.confidence import LEVELS

    best = min(
        device.rates,
        key=lambda rate: (LEVELS.index(rate.confidence), LEVELS.index(rate.rate_mbps.confidence)),
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
