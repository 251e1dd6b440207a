"""Backends: what a user names. Every native driver is one by itself; PYTHON_BACKENDS are the others.

An engine is a case opened on a backend: verify() and verify_after() return the number of requests checked or
raise MeasureError, run(requests) returns a Value, counters(), latency() and facts() are what
WorkerRun keeps (forget_latency() after warm-ups), close() ends it.
"""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from benchsuite.backends.errors import MeasureError
from benchsuite.model import BenchsuiteError, Case, Measure, Value
from benchsuite.native import Driver, drivers
from benchsuite.units import nearest

# A backend that is no driver of the native core is a module with what PythonBackend lists, and a line here.
PYTHON_BACKENDS = {
    "python": "benchsuite.backends.python",
    "auto": "benchsuite.backends.auto",
    "tcrypt": "benchsuite.backends.tcrypt",
}
# Where a driver of the native core has more to say than all of them.
_OF_DRIVERS = {"sim": "benchsuite.backends.simulated"}
REQUEST_OVERHEAD = 1024  # bytes beside the payload: canaries, IV, tag, the request itself


class Engine(Protocol):
    def verify(self) -> int: ...
    def verify_after(self) -> int: ...
    def run(self, requests: int) -> Value: ...
    def counters(self) -> dict[str, int]: ...
    def forget_latency(self) -> None: ...
    def latency(self) -> dict[str, dict[str, Any]]: ...
    def facts(self) -> dict[str, str]: ...
    def close(self) -> None: ...


@runtime_checkable
class SelfTimed(Protocol):
    """An engine, also, that decides by itself how long a value lasts and how many requests it has: run() does
    not look at what it is asked for."""

    def prepare(self, round_number: int, measure: Measure, folder: Path | None) -> tuple[float, str]:
        """Before the first run(): seconds that each will take, and what it will be at meanwhile. folder:
        where the workers of a run leave each other what they have found; it goes with the run."""


class PythonBackend(Protocol):
    """A module of PYTHON_BACKENDS. `setting` is what stands after the colon, or "". There may be functions
    that others ask for by name: `survey(setting, algorithm, sizes, phase)` (see backends.survey),
    `fitted(setting, how)`, `shared_seconds(setting, case, how)` and `left_running(setting)` (see below)."""

    ABOUT: str  # one line on what it is
    UNTOUCHED: str  # why there is nothing that `benchsuite verify` could check; "" where there is

    def version(self, setting: str) -> str: ...  # MeasureError("unavailable") with the reason
    def open_case(self, setting: str, case: Case) -> Engine: ...  # MeasureError as well


class Backend(NamedTuple):
    name: str  # before the colon
    setting: str  # after it, or ""
    driver: Driver | None  # None: one of PYTHON_BACKENDS

    @property
    def module(self) -> PythonBackend:
        """Of one that is no driver. Only imported when it is asked for: a worker's start-up is waited for."""
        return _module(self.name)

    @property
    def untouched(self) -> str:
        """Why there is nothing to verify, or ""."""
        if self.driver is None:
            return self.module.UNTOUCHED
        if self.name == "sim" and self.driver.virtual:
            return "the virtual clock touches no byte: nothing to verify; clock=real computes them"
        return "it touches no byte: nothing to verify" if self.driver.nop else ""


def _module(name: str) -> Any:
    return import_module((PYTHON_BACKENDS | _OF_DRIVERS)[name])


def known() -> dict[str, str]:
    """Backend name -> one line on what it is."""
    native = {driver.backend: driver.about for driver in drivers()}
    return native | {name: _module(name).ABOUT for name in PYTHON_BACKENDS}


def _on_clock(driver: Driver, setting: str) -> bool:
    """The backend `sim` is two drivers, one for each clock."""
    if driver.backend != "sim":
        return True
    from benchsuite.sim import VIRTUAL, clock_of

    return driver.virtual == (clock_of(setting) == VIRTUAL)


