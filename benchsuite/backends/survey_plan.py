"""What `benchsuite verify` asks of an algorithm: sheets, each a session and the requests that it gets, one
after another. The native core performs them on drivers (survey.py), Python by itself (python_survey.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from benchsuite.algorithms import Algorithm
from benchsuite.backends import vectors
from benchsuite.backends.findings import Wanted
from benchsuite.backends.known_requests import Known
from benchsuite.backends.reference import Reference
from benchsuite.backends.survey_crafted import poly1305_texts
from benchsuite.backends.survey_requests import EDGE_KEYS, Maker
from benchsuite.backends.survey_sizes import (
    ENORMOUS,
    LARGEST,
    MOST_USUAL,
    in_disorder,
    is_slow,
    large_sizes,
    usable,
    verified_sizes,
)
from benchsuite.model import DECRYPT
from benchsuite.native import lib

BOTH_PLACES = lib.BS_LAY_IN_PLACE | lib.BS_LAY_APART
ALL_PLACES = BOTH_PLACES | lib.BS_LAY_FENCED | lib.BS_LAY_IV_ACROSS

MORE_KEYS = (1, 2, 3)  # beside key 0, which has all sizes
KEY_SIZES = 4096  # that the others have at most
PLACE_SIZES = (
    1,
    8,
    15,
    16,
    17,
    31,
    32,
    33,
    48,
    63,
    64,
    65,
    100,
    128,
    255,
    257,
    512,
    1420,
    4095,
    4096,
    4097,
    9000,
)
AAD_DENSE = range(81)
AAD_LONG = (240, 255, 256)
AAD_LONGEST = (65279, 65280)  # CCM writes the length of the second one in another way
AAD_ALONE = (0, 1, 12, 20, 65)  # of sessions that are opened for this length
NONCES = {"gcm": (1, 8, 16, 60), "ccm": (7, 8, 11, 13)}
TAGS = {"gcm": (4, 8, 12, 13, 14, 15), "ccm": (4, 6, 8, 10, 12, 14), "mac": (10, 12, 16)}
FORGED_LARGE = (4112, 16400, 65535)
LIVES = (4200, 66_000)
VOLUME = 260  # texts of almost 64 KiB
LONG_SIZES = (1, 16, 24, 40, 64, 80)
CHAINS = (  # sizes of the requests of a stream
    (16,) * 4200,
    (1024, 64, 4096, 16, 1488, 256, 32, 8192, 48, 512, 16384, 80, 112, 144, 65536, 16),
    (13, 1000, 1, 64, 15, 17, 31, 100, 333, 16, 7, 4097, 9, 255, 1),
)
PIECES = (1, 13, 64, 100)
VARIANT_SIZES = (1, 16, 33, 64, 100, 255, 256, 1024, 1420, 4097)  # with another nonce, tag or key, in pieces


@dataclass(frozen=True, slots=True)
class Sheet:
    """A session, and its requests. beyond: what it is asked beside the algorithm itself, with {} for `value`,
    as words behind the operation ("with AAD of {} bytes"); a driver may refuse that."""

    op: str
    key: bytes
    mac: bytes
    reference: Reference
    known: list[Known]
    beyond: str = ""
    value: int = 0
    layouts: int = BOTH_PLACES
    iv_size: int | None = None
    tag_size: int | None = None
    piece: int = 0
    chained: bool = False
    unit: int = 1  # so many requests belong together
    source: str = ""  # where it is published
    empty: bool = False  # it has empty texts, which a driver may refuse with any error
    most: bool = False  # it has as many requests as there is time for

    @property
    def aad_size(self) -> int:
        return max((len(one.aad) for one in self.known), default=0)

    @property
    def extent(self) -> str:
        """The sizes from the smallest to the largest, as words."""
        sizes = [len(one.source) for one in self.known]
        least, largest = min(sizes), max(sizes)
        return f"{least} to {largest} bytes" if least < largest else f"{largest} bytes"

    @property
    def max_size(self) -> int:
        """The largest size that the session is opened for: one that the algorithm takes, also where all that
        is asked must be refused."""
        algorithm = self.reference.algorithm
        largest = max((len(one.source) for one in self.known), default=0)
        return max(algorithm.min_size, -(-largest // algorithm.block) * algorithm.block)


@dataclass(slots=True)
class Plan:
    """Makes the sheets of one algorithm and operation, the likeliest to fail first."""

    algorithm: Algorithm
    op: str
    wanted: Wanted = field(default_factory=Wanted)

    def sheets(self) -> Iterator[Sheet]:
        yield from self._usual()
        yield from self._edges()
        if self.algorithm.authenticated:
            yield from self._aads()
            yield from self._forged()
        yield from self._refused()
        yield from self._lengths()
        yield from self._chained()
        yield from self._long()
        if self.wanted.sizes is None:
            yield from self._large()
        yield from self._published()

    def _maker(self, number: int) -> Maker:
        return Maker(self.algorithm, self.op, number)

    def _sheet(
        self, maker: Maker, known: Iterable[Known], beyond: str = "", value: int = 0, **more: object
    ) -> Sheet:
        return Sheet(
            self.op,
            maker.key,
            maker.mac,
            maker.reference,
            list(known),
            beyond,
            value,
            **more,  # type: ignore[arg-type]
        )

    @property
    def _mode(self) -> str:
        return self.algorithm.cipher.rsplit("-", 1)[-1]

    # ---- sizes, keys, places ----

    def _usual(self) -> Iterator[Sheet]:
        algorithm, aad = self.algorithm, self.algorithm.aad_size
        sizes = verified_sizes(algorithm, self.wanted.sizes)
        maker = self._maker(0)
        places = [size for size in usable(algorithm, PLACE_SIZES) if size <= sizes[-1]]
        yield self._sheet(maker, maker.of_sizes(places, aad), layouts=ALL_PLACES)
        dense = maker.of_sizes(in_disorder(sizes, 0), aad)
        yield self._sheet(maker, dense, layouts=BOTH_PLACES | lib.BS_LAY_FENCED)
        small = in_disorder([size for size in sizes if size <= KEY_SIZES], 1)
        for i, number in enumerate(MORE_KEYS):
            other = self._maker(number)
            yield self._sheet(other, other.of_sizes(small[i :: len(MORE_KEYS)], aad))

    def _large(self) -> Iterator[Sheet]:
        """Large texts, in one place each; a driver may refuse to be opened for so many bytes."""
        aad, sizes = self.algorithm.aad_size, large_sizes(self.algorithm)
        for number, group in ((20, [size for size in sizes if size < LARGEST]), (21, [LARGEST])):
            maker = self._maker(number)
            known = maker.of_sizes([*group, maker.usual_size], aad)
            yield self._sheet(maker, known, "of {} bytes at once", group[0], layouts=lib.BS_LAY_APART)
        if self.algorithm.kind in ("digest", "hmac"):
            maker = self._maker(22)
            known = maker.of_sizes([ENORMOUS, maker.usual_size], aad)
            yield self._sheet(maker, known, "of {} bytes at once", ENORMOUS, layouts=lib.BS_LAY_IN_PLACE)

    # ---- IVs, texts, keys at the edge ----

    def _edges(self) -> Iterator[Sheet]:
        aad = self.algorithm.aad_size
        if self.algorithm.iv_size:
            maker = self._maker(4)
            yield self._sheet(maker, maker.edge_ivs(aad))
        maker = self._maker(5)
        yield self._sheet(maker, maker.edge_texts(aad))
        if self.algorithm.name == "chacha20-poly1305":
            yield self._poly1305()
        if "des-" in self.algorithm.cipher:  # such keys are weak, and may be refused
            return
        for number in EDGE_KEYS if self.algorithm.key_size or self.algorithm.mac_key_size else ():
            maker = self._maker(number)
            yield self._sheet(maker, maker.of_sizes(maker.taken(VARIANT_SIZES), aad))

    def _poly1305(self) -> Sheet:
        maker = self._maker(6)
        texts = [
            text
            for blocks in (0, 1, 4, 15)
            for text in poly1305_texts(maker.key, maker.ivs(), b"\xff" * 16 * blocks)
        ]
        return self._sheet(maker, [maker.encrypted_to(text, b"", iv) for iv, text in texts])

    # ---- AAD and tags ----

    def _aads(self) -> Iterator[Sheet]:
        maker = self._maker(7)
        beyond = "with AAD of up to {} bytes"
        for lengths in (AAD_DENSE, AAD_LONG, AAD_LONGEST):
            yield self._sheet(maker, maker.aads(in_disorder(lengths, 3)), beyond, max(lengths))
        for aad in dict.fromkeys((*self.wanted.aad_sizes, *AAD_ALONE)):
            if aad != self.algorithm.aad_size:
                known = maker.of_sizes(maker.taken(VARIANT_SIZES), aad)
                if self.op == DECRYPT:
                    known += maker.forgeries(aad, sizes=(100,))
                yield self._sheet(maker, known, "with AAD of {} bytes", aad)

    def _forged(self) -> Iterator[Sheet]:
        if self.op == DECRYPT:
            maker = self._maker(8)
            aad = self.algorithm.aad_size
            yield self._sheet(maker, maker.forgeries(aad), unit=2)
            yield self._sheet(maker, maker.large_forgeries(FORGED_LARGE, aad), unit=2)

    # ---- empty texts, and sizes that there are not ----

    def _refused(self) -> Iterator[Sheet]:
        aad = self.algorithm.aad_size
        if self._mode != "xts":
            maker = self._maker(9)
            aads = dict.fromkeys((aad, 0, 20)) if self.algorithm.authenticated else (0,)
            yield self._sheet(maker, maker.empty(aads), "with empty texts", unit=2, empty=True)
        maker = self._maker(10)
        if known := maker.wrong_sizes(aad):
            yield self._sheet(maker, known, unit=2)

    # ---- other lengths ----

    def _lengths(self) -> Iterator[Sheet]:
        aad = self.algorithm.aad_size
        for size in NONCES.get(self._mode, ()) if not self.algorithm.salt_size else ():
            maker = Maker(self.algorithm, self.op, 11, iv_size=size)
            known = maker.of_sizes(maker.taken(VARIANT_SIZES), aad)
            if self._mode == "gcm" and size == 16:
                known += maker.wrapping_gcm(aad)
            yield self._sheet(maker, known, "with a nonce of {} bytes", size, iv_size=size)
        for size in self._tag_sizes():
            maker = Maker(self.algorithm, self.op, 12, tag_size=size)
            known = maker.of_sizes(maker.taken(VARIANT_SIZES), aad)
            if self.op == DECRYPT:
                known += maker.forgeries(aad, sizes=(100,))
            yield self._sheet(maker, known, "with a tag of {} bytes", size, tag_size=size)
        for piece in PIECES:
            maker = self._maker(13)
            sizes = maker.taken((*VARIANT_SIZES, piece, piece + 1, 8 * piece, 8 * piece + 5))
            yield self._sheet(maker, maker.of_sizes(sizes, aad), "in pieces of {} bytes", piece, piece=piece)

    def _tag_sizes(self) -> list[int]:
        kind = "mac" if self.algorithm.kind in ("hmac", "authenc") else self._mode
        sizes = dict.fromkeys((*self.wanted.tag_sizes, *TAGS.get(kind, ())))
        return [size for size in sizes if size < self.algorithm.tag_size]

    # ---- streams ----

    def _chained(self) -> Iterator[Sheet]:
        algorithm = self.algorithm
        if not algorithm.chainable or (algorithm.authenticated and self.op == DECRYPT):
            return
        for number, sizes in enumerate(CHAINS):
            maker = self._maker(14 + number)
            known = maker.chain(sizes)
            for layout in (lib.BS_LAY_IN_PLACE, lib.BS_LAY_APART):
                part = known if layout == lib.BS_LAY_IN_PLACE else known[:40]
                yield self._sheet(maker, part, "chained", layouts=layout, chained=True)

    def _long(self) -> Iterator[Sheet]:
        """Sessions that live for more requests than 12 and 16 bits can count, and more bytes than 24."""
        maker = self._maker(16)
        sizes = in_disorder(maker.taken(LONG_SIZES), 4)
        known = maker.of_sizes(sizes * 8, self.algorithm.aad_size)
        for life in LIVES:
            again = (known * life)[:life]
            yield self._sheet(maker, again, layouts=lib.BS_LAY_IN_PLACE, most=True)
        if self.wanted.sizes is None and not is_slow(self.algorithm):
            large = maker.of_sizes(maker.taken([MOST_USUAL - 16]), self.algorithm.aad_size)
            yield self._sheet(maker, large * VOLUME, layouts=lib.BS_LAY_IN_PLACE, most=True)

    # ---- published answers ----

    def _published(self) -> Iterator[Sheet]:
        for vector in vectors.of(self.algorithm.name):
            opens = self.op == DECRYPT
            source, result = (vector.text, vector.plain) if opens else (vector.plain, vector.text)
            known = Known(source, result or source, vector.iv, vector.aad, vector.tag)
            reference = Reference(self.algorithm, vector.key, vector.mac_key)
            yield Sheet(
                self.op,
                vector.key,
                vector.mac_key,
                reference,
                [known],
                beyond=vector.source,
                layouts=lib.BS_LAY_IN_PLACE | lib.BS_LAY_APART,
                source=vector.source,
            )
