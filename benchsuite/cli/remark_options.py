"""What the command line says of a result beside its figures: --tag, --note, and the command itself; and
--anonymous, which keeps names out of it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from typing import Any

import click

from benchsuite.remarks import Remarks, check_note, parse_tags

WORDS = "benchsuite.words"  # the command line, in the meta of a click.Context
COMMAND = "BENCHSUITE_LAB_COMMAND"  # set in the guest of `benchsuite lab`: what was typed on the host


def remark_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--tag (several), --note and --anonymous."""
    for option in reversed(
        [
            click.option(
                "--tag",
                "tags",
                multiple=True,
                metavar="KEY=VALUE",
                help="Keep this with the result: it is shown, and --filter tag.KEY=VALUE and --group-by "
                "tag.KEY know it; may be given more than once.",
            ),
            click.option(
                "--note", default="", metavar="TEXT", help="Keep this with the result, to be shown."
            ),
            click.option(
                "--anonymous",
                is_flag=True,
                help="Keep names of hosts and users, MAC addresses and paths of homes out of the result.",
            ),
        ]
    ):
        function = option(function)
    return function


def remarks(tags: tuple[str, ...], note: str, anonymous: bool) -> Remarks:
    """What a result of this command says. BenchsuiteError for what is no tag or no note."""
    return Remarks(parse_tags(tags), check_note(note), (command_line(),), anonymous)


def command_line() -> str:
    """The command as it was typed, quoted for a shell."""
    words = click.get_current_context().meta.get(WORDS, [])
    return os.environ.get(COMMAND) or shlex.join(["benchsuite", *words])
