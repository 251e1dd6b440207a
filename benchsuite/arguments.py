"""What callers of the Python API give, held to what it takes; each mistake names its parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

from benchsuite.host.placement import Cpus
from benchsuite.host.placement import check as check_cpus
from benchsuite.model import BenchsuiteError, Case
from benchsuite.profile import Profile
from benchsuite.remarks import Remarks, check_note, check_tags
from benchsuite.runs.plan import of_cases
from benchsuite.units import parse_duration

Cases = str | PathLike[str] | Iterable[Case]  # a profile by its name or path, or cases
Texts = str | Iterable[str]
Chosen = str | Iterable[int]  # CPUs: as taskset has them, or a list
Seconds = float | str  # a number, or as the command line has it: "2m"
Values = Mapping[str, Any]  # parameters of the profile to replace: a value, or a list of them to sweep


def cpus_of(given: Chosen | None) -> Cpus | None:
    """CPUs that there are. BenchsuiteError for others."""
    if given is None:
        return None
    if not isinstance(given, str) and not isinstance(given, Iterable):
        raise BenchsuiteError(f'cpus: {given!r} is no list of CPUs: write "0,2-5" or [0, 2, 3]')
    chosen = Cpus.parse(given if isinstance(given, str) else ",".join(map(str, given)))
    check_cpus(chosen)
    return chosen


def source_of(profile: Cases) -> str | Profile:
    if isinstance(profile, str | PathLike):
        return str(profile)
    given = list(profile) if isinstance(profile, Iterable) else [profile]
    wrong = [each for each in given if not isinstance(each, Case)]
    if wrong or not given:
        what = f"{type(wrong[0]).__name__} is no Case" if wrong else "there is no case in it"
        raise BenchsuiteError(
            f"profile: {what}: give the name or path of a profile, or Cases as benchsuite.cases() lists them"
        )
    return of_cases(given)


def remarks_of(function: str, tags: Mapping[str, object] | None, note: str, anonymous: bool) -> Remarks:
    """What a result says that a function of the API made."""
    if not isinstance(tags, Mapping | None):
        raise BenchsuiteError(f"tags: {tags!r} is no dictionary: write it as in {{'kernel': '6.12'}}")
    called = (f"benchsuite.{function}()",)
    return Remarks(check_tags(tags or {}, "tags"), check_note(note, "note"), called, anonymous)


def texts_of(what: str, given: Texts) -> list[str]:
    texts = [given] if isinstance(given, str) else list(given) if isinstance(given, Iterable) else [given]
    if isinstance(given, Mapping) or not all(isinstance(text, str) for text in texts):
        raise BenchsuiteError(f"{what}: {given!r} is neither text nor a list of texts")
    return texts


def overrides_of(values: Values | None) -> list[str]:
    """Parameters as --set takes them."""
    if not isinstance(values, Mapping | None):
        raise BenchsuiteError(f"set: {values!r} is no dictionary: write it as in {{'q_len': [1, 40]}}")
    found = []
    for key, value in (values or {}).items():
        several = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
        texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in several]
        found.append(f"{key}={','.join(texts)}")
    return found


def limit_of(what: str, given: Seconds | None) -> float | None:
    return None if given is None else seconds_of(what, given)


def seconds_of(what: str, given: Seconds) -> float:
    try:
        seconds = parse_duration(given) if isinstance(given, str) else float(given)
    except (TypeError, ValueError):
        seconds = 0.0
    if not seconds > 0:
        raise BenchsuiteError(f"{what}: {given!r} is no duration above zero: give seconds, or text as '2m'")
    return seconds


def check_numbers(given: Mapping[str, object]) -> None:
    for what, number in given.items():
        if not isinstance(number, int | float) or not number >= 0:
            raise BenchsuiteError(f"{what}: {number!r} is no number from 0: a fraction, as 0.05 for 5%")


def check_one_of(what: str, given: str | None, known: Iterable[str]) -> None:
    if given is not None and given not in (names := list(known)):
        raise BenchsuiteError(f"{what}: {given!r} is not known: expected one of {', '.join(names)}")


def two_backends(paired: tuple[str, str]) -> tuple[str, str]:
    if len(both := texts_of("paired", paired)) != 2:
        raise BenchsuiteError(f"paired: {paired!r} are not two backends: write it as in ('null', 'software')")
    return both[0], both[1]
