"""A baseline of which some cases were measured anew: these take the place of the old ones, the others stay as
they are, each with what its environment was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from benchsuite.compare.kept import KEY, Kept, Looked, kept
from benchsuite.compare.labels import Labels
from benchsuite.compare.matching import Couple, sides
from benchsuite.facts import Environment
from benchsuite.model import Result

_OF_ALL = {KEY, Environment.ACCEPTED_BEFORE}  # what no case has for itself
_ACCEPTED = "[accepted "  # begins a note that says when it was made


@dataclass(frozen=True, slots=True)
class Renewed:
    """The baseline, and how many of its cases were replaced, added and kept."""

    result: Result
    replaced: int = 0
    added: int = 0
    kept: int = 0

    @property
    def in_words(self) -> str:
        """What became of the cases of before, to be said after more; "" where there were none."""
        before = self.replaced + self.kept
        return f"; {self.replaced} replaced, {self.added} added, {self.kept} kept" if before else ""


def renewed(old: Result, new: Result) -> Renewed:
    """The old baseline with what was measured now, its cases in their order."""
    then, now = sides(old).couples, sides(new).couples
    labels = Labels([[couple.other for couple in couples] for couples in (then, now)])
    fresh = {labels.key(couple.other): couple for couple in now}
    known = [(labels.key(couple.other), couple) for couple in then]
    stay = [couple for key, couple in known if key not in fresh]
    replaced = len(fresh.keys() & {key for key, _ in known})
    counts = replaced, len(fresh) - replaced, len(stay)
    if not stay:
        return Renewed(new, *counts)
    before, own = _apart(old.environment, new.environment)
    couples = [_with(fresh.pop(key), own) if key in fresh else _with(couple, before) for key, couple in known]
    couples += [_with(couple, own) for couple in fresh.values()]
    environment = {name: value for name, value in new.environment.items() if name not in own}
    if (record := kept(new.environment)).rule:
        environment[KEY] = _record(record, kept(old.environment), couples).to_record()
    result = _together(old, new, environment, couples)
    if not old.complete and _rounds(stay) < _rounds(now):
        result.complete = False
    return Renewed(result, *counts)


def _apart(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is to stand with the cases: of the old environment what the new one contradicts, of the new one
    what the old one does not say."""
    before = {key: value for key, value in old.items() if key not in _OF_ALL and new.get(key) != value}
    return before, {key: value for key, value in new.items() if key not in old and key not in _OF_ALL}


def _with(couple: Couple, own: Mapping[str, Any]) -> Couple:
    """The couple with what of the environment is its own; what it has of its own already counts."""
    base, other = (
        replace(case, environment={**own, **case.environment}) for case in (couple.base, couple.other)
    )
    return replace(couple, base=base, other=other)


def _record(new: Kept, old: Kept, couples: list[Couple]) -> Kept:
    """The record of verdicts, by which the sides of each couple are found again."""
    known = {(each.base, each.other): each for each in (*old.cases, *new.cases)}
    names = [(couple.base.measured_name, couple.other.measured_name) for couple in couples]
    return replace(new, cases=tuple(known.get(pair) or Looked(*pair) for pair in names))


def _together(old: Result, new: Result, environment: dict[str, Any], couples: list[Couple]) -> Result:
    notes = [_dated(result) for result in (old, new) if result.note]
    return Result(
        "+".join(dict.fromkeys([*old.profile.split("+"), *new.profile.split("+")])),
        " ".join(dict.fromkeys(filter(None, [old.why, new.why]))),
        environment,
        [case for couple in couples for case in (couple.base, couple.other)],
        new.complete,
        "\n".join(dict.fromkeys(notes)),
        "\n".join(dict.fromkeys([*old.command.splitlines(), *new.command.splitlines()])),
    )


def _rounds(couples: list[Couple]) -> int:
    """How many each of the couples has at least: what stays of a baseline that was not complete is so, if it
    has no fewer than what is."""
    return min(case.rounds for couple in couples for case in (couple.base, couple.other))


def _dated(result: Result) -> str:
    """The note, with when it was made: it does not hold for all of the cases."""
    if result.note.startswith(_ACCEPTED):
        return result.note
    return f"{_ACCEPTED}{result.environment.get(Environment.ACCEPTED_DATE, 'before')}] {result.note}"