def parse(text: str) -> Backend:
    """`NAME` or `NAME:SETTING`. BenchsuiteError with the nearest known name for anything else."""
    name, colon, setting = text.partition(":")
    # As of a variable that a script has not set. `sim` needs a setting, and says itself what it may be.
    if colon and not setting and name in known() and name != "sim":
        raise BenchsuiteError(
            f"backend {text!r}: nothing after the colon; give a setting there, or leave the colon out"
        )
    if name in PYTHON_BACKENDS:
        return Backend(name, setting, None)
    for driver in drivers():
        if driver.backend == name and _on_clock(driver, setting):
            return Backend(name, setting, driver)
    near = nearest(name, known())
    hint = f"did you mean {near!r}?" if near else f"known: {', '.join(known())}."
    raise BenchsuiteError(f"unknown backend {name!r}: {hint} `benchsuite list backends` shows what each is")


def version(text: str) -> str:
    """What the backend would measure. MeasureError("unavailable") with the reason."""
    backend = parse(text)
    if backend.driver is None:
        return backend.module.version(backend.setting)
    from benchsuite.backends import session

    return session.version(backend.driver, backend.setting)


def _own(text: str, function: str) -> Any:
    """A function that the backend's module may have (it takes the setting first), or None.
    Quick, because a plan of thousands of cases is looked at several times."""
    name, _, setting = text.partition(":")
    module = _module(name) if name in PYTHON_BACKENDS or name in _OF_DRIVERS else None
    found = getattr(module, function, None)
    return partial(found, setting) if found else None


def fitted(text: str, how: Measure) -> Measure:
    """How the backend can be measured, where not everything can be asked of it."""
    own = _own(text, "fitted")
    made: Measure = own(how) if own else how
    return made


def shared_seconds(case: Case, how: Measure) -> tuple[Hashable, float] | None:
    """Where one measurement of a round answers several cases: what it is, equal for those cases, and about
    how many seconds it takes. None: each case is measured for itself."""
    own = _own(case.backend, "shared_seconds")
    found: tuple[Hashable, float] | None = own(case, how) if own else None
    return found


def deterministic(text: str) -> bool:
    """The same case gives the same figures wherever and whenever it is measured, and whatever goes on beside
    it: a simulation on a virtual clock."""
    own = _own(text, "deterministic")
    return bool(own and own())


def simulation_seconds(case: Case) -> float:
    """That a case of a deterministic backend should take, about."""
    from benchsuite.backends import simulated

    return simulated.seconds(case)


def left_running(text: str) -> str:
    """What goes on though nobody waits for it any more, as a sentence; or ""."""
    own = _own(text, "left_running")
    return str(own()) if own else ""


def _available_memory() -> int | None:
    """Bytes that can be had without swapping."""
    with suppress(OSError, ValueError, StopIteration), open("/proc/meminfo") as lines:  # noqa: PTH123
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    return None


def _check_memory(case: Case) -> None:
    """Too many large buffers would have the kernel kill something, and not always this process."""
    buffers = 2 if case.in_place else 3  # the output, if it is not the input, and a copy for verification
    needed = case.workers * case.q_len * (buffers * case.request_size + REQUEST_OVERHEAD)
    available = _available_memory()
    if available is not None and needed > available:
        raise MeasureError(
            "unsupported",
            f"so many requests outstanding need {needed / 1e9:.1f} GB of memory, "
            f"{available / 1e9:.1f} GB are available",
        )


def open_case(case: Case) -> Engine:
    """MeasureError ("unavailable", "unsupported") with the reason."""
    _check_memory(case)
    backend = parse(case.backend)
    if backend.driver is None:
        return backend.module.open_case(backend.setting, case)
    if backend.name == "sim" and backend.driver.virtual:
        from benchsuite.backends import simulated

        return simulated.SimulatedEngine(backend.driver, backend.setting, case)
    from benchsuite.backends import native

    return native.NativeEngine(backend.driver, backend.setting, case)


__all__ = [
    "PYTHON_BACKENDS",
    "Backend",
    "Engine",
    "MeasureError",
    "SelfTimed",
    "deterministic",
    "fitted",
    "known",
    "left_running",
    "open_case",
    "parse",
    "shared_seconds",
    "simulation_seconds",
    "version",
]
