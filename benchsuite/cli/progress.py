"""What a person sees while a run goes on: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from benchsuite import backends
from benchsuite.cli.auto_options import lines
from benchsuite.cli.errors import say
from benchsuite.model import Failure, Plan, WorkerRun
from benchsuite.runner.rounds import worker_seconds
from benchsuite.runs.auto import Chosen
from benchsuite.runs.run import Observer
from benchsuite.units import format_duration, many

if TYPE_CHECKING:
    from tqdm import tqdm

PLAIN_EVERY = 10.0  # seconds between plain lines


class Progress(Observer):
    """Shows a run, unless it is to be quiet. Its unit is a second of expected time, so that the time left is
    right for plans of unequal cases. verbose: every candidate that `auto` asked."""

    def __init__(self, quiet: bool, verbose: bool) -> None:
        self._quiet, self._verbose = quiet, verbose
        self._bar: tqdm[Any] | None = None

    def begins(self, plan: Plan, done: Mapping[int, int]) -> None:
        self.plan = plan
        self._weight = worker_seconds(plan)
        self._left = [how.processes - done.get(i, 0) for i, how in enumerate(plan.measures)]
        self._total = round(sum(w * n for w, n in zip(self._weight, self._left, strict=True)), 3)
        self._workers, self._ended, self._done = sum(self._left), 0, 0.0
        self._kinds = self._kinds_of_work()
        self._begin = self._said = time.monotonic()
        if not self._quiet and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=self._total,
                bar_format="{percentage:3.0f}% |{bar}| {elapsed} gone, {remaining} left  {desc}",
                dynamic_ncols=True,
                leave=False,
                mininterval=0.2,
                file=sys.stderr,
            )
        elif not self._quiet:
            work = [many(count, one, several) for (one, several), count in self._kinds.items()]
            say(", ".join([many(len(plan.cases), "case"), *work, f"about {clock(self._total)}"]))

    def _kinds_of_work(self) -> dict[tuple[str, str], int]:
        """How many there are to be done of each."""
        simulated = sum(
            left
            for case, left in zip(self.plan.cases, self._left, strict=True)
            if backends.of(case.backend).deterministic
        )
        kinds = {
            ("simulation", "simulations"): simulated,
            ("worker process", "worker processes"): self._workers - simulated,
        }
        return {kind: count for kind, count in kinds.items() if count}

    def chosen(self, chosen: Chosen) -> None:
        for text in lines(chosen, self._verbose):
            self._line(text)

    def starts(self, index: int, round_number: int) -> None:
        if self._bar is not None:
            self._bar.set_description_str(self._short(index), refresh=True)

    def measured(self, index: int, run: WorkerRun) -> None:
        self._step(index, 1)

    def failed(self, index: int, failure: Failure) -> None:
        self._line(f"{self.plan.name(self.plan.cases[index])}: {failure.kind}: {failure.reason}")
        self._step(index, self._left[index])

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def _step(self, index: int, workers: int) -> None:
        self._left[index] -= workers
        self._ended += workers
        self._done += workers * self._weight[index]
        if self._bar is not None:
            self._bar.update(min(workers * self._weight[index], self._total - self._bar.n))
        elif not self._quiet and time.monotonic() - self._said >= PLAIN_EVERY:
            self._said = time.monotonic()
            gone = self._said - self._begin
            left = gone * (self._total - self._done) / self._done
            kinds = " and ".join(several for _, several in self._kinds)
            say(f"{self._ended} of {self._workers} {kinds}, {clock(gone)} gone, about {clock(left)} left")

    def _line(self, text: str) -> None:
        """One that stays, unless the run is to be quiet."""
        if self._bar is not None:
            self._bar.write(text, file=sys.stderr)
        elif not self._quiet:
            say(text)

    def _short(self, index: int) -> str:
        case = self.plan.cases[index]
        backend = self.plan.labels.get(case.backend, case.backend)
        work = f"{case.request_size} B" if case.request_size else case.op
        return f"{backend}/{case.algorithm} {work}"[:48]


def clock(seconds: float) -> str:
    """Whole seconds, as --budget and other options read them: 9m50s."""
    return format_duration(round(seconds))
