"""Several algorithms at once, as a gateway has them: ciphers, modes, key sizes and MACs in turns, so that
what a request leaves behind, as the key size of a unit or the mode of an engine, meets another."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from benchsuite.algorithms import Algorithm
from benchsuite.backends.check import check
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import StressLoad
from benchsuite.backends.known_requests import Table
from benchsuite.backends.relatives import relatives
from benchsuite.backends.session import ByDriver
from benchsuite.backends.stress_tables import Tables
from benchsuite.native import lib


class Mixed:
    """The tables of several algorithms, few of each; of a single one all of its own, beside its relatives."""

    churn = 200  # requests in a session's life, on average: so that many of them meet

    def __init__(self, backend: ByDriver, algorithms: Sequence[Algorithm], load: StressLoad) -> None:
        self.backend = backend
        self.left_out: list[str] = []
        self._chance = random.Random(load.seed)
        self._load = load
        if len(algorithms) == 1:
            beside = [self._few(other) for other in relatives(algorithms[0], self._right)]
            if not beside:
                raise MeasureError("unsupported", f"nothing is served beside {algorithms[0].name}")
            made = [Tables(backend, algorithms[0], load), *beside]
        else:
            made = [self._few(algorithm) for algorithm in algorithms]
        self.algorithms = [tables.algorithm for tables in made]
        self._chance.shuffle(made)
        self.tables = list(_in_turns([tables.tables for tables in made]))
        for tables in made:
            self.left_out += [f"{tables.algorithm.name}: {what}" for what in tables.left_out]

    def _few(self, algorithm: Algorithm) -> Tables:
        return Tables(self.backend, algorithm, self._load, few=True)

    def _right(self, algorithm: Algorithm) -> bool:
        """Whether it is served, and right by itself: what is wrong with it was not asked."""
        try:
            tables = self._few(algorithm).tables
            return not any(check(table, lib.BS_LAY_APART, 1).faults for table in tables)
        except MeasureError:
            return False


def _in_turns(groups: Iterable[list[Table]]) -> Iterator[Table]:
    for row in zip_longest(*groups):
        yield from (table for table in row if table is not None)
