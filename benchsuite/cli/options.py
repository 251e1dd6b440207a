"""Options that several commands share, and what completes them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from benchsuite.cli.types import CpuList, Duration

if TYPE_CHECKING:
    from benchsuite.model import Result
    from benchsuite.view.listing import Listing


def complete_profile(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite import profile

    items = [CompletionItem(name, help=why) for name, why in profile.names() if name.startswith(incomplete)]
    return items or [CompletionItem(incomplete, type="file")]


def complete_backend(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite import backends

    label, equals, begun = incomplete.rpartition("=")
    if begun.startswith("sim:") and ":" not in label:
        return [
            CompletionItem(f"{label}{equals}sim:{item.value}", help=item.help)
            for item in complete_device(ctx, param, begun.removeprefix("sim:"))
        ]
    return [
        CompletionItem(f"{label}{equals}{name}", help=about)
        for name, about in backends.known().items()
        if name.startswith(begun) and ":" not in label
    ]


def complete_override(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite import profile

    if "=" in incomplete:
        return _complete_values(ctx, param, incomplete)
    return [CompletionItem(f"{key}=") for key in profile.settable() if key.startswith(incomplete)]


def complete_filter(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite.model import PARAMETERS
    from benchsuite.remarks import TAG

    if "=" in incomplete:
        return _complete_values(ctx, param, incomplete)
    keys = [*(f"{key}=" for key in PARAMETERS), TAG]
    return [CompletionItem(key) for key in keys if key.startswith(incomplete)]


def _complete_values(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """KEY=V[,V...] from the last comma on, where the values of the key have names."""
    key, _, given = incomplete.partition("=")
    before, comma, begun = given.rpartition(",")
    named = {"algorithm": complete_algorithm, "backend": complete_backend}.get(key)
    return [
        CompletionItem(f"{key}={before}{comma}{item.value}", help=item.help)
        for item in (named(ctx, param, begun) if named else ())
    ]


def complete_keys(
    *more: str, several: bool = False, parameters: bool = True, tags: bool = True
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """A completion of keys by which cases are looked at. several: with commas between. parameters, tags:
    whether they may stand there."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from benchsuite.model import PARAMETERS
        from benchsuite.remarks import TAG

        before, comma, begun = incomplete.rpartition(",") if several else ("", "", incomplete)
        keys = [*more, *(PARAMETERS if parameters else ()), *([TAG] if tags else ())]
        return [CompletionItem(f"{before}{comma}{key}") for key in keys if key.startswith(begun)]

    return complete


