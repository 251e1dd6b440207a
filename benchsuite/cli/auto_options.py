"""What is said of the `auto` backend on the command line: --require, --prefer, and what it chose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import click
from click.shell_completion import CompletionItem

from benchsuite.model import CHAINED, DIGEST, BenchsuiteError, Case, Failure, Plan
from benchsuite.units import format_size

Decisions = Mapping[Case, "dict[str, str] | Failure"]  # by question, as runner.decisions has them


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


def wishing(backend: str, require: str, prefer: str) -> str:
    """The name of an auto backend with these wishes in place of its own; any other name as it is.
    BenchsuiteError for what is no wish."""
    from benchsuite.backends.auto import NAME
    from benchsuite.backends.candidates import parse_wish

    name, _, setting = backend.partition(":")
    if name != NAME or not (require or prefer):
        return backend
    own = parse_wish(setting)
    wish = parse_wish(str(replace(own, require=require or own.require, prefer=prefer or own.prefer)))
    return f"{NAME}:{wish}"


def check_wishes(backends: Iterable[str], require: str, prefer: str) -> None:
    """BenchsuiteError for a backend's wish that is none, and for options that no backend would read."""
    from benchsuite.backends.auto import NAME
    from benchsuite.backends.candidates import parse_wish

    settings = [name.partition(":")[2] for name in backends if name.partition(":")[0] == NAME]
    for setting in settings:
        parse_wish(setting)
    if (require or prefer) and not settings:
        option = "--require" if require else "--prefer"
        raise BenchsuiteError(
            f"{option} is for the auto backend, and nothing here asks for it: add -b {NAME}"
        )


def wish_plan(plan: Plan, require: str, prefer: str) -> Plan:
    """The plan with these wishes. Cases that become the same are one."""
    check_wishes({case.backend for case in plan.cases}, require, prefer)
    cases: dict[Case, Any] = {}
    for case, how in zip(plan.cases, plan.measures, strict=True):
        cases.setdefault(replace(case, backend=wishing(case.backend, require, prefer)), how)
    labels = {wishing(backend, require, prefer): label for backend, label in plan.labels.items()}
    return replace(plan, cases=tuple(cases), measures=tuple(cases.values()), labels=labels)


def lines(decisions: Decisions, verbose: bool) -> list[str]:
    """What was chosen, for what, and why not the others; cases with the same answers together."""
    from benchsuite.backends.auto import kernel_fips

    text = [f"auto chooses (FIPS mode of the kernel: {kernel_fips()}):"] if decisions else []
    groups: dict[tuple[str, str], list[Case]] = {}  # with the same answers
    answers: dict[tuple[str, str, str], set[str]] = {}  # of a backend, an algorithm and an operation
    for case, decision in decisions.items():
        answer = decision.reason if isinstance(decision, Failure) else decision["candidates"]
        groups.setdefault((case.backend, answer), []).append(case)
        answers.setdefault((case.backend, case.algorithm, case.op), set()).add(answer)
    for (backend, _), cases in groups.items():
        whats = [_what(case, len(answers[backend, case.algorithm, case.op]) > 1) for case in cases]
        label = "" if backend == "auto" else f"{backend}, "
        text += _group(f"  {label}{', '.join(dict.fromkeys(whats))}: ", decisions[cases[0]], verbose)
    return text


def _what(case: Case, in_detail: bool) -> str:
    """The algorithm and operation, and the size where not all sizes have the same decision."""
    what = case.algorithm if case.op == DIGEST else f"{case.algorithm} {case.op}"
    detail = f" {format_size(case.request_size)}{' chained' * (case.iv == CHAINED)}"
    return what + detail * in_detail


def _group(label: str, decision: dict[str, str] | Failure, verbose: bool) -> list[str]:
    from benchsuite.backends.candidates import from_text, reasons

    if isinstance(decision, Failure):
        return [f"{label}nothing: {decision.reason}"]
    chosen, *others = from_text(decision["candidates"])
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
