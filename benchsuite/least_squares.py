"""Linear least squares with a handful of unknowns, none of them negative: for fits, and for findings."""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul

_SINGULAR = 1e-9  # of a pivot, where the largest is 1


def solve(
    rows: Sequence[Sequence[float]], wanted: Sequence[float], weights: Sequence[float] | None = None
) -> list[float]:
    """x >= 0 with the least sum of weight * (row * x - wanted)^2. What the rows do not tell is 0, the later
    unknowns before the earlier ones."""
    matrix, right = _normal(rows, wanted, weights)
    unknowns = [i for i in range(len(right)) if matrix[i][i]]
    while True:
        found = _eliminated(
            [[matrix[i][j] for j in unknowns] for i in unknowns], [right[i] for i in unknowns]
        )
        worst = min(range(len(unknowns)), key=found.__getitem__, default=None)
        if worst is None or found[worst] >= 0:
            values = dict(zip(unknowns, found, strict=True))
            return [values.get(i, 0.0) for i in range(len(right))]
        del unknowns[worst]


def errors(rows: Sequence[Sequence[float]], variance: float) -> list[float]:
    """Standard errors of the unknowns; 0 where the rows say nothing."""
    found = []
    for i in range(len(rows[0])):
        column = [row[i] for row in rows]
        others = [[value for j, value in enumerate(row) if j != i] for row in rows]
        part = _solve(others, column) if others[0] else []
        own = sum((value - sum(map(mul, row, part))) ** 2 for value, row in zip(column, others, strict=True))
        scale = sum(map(mul, column, column))
        found.append((variance / own) ** 0.5 if own > _SINGULAR * scale else 0.0)
    return found


def _solve(rows: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    return _eliminated(*_normal(rows, wanted, None))


def _normal(
    rows: Sequence[Sequence[float]], wanted: Sequence[float], weights: Sequence[float] | None
) -> tuple[list[list[float]], list[float]]:
    """The normal equations: matrix and right side."""
    columns = list(zip(*rows, strict=True))
    weighted = columns
    if weights is not None and min(weights) < 1:
        weighted = [tuple(map(mul, column, weights)) for column in columns]
    right = [sum(map(mul, column, wanted)) for column in weighted]
    matrix = [[0.0] * len(columns) for _ in columns]
    for i, column in enumerate(weighted):
        for j in range(i + 1):
            matrix[i][j] = matrix[j][i] = sum(map(mul, column, columns[j]))
    return matrix, right


def _eliminated(matrix: list[list[float]], right: Sequence[float]) -> list[float]:
    """The solution, as of columns of length 1."""
    count = range(len(right))
    length = [matrix[i][i] ** 0.5 or 1.0 for i in count]
    matrix = [[matrix[i][j] / length[i] / length[j] for j in count] + [right[i] / length[i]] for i in count]
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
