"""`benchsuite doctor`: what can be measured here, and what would disturb it."""

from __future__ import annotations

import shutil
import sys
import textwrap

import click

_COLOURS = {"ok": "green", "note": "blue", "warn": "yellow", "bad": "red"}


@click.command()
def command() -> None:
    """Say what this machine can run and why the rest cannot, and what may disturb a measurement, each with
    its cure.

    \b
    ok    nothing to do
    note  good to know
    warn  figures will scatter, or mean less
    bad   something cannot be measured or saved
    """
    from benchsuite.backends import known
    from benchsuite.cli.listing import here
    from benchsuite.host import doctor
    from benchsuite.host.check import BAD, OK, Check
    from benchsuite.model import Failure
    from benchsuite.native import cycles_source

    checks = []
    for name in known():
        answer = here(name)
        if isinstance(answer, Failure):
            checks.append(Check(f"backend {name}", BAD, answer.reason))
        else:
            checks.append(Check(f"backend {name}", OK, answer))
    checks += doctor.checks(cycles_source())
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    name_width = max(len(check.name) for check in checks)
    for check in checks:
        _print(check.name, check.status, check.found, name_width, width)
        if check.status != OK:
            for text in filter(None, (check.why, check.cure and f"cure: {check.cure}")):
                _print("", "", text, name_width, width)
    counts = {status: sum(check.status == status for check in checks) for status in _COLOURS}
    click.echo("\n" + ", ".join(f"{count} {status}" for status, count in counts.items() if count))


def _print(name: str, status: str, text: str, name_width: int, width: int) -> None:
    mark = f"{status:4}"
    if status and sys.stdout.isatty():
        mark = click.style(mark, fg=_COLOURS[status])
    indent = " " * (4 + 2 + name_width + 2)
    body = textwrap.fill(
        text,
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    click.echo(f"{mark}  {name:{name_width}}  {body[len(indent) :]}")
