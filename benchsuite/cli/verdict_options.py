"""Options of the commands that come to verdicts, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from benchsuite.cli.options import cpus_option, deadline_option, list_options, output_options
from benchsuite.cli.remark_options import remark_options
from benchsuite.cli.types import Duration, Percent
from benchsuite.model import METRICS

if TYPE_CHECKING:
    from benchsuite.compare.comparison import Comparison, Line
    from benchsuite.compare.outcome import Outcome

PAIRED_BUDGET = 60.0


def rule_options(alpha: str) -> Callable[..., Any]:
    """--threshold, --smallest, --alpha, --on."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(
            [
                click.option(
                    "--threshold",
                    type=Percent(),
                    default="5%",
                    show_default=True,
                    help="A difference in time to be found: slower fails unless it is shown to be below.",
                ),
                click.option(
                    "--smallest",
                    type=Percent(),
                    default="2%",
                    show_default=True,
                    help="The smallest effect of interest: up to it nothing counts as slower or faster.",
                ),
                click.option(
                    "--alpha",
                    type=Percent(),
                    default=alpha,
                    show_default=True,
                    help="The chance, over all cases together, to call any of them slower that is not.",
                ),
                click.option(
                    "--on",
                    type=click.Choice(METRICS),
                    help="Decide on this.  [default: what the profile says]",
                ),
            ]
        ):
            function = option(function)
        return function

    return add


def measuring_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--budget, --deadline, --cpus, --real-time, --output, --overwrite, --quiet, --tag, --note."""
    function = remark_options(function)
    for option in reversed(
        [
            click.option(
                "--budget",
                type=Duration(),
                default=PAIRED_BUDGET,
                show_default="60s",
                help="Measure at most this long; what is clear earlier takes less.",
            ),
            deadline_option(),
            cpus_option(),
            click.option(
                "--real-time/--usual-priority",
                default=True,
                show_default=True,
                help="Let nothing preempt a slice, where that is permitted (root).",
            ),
            output_options("Result file.  [default: results/NAME-TIME.json]"),
            click.option("-q", "--quiet", is_flag=True, help="No progress; the report only."),
        ]
    ):
        function = option(function)
    return function


def given() -> tuple[str, ...]:
    """What the user has given of a rule."""
    context = click.get_current_context()
    keys = ("threshold", "smallest", "alpha")
    return tuple(key for key in keys if context.get_parameter_source(key) is ParameterSource.COMMANDLINE)


def check_keys(keys: Sequence[str], sort: str) -> None:
    from benchsuite.selection.keys import check

    check(keys, sort, _ORDERS)


def ordered(comparison: Comparison, sort: str) -> Comparison:
    """With its lines in the order asked for; those without a verdict last."""
    from benchsuite.selection.keys import ordered

    return replace(comparison, lines=ordered(comparison.lines, sort, lambda line: line.case, _ORDERS))


def _kind(line: Line) -> int | None:
    from benchsuite.compare.verdicts import KINDS

    return KINDS.index(line.verdict.kind) if line.verdict else None


_ORDERS: dict[str, Callable[[Line], Any]] = {
    "ratio": lambda line: line.verdict.ratio if line.verdict else None,
    "verdict": _kind,
}
by_verdict = list_options(
    "by ratio (the slowest first), verdict, or a parameter", tuple(_ORDERS), "Geometric means"
)


def comparison_format(function: Callable[..., Any]) -> Callable[..., Any]:
    from benchsuite.report import WRITERS

    return click.option(
        "-f",
        "--format",
        "style",
        type=click.Choice(list(WRITERS)),
        default="table",
        show_default=True,
        help="How to print the comparison.",
    )(function)


def show(
    comparisons: Sequence[Comparison], style: str, keys: Sequence[str], outcome: Outcome | None = None
) -> None:
    from benchsuite.cli.options import terminal_width
    from benchsuite.report import render_comparisons

    click.echo(render_comparisons(comparisons, style, terminal_width(), keys, outcome), nl=False)
