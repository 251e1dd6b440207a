"""Whether load() cannot but read a result, told from the result itself: it is much sooner told than tried.

What is not certain here may be sound all the same, and is to be tried. Imports of thousands of figures are
certain; what was measured, with its counters and histograms, is not looked through here."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter

from benchsuite.model import Case, CaseResult, Result, WorkerRun
from benchsuite.records import BIGGEST_COUNT, are_sound

_TYPES = {"str": str, "bool": bool, "int": int}
_CASE_OF = attrgetter(*(each.name for each in fields(Case)))
_CASE = tuple(_TYPES[str(each.type)] for each in fields(Case))
_NUMBERS_OF = attrgetter(*(each.name for each in fields(Case) if each.type == "int"))


def is_certain(result: Result) -> bool:
    """Whether nothing in it can be refused."""
    texts = (result.profile, result.why, result.note, result.command)
    return (
        set(map(type, texts)) == {str}
        and type(result.environment) is dict
        and type(result.complete) is bool
        and all(map(_is_certain, result.cases))
    )


def _is_certain(each: CaseResult) -> bool:
    return (
        each.measured
        and not (each.label or each.tags or each.environment)
        and tuple(map(type, _CASE_OF(each.case))) == _CASE
        and min(_NUMBERS_OF(each.case)) >= 0
        and max(_NUMBERS_OF(each.case)) <= BIGGEST_COUNT
        and all(map(_is_plain, each.runs))
    )


def _is_plain(run: WorkerRun) -> bool:
    """Whether a run has but sound values and facts."""
    return (
        type(run.round) is int
        and 0 <= run.round <= BIGGEST_COUNT
        and not (run.counters or run.latency or run.started or run.ended or run.machine_busy)
        and run.series is None
        and run.energy is None
        and {str} >= set(map(type, run.facts)) | set(map(type, run.facts.values()))
        and are_sound(run.values)
        and are_sound(run.warmups)
    )
