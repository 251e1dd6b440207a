"""The `tcrypt` backend: the kernel's own benchmark, a module that measures while it is being loaded.

What one load finds answers every case of its mode, so the first case of a round pays for all: see
engine.Shelf. Figures are tcrypt's own, to the digit: operations over the seconds it printed, or the cycles
of one operation.
"""

from __future__ import annotations

import math
import os
from collections.abc import Hashable
from dataclasses import replace

from benchsuite import algorithms, backends
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.tcrypt import module, parameters
from benchsuite.model import BenchsuiteError, Case, Measure

__all__ = ["ABOUT", "UNTOUCHED", "fitted", "left_running", "open_case", "shared_seconds", "version"]

ABOUT = "the kernel's own benchmark, loaded as a module; tcrypt:cycles, :sync, :whole, :driver=NAME"
UNTOUCHED = "its bytes stay in the kernel, whose self-tests check the drivers: nothing to verify from here"

_LOADING = 0.5  # seconds beside the measuring


def version(setting: str) -> str:
    try:
        parameters.parse_options(setting)
    except BenchsuiteError as error:
        raise MeasureError("unavailable", str(error)) from None
    module.check()
    return f"tcrypt of Linux {os.uname().release}"


def open_case(setting: str, case: Case) -> backends.Engine:
    from benchsuite.backends.tcrypt.engine import TcryptEngine

    return TcryptEngine(parameters.parse_options(setting), case, version(setting))


def left_running(setting: str) -> str:
    return module.at_work()


def fitted(setting: str, how: Measure) -> Measure:
    """tcrypt takes whole seconds, one at least, and times everything of a mode in turn: then a round has one
    value, and more of them are more `processes`. Where it counts cycles a value is quickly had."""
    if parameters.parse_options(setting).cycles:
        return replace(how, warmups=0, min_time=0.0)
    return replace(how, values=1, warmups=0, min_time=float(max(1, math.ceil(how.min_time))))


def shared_seconds(setting: str, case: Case, how: Measure) -> tuple[Hashable, float]:
    """What a round of this case measures, and about how many seconds that takes. Cases that measure the same
    pay for it once."""
    options, algorithm = parameters.parse_options(setting), algorithms.find(case.algorithm)
    try:
        parameters.check(case, algorithm, options)
    except MeasureError:
        return None, 0.0
    ways = parameters.ways(case, algorithm, options)
    way = ways[0] if parameters.narrows() else ways[-1]
    seconds = parameters.tests(way) * how.min_time + _LOADING
    return (way, how), seconds * how.values
