"""What becomes of each backend and algorithm that `benchsuite verify` asks: a line for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from benchsuite import backends
from benchsuite.backends.findings import Narrowed, Stressed, StressLoad, Wanted
from benchsuite.cli import shown_again
from benchsuite.model import Failure
from benchsuite.runner import calls

if TYPE_CHECKING:
    from benchsuite.cli.stress import Loads

WRONG, NOT_CHECKED = 1, 3
# Failure kind -> (what the line says, exit status); any other kind: it could not be checked.
VERDICTS = {
    "wrong-bytes": ("WRONG", WRONG),
    "error": ("FAILED", WRONG),  # requests that had to succeed did not
    "lost": ("FAILED", WRONG),
    "unsupported": ("not supported", 0),
}
MIXED = "mixed"  # stands where an algorithm does: several under load at once
_NOT_CHECKED = ("NOT CHECKED", NOT_CHECKED)
_NO_LOAD = "under load: it has no driver that takes several requests at once"


@dataclass(frozen=True, slots=True)
class Task:
    """An algorithm of a backend. wanted: what a profile has; profile: as the user named it."""

    backend: str
    algorithm: str
    wanted: Wanted = field(default_factory=Wanted)
    label: str = ""
    profile: str = ""

    @property
    def name(self) -> str:
        """Name of the backend, in what is printed."""
        return self.label or self.backend


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a task. algorithm is "" where it concerns a whole backend."""

    backend: str
    algorithm: str
    verdict: str
    status: int
    kind: str = ""  # of the failure
    reason: str = ""  # what was found, the better first where there are two
    further: tuple[str, ...] = ()  # the rest of what was found
    requests: int = 0
    vectors: int = 0
    refused: tuple[str, ...] = ()
    chosen: str = ""  # by the auto backend
    stressed: Stressed | None = None
    narrowed: Narrowed | None = None  # of what was found: how it is shown again

    @property
    def interrupted(self) -> bool:
        return any(one is not None and one.interrupted for one in (self.stressed, self.narrowed))


def lines(
    tasks: list[Task],
    named: bool,
    deadline: float | None,
    tell_version: Callable[[str, str], None],
    loads: Loads | None,
) -> Iterator[Line]:
    """named: the user asked for these backends, so that one which cannot run here is a failure. Ctrl-C while
    a driver is under load ends with the line of what was found until then."""
    for backend, group in groupby(tasks, key=lambda task: task.backend):
        of_backend = list(group)
        name, untouched = of_backend[0].name, backends.of(backend).untouched
        answer = calls.describe(backend)
        if isinstance(answer, Failure):
            verdict, status = _NOT_CHECKED if named else ("not available", 0)
            yield Line(name, "", verdict, status, answer.kind, answer.reason)
            continue
        if untouched:
            yield Line(name, "", "skipped", 0, reason=untouched)
            continue
        tell_version(name, answer)
        done = []
        for task in of_backend:
            line = _verify(task, deadline)
            if loads and may_be_loaded(line):
                line = _under_load(task, line, loads, deadline)
            yield line
            if line.interrupted:
                return
            done.append((task, line))
        if loads:
            yield from _mixed(done, loads, deadline)


def may_be_loaded(line: Line) -> bool:
    """Whether the driver came back from being asked one by one, right or wrong."""
    return line.status in (0, WRONG) and line.kind != "unsupported"


def _verify(task: Task, deadline: float | None) -> Line:
    outcome = calls.verify(task.backend, task.algorithm, task.wanted, deadline)
    if isinstance(outcome, Failure):
        line = _failed(Line(task.name, task.algorithm, "", 0), outcome)
        if line.status != WRONG and outcome.kind != "crash":
            return line
        return replace(line, narrowed=shown_again.plain(task.profile, task.backend, task.algorithm))
    return Line(
        task.name,
        task.algorithm,
        "ok",
        0,
        requests=outcome.requests,
        vectors=outcome.vectors,
        refused=tuple(outcome.refused),
        chosen=outcome.chosen,
    )


def _failed(line: Line, failure: Failure) -> Line:
    verdict, status = VERDICTS.get(failure.kind, _NOT_CHECKED)
    return replace(line, verdict=verdict, status=status, kind=failure.kind, reason=failure.reason)


# ---- under load ----


