"""How a command ends: the exit status, and errors as one or two lines on standard error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

import click

from benchsuite.model import BenchsuiteError

INTERRUPTED = 130


def say(text: str) -> None:
    """A line for the person at the terminal: standard error, so that standard output stays a report.
    Nobody there to read it is no reason to end a measurement."""
    with suppress(OSError):
        click.echo(text, err=True)


def sigterm_as_ctrl_c() -> None:
    """From now on SIGTERM does what Ctrl-C does: a cancelled CI job keeps what was finished, too."""
    import signal

    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@dataclass(frozen=True, slots=True)
class _End:
    """How a command ended: with an error, where there is a message."""

    status: int
    message: str = ""
    error: Exception | None = None


def guarded(command: Callable[[], Any], words: Sequence[str] = ()) -> int:
    """Runs a command; its exit status. A user's mistake is a sentence, never a traceback. words: the command
    line."""
    _open_streams()
    end = _run(command)
    if end.message:
        say(f"benchsuite: {end.message}")
    if isinstance(end.error, click.UsageError) and end.error.ctx:
        say(f"see `{end.error.ctx.command_path} --help`")
    return _of_gate(end, words) if words[:1] == ["gate"] else end.status


def _of_gate(end: _End, words: Sequence[str]) -> int:
    from benchsuite.cli import ci

    if end.message and end.error:
        ci.report(words, end.message)
    return ci.bisecting(end.status, end.error) if "--bisect" in words else end.status


def _run(command: Callable[[], Any]) -> _End:
    try:
        return _End(int(command() or 0))
    except click.exceptions.Exit as end:
        return _End(end.exit_code)
    except click.exceptions.NoArgsIsHelpError as help:
        help.show()
        return _End(help.exit_code)
    except click.ClickException as error:
        return _End(error.exit_code, " ".join(error.format_message().split()), error)
    except BenchsuiteError as error:
        return _End(error.exit_status, str(error), error)
    except (KeyboardInterrupt, click.Abort):
        return _End(INTERRUPTED, "interrupted")
    except OSError as error:
        discard_output()
        what = f"{error.filename or 'standard output'}: {error.strerror or error}"
        return _End(BenchsuiteError.exit_status, what, error)


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
