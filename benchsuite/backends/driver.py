"""Backends that are drivers of the native core (native/drivers.c)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from benchsuite.algorithms import Algorithm
from benchsuite.backends.backend import Backend, Engine, Phase
from benchsuite.backends.errors import MeasureError
from benchsuite.model import Case, driver_of, setting_of
from benchsuite.native import Driver, drivers, lib, text_buffer, text_of

if TYPE_CHECKING:
    from benchsuite.backends.findings import SoFar, Stressed, StressLoad, Survey, Wanted


class DriverBackend(Backend):
    """A driver with its setting. Engine, verification and load are imported when they are asked for: a
    worker's start-up is waited for."""

    loadable = True

    def __init__(self, driver: Driver, setting: str = "") -> None:
        super().__init__(setting)
        self.driver, self.name, self.about = driver, driver.backend, driver.about
        self.options = driver.options
        if driver.nop:
            self.untouched = "it touches no byte: nothing to verify"

    def lines(self, algorithm: Algorithm | None = None, op: str = "", size: int = 0) -> str:
        """The setting as the driver reads it, for sessions of an algorithm and requests of up to `size`
        bytes; without an algorithm it is good for version() alone. MeasureError where it makes no sense."""
        self.check_setting()
        return "".join(f"{name}={value}\n" for name, value in self._given.items())

    @cached_property
    def _given(self) -> dict[str, Any]:
        return self.options.given(self.name, self.setting)

    def version(self) -> str:
        """What is measured, e.g. `OpenSSL 3.0.19 27 Jan 2026`. MeasureError("unavailable") says why not."""
        text = text_buffer()
        if lib.bs_version(self.driver.name.encode(), self.lines().encode(), text, len(text)) < 0:
            raise MeasureError("unavailable", text_of(text))
        return text_of(text)

    def open_case(self, case: Case) -> Engine:
        from benchsuite.backends.native import NativeEngine

        return NativeEngine(self, case)

    def survey(self, algorithm: Algorithm, wanted: Wanted, phase: Phase) -> Survey:
        from benchsuite.backends.survey import DriverSurvey

        self.version()
        return DriverSurvey(self, algorithm, phase).perform(wanted)

    def stress(
        self,
        algorithms: Sequence[Algorithm],
        load: StressLoad,
        phase: Phase,
        watch: Callable[[SoFar], None] | None = None,
        mixed: bool = False,
    ) -> Stressed:
        if self.untouched:
            return super().stress(algorithms, load, phase, watch, mixed)
        from benchsuite.backends.stress import stress

        return stress(self, algorithms, load, phase, watch, mixed)


def driver_backend(text: str) -> DriverBackend | None:
    """The backend that is a driver of this build, by its name and setting. None: there is no such driver."""
    for driver in drivers():
        if driver.backend == driver_of(text):
            return DriverBackend(driver, setting_of(text))
    return None
