"""What a run is to measure: a profile's cases, with what the user has changed of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from benchsuite import backends, profile
from benchsuite.backends.candidates import parse_wish
from benchsuite.model import DIGEST, BenchsuiteError, Case, Failure, Measure, NotAvailable, Plan
from benchsuite.profile import Profile
from benchsuite.runner.calls import describe
from benchsuite.runner.rounds import within
from benchsuite.selection.filters import fits, parse


def make_plan(
    source: str | Profile,
    overrides: Sequence[str] = (),
    names: Sequence[str] = (),
    filters: Sequence[str] = (),
    cpus: int = 0,
) -> Plan:
    """The plan of a profile, or of the one with this name or path. overrides: `KEY=V[,V...]`. names: of
    backends, in place of the profile's. BenchsuiteError for whatever is wrong with these, and where the
    filters leave nothing. cpus: for the workers, 0: as many as this process may use."""
    wanted = [parse(text) for text in filters]
    for each in wanted:
        if each.tag:
            raise BenchsuiteError(
                f"--filter {each.key}: a profile has no tags; results that were measured have"
            )
    plan = profile.expand(
        source if isinstance(source, Profile) else profile.load(profile.find(source)),
        list(overrides),
        list(names),
        backends.names(),
        lambda result: fits(result, wanted),
        cpus=cpus or len(os.sched_getaffinity(0)),
    )
    for backend in {case.backend for case in plan.cases}:
        backends.of(backend)  # an unknown one is an error before anything is measured
    if not plan.cases:
        raise BenchsuiteError("--filter: no case of the profile fits")
    asked = zip(plan.cases, plan.measures, strict=True)
    return replace(plan, measures=tuple(backends.of(case.backend).fitted(how) for case, how in asked))


def of_cases(cases: Iterable[Case]) -> Profile:
    """A profile of these cases alone, so that they are held to what a profile's are."""
    matrices = [{"why": "A case that was given."} | _given(case) for case in cases]
    return profile.parse({"why": "Cases that were given.", "matrix": matrices}, "cases", "cases")


def _given(case: Case) -> dict[str, object]:
    """The keys of a case, without what its algorithm decides."""
    given = case.to_dict() | {"rate": profile.rate_of(case)}
    del given["rate_percent"]
    if case.op == DIGEST:
        del given["op"]
    if case.in_place:
        del given["in_place"]
    return given


def within_budget(plan: Plan, budget: float | None) -> Plan:
    """The plan with so few values and processes that it takes at most so many seconds. BenchsuiteError where
    that cannot be."""
    return replace(plan, measures=within(plan, budget))


def check_backends(names: Iterable[str]) -> None:
    """BenchsuiteError for a backend there is not, NotAvailable for one whose setting names nothing that can
    be measured: what a user spelled out and is not there is a mistake of theirs, not a row of the table."""
    for name in sorted(set(names)):
        backend = backends.of(name)
        if not backend.setting:
            continue
        answer = _version(backend) if backend.deterministic else describe(name)
        if isinstance(answer, Failure):
            raise NotAvailable(f"backend {name}: {answer.reason}")


def _version(backend: backends.Backend) -> str | Failure:
    """The version of a backend of which nothing is loaded that could crash this process."""
    try:
        return backend.version()
    except backends.MeasureError as error:
        return Failure(error.kind, str(error))


# What `auto` must take, or takes first


def with_wishes(plan: Plan, require: str, prefer: str) -> Plan:
    """The plan with these wishes of its auto backends. Cases that become the same are one."""
    check_wishes({case.backend for case in plan.cases}, require, prefer)
    cases: dict[Case, Measure] = {}
    for case, how in zip(plan.cases, plan.measures, strict=True):
        cases.setdefault(case.on(wishing(case.backend, require, prefer)), how)
    labels = {wishing(backend, require, prefer): label for backend, label in plan.labels.items()}
    return replace(plan, cases=tuple(cases), measures=tuple(cases.values()), labels=labels)


def wishing(backend: str, require: str, prefer: str) -> str:
    """The name of an auto backend with these wishes in place of its own; any other name as it is.
    BenchsuiteError for what is no wish."""
    found = backends.find(backend)
    if found is None or not found.chooses or not (require or prefer):
        return backend
    own = parse_wish(found.setting)
    wish = parse_wish(str(replace(own, require=require or own.require, prefer=prefer or own.prefer)))
    return f"{found.name}:{wish}"


def check_wishes(names: Iterable[str], require: str, prefer: str) -> None:
    """BenchsuiteError for a backend's wish that is none, and for wishes that no backend would read."""
    settings = [found.setting for name in names if (found := backends.find(name)) and found.chooses]
    for setting in settings:
        parse_wish(setting)
    if (require or prefer) and not settings:
        option = "--require" if require else "--prefer"
        raise BenchsuiteError(f"{option} is for the auto backend, and nothing here asks for it: add -b auto")
