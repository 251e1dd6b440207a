"""Parameters of cases as they are printed: which all share, and in which they differ."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from benchsuite.model import DIGEST, PARAMETERS, Case, CaseResult
from benchsuite.sheet.numbers import NONE
from benchsuite.sheet.printable import clean

_OF_OPEN_LOOPS = ("arrival", "backlog")  # which say nothing where no rate is given
_SHORT_OPS = {"encrypt": "enc", "decrypt": "dec", DIGEST: "hash"}


def parameter(key: str, value: Any) -> str:
    """The value of a parameter as a profile would spell it."""
    return clean(PARAMETERS[key].spelled(value))


def parameter_of(case: Case, key: str, short: bool = False) -> str:
    """A parameter for people: a size there is not, a tag that is not cut, a rate that nothing asks for is
    NONE. short: operations are abbreviated."""
    text = _text(key, getattr(case, key))
    return _SHORT_OPS.get(text, text) if short and key == "op" else text


def _text(key: str, value: Any) -> str:
    return NONE if not value and (PARAMETERS[key].none_at_0 or key == "tag_size") else parameter(key, value)


def values_told(cases: Iterable[Case], key: str) -> dict[str, Any]:
    """The values of a parameter in these cases, in their order, by what people are told."""
    return {_text(key, value): value for value in dict.fromkeys(map(attrgetter(key), cases))}


def split_parameters(cases: list[CaseResult]) -> tuple[dict[str, str], list[str]]:
    """Parameters all cases share, with their value, and those in which they differ. A single case,
    or equal ones, still differ in backend and algorithm, so that a row says what it is of."""
    shared, differing = {}, []
    without = () if any(case.case.load.open_loop for case in cases) else _OF_OPEN_LOOPS
    for key in PARAMETERS:
        if key in without:
            continue
        found = list(values_told((case.case for case in cases), key))
        if len(found) == 1:
            shared[key] = found[0]
        elif found:
            differing.append(key)
    if cases and not differing:
        differing = ["backend", "algorithm"]
        shared = {key: value for key, value in shared.items() if key not in differing}
    return {key: value for key, value in shared.items() if value != NONE}, differing
