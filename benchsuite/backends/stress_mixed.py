"""Several algorithms at once, as a gateway has them: ciphers, modes, key sizes and MACs in turns, so that
what a request leaves behind, as the key size of a unit or the mode of an engine, meets another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import zip_longest

from benchsuite.algorithms import ALGORITHMS, Algorithm
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import StressLoad
from benchsuite.backends.known import Table
from benchsuite.backends.session import ByDriver, Params, Session
from benchsuite.backends.stress_tables import Tables
from benchsuite.backends.verify import Checker

MOST_RELATIVES = 5


class Mixed:
    """The tables of several algorithms; of a single one, that of its relatives beside them."""

    churn = 200  # requests in a session's life, on average: so that many of them meet

    def __init__(self, backend: ByDriver, algorithms: Sequence[Algorithm], load: StressLoad) -> None:
        self.backend = backend
        self.left_out: list[str] = []
        beside = self._relatives(algorithms[0]) if len(algorithms) == 1 else []
        self.algorithms = [*algorithms, *beside]
        if len(self.algorithms) < 2:
            raise MeasureError("unsupported", f"nothing is served beside {algorithms[0].name}")
        self.tables = list(_in_turns(self._tables(algorithm, load) for algorithm in self.algorithms))

    def _tables(self, algorithm: Algorithm, load: StressLoad) -> list[Table]:
        return Tables(self.backend, algorithm, load).tables[:2]

    def _relatives(self, algorithm: Algorithm) -> list[Algorithm]:
        """Those most alike that are served, and right by themselves: what is wrong with them is not asked."""
        found: list[Algorithm] = []
        for other in sorted(ALGORITHMS.values(), key=lambda other: -likeness(algorithm, other)):
            if other is not algorithm and likeness(algorithm, other) and self._right(other):
                found.append(other)
            if len(found) == MOST_RELATIVES:
                break
        return found

    def _right(self, algorithm: Algorithm) -> bool:
        for op in algorithm.ops:
            try:
                params = Params(self.backend, algorithm, op, algorithm.aad_size, 1024)
                params.check()
                with closing(Session(params)) as session:
                    Checker(params).session(session, [algorithm.block * 8, 1024])
            except MeasureError:
                return False
        return True


def likeness(one: Algorithm, other: Algorithm) -> int:
    """How much two algorithms have in common that a driver or device may mistake: most where only the key
    size, the mode, or the digest differs."""
    same = {
        key: _parts(one)[key] == value
        for key, value in _parts(other).items()
        if value and _parts(one).get(key)
    }
    return 2 * sum(same.values()) + (one.kind == other.kind)


def _parts(algorithm: Algorithm) -> dict[str, str]:
    family, _, rest = algorithm.cipher.removeprefix("rfc4106-").partition("-")
    bits, _, mode = rest.rpartition("-")
    return {"family": family, "bits": bits, "mode": mode, "digest": algorithm.digest}


def _in_turns(groups: Iterable[list[Table]]) -> Iterator[Table]:
    for row in zip_longest(*groups):
        yield from (table for table in row if table is not None)
