"""The Backend of tcrypt: whether the module is there, its setting, and what a case takes."""

from __future__ import annotations

import math
import os
from collections.abc import Hashable
from dataclasses import replace

from benchsuite import algorithms
from benchsuite.backends.backend import Backend, Engine
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.tcrypt import module, parameters
from benchsuite.model import Case, Measure

_LOADING = 0.5  # seconds beside the measuring


class TcryptBackend(Backend):
    name = "tcrypt"
    about = "the kernel's own benchmark, loaded as a module; tcrypt:cycles, :sync, :whole, :driver=NAME"
    untouched = (
        "its bytes stay in the kernel, whose self-tests check the drivers: nothing to verify from here"
    )

    options = parameters.OPTIONS

    def asked(self) -> parameters.Options:
        return parameters.parse_options(self.setting)

    def version(self) -> str:
        self.check_setting()
        module.check()
        return f"tcrypt of Linux {os.uname().release}"

    def open_case(self, case: Case) -> Engine:
        from benchsuite.backends.tcrypt.engine import TcryptEngine

        return TcryptEngine(self.asked(), case, self.version())

    def left_running(self) -> str:
        return module.at_work()

    def fitted(self, how: Measure) -> Measure:
        """tcrypt takes whole seconds, one at least, and times everything of a mode in turn: then a round has
        one value, and more of them are more `processes`. Where it counts cycles a value is quickly had.
        There is no ramp."""
        how = replace(how, ramp=0.0)
        if self.asked().cycles:
            return replace(how, warmups=0, min_time=0.0)
        return replace(how, values=1, warmups=0, min_time=float(max(1, math.ceil(how.min_time))))

    def shared_seconds(self, case: Case, how: Measure) -> tuple[Hashable, float]:
        """What a round of this case measures, and about how many seconds that takes. Cases that measure the
        same pay for it once."""
        options, algorithm = self.asked(), algorithms.find(case.algorithm)
        try:
            parameters.check(case, algorithm, options)
        except MeasureError:
            return None, 0.0
        ways = parameters.ways(case, algorithm, options)
        way = ways[0] if parameters.narrows() else ways[-1]
        seconds = parameters.tests(way) * how.min_time + _LOADING
        return (way, how), seconds * how.values
