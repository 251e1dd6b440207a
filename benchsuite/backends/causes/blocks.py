"""Block ciphers, block by block: what a driver chained or counted can be taken back from what came out, and
recognised."""

from __future__ import annotations

from collections.abc import Iterator

from benchsuite.algorithms import Algorithm
from benchsuite.backends.causes.wrong import LEAST_ALIKE, Wrong, other_ivs
from benchsuite.backends.known_requests import Known, Table
from benchsuite.backends.reference import block_cipher
from benchsuite.model import DECRYPT

COUNTING = ("ctr", "gcm", "ccm")
MOST_ASTRAY = 1 << 24  # blocks by which a counter may be wrong, and still be recognised


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=False))


class BlockCipher:
    """The cipher of a session. mode: the session's; key: another one than its own."""

    def __init__(self, table: Table, key: bytes | None = None) -> None:
        algorithm: Algorithm = table.params.algorithm
        name = algorithm.cipher
        self.mode, self.op = name.rsplit("-", 1)[-1], table.params.op
        raw = table.params.key if key is None else key
        cut = len(table.params.key) - algorithm.salt_size
        self.salt = table.params.key[cut:]
        family = "aes" if "aes" in name else name.split("-")[0]
        self.size = 16 if family == "aes" else 8
        self._ecb = block_cipher(f"{family}-ecb", raw[:cut] if key is None else raw)(b"")

    def _back(self, block: bytes) -> bytes:
        return self._ecb.decryptor().update(block)

    def taken_back(self, got: bytes, source: bytes) -> bytes:
        """The counter, or the block that was chained, which makes this of a source block."""
        if self.mode in COUNTING:
            return self._back(_xor(got, source))
        if self.op == DECRYPT:
            return _xor(got, self._back(source))
        return _xor(self._back(got), source)

    def first(self, iv: bytes) -> bytes:
        """The counter, or the chained block, of the first block of a text. b"": not known."""
        if self.mode == "gcm":
            return self.salt + iv + b"\0\0\0\2" if len(self.salt + iv) == 12 else b""
        if self.mode == "ccm" and 7 <= len(iv) <= 13:
            return bytes([14 - len(iv)]) + iv + (1).to_bytes(15 - len(iv), "big")
        return iv if len(iv) == self.size else b""

    def width(self, iv: bytes) -> int:
        """The bits of the counter."""
        return {"ctr": 128, "gcm": 32}.get(self.mode, 8 * (15 - len(iv)))


def has_blocks(table: Table) -> bool:
    """Whether what is chained or counted can be taken back."""
    name = table.params.algorithm.cipher
    return name.rsplit("-", 1)[-1] in ("cbc", *COUNTING) and name != "null"