def _under_load(task: Task, line: Line, loads: Loads, deadline: float | None) -> Line:
    """The line of an algorithm after its driver's time under load, which also a wrong one gets: it may show
    more of what is wrong."""
    backend = line.chosen or task.backend
    if not backends.of(backend).loadable:
        return replace(line, refused=(*line.refused, _NO_LOAD))
    load = replace(loads.each, wanted=task.wanted)
    outcome = calls.stress(backend, [task.algorithm], load, deadline)
    line = _loaded(line, outcome)
    if loads.narrow and not line.narrowed:
        found = _fault(outcome, [task.algorithm], load)
        return _narrowed(line, found, task.profile, backend, load, deadline)
    return line


def _fault(outcome: Stressed | Failure, algorithms: list[str], load: StressLoad) -> Stressed | None:
    """What is to be shown again; None: nothing went wrong that could be."""
    if isinstance(outcome, Stressed):
        return outcome if outcome.faults and not outcome.interrupted else None
    if outcome.kind != "crash":
        return None
    return Stressed(algorithms=algorithms, seconds=load.seconds, faults=1, kind=outcome.kind)


def _narrowed(
    line: Line, found: Stressed | None, profile: str, backend: str, load: StressLoad, deadline: float | None
) -> Line:
    if not found:
        return line
    return replace(line, narrowed=shown_again.under_load(profile, backend, found, load, deadline))


def _loaded(line: Line, outcome: Stressed | Failure) -> Line:
    if isinstance(outcome, Failure):
        if outcome.kind == "unsupported":
            return replace(line, refused=(*line.refused, f"under load: {outcome.reason}"))
        if line.status:
            return replace(line, further=(*line.further, f"{outcome.kind}: {outcome.reason}"))
        return _failed(line, outcome)
    line = replace(line, stressed=outcome)
    if not outcome.faults:
        return line
    verdict, status = VERDICTS.get(outcome.kind, VERDICTS["error"])
    found = [f"under load, {outcome.told[0]}", *outcome.told[1:]]
    if not line.reason:
        return replace(
            line, verdict=verdict, status=status, kind=outcome.kind, reason=found[0], further=tuple(found[1:])
        )
    if _better_alone(line, outcome):
        return replace(line, further=(*line.further, *found))
    return replace(
        line,
        verdict=verdict,
        status=status,
        kind=outcome.kind,
        reason=found[0],
        further=(*found[1:], line.reason),
    )


def _better_alone(line: Line, outcome: Stressed) -> bool:
    """Whether what was found without load says more: it takes less to show it again. But a wrong byte says
    more than a status."""
    return line.kind == "wrong-bytes" or outcome.kind != "wrong-bytes"


def _together(wanted: list[Wanted]) -> Wanted:
    return Wanted(
        sizes=sorted({size for one in wanted for size in one.sizes or ()}),
        aad_sizes=sorted({size for one in wanted for size in one.aad_sizes}),
        tag_sizes=sorted({size for one in wanted for size in one.tag_sizes}),
    )


def _mixed(done: list[tuple[Task, Line]], loads: Loads, deadline: float | None) -> Iterator[Line]:
    """A line for all algorithms of a backend at once that are right by themselves; where one was asked for,
    it has its relatives beside it. `auto` may have chosen several backends: a line for each."""
    together: dict[str, list[Task]] = {}
    for task, line in done:
        if line.stressed and not line.status:
            together.setdefault(line.chosen or task.backend, []).append(task)
    for backend, tasks in together.items():
        load = replace(loads.all, wanted=_together([task.wanted for task in tasks]))
        line = Line(tasks[0].name, MIXED, "ok", 0, chosen=backend if backend != tasks[0].backend else "")
        with loads.watching(tasks[0].name) as watch:
            outcome = calls.stress(
                backend, [task.algorithm for task in tasks], load, deadline, watch, mixed=True
            )
        line = _loaded(line, outcome)
        if isinstance(outcome, Failure) and outcome.kind == "unsupported":
            line = replace(line, verdict="skipped", reason=outcome.reason, refused=())
        if loads.narrow:
            found = _fault(outcome, [task.algorithm for task in tasks], load)
            line = _narrowed(line, found, tasks[0].profile, backend, load, deadline)
        yield line
        if line.interrupted:
            return
