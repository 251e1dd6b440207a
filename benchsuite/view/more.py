"""Commands that show more of a result of many cases: a part of it whole, other groups, all."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Sequence

from benchsuite.view.groups import CaseGroup
from benchsuite.view.rows import Row

_OF_PATTERNS = set(",*?[]")  # what a filter does not take as it is


def commands(
    command: Sequence[str],
    rows: Sequence[Row],
    found: Sequence[CaseGroup],
    keys: Sequence[str],
    differing: Sequence[str],
) -> Iterator[str]:
    """Commands to copy. command: the words of the one that shows these rows. found: the groups that are
    shown, by these keys. differing: parameters in which the rows differ."""
    show = shlex.join(command)
    if conditions := _conditions(found, keys):
        yield f"{show} {conditions}"
    if rest := [key for key in differing if key not in keys]:
        yield f"{show} --group-by {','.join(rest[:2])}"
    if "backend" in differing:
        algorithm = f"algorithm={rows[0].result.case.algorithm}"
        narrowed = f" --filter {shlex.quote(algorithm)}" * ("algorithm" in differing)
        yield f"{show}{narrowed} --across backend"
    yield f"{show} --sort rate --all"
    yield shlex.join([command[0], "report", *command[2:], "-o", "report.html"])


def _conditions(found: Sequence[CaseGroup], keys: Sequence[str]) -> str:
    """Filters that leave the group with the best case; "" where none can name one."""
    named = [
        group for group in found if all(value and not _OF_PATTERNS & set(value) for value in group.values)
    ]
    best = max(named, key=_goodness, default=None)
    values = zip(keys, best.values, strict=True) if best else ()
    return " ".join(f"--filter {shlex.quote(f'{key}={value}')}" for key, value in values)


def _goodness(group: CaseGroup) -> float:
    return max(map(group.unit.goodness, group.rates), default=-math.inf)
