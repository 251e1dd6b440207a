"""One worker process, seen from outside: started, watched against its deadline, its end understood."""

from __future__ import annotations

import json
import math
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any

from benchsuite import backends
from benchsuite.backends.findings import PREPARING, Load, Stressed, Survey
from benchsuite.model import BenchsuiteError, Case, Failure, Measure, Value, WorkerRun, from_dict

_PROGRAM = "import sys; sys.path[:] = {path!r}; from benchsuite.runner.worker import main; main()"
_OWN_MAKING = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGSYS", "SIGTRAP"}
# Seconds for whatever a worker does beside its measuring; an emulated CPU is 10 to 60 times slower.
PATIENCE = 120.0 if "tcg" in os.environ.get("BENCHSUITE_LAB", "").split(", ") else 30.0
VERIFY_SECONDS_PER_BYTE = 4e-6  # of the largest sizes; Python makes and compares every byte
MAX_STDERR = 100_000
STUCK = "it cannot be killed either, because it is stuck in the kernel"
LAST_WAIT = 5.0  # seconds for what was killed, or has closed its pipes, to be gone


def command() -> list[str]:
    """Isolated from the user's environment, but with the module path of this process: the worker must
    measure with the benchsuite that started it, wherever that was found."""
    return [sys.executable, "-I", "-c", _PROGRAM.format(path=sys.path)]


def launch(arguments: list[str], stderr: int | IO[bytes] = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """A process with pipes, in a group of its own, so that Ctrl-C does not reach it."""
    try:
        return subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True
        )
    except OSError as error:  # no memory, process or descriptor to be had
        raise BenchsuiteError(f"a worker process cannot be started: {error.strerror}") from None


class Worker:
    """A worker process with its pipes."""

    def __init__(self, job: dict[str, Any], deadline: float | None = None, expected: float = 0.0) -> None:
        """deadline: seconds it may take; None: by what it is expected to take, or says that it will."""
        self.deadline, self.expected = deadline, expected
        self.process = launch(command())
        self.phase = "starting"
        self._out, self._err = bytearray(), bytearray()
        self.answer: dict[str, Any] | None = None
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it died already; wait() finds out of what

    @property
    def limit(self) -> float:
        return PATIENCE + 5 * self.expected if self.deadline is None else self.deadline

    def wait(self, at_most: float = math.inf) -> bool:
        """Reads until the worker has ended. False: its limit, or `at_most`, passed first, or it did not end
        after its answer (a thread stuck in the kernel keeps the process, and its pipes); it was killed."""
        end = time.monotonic() + at_most
        begin = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for stream in (self.process.stdout, self.process.stderr):
                assert stream
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
            try:
                while selector.get_map():
                    left = min(begin + self.limit, end) - time.monotonic()
                    if left <= 0:
                        return False
                    for key, _ in selector.select(left):
                        self._read(selector, key.fileobj)
                    if self.answer is not None:
                        end = min(end, time.monotonic() + LAST_WAIT)
                with suppress(subprocess.TimeoutExpired):  # closing what it had may hang as well
                    self.process.wait(max(LAST_WAIT, min(begin + self.limit, end) - time.monotonic()))
                return self.process.returncode is not None
            finally:
                self.end()

    def _read(self, selector: selectors.BaseSelector, stream: Any) -> None:
        data = stream.read(65536)
        if not data:
            selector.unregister(stream)
        elif stream is self.process.stdout:
            self._out += data
            *lines, rest = self._out.split(b"\n")
            self._out = bytearray(rest)
            for line in lines:
                self._message(bytes(line))
        elif len(self._err) < MAX_STDERR:
            self._err += data

    def _message(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:  # cut short by its end
            return
        self.phase = message.pop("phase", self.phase)
        self.expected = message.pop("expected", self.expected)
        self.answer = message or self.answer

    def end(self) -> None:
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)  # with what it has started
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(LAST_WAIT)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    @property
    def stuck(self) -> bool:
        """Killed and still there: inside the kernel, say waiting for a device, where no signal gets to it."""
        return self.process.returncode is None

    def last_words(self) -> str:
        return last_words(bytes(self._err))

    def why_it_died(self) -> tuple[str, str]:
        """(failure kind, reason) of a worker that ended without an answer."""
        return why_it_died(self.process.returncode, self.phase, self.last_words())


