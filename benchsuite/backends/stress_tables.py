"""The requests of a load and what must become of them, made by the reference: a table for every key."""

from __future__ import annotations

import random

from benchsuite.algorithms import Algorithm
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import StressLoad
from benchsuite.backends.known import Known, Table, forged, of_plain
from benchsuite.backends.reference import Reference
from benchsuite.backends.session import ByDriver, Params, Session
from benchsuite.backends.survey import usable
from benchsuite.backends.verify import Checker
from benchsuite.model import DECRYPT

# Blocks, packets, around pages, and the largest that most drivers take at once.
SIZES = (
    1,
    15,
    16,
    17,
    64,
    100,
    255,
    256,
    1420,
    1488,
    1500,
    4080,
    4095,
    4096,
    4097,
    8192,
    16384,
    32768,
    65536,
)
RANDOM_SIZES = 21  # beside those, small ones more often
LARGEST_RANDOM = 16000
AAD_SIZES = (12, 20, 0, 1, 65)  # beside the algorithm's own
EVERY_FORGED = 5  # every so manieth authenticated decryption must fail
EVERY_EDGE_IV = 8  # every so manieth IV of a plain cipher is about to overflow as a counter
LEAST_KEYS, MOST_KEYS = 4, 32  # a single session gets several, one after another: of both operations


def table_of(params: Params, sizes: list[int], chance: random.Random) -> Table:
    """Requests of these sizes, one each."""
    reference = Reference.of(params)
    return Table(
        params, reference, [_make(params, reference, size, i, chance) for i, size in enumerate(sizes)]
    )


def _make(params: Params, reference: Reference, size: int, index: int, chance: random.Random) -> Known:
    algorithm = params.algorithm
    iv = chance.randbytes(algorithm.iv_size)
    if algorithm.kind == "cipher" and index % EVERY_EDGE_IV == 0:
        iv = iv[: chance.choice((0, 8, 12))].ljust(algorithm.iv_size, b"\xff")[: algorithm.iv_size]
    known = of_plain(params, reference, iv, chance.randbytes(params.aad_size), chance.randbytes(size))
    if params.op == DECRYPT and algorithm.authenticated and index % EVERY_FORGED == 0:
        return forged(known, chance)
    return known


class Tables:
    """The requests of all keys."""

    churn = 1000  # requests in a session's life, on average

    def __init__(self, backend: ByDriver, algorithm: Algorithm, load: StressLoad) -> None:
        self.backend, self.algorithm, self.algorithms = backend, algorithm, [algorithm]
        self.left_out: list[str] = []
        chance = random.Random(load.seed)
        wanted = usable(algorithm, load.only_sizes or {*SIZES, *load.sizes})
        self.largest = wanted[-1]
        served = {op: self._served(op) for op in algorithm.ops}
        fixed = self._served_sizes(wanted)
        self.tables = []
        for i in range(max(LEAST_KEYS, min(load.workers * load.sessions, MOST_KEYS))):
            op = algorithm.ops[i % len(algorithm.ops)]
            aad_sizes = served[op]
            aad = aad_sizes[i // len(algorithm.ops) % len(aad_sizes)]
            sizes = [*fixed, *self._drawn(fixed, fixed != wanted or bool(load.only_sizes), chance)]
            chance.shuffle(sizes)
            self.tables.append(table_of(self._params(op, aad, chance), sizes, chance))

    def _drawn(self, fixed: list[int], only_fixed: bool, chance: random.Random) -> list[int]:
        """Sizes by chance; of a driver that does not serve all, or where no others are wanted, of
        those that it is known to serve."""
        if only_fixed:
            return chance.choices(fixed, k=RANDOM_SIZES)
        drawn = [round(LARGEST_RANDOM ** chance.random()) for _ in range(RANDOM_SIZES)]
        return [usable(self.algorithm, [max(size, self.algorithm.min_size)])[0] for size in drawn]

    def _served_sizes(self, wanted: list[int]) -> list[int]:
        """The sizes that the driver does not refuse; a wrong byte is for the load to find."""
        params = self._params(self.algorithm.ops[0], self.algorithm.aad_size, random.Random(1))
        session, checker = Session(params), Checker(params)
        try:
            checker.session(session, wanted)
        except MeasureError as error:
            if error.kind == "unsupported":
                raise
        finally:
            session.close()
        return [size for size in wanted if size not in checker.refused]

    def _params(self, op: str, aad_size: int, chance: random.Random) -> Params:
        return Params(
            self.backend,
            self.algorithm,
            op,
            aad_size,
            self.largest,
            key=chance.randbytes(self.algorithm.key_size),
            mac=chance.randbytes(self.algorithm.mac_key_size),
        )

    def _served(self, op: str) -> list[int]:
        """The lengths of AAD that the driver takes; MeasureError("unsupported") if not even the usual one."""
        usual = self.algorithm.aad_size
        self._try(op, usual)
        found = [usual]
        for size in AAD_SIZES if self.algorithm.authenticated else ():
            try:
                self._try(op, size)
            except MeasureError as error:
                if error.kind != "unsupported":
                    raise
            else:
                found.append(size)
        return found

    def _try(self, op: str, aad_size: int) -> None:
        params = self._params(op, aad_size, random.Random(1))
        params.check()
        Session(params).close()
