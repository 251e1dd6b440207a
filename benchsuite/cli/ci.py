"""What a CI server and git bisect are told of a gate that ended with an error."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from benchsuite.cli import outputs
from benchsuite.model import BenchsuiteError, CouldNotMeasure, NotAvailable
from benchsuite.report import github, junit
from benchsuite.runs.outputs import write

SKIP, STOP = 125, 128  # of git bisect run


def report(words: Sequence[str], message: str) -> None:
    """words: the command line, which may be what is wrong. --github gets an annotation, --junit a test with
    an error, so that both show why there is nothing else."""
    if "--github" in words:
        click.echo(github.error(message))
    path = _value(words, "--junit")
    if path:
        with suppress(BenchsuiteError):  # it may be what is wrong
            outputs.check(Path(path), "--overwrite" in words, "--junit")
            write(Path(path), junit.of_error(message).encode(), "--junit")


def _value(words: Sequence[str], option: str) -> str:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name == option:
            return value if equals else following
    return ""


def bisecting(status: int, error: Exception | None) -> int:
    """The exit status for `git bisect run`, to which 125 says that a commit cannot be told, 128 that it is no
    use to go on, and any other from 1 to 127 that it is bad."""
    if isinstance(error, CouldNotMeasure | NotAvailable) or (error is None and status in (3, 4)):
        return SKIP
    return STOP if status == 2 else status
