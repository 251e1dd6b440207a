"""Linear least squares with a handful of unknowns, none of them negative."""

from __future__ import annotations

from collections.abc import Sequence

_SINGULAR = 1e-9  # of a pivot, where the largest is 1


def solve(rows: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    """x >= 0 with the least sum of (row * x - wanted)^2. What the rows do not tell is 0, the later unknowns
    before the earlier ones."""
    unknowns = list(range(len(rows[0])))
    while True:
        found = _solve([[row[i] for i in unknowns] for row in rows], wanted)
        worst = min(range(len(unknowns)), key=found.__getitem__, default=None)
        if worst is None or found[worst] >= 0:
            values = dict(zip(unknowns, found, strict=True))
            return [values.get(i, 0.0) for i in range(len(rows[0]))]
        del unknowns[worst]


def errors(rows: Sequence[Sequence[float]], variance: float) -> list[float]:
    """Standard errors of the unknowns; 0 where the rows say nothing."""
    found = []
    for i in range(len(rows[0])):
        column = [row[i] for row in rows]
        others = [[value for j, value in enumerate(row) if j != i] for row in rows]
        part = _solve(others, column) if others[0] else []
        own = sum(
            (value - sum(a * b for a, b in zip(row, part, strict=True))) ** 2
            for value, row in zip(column, others, strict=True)
        )
        scale = sum(value * value for value in column)
        found.append((variance / own) ** 0.5 if own > _SINGULAR * scale else 0.0)
    return found


def _solve(rows: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    """The normal equations of columns of length 1, by elimination."""
    if not rows[0]:
        return []
    count = range(len(rows[0]))
    length = [sum(row[i] ** 2 for row in rows) ** 0.5 or 1.0 for i in count]
    matrix = [
        [sum(row[i] * row[j] for row in rows) / length[i] / length[j] for j in count]
        + [sum(row[i] * y for row, y in zip(rows, wanted, strict=True)) / length[i]]
        for i in count
    ]
    told = [False for _ in count]
    for i in count:
        pivot = matrix[i][i]
        told[i] = pivot > _SINGULAR
        if not told[i]:
            continue
        for k in count:
            factor = matrix[k][i] / pivot
            if k != i and factor:
                matrix[k] = [a - factor * b for a, b in zip(matrix[k], matrix[i], strict=True)]
    return [matrix[i][-1] / matrix[i][i] / length[i] if told[i] else 0.0 for i in count]
