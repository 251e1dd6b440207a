"""What a result file says in pyperf's metadata, where pyperf's commands show it: the environment, parameters
of cases and facts of runs. What pyperf would not hold exactly is said once more beside it."""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchsuite import records
from benchsuite.model import LATENCY, MBPS, PARAMETERS, REQUESTS, Case, Result
from benchsuite.records import an_object

# What pyperf reads as a property of one benchmark, run or process: the environment has no say in it.
_RESERVED = {
    "name",
    "unit",
    "loops",
    "inner_loops",
    "duration",
    "tags",
    "calibrate_loops",
    "recalibrate_loops",
    "calibrate_warmups",
    "recalibrate_warmups",
    "mem_max_rss",
    "mem_peak_pagefile_usage",
    "command_max_rss",
}
OURS = "benchsuite_"
ROUND, CPU = "round", "cpu_percent"  # of a run, as numbers
RATE_IN = {MBPS: "mbps", REQUESTS: "requests_per_second", LATENCY: "latency_mean_us"}  # likewise, by the unit
_VERSION = f"{OURS}measured_version"  # the fact `version`; benchsuite_version is our own
_NO_FACTS = {ROUND, CPU, *RATE_IN.values(), "measured_version"}  # these places are taken
_TAG, _NOTE, _COMMAND = f"{OURS}tag_", f"{OURS}note", f"{OURS}command"


def printable(text: str) -> str:
    """The text as pyperf takes it."""
    if text.isprintable():
        return text.strip()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text).strip()


# Parameters and facts


@dataclass(frozen=True, slots=True)
class Shared:
    """What all measured cases, and all of their runs with values, have alike: it is said once in a file. What
    is in the names of cases is said with each."""

    case: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, result: Result) -> Shared:
        measured = [case for case in result.cases if case.measured]
        taken = result.environment.keys() | _said(result).keys()
        cases = [each.case for each in measured]
        case = {
            key: getattr(cases[0], key)
            for key in (cases[0].to_dict() if cases else ())
            if not (key in PARAMETERS and (PARAMETERS[key].head or PARAMETERS[key].named))
            and flat(key) not in taken
            and len({getattr(each, key) for each in cases}) == 1
        }
        facts = _alike(run.facts for each in measured for run in each.runs if run.values)
        return cls(case, {key: fact for key, fact in facts.items() if flat(key) not in taken})

    def to_dict(self) -> dict[str, Any]:
        return {"shared": {"case": self.case, "facts": self.facts}} if self.case or self.facts else {}

    @classmethod
    def read(cls, data: Any, where: str) -> Shared:
        data = an_object(data, where)
        return cls(
            records.fields_from(Case, data.get("case", {}), f"{where}.case"),
            records.facts_from(data.get("facts", {}), f"{where}.facts"),
        )

    @property
    def metadata(self) -> dict[str, Any]:
        """The same for pyperf."""
        return split(self.case)[0] | split(self.facts)[0]


def _alike(facts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] | None = None
    for each in facts:
        if found is None:
            found = dict(each)
        elif not found.items() <= each.items():
            found = {key: fact for key, fact in found.items() if each.get(key) == fact}
    return found or {}


def flat(key: str) -> str:
    """The key of a parameter or fact in metadata."""
    return _VERSION if key == "version" else OURS + key


def split(said: Mapping[str, Any], shared: Container[str] = ()) -> tuple[dict[str, Any], dict[str, Any]]:
    """The metadata that says it, without what is shared; and exactly, what that cannot hold as it is."""
    metadata, exact = {}, {}
    for key, value in said.items():
        if key in shared:
            continue
        shown = printable(value) if isinstance(value, str) else value
        if shown != "" and key not in _NO_FACTS:
            metadata[flat(key)] = shown
            if shown == value:
                continue
        exact[key] = value
    return metadata, dict(sorted(exact.items()))  # an order that reading and writing again keeps


def facts_in(metadata: Mapping[str, Any]) -> dict[str, str]:
    """The facts that a run's metadata says: every text of ours."""
    return {
        "version" if key == _VERSION else key[len(OURS) :]: value
        for key, value in metadata.items()
        if type(value) is str and key.startswith(OURS)
    }


# The whole result


def of_result(result: Result, shared: Shared) -> dict[str, Any]:
    """What pyperf shows of all."""
    return _accepted(result.environment | _said(result)) | shared.metadata


def of_result_again(metadata: Mapping[str, Any], result: Result, shared: Shared) -> dict[str, Any]:
    """The metadata of a file, with what is said of the result now."""
    kept = {key: value for key, value in metadata.items() if not key.startswith((_TAG, _NOTE, _COMMAND))}
    return kept | _accepted(_said(result)) | shared.metadata


def _said(result: Result) -> dict[str, str]:
    said = {f"{_TAG}{key}": tag for key, tag in result.tags.items()}
    return said | {_NOTE: result.note, _COMMAND: result.command}


def _accepted(said: Mapping[str, Any]) -> dict[str, Any]:
    """What pyperf accepts of it."""
    found = {key: printable(value) if isinstance(value, str) else value for key, value in said.items()}
    return {key: value for key, value in found.items() if key not in _RESERVED and _fits(key, value)}


def _fits(key: str, value: Any) -> bool:
    if key in ("load_avg_1min", "uptime"):
        return isinstance(value, int | float) and value >= 0
    text = isinstance(value, str) and value != ""
    if key in ("date", "boot_time"):
        return text and (key == "boot_time" or _is_local_date(value))
    return text or isinstance(value, int | float)


def _is_local_date(text: str) -> bool:
    try:
        return datetime.datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
