"""Options that several commands share, and what completes them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from benchsuite.cli.types import Duration


def complete_profile(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite import profile

    items = [CompletionItem(name, help=why) for name, why in profile.names() if name.startswith(incomplete)]
    return items or [CompletionItem(incomplete, type="file")]


def complete_backend(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite import backends

    label, equals, begun = incomplete.rpartition("=")
    return [
        CompletionItem(f"{label}{equals}{name}", help=about)
        for name, about in backends.known().items()
        if name.startswith(begun) and ":" not in label
    ]


def complete_override(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite import profile

    return [CompletionItem(f"{key}=") for key in profile.settable() if key.startswith(incomplete)]


def backend_option(help: str) -> Callable[..., Any]:
    return click.option(
        "-b",
        "--backend",
        "backends",
        multiple=True,
        metavar="[LABEL=]NAME[:SETTING]",
        shell_complete=complete_backend,
        help=help,
    )


def override_option(help: str) -> Callable[..., Any]:
    return click.option(
        "-s",
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=V[,V...]",
        shell_complete=complete_override,
        help=help,
    )


def filter_option(help: str) -> Callable[..., Any]:
    return click.option("--filter", "filters", multiple=True, metavar="KEY=PATTERN[,...]", help=help)


def list_options(orders: str) -> Callable[..., Any]:
    """--filter, --sort, --group-by."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(
            [
                filter_option(
                    "Only such cases: algorithm=aes-*,sha256 or request_size>=1024; all of several."
                ),
                click.option(
                    "--sort", metavar="KEY", default="", help=f"Order {orders}.  [default: as measured]"
                ),
                click.option(
                    "--group-by",
                    "keys",
                    multiple=True,
                    metavar="KEY[,KEY...]",
                    help="Geometric means over the cases that have this parameter in common.",
                ),
            ]
        ):
            function = option(function)
        return function

    return add


def deadline_option(default: str = "by what is expected") -> Callable[..., Any]:
    help = f"Give a worker process up after this long.  [default: {default}]"
    return click.option("--deadline", type=Duration(), help=help)


def format_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--format (several), --across and --hz."""
    from benchsuite.report import ACROSS, FORMATS

    function = click.option(
        "--across",
        type=click.Choice(list(ACROSS)),
        help="Put backends side by side, with ratios, and say from which size one beats another.",
    )(function)
    function = click.option(
        "--hz",
        type=click.IntRange(1, 100_000),
        default=250,
        show_default=True,
        help="Jiffies per second of the ocf-bench line.",
    )(function)
    return click.option(
        "-f",
        "--format",
        "formats",
        multiple=True,
        default=["table"],
        show_default=True,
        type=click.Choice(list(FORMATS)),
        help="How to print the figures; may be given more than once.",
    )(function)


def check_formats(formats: tuple[str, ...], across: str | None) -> None:
    """BenchsuiteError for formats that cannot be had, before anything is measured for them."""
    from benchsuite.report import check

    for name in formats:
        check(name, across)


def terminal_width() -> int | None:
    """Columns; None where nobody reads along: a file, a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_result(result: Any, formats: tuple[str, ...], hz: int, across: str | None = None) -> None:
    from benchsuite.report import render

    width = terminal_width()
    for i, name in enumerate(dict.fromkeys(formats)):
        if i:
            click.echo()
        click.echo(render(result, name, width, hz, across), nl=False)
