"""Which cases are the same: what tables call alike, with the same tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from benchsuite.model import Case, CaseResult
from benchsuite.store.document import Item

Key = tuple[Case, frozenset[tuple[str, str]]]


def key_of(case: CaseResult) -> Key:
    """Equal keys are the same case: by its parameters, the label of its backend, and its tags."""
    named = replace(case.case.without(), backend=case.label or case.case.backend)
    return named, frozenset(case.tags.items())


def repeated(items: Sequence[Item]) -> list[str]:
    """Names of cases that are there more than once."""
    counts = Counter(key_of(item.case) for item in items)
    return [key[0].name for key, count in counts.items() if count > 1]
