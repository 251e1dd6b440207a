"""What makes two results hard to compare, said instead of passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import Any

from benchsuite import stats
from benchsuite.compare.kept import kept
from benchsuite.compare.matching import Couple, is_paired
from benchsuite.facts import Environment, Fact, called
from benchsuite.model import CaseResult, Result

_MACHINE = (
    Environment.CPU_MODEL_NAME,
    Environment.ARCHITECTURE,
    Environment.CPUS_USABLE,
    Environment.CPUS_CHOSEN,
    Environment.KERNEL_RELEASE,
    Environment.KERNEL_PARAMETERS,
    Environment.GOVERNOR,
    Environment.TURBO,
    Environment.SMT,
    Environment.MAX_KHZ,
    Environment.MICROCODE,
    Environment.MITIGATIONS,
    Environment.HYPERVISOR,
    Environment.CONTAINER,
    Environment.FIPS,
    Environment.VERSION,
    Environment.CORE_COMPILER,
    Environment.HOSTNAME,
)
_ACCEPTED = Environment.ACCEPTED_REASON  # of a baseline
INCOMPLETE = "incomplete: the run ended before every case had its share of the measuring"
BUSY = 0.5  # of the CPUs, by the load average
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?(?:e\+[0-9]{1,2})?")
_SHOWN = 60
_OTHER_RATE = 0.02  # by which offered rates may differ, as capacities do that are measured twice


def other_machine(base: dict[str, Any], other: dict[str, Any]) -> str:
    """What other machine the base is from, in words, where figures of the two say nothing about each other;
    else ""."""
    keys = (Environment.CPU_MODEL_NAME, Environment.ARCHITECTURE)
    if not any(key in base and key in other and base[key] != other[key] for key in keys):
        return ""
    then, now = (each.get(Environment.CPU_MODEL_NAME, "another") for each in (base, other))
    return f"{then}, this one is {now}"


def warnings(base: Result, other: Result, couples: Sequence[Couple]) -> list[str]:
    """Warnings of two results; the same one twice for what is in one."""
    found = list(dict.fromkeys(_of_machines(base, other, couples)))
    ours, theirs = [couple.base for couple in couples], [couple.other for couple in couples]
    if base is other:
        found += _by_itself(base, ours + theirs)
    else:
        found += [f"base: {text}" for text in _by_itself(base, ours)]
        found += [f"other: {text}" for text in _by_itself(other, theirs)]
    anchored = is_paired(base) and kept(base.environment).baseline
    if base is other and anchored and _ACCEPTED not in base.environment:
        found.append(
            "side A is the anchor of a gate with a baseline: compare BASELINE with this for its verdicts"
        )
    return found + list(dict.fromkeys(_of_cases(couples)))


def _of_machines(base: Result, other: Result, couples: Sequence[Couple]) -> Iterator[str]:
    """Differences of the environments. After a merge cases have something of their own, many of them the
    same."""
    pairs = _distinct((couple.base.environment, couple.other.environment) for couple in couples)
    for ours, theirs in pairs or [({}, {})]:
        yield from _differences(base.environment | ours, other.environment | theirs)


def _distinct(environments: Iterable[tuple[dict[str, Any], ...]]) -> list[tuple[dict[str, Any], ...]]:
    """The environments of cases, each once: of very many cases they are few objects."""
    return list({tuple(id(each) if each else 0 for each in of): of for of in environments}.values())


def _differences(base: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    for key in _MACHINE:
        ours, theirs = base.get(key), other.get(key)
        if ours != theirs and (ours is None) + (theirs is None) < 2:
            yield f"different {called(key)}: {_show(ours)} against {_show(theirs)}"


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    text = "not known" if value is None else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _by_itself(result: Result, compared: Sequence[CaseResult]) -> Iterator[str]:
    """What is to be known of one result. Cases that were measured, or accepted, at another time than the
    rest have that in an environment of their own; of a result that is not compared all of them count."""
    cases = compared or result.cases
    own = _distinct((case.environment,) for case in cases) or [({},)]
    environments = [result.environment | each for (each,) in own]
    cpus = (
        result.environment.get(Environment.CPUS_USABLE) or result.environment.get(Environment.CPU_COUNT) or 1
    )
    loads = [
        each.get(key) for each in environments for key in (Environment.LOAD_BEFORE, Environment.LOAD_AFTER)
    ]
    known = [load for load in loads if isinstance(load, int | float)]
    if isinstance(cpus, int) and known and max(known) > BUSY * cpus + 1:  # one for the measuring itself
        yield f"the machine was busy: a load of {max(known):.1f} on {cpus} CPUs"
    if not result.complete:
        yield INCOMPLETE
    yield from dict.fromkeys(
        f"accepted as a baseline on {each.get(Environment.ACCEPTED_DATE, '?')}: {each[_ACCEPTED]}"
        for each in environments
        if isinstance(each.get(_ACCEPTED), str)
    )


def _of_cases(couples: Sequence[Couple]) -> Iterator[str]:
    for couple in couples:
        base, other = couple.base, couple.other
        files = base.backend, other.backend
        if base.case.backend == other.case.backend and not base.label and files[0] != files[1]:
            yield f"taken for the same: {files[0]} in base and {files[1]} in other; -b LABEL=... names them"
        for key, what in (
            (Fact.KERNEL_DRIVER, "different kernel drivers"),
            (Fact.CHOSEN, "auto chose differently"),
            (Fact.CYCLES_SOURCE, "different counters of cycles"),
        ):
            ours, theirs = stats.facts(couple.base, key), stats.facts(couple.other, key)
            if ours and theirs and ours != theirs and couple.base.case.backend == couple.other.case.backend:
                yield f"{what}: {', '.join(ours)} against {', '.join(theirs)}"
        if stats.simulated(couple.base) != stats.simulated(couple.other):
            yield "simulated against measured: the times of one side are those of a model"
        if said := _other_rates(couple):
            yield said
        if not (base.runs and other.runs):  # of which nothing is known
            continue
        priorities = {tuple(stats.facts(each, Fact.PRIORITY)) for each in (base, other)}
        if len(priorities) > 1:
            yield "one side was measured with real-time priority, the other without"


def _other_rates(couple: Couple) -> str:
    """Said of two open loops that were each offered a share of its own capacity. Against a baseline that is
    what is meant: on a slower day there is less of both, and a latency keeps its ratio to the anchor."""
    shares = {side.case.rate_percent for side in (couple.base, couple.other)}
    if couple.anchors or len(shares) > 1 or shares == {0}:
        return ""  # of different shares the rates are other ones anyway, and such a couple is not compared
    rates = [
        median(map(float, told))
        for side in (couple.base, couple.other)
        if (told := [text for text in stats.facts(side, Fact.RATE) if _NUMBER.fullmatch(text)])
    ]
    if len(rates) < 2 or max(rates) <= (1 + _OTHER_RATE) * min(rates):
        return ""
    then, now = (f"{rate:.0f}" for rate in rates)
    return (
        f"offered at other rates: {then} and {now} requests/s, {couple.other.case.rate_percent}% of the "
        "capacity of each; use pairs, or a fixed rate"
    )
