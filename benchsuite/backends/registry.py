"""Which backends there are. Nothing in this folder imports this file: it names them all."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from benchsuite.backends import memory
from benchsuite.backends.backend import Backend, Engine
from benchsuite.backends.driver import driver_backend
from benchsuite.model import BenchsuiteError, Case, driver_of, setting_of
from benchsuite.native import drivers
from benchsuite.units import nearest

# Name -> the module and its subclass of Backend, imported when it is first asked for: a worker's start-up is
# waited for. Whatever else a driver of the native core is called is a DriverBackend.
_CLASSES = {
    "sim": "benchsuite.backends.sim:SimBackend",
    "python": "benchsuite.backends.python:PythonBackend",
    "auto": "benchsuite.backends.auto:AutoBackend",
    "tcrypt": "benchsuite.backends.tcrypt.backend:TcryptBackend",
}
REQUEST_OVERHEAD = 1024  # bytes beside the payload: canaries, IV, tag, the request itself


def names() -> list[str]:
    return list(dict.fromkeys([*(driver.backend for driver in drivers()), *_CLASSES]))


def known() -> dict[str, str]:
    """Backend name -> one line on what it is."""
    return {name: of(name).about for name in names()}


@lru_cache(maxsize=4096)
def find(text: str) -> Backend | None:
    """The backend `NAME` or `NAME:SETTING`. None for a name that is not known here, as a result that was
    imported has."""
    if driver_of(text) not in _CLASSES:
        return driver_backend(text)
    module, _, name = _CLASSES[driver_of(text)].partition(":")
    made: Backend = getattr(import_module(module), name)(setting_of(text))
    return made


@lru_cache(maxsize=4096)
def of(text: str) -> Backend:
    """The backend that a user named. BenchsuiteError with the nearest known name where there is none, and
    for a setting that is missing after its colon, as of a variable that a script has not set."""
    found, name = find(text), driver_of(text)
    if found is None:
        near = nearest(name, names())
        hint = f"did you mean {near!r}?" if near else f"known: {', '.join(names())}."
        raise BenchsuiteError(
            f"unknown backend {name!r}: {hint} `benchsuite list backends` shows what each is"
        )
    if text.endswith(":") and not found.setting and not found.without_setting:
        raise BenchsuiteError(
            f"backend {text!r}: nothing after the colon; give a setting there, or leave the colon out"
        )
    return found


def open_case(case: Case) -> Engine:
    """The case as an engine of its backend, if there is memory for it. MeasureError ("unavailable",
    "unsupported") with the reason."""
    buffers = 2 if case.in_place else 3  # the output, if it is not the input, and a copy for verification
    each = buffers * case.request_size + REQUEST_OVERHEAD
    memory.check(case.workers * case.q_len * each, "unsupported", "so many requests outstanding")
    return of(case.backend).open_case(case)
