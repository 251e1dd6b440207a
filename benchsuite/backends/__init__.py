"""Backends: what a user names. Every native driver is one by itself; `python` is the other kind.

An engine is a case opened on a backend: verify() and verify_after() return the number of requests checked or
raise MeasureError, run(requests) returns a Value, counters(), latency() and facts() are what
WorkerRun keeps (forget_latency() after warm-ups), close() ends it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from benchsuite.backends.errors import MeasureError
from benchsuite.model import BenchsuiteError, Case, Value
from benchsuite.native import Driver, drivers
from benchsuite.units import nearest

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


class Backend(NamedTuple):
    name: str  # before the colon
    setting: str  # after it, or ""
    driver: Driver | None  # None: python


def known() -> dict[str, str]:
    """Backend name -> one line on what it is."""
    from benchsuite.backends import python

    return {driver.backend: driver.about for driver in drivers()} | {"python": python.ABOUT}


def parse(text: str) -> Backend:
    """`NAME` or `NAME:SETTING`. BenchsuiteError with the nearest known name for anything else."""
    name, _, setting = text.partition(":")
    if name == "python":
        return Backend(name, setting, None)
    for driver in drivers():
        if driver.backend == name:
            return Backend(name, setting, driver)
    near = nearest(name, known())
    hint = f"did you mean {near!r}?" if near else f"known: {', '.join(known())}."
    raise BenchsuiteError(f"unknown backend {name!r}: {hint} `benchsuite list backends` shows what each is")


def version(text: str) -> str:
    """What the backend would measure. MeasureError("unavailable") with the reason."""
    backend = parse(text)
    if backend.driver is None:
        from benchsuite.backends import python

        return python.version(backend.setting)
    from benchsuite.backends import session

    return session.version(backend.driver, backend.setting)


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
        from benchsuite.backends import python

        python.version(backend.setting)
        return python.PythonEngine(case)
    from benchsuite.backends import native

    return native.NativeEngine(backend.driver, backend.setting, case)


__all__ = ["Backend", "Engine", "MeasureError", "known", "open_case", "parse", "version"]
