"""`benchsuite verify`: is every byte right?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from benchsuite import algorithms, backends, profile
from benchsuite.cli import auto_options
from benchsuite.cli.options import backend_option, complete_profile, deadline_option
from benchsuite.cli.stress import announcement, stress_options, summary
from benchsuite.model import BenchsuiteError, Failure
from benchsuite.runner import calls
from benchsuite.runs.plan import check_backends, check_wishes, wishing
from benchsuite.units import many

if TYPE_CHECKING:
    from benchsuite.backends.findings import Stressed, StressLoad

WRONG, NOT_CHECKED = 1, 3
# Failure kind -> (what the line says, exit status); any other kind: it could not be checked.
_VERDICTS = {
    "wrong-bytes": ("WRONG", WRONG),
    "error": ("FAILED", WRONG),  # requests that had to succeed did not
    "unsupported": ("not supported", 0),
}
_NOT_CHECKED = ("NOT CHECKED", NOT_CHECKED)
_NO_LOAD = "under load: unsupported, it has no driver that takes several requests at once"


@dataclass(frozen=True, slots=True)
class Task:
    backend: str
    algorithm: str
    sizes: tuple[int, ...] | None = None  # None: many
    label: str = ""

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
    reason: str = ""
    requests: int = 0
    vectors: int = 0
    refused: tuple[str, ...] = ()
    chosen: str = ""  # by the auto backend
    stressed: Stressed | None = None


def complete_algorithm(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in algorithms.ALGORITHMS if name.startswith(incomplete.lower())]


@click.command()
@click.argument("profile_name", metavar="[PROFILE]", required=False, shell_complete=complete_profile)
@backend_option("Verify this backend instead of the profile's, or of all there are.")
@click.option(
    "-a",
    "--algorithm",
    "names",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_algorithm,
    help="Verify this algorithm instead of all.",
)
@auto_options.wish_options
@stress_options
@deadline_option("30s")
@click.option(
    "-f",
    "--format",
    "style",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Lines as they come, or JSON at the end.",
)
def command(
    profile_name: str | None,
    backends: tuple[str, ...],
    names: tuple[str, ...],
    require: str,
    prefer: str,
    load: StressLoad | None,
    deadline: float | None,
    style: str,
) -> int:
    """Check every byte: each algorithm of each backend against the reference (the cryptography package)
    and published vectors (NIST, RFC).

    Both operations, many sizes, in place and out of place, between canaries, forged tags, chained requests
    and a loaded queue; each backend and algorithm in a process of its own, so that a crash is a line of the
    report. With PROFILE: the algorithms, backends and request sizes of its cases.

    With --stress, then real traffic: many sessions, each with a key of its own, opened and closed beside busy
    ones, many requests outstanding, all sizes, alignments and operations mixed, forgeries among them, on
    several threads. Every byte of every request is checked.

    \b
    Examples:
      benchsuite verify
      benchsuite verify esp-suites
      benchsuite verify --stress --time 10s -b software
      benchsuite verify -b software:/opt/openssl/lib/libcrypto.so.3 -a aes-128-gcm

    An algorithm that a backend does not have is no failure.
    """
    tasks = _of_profile(profile_name, backends, names) if profile_name else _of_table(backends, names)
    check_wishes({task.backend for task in tasks}, require, prefer)
    tasks = [replace(task, backend=wishing(task.backend, require, prefer)) for task in tasks]
    report = _Report(tasks, style, load)
    for line in _lines(tasks, bool(backends or profile_name), deadline, report, load):
        report.add(line)
    return report.finish()


def _of_table(wanted: tuple[str, ...], names: tuple[str, ...]) -> list[Task]:
    found = dict.fromkeys(algorithms.find(name).name for name in names or algorithms.ALGORITHMS)
    known = backends.names()
    every = [name for name in known if name != "auto"]  # what it chooses from is there already
    named, labels = profile.named(wanted or every, known, "--backend")
    if wanted:  # an unknown one, or a library that is not there, is the user's mistake
        check_backends(named)
    return [Task(backend, name, label=labels.get(backend, "")) for backend in named for name in found]


def _of_profile(profile_name: str, wanted: tuple[str, ...], names: tuple[str, ...]) -> list[Task]:
    plan = profile.expand(
        profile.load(profile.find(profile_name)),
        [],
        list(wanted),
        known_backends=backends.names(),
        cpus=len(os.sched_getaffinity(0)),
    )
    only = {algorithms.find(name).name for name in names}
    sizes: dict[str, dict[str, set[int]]] = {}  # by backend and algorithm, in the profile's order
    for case in plan.cases:
        backends.of(case.backend)
        if not only or case.algorithm in only:
            sizes.setdefault(case.backend, {}).setdefault(case.algorithm, set()).add(case.request_size)
    if not sizes:
        raise BenchsuiteError(
            f"profile {profile_name} has no case of {', '.join(sorted(only))}: leave --algorithm out"
        )
    return [
        Task(backend, name, tuple(sorted(of_name)), plan.labels.get(backend, ""))
        for backend, of_backend in sizes.items()
        for name, of_name in of_backend.items()
    ]


def _lines(
    tasks: list[Task], named: bool, deadline: float | None, report: _Report, load: StressLoad | None
) -> Iterator[Line]:
    """named: the user asked for these backends, so that one which cannot run here is a failure."""
    answers: dict[str, str | Failure] = {}
    for task in tasks:
        untouched = backends.of(task.backend).untouched
        if task.backend not in answers:
            answers[task.backend] = answer = calls.describe(task.backend)
            if isinstance(answer, Failure):
                verdict, status = _NOT_CHECKED if named else ("not available", 0)
                yield Line(task.name, "", verdict, status, answer.kind, answer.reason)
            elif untouched:
                yield Line(task.name, "", "skipped", 0, reason=untouched)
            else:
                report.version(task.name, answer)
        if isinstance(answers[task.backend], Failure) or untouched:
            continue
        line = _verify(task, deadline)
        yield _stress(task, line, load, deadline) if load and line.verdict == "ok" else line


def _verify(task: Task, deadline: float | None) -> Line:
    outcome = calls.verify(task.backend, task.algorithm, list(task.sizes) if task.sizes else None, deadline)
    if isinstance(outcome, Failure):
        verdict, status = _VERDICTS.get(outcome.kind, _NOT_CHECKED)
        return Line(task.name, task.algorithm, verdict, status, outcome.kind, outcome.reason)
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


def _stress(task: Task, line: Line, load: StressLoad, deadline: float | None) -> Line:
    """The line of an algorithm that is right one by one, after its driver's time under load."""
    backend = line.chosen or task.backend
    if not backends.of(backend).loadable:
        return replace(line, refused=(*line.refused, _NO_LOAD))
    outcome = calls.stress(backend, task.algorithm, load, list(task.sizes or ()), deadline)
    if isinstance(outcome, Failure) and outcome.kind == "unsupported":
        return replace(line, refused=(*line.refused, f"under load: {outcome.reason}"))
    if isinstance(outcome, Failure):
        verdict, status = _VERDICTS.get(outcome.kind, _NOT_CHECKED)
        return replace(line, verdict=verdict, status=status, kind=outcome.kind, reason=outcome.reason)
    if outcome.faults:
        verdict, status = _VERDICTS.get(outcome.kind, _VERDICTS["error"])
        reason = f"under load, {outcome.told[0]}"
        return replace(
            line, verdict=verdict, status=status, kind=outcome.kind, reason=reason, stressed=outcome
        )
    return replace(line, stressed=outcome)


