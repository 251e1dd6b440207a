"""`benchsuite verify`: is every byte right?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import click
from click.shell_completion import CompletionItem

from benchsuite import algorithms, backends, profile
from benchsuite.cli.options import Duration, backend_option, check_backends, complete_profile
from benchsuite.model import BenchsuiteError, Failure
from benchsuite.runner import process
from benchsuite.units import many

WRONG, NOT_CHECKED = 1, 3
# Failure kind -> (what the line says, exit status); any other kind: it could not be checked.
_VERDICTS = {
    "wrong-bytes": ("WRONG", WRONG),
    "error": ("FAILED", WRONG),  # requests that had to succeed did not
    "unsupported": ("not supported", 0),
}
_NOT_CHECKED = ("NOT CHECKED", NOT_CHECKED)
_UNTOUCHED = "it touches no byte: nothing to verify"


@dataclass(frozen=True, slots=True)
class Task:
    backend: str
    algorithm: str
    sizes: tuple[int, ...] | None = None  # None: many


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


def complete_algorithm(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in algorithms.ALGORITHMS if name.startswith(incomplete.lower())]


@click.command()
@click.argument("profile_name", metavar="[PROFILE]", required=False, shell_complete=complete_profile)
@backend_option("Verify this backend instead of the profile's, or of all there are.")
@click.option(
    "-a", "--algorithm", "names", multiple=True, metavar="NAME", shell_complete=complete_algorithm,
    help="Verify this algorithm instead of all.",
)  # fmt: skip
@click.option("--deadline", type=Duration(), help="Give a worker process up after this long.  [default: 30s]")
@click.option(
    "-f", "--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True,
    help="Lines as they come, or JSON at the end.",
)  # fmt: skip
def command(
    profile_name: str | None,
    backends: tuple[str, ...],
    names: tuple[str, ...],
    deadline: float | None,
    style: str,
) -> int:
    """Check every byte: each algorithm of each backend against the reference (the cryptography package)
    and published vectors (NIST, RFC).

    Both operations, many sizes, in place and out of place, between canaries, forged tags, chained requests
    and a loaded queue; each backend and algorithm in a process of its own, so that a crash is a line of the
    report. With PROFILE: the algorithms, backends and request sizes of its cases.

    \b
    Examples:
      benchsuite verify
      benchsuite verify esp-suites
      benchsuite verify -b software:/opt/openssl/lib/libcrypto.so.3 -a aes-128-gcm

    Exit status: 1 if any byte was wrong or a request failed, 3 if something could not be checked.
    An algorithm that a backend does not have is no failure.
    """
    tasks = _of_profile(profile_name, backends, names) if profile_name else _of_table(backends, names)
    report = _Report(tasks, style)
    for line in _lines(tasks, bool(backends or profile_name), deadline, report):
        report.add(line)
    return report.finish()


def _of_table(wanted: tuple[str, ...], names: tuple[str, ...]) -> list[Task]:
    found = dict.fromkeys(algorithms.find(name).name for name in names or algorithms.ALGORITHMS)
    check_backends(wanted)  # an unknown one, or a library that is not there, is the user's mistake
    return [Task(backend, name) for backend in dict.fromkeys(wanted or backends.known()) for name in found]


def _of_profile(profile_name: str, wanted: tuple[str, ...], names: tuple[str, ...]) -> list[Task]:
    plan = profile.expand(
        profile.load(profile.find(profile_name)), [], list(wanted), known_backends=list(backends.known())
    )
    only = {algorithms.find(name).name for name in names}
    sizes: dict[str, dict[str, set[int]]] = {}  # by backend and algorithm, in the profile's order
    for case in plan.cases:
        backends.parse(case.backend)
        if not only or case.algorithm in only:
            sizes.setdefault(case.backend, {}).setdefault(case.algorithm, set()).add(case.request_size)
    if not sizes:
        raise BenchsuiteError(
            f"profile {profile_name} has no case of {', '.join(sorted(only))}: leave --algorithm out"
        )
    return [
        Task(backend, name, tuple(sorted(of_name)))
        for backend, of_backend in sizes.items()
        for name, of_name in of_backend.items()
    ]


def _lines(tasks: list[Task], named: bool, deadline: float | None, report: _Report) -> Iterator[Line]:
    """named: the user asked for these backends, so that one which cannot run here is a failure."""
    answers: dict[str, str | Failure] = {}
    for task in tasks:
        driver = backends.parse(task.backend).driver
        if task.backend not in answers:
            answers[task.backend] = answer = process.describe(task.backend)
            if isinstance(answer, Failure):
                verdict, status = _NOT_CHECKED if named else ("not available", 0)
                yield Line(task.backend, "", verdict, status, answer.kind, answer.reason)
            elif driver is not None and driver.nop:
                yield Line(task.backend, "", "skipped", 0, reason=_UNTOUCHED)
            else:
                report.version(task.backend, answer)
        if isinstance(answers[task.backend], Failure) or (driver is not None and driver.nop):
            continue
        yield _verify(task, deadline)


def _verify(task: Task, deadline: float | None) -> Line:
    outcome = process.verify(task.backend, task.algorithm, list(task.sizes) if task.sizes else None, deadline)
    if isinstance(outcome, Failure):
        verdict, status = _VERDICTS.get(outcome.kind, _NOT_CHECKED)
        return Line(task.backend, task.algorithm, verdict, status, outcome.kind, outcome.reason)
    return Line(
        task.backend, task.algorithm, "ok", 0,
        requests=outcome.requests, vectors=outcome.vectors, refused=tuple(outcome.refused),
    )  # fmt: skip


class _Report:
    """Lines as they come, and a summary; or one JSON document at the end."""

    def __init__(self, tasks: list[Task], style: str) -> None:
        self.json = style == "json"
        self.lines: list[Line] = []
        self.versions: dict[str, str] = {}
        self._widths = [max(len(task.backend) for task in tasks), max(len(task.algorithm) for task in tasks)]

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

    def _what(self, line: Line) -> str:
        if line.verdict != "ok":
            return line.reason if line.kind in ("", *_VERDICTS) else f"{line.kind}: {line.reason}"
        checked = f"{many(line.requests, 'request')}, {many(line.vectors, 'vector')}"
        return checked + "".join(f"; not {refused}" for refused in line.refused)

    def finish(self) -> int:
        """The exit status: wrong bytes outweigh what could not be checked."""
        worst = min((line.status for line in self.lines if line.status), default=0)
        if self.json:
            results = [asdict(line) for line in self.lines]
            click.echo(json.dumps({"versions": self.versions, "results": results, "status": worst}, indent=2))
            return worst
        verdicts = [line.verdict for line in self.lines if line.algorithm or line.status]
        counts = [f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts)]
        requests = sum(line.requests for line in self.lines)
        vectors = sum(line.vectors for line in self.lines)
        checked = f" ({many(requests, 'request')}, {many(vectors, 'vector')})"
        click.echo("; ".join(counts) + checked if counts else "nothing to verify")
        return worst
