"""A result whose cases are called by a tag, so that they stand side by side as backends do."""

from __future__ import annotations

from dataclasses import replace

from benchsuite.model import BenchsuiteError, CaseResult, Result
from benchsuite.remarks import TAG
from benchsuite.selection.keys import all_tags, check_tag_keys
from benchsuite.units import many, several


def by_tag(result: Result, key: str) -> Result:
    """The result with cases called `board=rpi`; `origin` keeps what was measured. BenchsuiteError where they
    do not differ in the tag, or in their backends as well."""
    what = f"--across tag.{key}"
    check_tag_keys([f"{TAG}{key}"], all_tags(result.cases), "--across")
    names = list(dict.fromkeys(_name(case, key) for case in result.cases))
    if len(names) < 2:
        raise BenchsuiteError(f"{what}: {f'all cases have {names[0]}' if names else 'there is no case'}")
    backends = list(dict.fromkeys(case.case.backend for case in result.cases))
    if len(backends) > 1:
        raise BenchsuiteError(
            f"{what}: the cases have {many(len(backends), 'backend')} as well, {several(backends)}\n"
            "choose one with --filter backend=... (backend!=LABEL leaves out a label of the same backend, "
            f"tag.KEY=... what has another tag), or compare them all: benchsuite compare RESULT {what}"
        )
    return replace(result, cases=[case.called(_name(case, key)) for case in result.cases])


def _name(case: CaseResult, key: str) -> str:
    return f"{key}={case.tags[key]}" if key in case.tags else f"no {key}"
