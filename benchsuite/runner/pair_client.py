"""One side of a pair, seen from outside: its server process (serving), asked and answered line by line."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchsuite.model import BenchsuiteError, Failure
from benchsuite.runner.process import (
    LAST_WAIT,
    MAX_STDERR,
    PATIENCE,
    STUCK,
    command,
    last_words,
    launch,
    why_it_died,
)

_FOREIGN = "from benchsuite.runner.worker import main; main()"  # of another environment's benchsuite
PROTOCOL = 1


class SideFailed(Exception):
    """There is no figure of this round."""

    def __init__(self, side: Side, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.side, self.kind, self.reason = side, kind, reason

    def failure(self, round_number: int) -> Failure:
        return Failure(self.kind, self.reason, round_number)


def interpreter(environment: Path) -> Path:
    """The Python of a virtual environment. BenchsuiteError where there is none."""
    found = environment / "bin" / "python"
    if not os.access(found, os.X_OK):
        raise BenchsuiteError(
            f"{environment}: no virtual environment ({found} is not there); "
            "make one with `python3 -m venv` and install benchsuite into it"
        )
    return found


class Side:
    """A server. Started when it is first asked, and again after it has died or was given up."""

    def __init__(self, environment: Path | None = None, deadline: float | None = None) -> None:
        """environment: a virtual environment with another benchsuite; None: this one. deadline: seconds an
        answer may take; None: by what is expected."""
        self._command = [str(interpreter(environment)), "-I", "-c", _FOREIGN] if environment else command()
        self._where, self._deadline = environment, deadline
        self._process: subprocess.Popen[bytes] | None = None
        self._serving = False
        self._forked = False  # a forked process has the word
        self.version = ""  # of its benchsuite
        self.phase = "starting"

    def begin(self) -> None:
        """Without waiting until the server is there."""
        if self._process is None:
            self._launch()
            self._write({"serve": 1})

    def start(self) -> None:
        """BenchsuiteError for a benchsuite that cannot be paired with."""
        if self._serving:
            return
        self.begin()
        try:
            answer = self._answer(0)
        except SideFailed as failed:
            self.end()
            raise BenchsuiteError(self._no_server(failed.reason)) from None
        if answer.get("serving") != PROTOCOL:
            self.end()
            raise BenchsuiteError(self._no_server("it speaks another protocol"))
        self.version, self._serving = str(answer["version"]), True

    def _no_server(self, why: str) -> str:
        if self._where:
            return f"{self._where}: its benchsuite cannot be measured in pairs ({why}); install this version"
        return f"a worker process cannot be started: {why}"

    def _launch(self) -> None:
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        self._text, self.phase, self._forked = bytearray(), "starting", False
        self._process = launch(self._command, self._printed)

    def send(self, order: dict[str, Any]) -> None:
        """Without waiting for the answer, so that both sides can be at it."""
        self.start()
        self._forked = self._forked or "case" in order
        self._write(order)

    def _write(self, order: dict[str, Any]) -> None:
        assert self._process and self._process.stdin
        with suppress(BrokenPipeError):  # it died; the answer says of what
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def answer(self, expected: float = 0.0) -> dict[str, Any]:
        """To what was sent. expected: seconds it should take. SideFailed when there is none; whatever
        was forked has ended then."""
        try:
            answer = self._answer(expected)
        except SideFailed as failed:
            if not self.end():
                failed.reason += f"; {STUCK}"
            raise
        if "failure" in answer:
            self._await_end()
            raise SideFailed(self, *answer["failure"])
        if "ended" in answer:
            self._forked = False
            raise SideFailed(self, *why_it_died(answer["ended"], self.phase, self._last_words()))
        if "run" in answer:
            self._await_end()
        return answer

    def _await_end(self) -> None:
        """Of the forked process. One that had its figures and then died has crashed all the same."""
        code = self._answer(0)["ended"]
        self._forked = False
        if code != 0:
            raise SideFailed(self, *why_it_died(code, self.phase, self._last_words()))

    def _answer(self, expected: float) -> dict[str, Any]:
        limit = PATIENCE + 5 * expected if self._deadline is None else self._deadline
        end = time.monotonic() + limit
        while True:
            while b"\n" not in self._text:
                self._read(end, limit)
            line, _, rest = bytes(self._text).partition(b"\n")
            self._text = bytearray(rest)
            answer: dict[str, Any] = json.loads(line)
            if "phase" not in answer:
                return answer
            self.phase = answer["phase"]

    def _read(self, end: float, limit: float) -> None:
        assert self._process and self._process.stdout
        if not select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
            waited = f"no answer within {limit:.3g} s, while {self.phase}"
            raise SideFailed(self, "hang", f"{waited}; a longer --deadline if it is only slow")
        data = os.read(self._process.stdout.fileno(), 1 << 16)
        if not data:
            try:
                code = self._process.wait(LAST_WAIT)
            except subprocess.TimeoutExpired:
                closed = f"it closed its pipes while {self.phase}, and did not end"
                raise SideFailed(self, "hang", closed) from None
            raise SideFailed(self, *why_it_died(code, self.phase, self._last_words()))
        self._text += data

    def _last_words(self) -> str:
        self._printed.seek(max(0, self._printed.seek(0, os.SEEK_END) - MAX_STDERR))
        return last_words(self._printed.read())

    def give_up(self) -> None:
        """The round: the other side has failed. Where nothing was forked the server stays."""
        if self._forked:
            self.end()

    def end(self) -> bool:
        """False: what was killed is still there, inside the kernel, and is left behind."""
        process, self._process, self._serving = self._process, None, False
        if process is None:
            return True
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with what it has forked
        with suppress(subprocess.TimeoutExpired):
            process.wait(LAST_WAIT)
        for stream in (process.stdin, process.stdout, self._printed):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()
        self._forked = False
        return process.returncode is not None
