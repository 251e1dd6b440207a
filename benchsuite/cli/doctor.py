"""`benchsuite doctor`: what can be measured here, and what would disturb it."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from benchsuite.host.check import Check

_COLOURS = {"ok": "green", "note": "blue", "warn": "yellow", "bad": "red"}
_BACKEND = "backend"
# Backends, and the check of the machine that knows the cure.
_CURED_BY = {"afalg": "af-alg", "cryptodev": "dev-crypto", "tcrypt": "tcrypt"}
_ADVICE = re.compile(r"(?:\([^()]*\)|[^:(]|:(?! ))+: (.+)")  # after a colon that is in no parentheses


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite.backends import known
    from benchsuite.host.doctor import checks

    keys = [f"{_BACKEND}-{name}" for name in known()]
    keys += [check.key for check in checks(moment=0.0)]
    return [CompletionItem(key) for key in keys if key.startswith(incomplete)]


@click.command()
@click.argument("names", metavar="[NAME...]", nargs=-1, shell_complete=_complete)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("--cure", "cures", is_flag=True, help="Print only the commands that cure it, one a line.")
def command(names: tuple[str, ...], as_json: bool, cures: bool) -> int:
    """Say what this machine can run and why the rest cannot, and what may disturb a measurement, each with
    its cure. NAME asks for one: governor, isolated-cpus, backend-afalg; --json has all names.

    \b
    ok    nothing to do
    note  good to know
    warn  figures will scatter, or mean less
    bad   something cannot be measured or saved

    \b
    Examples:
      benchsuite doctor
      benchsuite doctor governor turbo --cure
      benchsuite doctor --json
    """
    from benchsuite.model import BenchsuiteError

    if as_json and cures:
        raise BenchsuiteError("--cure: --json has the cures already: leave one of the two out")
    checks = _asked(names)
    if as_json:
        _print_json(checks)
    elif cures:
        _print_cures(checks)
    else:
        _print_all(checks)
    return _status(checks, bool(names))


def _asked(names: Sequence[str]) -> list[Check]:
    """The checks of these names, all without any. BenchsuiteError for one that there is not."""
    from benchsuite.backends import known
    from benchsuite.host import doctor
    from benchsuite.model import BenchsuiteError
    from benchsuite.native import cycles_source
    from benchsuite.units import meant

    machine = doctor.checks(cycles_source())
    backends = {f"{_BACKEND}-{name}": name for name in known()}
    keys = [*backends, *(check.key for check in machine)]
    for name in names:
        if name not in keys:
            raise BenchsuiteError(f"doctor: nothing is called {name!r}: {meant(name, keys)}")
    wanted = names or keys
    cures = {check.key: check.cure for check in machine}
    found = [
        _backend(name, cures.get(_CURED_BY.get(name, ""), ""))
        for key, name in backends.items()
        if key in wanted
    ]
    return found + [check for check in machine if check.key in wanted]


def _backend(name: str, cure: str) -> Check:
    """What a backend would measure here, or why it cannot. cure: what a check of the machine knows; else it
    is what the reason itself says is to be done."""
    from benchsuite.cli.listing import here
    from benchsuite.host.check import BAD, OK, Check
    from benchsuite.model import Failure

    answer = here(name)
    if isinstance(answer, Failure):
        said = _ADVICE.fullmatch(answer.reason)
        return Check(f"{_BACKEND} {name}", BAD, answer.reason, cure=cure or (said[1] if said else ""))
    return Check(f"{_BACKEND} {name}", OK, answer)


def _status(checks: Sequence[Check], named: bool) -> int:
    """The exit status. A backend that is not here counts only where it was asked for by name: few machines
    have all."""
    counted = [check for check in checks if named or not check.name.startswith(_BACKEND)]
    statuses = {check.status for check in counted}
    return 3 if "bad" in statuses else 1 if "warn" in statuses else 0


def _print_json(checks: Sequence[Check]) -> None:
    from benchsuite.sheet import as_json

    plain = [
        {
            "name": check.key,
            "what": check.name,
            "status": check.status,
            "found": check.found,
            "why": check.why,
            "cure": check.cure,
            "command": check.command or None,
        }
        for check in checks
    ]
    counts = {status: sum(check.status == status for check in checks) for status in _COLOURS}
    click.echo(as_json.write({"benchsuite_doctor": 1, "checks": plain, "counts": counts}), nl=False)


def _print_cures(checks: Sequence[Check]) -> None:
    """Commands to standard output; what no command cures to standard error."""
    from benchsuite.cli.errors import say

    for check in checks:
        if check.status in ("warn", "bad"):
            if check.command:
                click.echo(check.command)
            else:
                say(f"{check.key}: no command cures it" + (f": {check.cure}" if check.cure else ""))


def _print_all(checks: Sequence[Check]) -> None:
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    name_width = max(len(check.name) for check in checks)
    for check in checks:
        _print(check.name, check.status, check.found, name_width, width)
        if check.status != "ok":
            said = check.name.startswith(_BACKEND)  # its reason says what is to be done
            cure = f"cure: {check.cure}" * bool(check.cure and not said)
            for text in filter(None, (check.why, cure)):
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
