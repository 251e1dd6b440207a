"""Backends: what a user names. Every native driver is one by itself; `python` is the other kind.

An engine is a case opened on a backend: verify() and verify_after() return the number of requests checked or
raise MeasureError, run(requests) returns a Value, counters(), latency() and facts() are what
WorkerRun keeps, close() ends it.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from benchsuite.backends.errors import MeasureError
from benchsuite.model import BenchsuiteError, Case, Value
from benchsuite.native import Driver, drivers
from benchsuite.units import nearest


class Engine(Protocol):
    def verify(self) -> int: ...
    def verify_after(self) -> int: ...
    def run(self, requests: int) -> Value: ...
    def counters(self) -> dict[str, int]: ...
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


def open_case(case: Case) -> Engine:
    """MeasureError ("unavailable", "unsupported") with the reason."""
    backend = parse(case.backend)
    if backend.driver is None:
        from benchsuite.backends import python

        python.version(backend.setting)
        return python.PythonEngine(case)
    from benchsuite.backends import native

    return native.NativeEngine(backend.driver, backend.setting, case)


__all__ = ["Backend", "Engine", "MeasureError", "known", "open_case", "parse", "version"]
