"""What a backend is: the name a user writes, `NAME` or `NAME:SETTING`, with all that can be asked of it.

A driver of the native core is one by itself (driver.py). Any other is a subclass in a file of its own, and a
line in registry.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from benchsuite.algorithms import Algorithm
from benchsuite.backends.errors import MeasureError
from benchsuite.keys import OptionTable
from benchsuite.model import BenchsuiteError, Case, Measure, Value

if TYPE_CHECKING:  # a worker's start-up is waited for
    from pathlib import Path

    from benchsuite.backends.findings import SoFar, Stressed, StressLoad, Survey, Wanted

Phase = Callable[[str], None]  # is told what comes next


class Engine(Protocol):
    """A case opened on a backend. verify() and verify_after() return the number of requests checked or raise
    MeasureError, as run() does for a failed request; counters(), latency() and facts() are what WorkerRun
    keeps."""

    def verify(self) -> int: ...
    def verify_after(self) -> int: ...
    def run(self, requests: int) -> Value: ...
    def counters(self) -> dict[str, int]: ...
    def forget_latency(self) -> None: ...  # after warm-ups
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


@runtime_checkable
class Offering(Protocol):
    """An engine, also, at which requests can arrive by a clock. offer() is how many per second from the next
    run() on, which is asked for so many of each worker; infinity: one is always waiting, and what run() gives
    then is what can be carried. As the case says it: the pattern of arrivals, and how many may wait. The same
    number gives the same arrivals, run after run."""

    def offer(self, rate: float, number: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Interval:
    """What an engine notes of an interval of time. None: it does not tell."""

    begins: float  # seconds since the log began
    lasts: float
    requests: float | None  # completed in it
    sampled: int = 0  # of them, those whose latency was taken
    p50: float | None = None  # seconds
    p99: float | None = None
    user: float | None = None  # CPU seconds
    system: float | None = None


@runtime_checkable
class Logging(Protocol):
    """An engine, also, that can keep a log of what it does. log() begins one, of intervals of so many
    seconds, while nothing runs; take_log() is what is over of it, from any thread; last: what has begun of an
    interval counts as one, and the log is over."""

    def log(self, interval: float) -> None: ...
    def take_log(self, last: bool) -> list[Interval]: ...


class Backend(ABC):
    """A backend with its setting. What most have no need of has a default here. Quick to make and to ask: a
    plan of thousands of cases is looked at several times."""

    name: str  # before the colon
    about: str  # one line on what it is
    options: OptionTable = OptionTable()  # of its setting
    untouched: str = ""  # why there is nothing that `benchsuite verify` could check
    file_tells: bool = False  # the name of its file says what it is, not its version
    chooses: bool = False  # it has no engine of its own, and takes another backend for each case
    simulated: bool = False  # its times are a model's
    # The same case gives the same figures wherever and whenever it is measured, whatever goes on beside it.
    deterministic: bool = False
    loadable: bool = False  # it takes many requests of many sessions at once: see stress()

    def __init__(self, setting: str = "") -> None:
        """setting: what stands after the colon, or ""."""
        self.setting = setting

    def __str__(self) -> str:
        """The backend as users write it."""
        return f"{self.name}:{self.setting}" if self.setting else self.name

    @property
    def file(self) -> str:
        """The path in its setting, where that is a file; or ""."""
        return self.options.file(self.setting)

    def asked(self) -> Any:
        """What the setting asks for. BenchsuiteError for one that makes no sense."""
        return self.options.parse(self.name, self.setting)

    def check_setting(self) -> None:
        """MeasureError("unavailable") for a setting that makes no sense."""
        try:
            self.asked()
        except BenchsuiteError as error:
            raise MeasureError("unavailable", str(error)) from None

    @property
    def without_setting(self) -> str:
        """What a list of backends says of one that cannot be asked anything without a setting; or ""."""
        return ""

    @abstractmethod
    def version(self) -> str:
        """What would be measured here. MeasureError("unavailable") with the reason."""

    @abstractmethod
    def open_case(self, case: Case) -> Engine:
        """The case as an engine. MeasureError ("unavailable", "unsupported") with the reason."""

    def survey(self, algorithm: Algorithm, wanted: Wanted, phase: Phase) -> Survey:
        """Everything that can be verified of an algorithm. MeasureError for the first fault, "unsupported"
        where there is no such algorithm."""
        raise MeasureError("unsupported", self.untouched or "there is nothing to verify")

    def stress(
        self,
        algorithms: Sequence[Algorithm],
        load: StressLoad,
        phase: Phase,
        watch: Callable[[SoFar], None] | None = None,
        mixed: bool = False,
    ) -> Stressed:
        """An algorithm in real traffic, or mixed, several at once: see stress.py. watch: is shown now and
        then how far it is. MeasureError("unsupported") for what takes none."""
        raise MeasureError("unsupported", "it has no driver that takes several requests at once")

    def fitted(self, how: Measure) -> Measure:
        """How it can be measured, where not everything can be asked of it."""
        return how

    def shared_seconds(self, case: Case, how: Measure) -> tuple[Hashable, float] | None:
        """The measurement that answers several cases of a round: what it is, equal for those cases, and about
        how many seconds it takes. None: each case is measured for itself."""
        return None

    def seconds(self, case: Case) -> float | None:
        """Estimated seconds of a case whose backend decides by itself how much there is to do. None: a case
        takes as long as is asked for."""
        return None

    def left_running(self) -> str:
        """What goes on though nobody waits for it any more, as a sentence; or ""."""
        return ""