class _Report:
    """Lines as they come, and a summary; or one JSON document at the end."""

    def __init__(self, tasks: list[Task], style: str, load: StressLoad | None) -> None:
        self.json, self.load = style == "json", load
        self.lines: list[Line] = []
        self.versions: dict[str, str] = {}
        self._widths = [max(len(task.name) for task in tasks), max(len(task.algorithm) for task in tasks)]
        if load and not self.json:
            click.echo(announcement(load))

    def version(self, backend: str, version: str) -> None:
        self.versions[backend] = version
        if not self.json:
            click.echo(f"{backend}: {version}")

    def add(self, line: Line) -> None:
        self.lines.append(line)
        if self.json:
            return
        backend, algorithm = line.backend.ljust(self._widths[0]), line.algorithm.ljust(self._widths[1])
        click.echo(f"{backend}  {algorithm}  {line.verdict:13}  {self._what(line)}")
        for sentence in line.stressed.told[1:] if line.stressed else ():
            click.echo(f"    {sentence}")

    def _what(self, line: Line) -> str:
        if line.verdict != "ok":
            return line.reason if line.kind in ("", *_VERDICTS) else f"{line.kind}: {line.reason}"
        checked = f"{many(line.requests, 'request')}, {many(line.vectors, 'vector')}"
        by = f"{line.chosen}: " if line.chosen else ""
        if line.stressed:
            checked += f"; {summary(line.stressed)}"
        return by + checked + "".join(f"; not {refused}" for refused in line.refused)

    def finish(self) -> int:
        """The exit status: wrong bytes outweigh what could not be checked."""
        worst = min((line.status for line in self.lines if line.status), default=0)
        if self.json:
            document = {
                "versions": self.versions,
                "results": [asdict(line) for line in self.lines],
                "load": asdict(self.load) if self.load else None,
                "status": worst,
            }
            click.echo(json.dumps(document, indent=2))
            return worst
        verdicts = [line.verdict for line in self.lines if line.algorithm or line.status]
        counts = [f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts)]
        requests = sum(line.requests for line in self.lines)
        vectors = sum(line.vectors for line in self.lines)
        checked = f" ({many(requests, 'request')}, {many(vectors, 'vector')}"
        if self.load:
            loaded = sum(line.stressed.requests for line in self.lines if line.stressed)
            checked += f"; {many(loaded, 'request')} under load"
        click.echo("; ".join(counts) + checked + ")" if counts else "nothing to verify")
        return worst
