"""What is said of the `auto` backend on the command line: --require, --prefer, and what it chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from benchsuite.facts import Fact
from benchsuite.model import CHAINED, Case, Failure
from benchsuite.units import format_size

Decisions = Mapping[Case, "dict[str, str] | Failure"]  # by question, as runs.auto has them


def _complete_class(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite.backends.candidates import BACKENDS, CLASSES

    known = dict(CLASSES) if param.name == "require" else CLASSES | dict.fromkeys(BACKENDS, "")
    return [CompletionItem(name, help=why) for name, why in known.items() if name.startswith(incomplete)]


def wish_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--require and --prefer."""
    function = click.option(
        "--prefer",
        metavar="CLASS|BACKEND",
        default="",
        shell_complete=_complete_class,
        help="What the auto backend takes first: a class, or a backend such as afalg or afalg:DRIVER.",
    )(function)
    return click.option(
        "--require",
        metavar="CLASS",
        default="",
        shell_complete=_complete_class,
        help="What the auto backend must find: hardware, accelerated, kernel or software. It never falls "
        "back to another.",
    )(function)


def lines(decisions: Decisions, verbose: bool) -> list[str]:
    """What was chosen, for what, and why not the others; cases with the same answers together."""
    from benchsuite.backends.auto import kernel_fips

    text = [f"auto chooses (FIPS mode of the kernel: {kernel_fips()}):"] if decisions else []
    groups: dict[tuple[str, str], list[Case]] = {}  # with the same answers
    answers: dict[tuple[str, str, str], set[str]] = {}  # of a backend, an algorithm and an operation
    for case, decision in decisions.items():
        answer = decision.reason if isinstance(decision, Failure) else decision[Fact.CANDIDATES]
        groups.setdefault((case.backend, answer), []).append(case)
        answers.setdefault((case.backend, case.algorithm, case.op), set()).add(answer)
    for (backend, _), cases in groups.items():
        whats = [_what(case, len(answers[backend, case.algorithm, case.op]) > 1) for case in cases]
        label = "" if backend == "auto" else f"{backend}, "
        text += _group(f"  {label}{', '.join(dict.fromkeys(whats))}: ", decisions[cases[0]], verbose)
    return text


def _what(case: Case, in_detail: bool) -> str:
    """The algorithm and operation, and the size where not all sizes have the same decision."""
    detail = f" {format_size(case.request_size)}{' chained' * (case.iv == CHAINED)}"
    return case.words() + detail * in_detail


def _group(label: str, decision: dict[str, str] | Failure, verbose: bool) -> list[str]:
    from benchsuite.backends.candidates import from_text, reasons

    if isinstance(decision, Failure):
        return [f"{label}nothing: {decision.reason}"]
    chosen, *others = from_text(decision[Fact.CANDIDATES])
    text = [label + chosen.shown]
    if verbose:
        return text + [f"    {line}" for line in _table([chosen, *others])]
    would_do = [other.shown for other in others if not other.refused]
    if would_do:
        text.append(f"    would do as well: {', '.join(would_do)}")
    return text + [f"    refused: {reason}" for reason in reasons(others)]


def _table(candidates: list[Any]) -> list[str]:
    from tabulate import tabulate

    rows = [
        [each.backend, each.kind or "-", str(each.priority or "-"), each.refused or "would do"]
        for each in candidates
    ]
    rows[0][-1] = "chosen"
    return str(tabulate(rows, tablefmt="plain", disable_numparse=True)).splitlines()
