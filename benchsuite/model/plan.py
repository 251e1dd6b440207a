"""What is to be measured, and how: cases in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchsuite.model.case import Case
from benchsuite.model.measured import CaseResult

WALL, CPU, CYCLES = "wall", "cpu", "cycles"
METRICS = (WALL, CPU, CYCLES)  # what a value has of each request: wall time, CPU time, cycles


@dataclass(frozen=True, slots=True)
class Measure:
    """How each case is measured."""

    processes: int = 3  # fresh worker processes (rounds)
    values: int = 10  # values per process
    warmups: int = 1  # per process, kept apart
    min_time: float = 0.02  # seconds per value, at least
    decide_on: str = WALL  # a key of METRICS: what verdicts rest on
    log_interval: float = 0.0  # seconds of an interval of the time series; 0: none is kept
    ramp: float = 0.0  # seconds that a process works before its first value; they are kept apart


@dataclass(frozen=True, slots=True)
class Plan:
    """A profile expanded: what a run will do, in order."""

    profile: str
    why: str
    cases: tuple[Case, ...]
    measures: tuple[Measure, ...]  # one per case
    labels: dict[str, str] = field(default_factory=dict)  # of backends, by backend: see profile.labels

    def name(self, case: Case) -> str:
        """The name of a case, with the label of its backend."""
        return case.on(self.labels.get(case.backend, case.backend)).name

    def results(self) -> list[CaseResult]:
        """Results of the cases, with nothing measured yet."""
        return [CaseResult(case, label=self.labels.get(case.backend, "")) for case in self.cases]