def last_words(printed: bytes) -> str:
    lines = [line for line in printed.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else "it said nothing"


def why_it_died(code: int, phase: str, last_words: str) -> tuple[str, str]:
    """(failure kind, reason) of a process with this exit status, negative for a signal."""
    if code < 0:
        name = _signal_name(-code)
        if name in _OWN_MAKING:
            return "crash", f"the worker crashed ({name}) while {phase}"
        hint = " (by the kernel when memory runs out, or by somebody)" if name == "SIGKILL" else ""
        return "killed", f"the worker was killed with {name} while {phase}{hint}"
    return "internal", f"the worker ended with status {code} while {phase}: {last_words}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time signals have no names of their own
        return f"signal {number}"


def ask(worker: Worker, round_number: int = 0, budget_left: float = math.inf) -> dict[str, Any] | Failure:
    """Its answer, or why there is none. One that had its figures and then died closing the session has
    crashed all the same."""
    ended = worker.wait(budget_left)
    if worker.answer is not None and "failure" in worker.answer:
        kind, reason = worker.answer["failure"]
        return Failure(kind, reason, round_number)
    if not ended and worker.answer is None and budget_left < worker.limit:
        return Failure("budget", f"the budget ran out while {worker.phase}", round_number)
    if not ended:
        return Failure("hang", _hung(worker), round_number)
    if worker.answer is None or worker.process.returncode != 0:
        return Failure(*worker.why_it_died(), round_number)
    return worker.answer


def _hung(worker: Worker) -> str:
    stuck = f"{STUCK}; " if worker.stuck else ""
    if worker.answer is not None:
        return f"it had its figures, and did not end; {stuck}something in it does not come back"
    waited = f"no answer within {worker.limit:.3g} s, while {worker.phase}"
    return f"{waited}; {stuck}a longer --deadline if it is only slow"


def expected_seconds(measure: Measure, case: Case, per_request: float | None) -> float:
    """How long a worker's measuring should take, without its start-up; what answers several cases counts in
    full, because it may be this one that pays for it."""
    backend = backends.of(case.backend)
    if (seconds := backend.seconds(case)) is not None:
        return seconds
    if shared := backend.shared_seconds(case, measure):
        return shared[1]
    value = measure.min_time * 1.2
    if per_request:
        value = max(value, case.request_num * per_request)
    return value * (measure.values + measure.warmups)


def measure(
    case: Case,
    how: Measure,
    round_number: int,
    per_request: float | None,
    deadline: float | None = None,
    budget_left: float = math.inf,
    decided: dict[str, str] | None = None,
    shared: str | None = None,
) -> WorkerRun | Failure:
    """Measures a case in a fresh process. per_request: what an earlier round found, which saves calibrating.
    deadline: seconds; None: thirty, and five times what it should take. A failure of the kind "budget" says
    that budget_left, seconds, was over first. decided: for a case of `auto`, see runs.auto. shared: a
    folder where the workers of a run leave each other what they have found."""
    job = {"case": case.to_dict(), "measure": asdict(how), "round": round_number, "per_request": per_request}
    if decided:
        job["decided"] = decided
    if shared:
        job["shared"] = shared
    worker = Worker(job, deadline, expected_seconds(how, case, per_request))
    answer = ask(worker, round_number, budget_left)
    if isinstance(answer, Failure):
        return answer
    return worker_run(answer["run"])


def worker_run(answer: dict[str, Any]) -> WorkerRun:
    """As a worker has told it."""
    run: WorkerRun = from_dict(WorkerRun, answer)
    run.warmups = [from_dict(Value, value) for value in run.warmups]
    run.values = [from_dict(Value, value) for value in run.values]
    return run


def describe(backend: str) -> str | Failure:
    """What a backend measures, asked in a process of its own: a library that crashes when it is loaded
    must not take the run with it."""
    answer = ask(Worker({"describe": backend}))
    return answer if isinstance(answer, Failure) else str(answer["version"])


def verify(
    backend: str, algorithm: str, sizes: list[int] | None, deadline: float | None = None
) -> Survey | Failure:
    """Everything that can be checked of an algorithm on a backend, in a fresh process. sizes: see
    Backend.survey; deadline: seconds."""
    expected = sum(sizes or []) * VERIFY_SECONDS_PER_BYTE
    worker = Worker({"verify": backend, "algorithm": algorithm, "sizes": sizes}, deadline, expected)
    answer = ask(worker)
    if isinstance(answer, Failure):
        return answer
    survey: Survey = from_dict(Survey, answer["survey"])
    return survey


def stress(
    backend: str, algorithm: str, load: Load, sizes: list[int], deadline: float | None = None
) -> Stressed | Failure:
    """An algorithm of a backend under load, in a fresh process. sizes: see Backend.stress; deadline: seconds
    beside those of the load."""
    worker = Worker(
        {"stress": backend, "algorithm": algorithm, "load": asdict(load), "sizes": sizes},
        None if deadline is None else deadline + load.seconds,
        PREPARING + load.seconds,
    )
    answer = ask(worker)
    if isinstance(answer, Failure):
        return answer
    stressed: Stressed = from_dict(Stressed, answer["stressed"])
    return stressed
