"""The requests of a load and what must become of them, made by the reference: tables, each of a key, of what
is likely to be wrong beside what is usual."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import TypeVar

from benchsuite.algorithms import Algorithm
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import StressLoad
from benchsuite.backends.known_requests import FORGED, Known, Table, flipped
from benchsuite.backends.session import ByDriver
from benchsuite.backends.stress_probe import LONG_AAD, Probe
from benchsuite.backends.survey_requests import Maker
from benchsuite.backends.survey_sizes import (
    LARGEST,
    MOST_USUAL,
    SIZES,
    is_slow,
    large_sizes,
    padding_edges,
    taken_as_they_are,
    usable,
)
from benchsuite.model import DECRYPT

SMALL = 1024  # bytes: up to so many, every size is in one table
MIXTURE = 24  # requests of random sizes in every table
LARGEST_RANDOM = 16000
OTHER_LARGE = 3  # sizes above the usual, beside the largest
EVERY_LONG_AAD = 24
STREAM, LONG_STREAM = 96, 4200  # requests of a chained session; others count them in 12 bits
LARGEST_CHAINED = 2048
FEW_SIZES = (1, 16, 17, 48, 64, 100, 256, 1024, 1420, 1500, 4096)
FEW_DRAWN = 10
FEW_FORGED = 8
VARIANT_SIZES = (1, 16, 33, 64, 100, 255, 256, 1024, 1420, 4097)
NONCES = {"gcm": (8, 16, 60), "ccm": (7, 8, 11, 13)}
TAGS = {"gcm": (8, 12, 4, 13, 14, 15), "ccm": (8, 12, 4, 6, 10, 14), "mac": (12, 16, 10)}
PIECES = (1, 13, 64, 100)
FORGED_SIZES = (1, 100, 1424)
FEW_FORGED_SIZES = (15, 31, 47, 9000)
KEYS_OF_A_SEED = 1000

T = TypeVar("T")


class Tables:
    """The tables of one algorithm: every size, IVs and texts at the edge, lengths of AAD, forgeries, what
    must be refused, streams, and some of the other lengths of nonces and tags, as the seed has it. few: a
    table for each operation, and one of streams, with some of all that."""

    churn = 1000  # requests in a session's life, on average

    def __init__(self, backend: ByDriver, algorithm: Algorithm, load: StressLoad, few: bool = False) -> None:
        self.backend, self.algorithm, self.algorithms = backend, algorithm, [algorithm]
        self._load, self._few = load, few
        self._probe = Probe(backend, algorithm, load)
        self._chance = random.Random(f"{load.seed} {algorithm.name}")
        self._number = 100 + load.seed * KEYS_OF_A_SEED
        self._sizes = self._probe.sizes(self._wanted())
        if not self._sizes:
            why = "; ".join(self._probe.left_out) or f"{algorithm.name} has no requests of them"
            raise MeasureError("unsupported", f"none of the sizes asked for: {why}")
        self.tables = [table for op in algorithm.ops for table in self._of(op)]
        self._chance.shuffle(self.tables)
        self.left_out = self._probe.left_out

    def _wanted(self) -> list[int]:
        algorithm, load = self.algorithm, self._load
        empty = [0] if algorithm.min_size == 1 else []
        if load.only_sizes:
            return taken_as_they_are(algorithm, load.only_sizes)
        if self._few:
            usual = [size for size in load.wanted.sizes or () if size <= MOST_USUAL]
            return usable(algorithm, [*FEW_SIZES, *usual])
        usual = [
            size for size in {*SIZES, *padding_edges(algorithm)} if size <= SMALL or not is_slow(algorithm)
        ]
        some = (1420, 1500, 2048, 4096, 9000, 16384, 20000, 40000, MOST_USUAL)
        large = [*large_sizes(algorithm), LARGEST]
        return [*empty, *usable(algorithm, [*usual, *some, *large, *(load.wanted.sizes or ())])]

    # ---- the tables of an operation ----

    def _of(self, op: str) -> Iterator[Table]:
        aads = self._probe.aad_sizes(op)
        if self._few:
            yield self._some_of_all(op, aads)
            if not self._load.only_sizes:  # a stream is whole or wrong
                yield from self._streams(op, (self._chance.random() < 0.5,))
            return
        yield from self._of_sizes(op, aads)
        if not self._load.only_sizes:
            yield self._edges(op, aads)
            if self.algorithm.authenticated:
                yield self._aads(op, aads)
            if wrong := self._refused(op, aads):
                yield wrong
            yield from self._streams(op)
        elif self._forges(op):
            yield self._aads(op, aads)
        yield from self._variants(op, aads)

    def _forges(self, op: str) -> bool:
        return self.algorithm.authenticated and op == DECRYPT

    def _maker(self, op: str, iv_size: int | None = None, tag_size: int | None = None) -> Maker:
        self._number += 1
        return Maker(self.algorithm, op, self._number, iv_size, tag_size)

    def _table(self, maker: Maker, known: Iterable[Known], chained: bool = False, piece: int = 0) -> Table:
        only = self._load.only_sizes
        listed = [one for one in known if not only or len(one.source) in only]
        aad, size = max(len(one.aad) for one in listed), max(len(one.source) for one in listed)
        params = maker.params(self.backend, aad, size, chained, piece)
        return Table(params, maker.reference, listed)

    def _drawn(self, maker: Maker, aads: list[int], number: int = MIXTURE) -> list[Known]:
        """Requests of random sizes, small ones more often, and lengths of AAD."""
        return [maker.request(self._near(size), self._chance.choice(aads)) for size in self._random(number)]

    def _random(self, number: int, largest: int = LARGEST_RANDOM) -> list[float]:
        return [largest ** self._chance.random() for _ in range(number)]

    def _near(self, size: float) -> int:
        """The size that is served and nearest."""
        return min(self._sizes, key=lambda served: abs(served - size))

    def _of_sizes(self, op: str, aads: list[int]) -> Iterator[Table]:
        """Small ones and a few large ones, which are rare among so many; then those between. In both as many
        small ones again."""
        small = [size for size in self._sizes if size <= SMALL]
        large = [size for size in self._sizes if size > MOST_USUAL]
        if is_slow(self.algorithm) and op == DECRYPT:
            large = [size for size in large if size < LARGEST or size in (self._load.wanted.sizes or ())]
        between = [size for size in self._sizes if SMALL < size <= MOST_USUAL]
        for sizes in ([*small, *self._few_large(large)], between):
            if sizes:
                maker = self._maker(op)
                sizes += [self._near(size) for size in self._random(len(sizes), SMALL)]
                known = [maker.request(size, self._chance.choice(aads)) for size in sizes]
                self._chance.shuffle(known)
                yield self._table(maker, known)

    def _few_large(self, sizes: list[int]) -> list[int]:
        """The largest, those of the profile and some of the others."""
        wanted = (*sizes[-1:], *(self._load.wanted.sizes or ()), *self._load.only_sizes)
        kept = {size for size in sizes if size in wanted}
        others = [size for size in sizes if size not in kept]
        return sorted({*kept, *self._some(others, OTHER_LARGE)})

    def _some_of_all(self, op: str, aads: list[int]) -> Table:
        maker = self._maker(op)
        known = [maker.request(size, self._chance.choice(aads)) for size in self._sizes]
        if self._forges(op):
            forged = maker.forgeries(self._chance.choice(aads), [self._near(100)])
            known += self._chance.sample(forged, min(FEW_FORGED, len(forged)))
        return self._table(maker, [*known, *self._drawn(maker, aads, FEW_DRAWN)])

    def _edges(self, op: str, aads: list[int]) -> Table:
        """Texts and IVs, of a key with a byte of zero in it, which another one may take for its end."""
        maker = self._maker(op)
        while maker.key and 0 not in maker.key[1:-1]:
            maker = self._maker(op)
        aad = self._chance.choice(aads)
        known = maker.edge_texts(aad)
        if 0 in self._sizes:
            known += maker.empty(self._some(aads, 2))
        if maker.iv_size:
            known += maker.edge_ivs(aad)
        return self._table(maker, [*known, *self._drawn(maker, aads)])

    def _aads(self, op: str, aads: list[int]) -> Table:
        """Every length of AAD, a very long one now and then, and forgeries."""
        maker = self._maker(op)
        known = [maker.request(size, aad) for aad in aads for size in (self._near(13), self._near(400))]
        if self._forges(op):
            known += self._forgeries(maker, aads, known)
        known += self._drawn(maker, aads)
        if self._probe.takes_long_aad(op):
            for at in range(0, len(known), max(EVERY_LONG_AAD, len(known) // 4)):
                known[at] = maker.request(self._near(100), LONG_AAD)
        return self._table(maker, known)

    def _forgeries(self, maker: Maker, aads: list[int], good: list[Known]) -> list[Known]:
        """Forgeries of every kind for some sizes, of some kinds for many; and behind a byte of zero, where a
        comparison may end."""
        found = maker.forgeries(self._chance.choice(aads), [self._near(size) for size in FORGED_SIZES])
        for size in dict.fromkeys(
            self._near(size) for size in (*FEW_FORGED_SIZES, *self._random(FEW_FORGED))
        ):
            if size:
                found += self._some(maker.forgeries(self._chance.choice(aads), [size]), FEW_FORGED)
        if 0 in self._sizes and not self._load.only_sizes:
            found += maker.empty(self._some(aads, 2))
        for one in good:
            if 0 in one.tag[:-1]:
                tag = flipped(one.tag, len(one.tag) - 1, 1)
                found.append(
                    one._replace(tag=tag, status=FORGED, note="with the last byte of its tag changed")
                )
        return found

    def _refused(self, op: str, aads: list[int]) -> Table | None:
        """Sizes that the algorithm does not have, among those that it has."""
        maker = self._maker(op)
        wrong = maker.wrong_sizes(self._chance.choice(aads))
        return self._table(maker, [*wrong, *self._drawn(maker, aads)]) if wrong else None

    def _streams(self, op: str, wholes: Iterable[bool] = (True, True, False)) -> Iterator[Table]:
        """Chained sessions, several so that they meet: of whole blocks, or of any sizes where those are
        served."""
        if not self.algorithm.chainable or self._forges(op):
            return
        if not self._few:
            maker = self._maker(op)
            table = self._table(maker, maker.chain([16] * LONG_STREAM), chained=True)
            if self._probe.opens(table.params):
                yield table
        for whole in wholes:
            maker = self._maker(op)
            sizes = [max(16, round(LARGEST_CHAINED ** self._chance.random())) for _ in range(STREAM)]
            if whole:
                sizes = [size // 16 * 16 for size in sizes]
            elif self.algorithm.block > 1:
                return
            table = self._table(maker, maker.chain(sizes), chained=True)
            if self._probe.opens(table.params):
                yield table

    def _variants(self, op: str, aads: list[int]) -> Iterator[Table]:
        """Other lengths of nonce and tag, and texts in pieces: one or two of each that are served."""
        mode = self.algorithm.cipher.rsplit("-", 1)[-1]
        if self.algorithm.kind == "aead" and not self.algorithm.salt_size:
            for size in self._some(NONCES.get(mode, ()), 1):
                yield from self._variant(self._maker(op, iv_size=size), op, aads)
        tags = TAGS["mac"] if self.algorithm.kind in ("hmac", "authenc") else TAGS.get(mode, ())
        shorter = [size for size in tags if size < self.algorithm.tag_size]
        for size in dict.fromkeys((*self._some(shorter, 2), *self._load.wanted.tag_sizes)):
            yield from self._variant(self._maker(op, tag_size=size), op, aads)
        for piece in self._some(PIECES, 1):
            yield from self._variant(self._maker(op), op, aads, piece)

    def _some(self, among: Iterable[T], number: int) -> list[T]:
        listed = list(among)
        return self._chance.sample(listed, min(number, len(listed)))

    def _variant(self, maker: Maker, op: str, aads: list[int], piece: int = 0) -> Iterator[Table]:
        aad = self._chance.choice(aads)
        sizes = dict.fromkeys(self._near(size) for size in VARIANT_SIZES)
        known = [*maker.of_sizes(sizes, aad), *self._drawn(maker, aads)]
        if self._forges(op):
            known += maker.forgeries(aad, [self._near(100)])
        table = self._table(maker, known, piece=piece)
        if self._probe.opens(table.params):
            yield table
