"""The `sim` backend: a simulated device, on a virtual clock or, with clock=real, behind real threads.

It is two drivers of the native core, one for each clock.
"""

from __future__ import annotations

from dataclasses import replace

from benchsuite import sim
from benchsuite.algorithms import Algorithm
from benchsuite.backends.backend import Engine
from benchsuite.backends.driver import DriverBackend
from benchsuite.backends.errors import MeasureError
from benchsuite.model import BenchsuiteError, Case, Measure
from benchsuite.native import Driver, drivers

NAME = "sim"


def _driver(virtual: bool) -> Driver:
    return next(driver for driver in drivers() if driver.backend == NAME and driver.virtual == virtual)


class SimBackend(DriverBackend):
    simulated = True
    file_tells = True

    def __init__(self, setting: str = "") -> None:
        self.deterministic = sim.clock_of(setting) == sim.VIRTUAL
        super().__init__(_driver(self.deterministic), setting)
        self.options = sim.OPTIONS
        if self.deterministic:
            self.untouched = "the virtual clock touches no byte: nothing to verify; clock=real computes them"

    @property
    def without_setting(self) -> str:
        return f"{len(sim.names())} simulated devices: `benchsuite list devices`"

    def lines(self, algorithm: Algorithm | None = None, op: str = "", size: int = 0) -> str:
        """The model of the device: see sim.lines."""
        try:
            return sim.lines(self.setting, algorithm, op, size)
        except BenchsuiteError as error:
            kind = "unsupported" if isinstance(error, sim.Unsupported) else "unavailable"
            raise MeasureError(kind, str(error)) from None

    def open_case(self, case: Case) -> Engine:
        if not self.deterministic:
            return super().open_case(case)
        from benchsuite.backends.simulated import SimulatedEngine

        return SimulatedEngine(self, case)

    def fitted(self, how: Measure) -> Measure:
        """How it is simulated: one value is all there is to be known. A time series shows as much
        virtual time as values would have taken."""
        if not self.deterministic:
            return how
        shown = how.values * how.min_time if how.log_interval else 0.0
        return replace(how, processes=1, values=1, warmups=0, min_time=shown)

    def seconds(self, case: Case) -> float | None:
        from benchsuite.backends import simulated

        return simulated.seconds(case) if self.deterministic else None
