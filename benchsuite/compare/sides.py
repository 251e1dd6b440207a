"""What a side is called, and what it measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchsuite import stats
from benchsuite.compare.comparison import Party
from benchsuite.compare.labels import measured
from benchsuite.facts import Environment, Fact
from benchsuite.model import CaseResult, Result
from benchsuite.units import shortened

_LONGEST_NOTE = 80  # characters beside the name of a file


def versions(cases: Iterable[CaseResult], said: str = "") -> tuple[str, ...]:
    """Versions that were measured as `backend = version`, each once, in order. The version alone of a single
    backend that was `said` already, or is called as it was measured."""
    cases = list(cases)
    of_backend: dict[str, list[CaseResult]] = {}
    for case in cases:
        of_backend.setdefault(case.case.backend, []).append(case)
    found = {backend: measured(each) for backend, each in of_backend.items()}
    if len(found) == 1 and (said in found or not any(case.origin for case in cases)):
        return tuple(text for texts in found.values() for text in texts)
    return tuple(f"{backend} = {text}" for backend, texts in found.items() for text in texts)


def party(label: str, cases: Iterable[CaseResult], *about: str) -> Party:
    return Party(label, "; ".join(filter(None, about)), versions(cases, label))


def of_file(name: str, result: Result, said: str = "") -> Party:
    """The side that is a result file: its profile, its date and its note. said: more of it."""
    date = result.environment.get(Environment.DATE)
    about = f"profile {result.profile}" + (f" of {date[:16]}" if isinstance(date, str) else "")
    note = shortened(" ".join(result.note.split()), _LONGEST_NOTE)
    return party(name, result.cases, said, about, f"note: {note}" if note else "")


def backends(cases: Iterable[CaseResult]) -> str:
    return ", ".join(dict.fromkeys(case.case.backend for case in cases)) or "nothing"


def of_pairs(cases: Sequence[tuple[CaseResult, CaseResult]], environment: str = "") -> tuple[Party, Party]:
    """Both sides of what was measured in pairs. environment: where side A's benchsuite is, if not here."""
    found = []
    for side in (0, 1):
        own = [pair[side] for pair in cases]
        versions = dict.fromkeys(text for case in own for text in stats.facts(case, Fact.BENCHSUITE))
        where = f"benchsuite {', '.join(versions)}" if environment and versions else ""
        label = f"{environment}: {backends(own)}" if environment and side == 0 else backends(own)
        found.append(party(label, own, where))
    return found[0], found[1]
