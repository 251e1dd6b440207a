"""How a command ends: the exit status, and errors as one or two lines on standard error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

from benchsuite.model import BenchsuiteError

INTERRUPTED = 130


def say(text: str) -> None:
    """A line for the person at the terminal: standard error, so that standard output stays a report.
    Nobody there to read it is no reason to end a measurement."""
    with suppress(OSError):
        click.echo(text, err=True)


def guarded(command: Callable[[], Any]) -> int:
    """Runs a command; its exit status. A user's mistake is a sentence, never a traceback."""
    _open_streams()
    try:
        return int(command() or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as help:
        help.show()
        return help.exit_code
    except click.ClickException as error:
        say(f"benchsuite: {' '.join(error.format_message().split())}")
        if isinstance(error, click.UsageError) and error.ctx:
            say(f"see `{error.ctx.command_path} --help`")
        return error.exit_code
    except BenchsuiteError as error:
        say(f"benchsuite: {error}")
        return error.exit_status
    except (KeyboardInterrupt, click.Abort):
        say("benchsuite: interrupted")
        return INTERRUPTED
    except OSError as error:
        discard_output()
        say(f"benchsuite: {error.filename or 'standard output'}: {error.strerror or error}")
        return BenchsuiteError.exit_status


def _open_streams() -> None:
    """Standard streams that nothing we print can break."""
    for number in range(3):  # one that our parent closed: its number must not go to a file of ours
        with suppress(OSError):
            os.fstat(number)
            continue
        os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no µ shows a question mark


def discard_output() -> None:
    """What is still buffered would fail again at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