def complete_algorithm(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from benchsuite.algorithms import ALGORITHMS

    return [
        CompletionItem(name, help=algorithm.kind)
        for name, algorithm in ALGORITHMS.items()
        if name.startswith(incomplete.lower())
    ]


def complete_device(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The simulated devices by name; a path is the shell's to complete."""
    from benchsuite import sim

    if "/" in incomplete or incomplete.startswith("."):
        return [CompletionItem(incomplete, type="file")]
    return [
        CompletionItem(name, help=sim.load(name).title) for name in sim.names() if name.startswith(incomplete)
    ]


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


def output_options(help: str, required: bool = False) -> Callable[..., Any]:
    """-o and --overwrite. help: of -o."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option("--overwrite", is_flag=True, help="Replace a file that is there already.")(
            function
        )
        path = click.Path(path_type=Path)
        return click.option("-o", "--output", type=path, required=required, help=help)(function)

    return add


def filter_option(
    help: str = "Only such cases: algorithm=aes-*,sha256 or request_size>=1024; all of several.",
) -> Callable[..., Any]:
    return click.option(
        "--filter",
        "filters",
        multiple=True,
        metavar="KEY=PATTERN[,...]",
        shell_complete=complete_filter,
        help=help,
    )


def sort_option(orders: str, words: tuple[str, ...]) -> Callable[..., Any]:
    """orders: what it takes, in words; these are words for it besides parameters."""
    return click.option(
        "--sort",
        metavar="KEY",
        default="",
        shell_complete=complete_keys(*words, tags=False),
        help=f"Order {orders}.  [default: as measured]",
    )


def order_options(orders: str, words: tuple[str, ...], means: str) -> Callable[..., Any]:
    """--sort, --group-by. orders, words: see sort_option. means: what is told of a group."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option(
            "--group-by",
            "keys",
            multiple=True,
            metavar="KEY[,KEY...]",
            shell_complete=complete_keys(several=True),
            help=f"{means} over the cases that have this parameter in common.",
        )(function)
        ordered: Callable[..., Any] = sort_option(orders, words)(function)
        return ordered

    return add


def list_options(orders: str, words: tuple[str, ...], means: str) -> Callable[..., Any]:
    """--filter, --sort, --group-by."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        ordered: Callable[..., Any] = filter_option()(order_options(orders, words, means)(function))
        return ordered

    return add


OF_FIGURES = (
    "by rate (the highest first), p99, cpu, spread (the lowest first), or a parameter",
    ("rate", "p99", "cpu", "spread"),
    "From where to where the rates go,",
)


def all_option(function: Callable[..., Any]) -> Callable[..., Any]:
    from benchsuite.view.listing import MOST

    help = f"Print every case, also more than {MOST}."
    return click.option("--all", "show_all", is_flag=True, help=help)(function)


def time_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--time, --ramp and --log-interval."""
    function = click.option(
        "--log-interval",
        type=Duration(),
        help="Keep a time series: rate, latency, CPU, frequency, temperature, for intervals from 10ms up.",
    )(function)
    function = click.option(
        "--ramp", type=Duration(), help="Work for so long before the first value, as fio's ramp_time."
    )(function)
    return click.option(
        "--time",
        "duration",
        type=Duration(),
        help="Measure each case for so long, in one worker process, as fio's runtime. Starting it, verifying "
        "and warming up come on top.",
    )(function)


def deadline_option(default: str = "by what is expected") -> Callable[..., Any]:
    help = f"Give a worker process up after this long.  [default: {default}]"
    return click.option("--deadline", type=Duration(), help=help)


def format_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--format (several), --across and --hz."""
    from benchsuite.report import FORMATS

    function = click.option(
        "--across",
        metavar="KEY",
        shell_complete=complete_keys("backend", parameters=False),
        help="Put backends (backend) or tags (tag.KEY) side by side, with ratios, and say from which size "
        "one beats another.",
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


def check_formats(
    formats: tuple[str, ...], across: str | None, keys: tuple[str, ...] = (), sort: str = ""
) -> None:
    """BenchsuiteError for formats, groups and orders that cannot be had, before anything is measured for
    them."""
    from benchsuite.report import check
    from benchsuite.selection.keys import check as check_keys
    from benchsuite.view.listing import ORDERS

    check_keys(keys, sort, ORDERS)
    for name in formats:
        check(name, across, keys)


def cpus_option() -> Callable[..., Any]:
    return click.option(
        "--cpus",
        type=CpuList(),
        metavar="LIST",
        help="Place the workers on these CPUs, the i-th on the i-th: 0,2-5, as taskset has it.",
    )


def terminal_width() -> int | None:
    """Columns; None where nobody reads along: a file, a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_result(
    result: Result,
    formats: tuple[str, ...],
    hz: int,
    across: str | None = None,
    listing: Listing | None = None,
) -> None:
    from benchsuite.report import render

    width = terminal_width()
    for i, name in enumerate(dict.fromkeys(formats)):
        if i:
            click.echo()
        click.echo(render(result, name, width, hz, across, listing), nl=False)


def listing(
    path: Path | None,
    show_all: bool,
    sort: str = "",
    keys: tuple[str, ...] = (),
    filters: tuple[str, ...] = (),
) -> Listing:
    """How the cases of a file are listed; path None: they are in none. filters: those that it was looked at
    with."""
    from benchsuite.view.listing import MOST, Listing

    given = [word for each in filters for word in ("--filter", each)]
    command = ("benchsuite", "show", str(path), *given) if path else ()
    return Listing(sort, keys, None if show_all else MOST, command)
