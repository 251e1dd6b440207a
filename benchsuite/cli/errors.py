"""How a command ends: the exit status, and errors as one or two lines on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from benchsuite.model import BenchsuiteError

INTERRUPTED = 130


def say(text: str) -> None:
    """A line for the person at the terminal: standard error, so that standard output stays a report."""
    click.echo(text, err=True)


def guarded(command: Callable[[], Any]) -> int:
    """Runs a command; its exit status. A user's mistake is a sentence, never a traceback."""
    try:
        return int(command() or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BenchsuiteError as error:
        say(f"benchsuite: {error}")
        return error.exit_status
    except (KeyboardInterrupt, click.Abort):
        say("benchsuite: interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # `| head`: nobody reads on, and nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
