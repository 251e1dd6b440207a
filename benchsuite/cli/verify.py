"""`benchsuite verify`: is every byte right?"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from benchsuite import algorithms, backends, profile
from benchsuite.backends.findings import Wanted
from benchsuite.backends.survey_sizes import taken_as_they_are
from benchsuite.cli import auto_options
from benchsuite.cli.options import backend_option, complete_profile, deadline_option
from benchsuite.cli.stress import stress_options
from benchsuite.cli.verify_lines import Task, lines
from benchsuite.cli.verify_report import Report
from benchsuite.model import BenchsuiteError, Case
from benchsuite.runs.plan import check_backends, check_wishes, wishing
from benchsuite.units import many, several

if TYPE_CHECKING:
    from benchsuite.cli.stress import Loads


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
    loads: Loads | None,
    deadline: float | None,
    style: str,
) -> int:
    """Check every byte: each algorithm of each backend against the reference (the cryptography package)
    and published vectors (NIST, RFC).

    Both operations, dense sizes, edge IVs, AAD of many lengths, in place and out of place, up against
    unreadable pages; forgeries, sizes that must be refused, other tags and nonces, chained requests, many
    sessions and a loaded queue. Each backend and algorithm has a process of its own, so that a crash is a
    line of the report. With PROFILE: the algorithms, backends, sizes of text, AAD and tag of its cases.

    With --stress, then real traffic, every byte of it checked: many sessions, each with a key of its own,
    some for the whole run and thousands briefly, streams among them; many requests outstanding, sizes to
    1 MiB and those of PROFILE, alignments, AAD and operations mixed, forgeries and sizes that must be
    refused; everything drained now and then, and left alone; several threads. At last, "mixed", all
    algorithms of a backend at once; where it is one (-a), beside it those that differ in the key size, the
    mode or the digest only. What a driver refuses is left out, and said.

    \b
    Examples:
      benchsuite verify
      benchsuite verify esp-suites
      benchsuite verify --stress --time 10s -b software
      benchsuite verify --soak 1h -b afalg -a aes-128-cbc
      benchsuite verify -b software:/opt/openssl/lib/libcrypto.so.3 -a aes-128-gcm

    An algorithm that a backend does not have is no failure.
    """
    tasks = _of_profile(profile_name, backends, names) if profile_name else _of_table(backends, names)
    check_wishes({task.backend for task in tasks}, require, prefer)
    if loads:
        _check_sizes(loads.each.only_sizes, {task.algorithm for task in tasks})
    tasks = [replace(task, backend=wishing(task.backend, require, prefer)) for task in tasks]
    report = Report(tasks, style, loads)
    for line in lines(tasks, bool(backends or profile_name), deadline, report.version, loads):
        report.add(line)
    status = report.finish()
    if report.interrupted and not status:
        raise KeyboardInterrupt
    return status


def _check_sizes(sizes: tuple[int, ...], names: set[str]) -> None:
    """Raises BenchsuiteError where no algorithm has requests of any of the sizes: nothing would be loaded."""
    asked = [algorithms.ALGORITHMS[name] for name in sorted(names)]
    if not sizes or any(taken_as_they_are(algorithm, sizes) for algorithm in asked):
        return
    takes = [
        f"{one.name} takes multiples of {one.block} bytes, {one.min_size} or more"
        if one.block > 1
        else f"{one.name} takes {many(one.min_size, 'byte')} or more"
        for one in asked
    ]
    raise BenchsuiteError(
        f"--size {', '.join(map(str, sizes))}: no request to load a driver with; {several(takes)}"
    )


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
    cases: dict[tuple[str, str], list[Case]] = {}  # by backend and algorithm, in the profile's order
    for case in plan.cases:
        backends.of(case.backend)
        if not only or case.algorithm in only:
            cases.setdefault((case.backend, case.algorithm), []).append(case)
    if not cases:
        raise BenchsuiteError(
            f"profile {profile_name} has no case of {', '.join(sorted(only))}: leave --algorithm out"
        )
    order = list(dict.fromkeys(backend for backend, _ in cases))
    return [
        Task(backend, name, _wanted(of_both), plan.labels.get(backend, ""), profile_name)
        for (backend, name), of_both in sorted(cases.items(), key=lambda item: order.index(item[0][0]))
    ]


def _wanted(cases: list[Case]) -> Wanted:
    return Wanted(
        sizes=sorted({case.request_size for case in cases}),
        aad_sizes=sorted({case.aad_size for case in cases}),
        tag_sizes=sorted({case.tag_size for case in cases} - {0}),
    )
