"""`benchsuite list`: backends, algorithms, profiles."""

from __future__ import annotations

import click


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
