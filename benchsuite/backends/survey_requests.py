"""Requests that `benchsuite verify` makes, by what is tried: sizes, IVs, AAD and texts at which
implementations have been wrong, forgeries, and sizes that must be refused. A Maker makes them for one key and
operation."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from itertools import combinations, islice

from benchsuite.algorithms import ALGORITHMS, Algorithm
from benchsuite.backends.fixed_keys import pattern
from benchsuite.backends.known_requests import FORGED, Known, flipped
from benchsuite.backends.reference import Reference
from benchsuite.backends.session import SEED, ByDriver, Params
from benchsuite.backends.survey_crafted import CounterBlocks
from benchsuite.model import DECRYPT
from benchsuite.native import lib

POOL = 1 << 21
_UNEVEN = 7919  # between the places in the pool that texts are taken from

# Somebody counts in so many bytes of an IV: the next ones must go on from there, or it must begin anew.
COUNTER_BYTES = (1, 2, 4, 8, 12, 16)
BEFORE_WRAP = (1, 2, 5, 9, 21, 70)  # blocks; implementations do 8 and more at once
AFTER_WRAP = (0, 1, 150, 600)  # bytes; 0: the counter is used up exactly
EDGE_TEXTS = (b"\x00", b"\xff", b"\x80", b"\x01", b"\x7f", b"\xfe\xff\xff\xff")
EDGE_SIZES = (16, 17, 31, 32, 48, 63, 64, 65, 128, 255, 256, 1024, 1488, 4096)
AAD_TEXTS = (0, 13, 400)  # bytes of text for each length of AAD
FORGED_SIZES = (1, 16, 100, 1424)
WRONG_SIZES = (1, 7, 9, 15, 17, 31, 33, 100, 255, 1023, 1025, 4095)


@cache
def _pool() -> bytes:
    return pattern(POOL, 1)


def text(size: int, seed: int) -> bytes:
    """Random bytes, others for another seed."""
    if size > POOL // 2:
        at = seed % POOL
        return (_pool() * (size // POOL + 2))[at : at + size]
    at = seed * _UNEVEN % (POOL - size)
    return _pool()[at : at + size]


EDGE_KEYS = (-1, -2)  # numbers of keys of ff, and of zeros


def keys(algorithm: Algorithm, number: int) -> tuple[bytes, bytes]:
    """The cipher key and the MAC key of a number."""
    chance = random.Random(f"{algorithm.name} {number}")
    key, mac = chance.randbytes(algorithm.key_size), chance.randbytes(algorithm.mac_key_size)
    if number not in EDGE_KEYS:
        return key, mac
    fill = b"\xff" if number == EDGE_KEYS[0] else b"\0"
    different = 8 if algorithm.cipher.endswith("xts") else 0  # its two halves may not be the same
    return key[:different].ljust(len(key), fill), fill * len(mac)


def similar_keys(algorithm: Algorithm, number: int) -> list[tuple[bytes, bytes]]:
    """The keys of a number, and others that are the same in their first half, in their second one, and all
    but the last byte."""
    key, mac = keys(algorithm, number)

    def but(data: bytes, first: int, last: int) -> bytes:
        return data[:first] + bytes(byte ^ 0x5A for byte in data[first:last]) + data[last:]

    found = [(key, mac)]
    for first, last in ((1, 2), (0, 1)):
        parts = [(len(data) * first // 2, len(data) * last // 2) for data in (key, mac)]
        found.append((but(key, *parts[0]), but(mac, *parts[1])))
    found.append((but(key, len(key) - 1, len(key)), but(mac, len(mac) - 1, len(mac))))
    return found


class Maker:
    """Makes the requests of one key for one operation. number: of the key, and where chance begins; iv_size,
    tag_size: where they are not the algorithm's usual ones; both_keys: instead of those of the number."""

    def __init__(
        self,
        algorithm: Algorithm,
        op: str,
        number: int,
        iv_size: int | None = None,
        tag_size: int | None = None,
        both_keys: tuple[bytes, bytes] | None = None,
    ) -> None:
        self.algorithm, self.op = algorithm, op
        self.key, self.mac = both_keys or keys(algorithm, number)
        self.reference = Reference(algorithm, self.key, self.mac, tag_size)
        self.iv_size = algorithm.iv_size if iv_size is None else iv_size
        self.tag_size = algorithm.tag_size if tag_size is None else tag_size
        self._chance = random.Random(number)
        self._seed = abs(number) * 1_000_003

    def params(
        self, backend: ByDriver, aad_size: int, max_size: int, chained: bool = False, piece: int = 0
    ) -> Params:
        """The params of a session for its requests."""
        return Params(
            backend,
            self.algorithm,
            self.op,
            aad_size,
            max_size,
            chained,
            self.key,
            self.mac,
            iv_size=self.iv_size,
            tag_size=self.tag_size,
            piece=piece,
        )

    def request(
        self, size: int, aad: int | bytes = 0, *, iv: bytes | None = None, plain: bytes | None = None
    ) -> Known:
        """A request of so many bytes, or for these plain ones, with an AAD of so many bytes or this one."""
        self._seed += 1
        iv = self._chance.randbytes(self.iv_size) if iv is None else iv
        aad = text(aad, self._seed + 7) if isinstance(aad, int) else aad
        plain = text(size, self._seed) if plain is None else plain
        sealed, tag = self.reference.encrypt(self._for_reference(iv), aad, plain)
        source, result = (sealed, plain) if self.op == DECRYPT else (plain, sealed)
        return Known(source, result, iv, aad, tag)

    def of_sizes(self, sizes: Iterable[int], aad: int) -> list[Known]:
        return [self.request(size, aad) for size in sizes]

    def empty(self, aads: Iterable[int]) -> list[Known]:
        """Empty texts, forged ones too, each with a usual one after it."""
        found = []
        for aad in aads:
            good = self.request(0, aad)
            wrong = [_changed(good, "tag", [(0, 1)], "byte 0 of its tag")] if self._opens else []
            for one in (good, *wrong):
                found += [one, self.request(self.usual_size, aad)]
        return found

    # ---- IVs ----

    def ivs(self) -> Iterator[bytes]:
        """Endless random IVs."""
        while True:
            yield self._chance.randbytes(self.iv_size)

    def edge_ivs(self, aad: int) -> list[Known]:
        """IVs of zeros, of ff, and counters that wrap within the text, or exactly behind it."""
        ivs = [bytes(self.iv_size), b"\xff" * self.iv_size, b"\x80".ljust(self.iv_size, b"\0")]
        sizes = self.taken((1, 16, 32, 100, 1024, 4096))
        found = [self.request(size, aad, iv=iv) for iv in ivs for size in sizes]
        counts = self.algorithm.cipher.endswith("ctr")
        for width in COUNTER_BYTES if counts else (1, self.iv_size):
            for order in ("big", "little") if counts and width > 1 else ("big",):
                found += self._wrapping(width, order == "big", aad)
        return found

    def _wrapping(self, width: int, big: bool, aad: int) -> Iterator[Known]:
        for before in BEFORE_WRAP:
            counter = (256**width - before).to_bytes(width, "big" if big else "little")
            other = self._chance.randbytes(self.iv_size - width)
            for size in self.taken(16 * before + after for after in AFTER_WRAP):
                yield self.request(size, aad, iv=other + counter if big else counter + other)

    def wrapping_gcm(self, aad: int) -> Iterator[Known]:
        """GCM with nonces of 16 bytes whose counter wraps at 32 bits within the text: it must not go on into
        the byte before."""
        for before in BEFORE_WRAP:
            block = self._chance.randbytes(12) + (2**32 - 1 - before).to_bytes(4, "big")
            for size in (16 * before + after for after in AFTER_WRAP):
                yield self.request(size, aad, iv=self._counter_blocks.nonce_for(block))

    @cached_property
    def _counter_blocks(self) -> CounterBlocks:
        return CounterBlocks(self.key)

    def _for_reference(self, iv: bytes) -> bytes:
        """An IV that does the same, and that the reference takes: for GCM none of fewer than 8 bytes."""
        if len(iv) >= 8 or not self.algorithm.cipher.endswith("gcm") or self.algorithm.salt_size:
            return iv
        return self._counter_blocks.nonce_for(self._counter_blocks.of_nonce(iv))

    # ---- texts ----

    def edge_texts(self, aad: int) -> list[Known]:
        """Plain and encrypted texts of one byte again and again, also under AAD of that byte: carries run
        through all of a number."""
        found = []
        for fill in EDGE_TEXTS:
            for size in self.taken(EDGE_SIZES):
                same = (fill * size)[:size]
                found.append(self.request(size, aad, plain=same))
                if self._streams:
                    (iv,) = islice(self.ivs(), 1)
                    found.append(self.encrypted_to(same, (fill * aad)[:aad], iv))
        return found

    def encrypted_to(self, sealed: bytes, aad: bytes, iv: bytes) -> Known:
        """The request whose encrypted text is this one. iv: of a cipher that makes a stream of it."""
        stream, _ = self.reference.encrypt(iv, aad, bytes(len(sealed)))
        plain = (int.from_bytes(sealed, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(sealed), "big")
        return self.request(len(sealed), aad, iv=iv, plain=plain)

    @property
    def _streams(self) -> bool:
        mode = self.algorithm.cipher.rsplit("-", 1)[-1]
        return mode in ("ctr", "gcm", "ccm", "poly1305")

    # ---- AAD ----

    def aads(self, sizes: Iterable[int]) -> list[Known]:
        """Every length of AAD with an empty, a short and a longer text."""
        return [self.request(size, aad) for aad in sizes for size in self.taken(AAD_TEXTS, empty=True)]

    # ---- streams ----

    def chain(self, sizes: Iterable[int]) -> list[Known]:
        """The requests of a chained session, one stream."""
        context = self.reference.chained(pattern(self.iv_size, SEED), 0, None, self.op != DECRYPT)
        found = []
        for size in self.taken(sizes, repeat=True):
            self._seed += 1
            source = text(size, self._seed)
            found.append(
                Known(source, context.update(source), bytes(self.iv_size), b"", bytes(self.tag_size))
            )
        return found

    # ---- what must be refused ----

    def forgeries(self, aad: int, sizes: Iterable[int] = FORGED_SIZES) -> list[Known]:
        """Every way to forge a request, each followed by a good one: a tag that differs in one byte, in two
        whose differences cancel under XOR, or in all; text, AAD and IV that differ."""
        found = []
        for size in self.taken(sizes):
            usual = self.request(size, aad)
            for wrong in self._forged(usual):
                found += [wrong, self.request(self.usual_size, aad)]
        return found

    def large_forgeries(self, sizes: Iterable[int], aad: int) -> list[Known]:
        """The first and last byte of tag and text of large requests, each followed by a good one."""
        found = []
        for size in self.taken(sizes):
            good = self.request(size, aad)
            for name, word in (("tag", "tag"), ("source", "text")):
                for at in (0, len(getattr(good, name)) - 1):
                    wrong = _changed(good, name, [(at, 1)], f"byte {at} of its {word}")
                    found += [wrong, self.request(self.usual_size, aad)]
        return found

    def _forged(self, good: Known) -> Iterator[Known]:
        last = len(good.tag) - 1
        for at in range(last + 1):
            yield _changed(good, "tag", [(at, 1 << at % 8)], f"byte {at} of its tag")
        yield _changed(good, "tag", [(last, 0x80)], "the last bit of its tag")
        yield good._replace(tag=bytes(len(good.tag)), status=FORGED, note="with a tag of zeros")
        for a, b in _pairs(len(good.tag)):
            changes = [(a, 1 << a % 8), (b, 1 << a % 8)]
            yield _changed(good, "tag", changes, f"the same bit of bytes {a} and {b} of its tag")
        for name, word in (("source", "text"), ("aad", "AAD"), ("iv", "IV")):
            size = len(getattr(good, name))
            for at in sorted({0, size // 2, size - 1} if size else ()):
                if name != "iv" or self.algorithm.kind == "aead":
                    yield _changed(good, name, [(at, 0x10)], f"byte {at} of its {word}")

    def wrong_sizes(self, aad: int) -> list[Known]:
        """Sizes that the algorithm does not have, each followed by one that it has."""
        found = []
        for size in WRONG_SIZES:
            why = self._impossible(size)
            if why:
                found += [self._of_wrong_size(size, aad, why), self.request(self.usual_size, aad)]
        return found

    def _impossible(self, size: int) -> str:
        block, least = self.algorithm.block, self.algorithm.min_size
        if size < least:
            return f"less than {least} bytes"
        return f"no multiple of {block} bytes" if size % block else ""

    def _of_wrong_size(self, size: int, aad: int, why: str) -> Known:
        iv, other = self._chance.randbytes(self.iv_size), text(aad, self._seed)
        tag, source = b"", text(size, self._seed)
        if self.algorithm.kind == "authenc":  # the tag fits, so that nothing else is wrong
            mac = ALGORITHMS[f"null+{self.algorithm.name.partition('+')[2]}"]
            tag = Reference(mac, b"", self.mac).encrypt(b"", other, source)[1]
        return Known(source, bytes(size), iv, other, tag, lib.BS_ANY_ERROR, why)

    # ---- helpers ----

    @property
    def _opens(self) -> bool:
        """Whether a tag is checked."""
        return self.op == DECRYPT and self.algorithm.authenticated

    @property
    def usual_size(self) -> int:
        return self.taken((48,))[0]

    def taken(self, sizes: Iterable[int], empty: bool = False, repeat: bool = False) -> list[int]:
        """The sizes, in this order, rounded to what the algorithm takes; each once, or repeated as they are.
        An empty one where that is asked for and served."""
        block, least = self.algorithm.block, self.algorithm.min_size
        rounded = [max(size, least) // block * block for size in sizes if size]
        if not repeat:
            rounded = list(dict.fromkeys(rounded))
        return [0, *rounded] if empty and least == 1 else rounded


def _changed(good: Known, name: str, changes: list[tuple[int, int]], where: str) -> Known:
    data: bytes = getattr(good, name)
    for at, bits in changes:
        data = flipped(data, at, bits)
    return good._replace(status=FORGED, note=f"with {where} changed", **{name: data})


def _pairs(size: int) -> Iterator[tuple[int, int]]:
    """Pairs of bytes of a tag: neighbours, the same byte of two words of any width, and the ends."""
    for a, b in combinations(range(size), 2):
        if b - a in (1, 2, 4, 8, 16, 32, size - 1):
            yield a, b