def causes(wrong: Wrong) -> Iterator[str]:
    """What the block with the first wrong byte was chained to or counted as."""
    if wrong.tag or not has_blocks(wrong.table):
        return
    cipher = BlockCipher(wrong.table)
    at = wrong.at // cipher.size * cipher.size
    got, source = wrong.got(at, cipher.size), wrong.known.source[at : at + cipher.size]
    right = wrong.right[at : at + cipher.size]
    if got is None or len(source) < cipher.size:
        return
    used, proper = cipher.taken_back(got, source), cipher.taken_back(right, source)
    if cipher.mode == "cbc":
        yield from _chained(wrong, cipher, at, used)
    else:
        yield from _counted(wrong, cipher, at // cipher.size, used, proper)
    yield from _other_keys(wrong, at, got, source, proper)


# ---- CBC ----


def _chained(wrong: Wrong, cipher: BlockCipher, at: int, used: bytes) -> Iterator[str]:
    size = cipher.size
    if not any(used) and _is_ecb(wrong, cipher, at):
        yield f"as if it were ECB, with no block chained to the one before{wrong.where()}"
    if at == 0:
        if wrong.table.params.chained and used == wrong.iv:
            yield "as if the chain began anew with this request"
        if wrong.table.params.chained and wrong.previous and used == _plain(wrong, wrong.previous)[-size:]:
            yield "as if it went on from the plain text of the request before, not from its ciphertext"
        for words, last in _last_blocks(wrong, size):
            if used == last:
                yield words
        for words, iv in other_ivs(wrong):
            if used == iv:
                yield words
        if wrong.extent >= LEAST_ALIKE:  # or any wrong bit would be one that was added to the IV
            yield from _added(used, wrong.iv)
        return
    if used == wrong.iv:
        yield f"as if it began anew, with the IV, at byte {at}"
    plain = _plain(wrong, wrong.known)
    text = wrong.known.source if wrong.table.params.op == DECRYPT else wrong.known.result
    if used == plain[at - size : at]:
        yield f"as if the block at byte {at} were chained to the plain text before it, not to the ciphertext"
    if not any(used):
        yield f"as if it began anew, with an IV of zeros, at byte {at}"
    found = text.find(used)
    if found >= 0 and found % size == 0:
        yield f"as if the block at byte {at} were chained to the one at byte {found}"


def _plain(wrong: Wrong, known: Known) -> bytes:
    return known.result if wrong.table.params.op == DECRYPT else known.source


def _is_ecb(wrong: Wrong, cipher: BlockCipher, at: int) -> bool:
    at += cipher.size
    got = wrong.got(at, cipher.size)
    source = wrong.known.source[at : at + cipher.size]
    return bool(got) and len(source) == cipher.size and not any(cipher.taken_back(got or b"", source))


def _last_blocks(wrong: Wrong, size: int) -> Iterator[tuple[str, bytes]]:
    """What the request before ended with, which a chain would go on from."""
    for known, op, whose in _earlier(wrong):
        text = known.source if op == DECRYPT else known.result
        yield (
            f"as if it went on where the request before{whose} ended: chained to its last block",
            text[-size:],
        )


def _earlier(wrong: Wrong) -> Iterator[tuple[Known, str, str]]:
    if wrong.previous and not wrong.table.params.chained:  # a chained one has to go on
        yield wrong.previous, wrong.table.params.op, ""
    if wrong.before:
        yield wrong.before.known, wrong.tables[wrong.before.traffic].params.op, ", of another session,"


def _added(used: bytes, iv: bytes) -> Iterator[str]:
    for order, words in (("big", "a big-endian"), ("little", "a little-endian")):
        assert order in ("big", "little")
        difference = int.from_bytes(used, order) - int.from_bytes(iv, order)  # type: ignore[arg-type]
        if 0 < abs(difference) <= MOST_ASTRAY:
            yield f"as if {difference:+d} had been added to the IV as {words} number"


# ---- counters ----


def _counted(wrong: Wrong, cipher: BlockCipher, index: int, used: bytes, proper: bytes) -> Iterator[str]:
    """index: of the block in its text."""
    width = cipher.width(wrong.iv)
    mask = (1 << width) - 1
    right, found = int.from_bytes(proper, "big"), int.from_bytes(used, "big")
    start = (right & ~mask) | (right - index & mask)
    for bits in (8, 16, 24, 32, 64):
        if bits < width and found == _wrapped(start, index, bits):
            yield f"as if the counter wrapped at {bits} bits"
    if width < 128 and found == start + index:
        yield f"as if the counter went on beyond its {width} bits"
    if index and found == start:
        yield f"as if it began anew, with the IV, at byte {index * cipher.size}"
    for words, iv in _starts(wrong, cipher, start):
        for bits in (width, 32):
            if found == _wrapped(iv, index, bits):
                yield words
    for swap in (4, 8, 16):
        head = used[:-swap]
        if (
            head == proper[:-swap]
            and used[-swap:] == (_little(start, swap) + index).to_bytes(swap + 1, "little")[:swap]
        ):
            yield f"as if the last {swap} bytes of the counter were little-endian"
    astray = found - right
    if 0 < abs(astray) <= MOST_ASTRAY:
        way = "ahead" if astray > 0 else "behind"
        yield f"as if the counter were {abs(astray)} {way}{wrong.where()}"


def _wrapped(start: int, index: int, bits: int) -> int:
    mask = (1 << bits) - 1
    return (start & ~mask) | (start + index & mask)


def _little(start: int, size: int) -> int:
    return int.from_bytes(start.to_bytes(16, "big")[-size:], "little")


def _starts(wrong: Wrong, cipher: BlockCipher, own: int) -> Iterator[tuple[str, int]]:
    """(words, the first counter of a text)."""
    for known, _, whose in _earlier(wrong):
        if first := cipher.first(known.iv):
            blocks = -(-len(known.source) // cipher.size)
            went_on = f"as if it went on where the request before{whose} ended"
            yield went_on, int.from_bytes(first, "big") + blocks
    for words, iv in other_ivs(wrong):
        if iv != wrong.iv and (first := cipher.first(iv)) and int.from_bytes(first, "big") != own:
            yield words, int.from_bytes(first, "big")


# ---- keys ----


def _other_keys(wrong: Wrong, at: int, got: bytes, source: bytes, proper: bytes) -> Iterator[str]:
    """proper: what the block is chained to or counted as, when all is right."""
    own = wrong.table.params
    if "aes" in own.algorithm.cipher:
        raw = own.key[: len(own.key) - own.algorithm.salt_size]
        for size in (16, 24):
            if len(raw) > size and BlockCipher(wrong.table, raw[:size]).taken_back(got, source) == proper:
                yield f"as with only the first {size} bytes of the key"
        for size in range(len(raw) - 1, -1, -1):
            padded = raw[:size].ljust(len(raw), b"\0")
            if padded != raw and BlockCipher(wrong.table, padded).taken_back(got, source) == proper:
                yield f"as if the key were zeros behind its first {size} bytes"
    for t, key in _keys(wrong):
        used = BlockCipher(wrong.table, key).taken_back(got, source)
        if used == proper:
            yield f"as with the key of another session (key {t}){wrong.where()}"
        elif at == 0:
            for k, known in enumerate(wrong.tables[t].known):
                if known.iv and used == BlockCipher(wrong.tables[t]).first(known.iv):
                    yield f"as with the key and IV of another session's request (key {t}, vector {k})"


def _keys(wrong: Wrong) -> Iterator[tuple[int, bytes]]:
    """(index of a table, its key), where its cipher is of the same kind."""
    aes = "aes" in wrong.table.params.algorithm.cipher
    for t, table in enumerate(wrong.tables):
        params = table.params
        if t == wrong.traffic or not has_blocks(table) or ("aes" in params.algorithm.cipher) != aes:
            continue
        key = params.key[: len(params.key) - params.algorithm.salt_size]
        if aes or len(key) == len(wrong.table.params.key):
            yield t, key
