"""A worker process, seen from outside: started in a place, spoken with in messages, watched against a limit,
its end understood.

Three ways to go on with one: a job and its answer (see calls), many jobs given ahead (see pool), and turns of
a pair (see pair_client).
"""

from __future__ import annotations

import math
import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO, TypeVar

from benchsuite.model import BenchsuiteError, Failure
from benchsuite.places import Place, here
from benchsuite.runner.messages import PROTOCOL, Failed, Hello, Logged, Message, Progress, decode, encode
from benchsuite.series import Series

_OWN_MAKING = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGSYS", "SIGTRAP"}
# Seconds for whatever a worker does beside its measuring; an emulated CPU is 10 to 60 times slower.
PATIENCE = 120.0 if "tcg" in os.environ.get("BENCHSUITE_LAB", "").split(", ") else 30.0
MAX_STDERR = 100_000
STUCK = "it cannot be killed either, because it is stuck in the kernel"
SHELL = 128  # and the number of a signal: how a shell says that it was the end of a process
LAST_WAIT = 5.0  # seconds for what was killed, or has closed its pipes, to be gone
_AT_ONCE = 1 << 16

M = TypeVar("M", bound=Message)


class NoAnswer(Exception):
    """kind: of the failure, a key of model.FAILURES."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason

    def failure(self, round_number: int = 0) -> Failure:
        return Failure(self.kind, self.reason, round_number)


class Channel:
    """A worker with its pipes. phase: what it is doing, as it has said."""

    def __init__(
        self, place: Place | None = None, deadline: float | None = None, expected: float = 0.0
    ) -> None:
        """place: None: here. deadline: seconds an answer may take; None: by what it is expected to take, or
        the worker says that it will."""
        self.place = place or here.place()
        self.deadline, self.expected = deadline, expected
        self.hello: Hello | None = None
        self.phase = "starting"
        self.received: deque[Message] = deque()  # and not looked at; neither Hello, Progress nor Logged
        self.logged: Callable[[Series], None] = lambda part: None  # is told what a time series has more
        self._process = self._launch()
        self._text, self._printed, self._killed = bytearray(), bytearray(), False

    def _launch(self) -> subprocess.Popen[bytes]:
        """In a group of its own, so that Ctrl-C does not reach it."""
        try:
            return subprocess.Popen(
                self.place.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self.place.environment,
                cwd=self.place.directory,
                start_new_session=True,
            )
        except OSError as error:  # no memory, process or descriptor to be had
            raise BenchsuiteError(f"a worker process cannot be started: {error.strerror}") from None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def limit(self) -> float:
        """Seconds that an answer may take."""
        return PATIENCE + 5 * self.expected if self.deadline is None else self.deadline

    @property
    def streams(self) -> list[IO[bytes]]:
        """What it may still say something on: wait for these, and take() what has come."""
        return [each for each in (self._process.stdout, self._process.stderr) if each and not each.closed]

    @property
    def silent(self) -> bool:
        """It says nothing more: it has ended, or will."""
        return self._process.stdout is None or self._process.stdout.closed

    def send(self, message: Message, last: bool = False) -> None:
        """Without waiting for an answer. last: it ends when it has answered this."""
        assert self._process.stdin
        with suppress(BrokenPipeError):  # it died; of what, its other pipes will say
            self._process.stdin.write(encode(message))
            self._process.stdin.flush()
            if last:
                self._process.stdin.close()

    def take(self, stream: IO[bytes]) -> None:
        """What has come on a stream, at least something or its end, to `received`. NoAnswer for what makes no
        sense."""
        data = os.read(stream.fileno(), _AT_ONCE)
        if not data:
            stream.close()
        elif stream is self._process.stderr:
            self._printed = (self._printed + data)[-MAX_STDERR:]
        else:
            *lines, self._text = (self._text + data).split(b"\n")
            for line in lines:
                self._hear(bytes(line))

    def _hear(self, line: bytes) -> None:
        try:
            message = decode(line)
        except ValueError as error:
            if self.hello:
                raise NoAnswer("internal", f"the worker makes no sense while {self.phase}: {error}") from None
            if line.startswith(b"{"):
                raise NoAnswer("internal", "it speaks another protocol") from None
            return  # whatever is printed where it lives before it is there
        if isinstance(message, Hello):
            if message.protocol != PROTOCOL:
                raise NoAnswer("internal", "it speaks another protocol")
            self.hello = message
        elif isinstance(message, Progress):
            self.phase = message.phase or self.phase
            self.expected = self.expected if message.expected is None else message.expected
        elif isinstance(message, Logged):
            self.logged(message.series)
        else:
            self.received.append(message)

    def receive(self, at_most: float = math.inf) -> Message:
        """The next answer. NoAnswer: nothing came within the limit, or `at_most` seconds; it has ended, or
        says nothing more."""
        begin = time.monotonic()
        while not self.received:
            if self.silent:
                raise self.ended(begin + self.limit)
            if not self._wait(begin + min(self.limit, at_most)):
                raise self.late() if self.limit <= at_most else self._out_of_time()
        return self.received.popleft()

    def answer(self, kind: type[M], at_most: float = math.inf) -> M:
        """Receives an answer of this kind; NoAnswer for another."""
        return self.checked(self.receive(at_most), kind)

    def checked(self, answer: Message, kind: type[M]) -> M:
        """The answer, where it is of this kind; NoAnswer where not."""
        if isinstance(answer, kind):
            return answer
        if isinstance(answer, Failed):
            raise NoAnswer(answer.kind, answer.reason)
        raise NoAnswer("internal", f"{type(answer).__name__} is no answer while {self.phase}")

    def do(self, job: Message, kind: type[M], at_most: float = math.inf) -> M:
        """The only job it gets, and its answer. Whatever becomes of it, it has ended then."""
        try:
            self.send(job, last=True)
            answer = self.answer(kind, at_most)
            self.finish()
            return answer
        finally:
            self.end()

    def finish(self) -> None:
        """Waits for its end, after the last answer. NoAnswer: one that had its figures and then died closing
        the session has crashed all the same."""
        end = time.monotonic() + LAST_WAIT
        while not self.silent and self._wait(end):
            pass
        code = self._exit_status(end) if self.silent else None
        if code is None:
            stuck = "" if self.end() else f"{STUCK}; "
            raise NoAnswer(
                "hang", f"it had its figures, and did not end; {stuck}something in it does not come back"
            )
        if code != 0:
            raise self.died(code)

    def _wait(self, end: float) -> bool:
        """Until something has come. False: nothing did."""
        with selectors.PollSelector() as selector:
            for stream in self.streams:
                selector.register(stream, selectors.EVENT_READ)
            ready = selector.select(max(0.0, end - time.monotonic()))
        for key, _ in ready:
            self.take(key.fileobj)  # type: ignore[arg-type]
        return bool(ready)

    def late(self) -> NoAnswer:
        """Nothing came within the limit. It is killed."""
        waited = f"no answer within {self.limit:.3g} s, while {self.phase}"
        stuck = "" if self.end() else f"{STUCK}; "
        return NoAnswer("hang", f"{waited}; {stuck}a longer --deadline if it is only slow")

    def _out_of_time(self) -> NoAnswer:
        return NoAnswer("budget", f"the budget ran out while {self.phase}")

    def ended(self, end: float) -> NoAnswer:
        """Why, when it says nothing more; waited for until then, and a little."""
        code = self._exit_status(end)
        if code is not None:
            return self.died(code)
        stuck = "" if self.end() else f"; {STUCK}"
        return NoAnswer("hang", f"it closed its pipes while {self.phase}, and did not end{stuck}")

    def _exit_status(self, end: float) -> int | None:
        with suppress(subprocess.TimeoutExpired):  # closing what it had may hang as well
            self._process.wait(max(LAST_WAIT, end - time.monotonic()))
        return self._process.returncode

    def died(self, code: int) -> NoAnswer:
        """Explains this exit status, negative for a signal: the worker, or a process that it has forked."""
        if code > SHELL and not self.place.local:
            code = SHELL - code
        if code >= 0:
            reason = f"the worker ended with status {code} while {self.phase}: {self._last_words()}"
            return NoAnswer("internal", reason)
        name = _signal_name(-code)
        if name in _OWN_MAKING:
            return NoAnswer("crash", f"the worker crashed ({name}) while {self.phase}")
        hint = " (by the kernel when memory runs out, or by somebody)" if name == "SIGKILL" else ""
        return NoAnswer("killed", f"the worker was killed with {name} while {self.phase}{hint}")

    def _last_words(self) -> str:
        stderr = self._process.stderr
        if stderr and not stderr.closed:
            os.set_blocking(stderr.fileno(), False)
            with suppress(BlockingIOError):  # something that it has started is still there
                while not stderr.closed:
                    self.take(stderr)
        lines = [line for line in self._printed.decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip()[:300] if lines else "it said nothing"

    def end(self) -> bool:
        """Kills it, with what it has started. False: it is still there, inside the kernel, where no signal
        gets to it, and is left behind."""
        if self._process.poll() is None and not self._killed:
            self._killed = True
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(LAST_WAIT)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(BrokenPipeError):
                if stream:
                    stream.close()
        return self._process.returncode is not None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time signals have no names of their own
        return f"signal {number}"
