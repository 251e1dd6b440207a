"""Tags, MACs and digests: over what else, or with which other key or IV, a driver may have computed one."""

from __future__ import annotations

from collections.abc import Iterator

from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends.causes.wrong import LEAST_ALIKE, Wrong, every_request, other_ivs
from benchsuite.backends.known_requests import Table
from benchsuite.backends.reference import Reference
from benchsuite.units import many

MOST_WORK = 16 << 20  # bytes that are worked through for one finding: a second and more, in a slow mode
AAD_ENDS = (8, 12, 16, 20, 32, 64, 128, 240, 256, 4096, 65280)
LARGE = 300  # bytes of AAD up to which every length is tried


def causes(wrong: Wrong) -> Iterator[str]:
    if not wrong.tag or len(wrong.right) < LEAST_ALIKE:
        return
    yield from _reordered(wrong)
    kind = wrong.table.params.algorithm.kind
    work = 0
    guesses = _of_digests(wrong) if kind in ("digest", "hmac") else _of_texts(wrong)
    for words, reference, iv, aad, source in guesses:
        work += len(source) + len(aad)
        if work > MOST_WORK:
            return
        if _fits(wrong, _tag(reference, iv, aad, source)):
            yield words


def _fits(wrong: Wrong, made: bytes) -> bool:
    size = min(len(made), len(wrong.right), len(wrong.begins))
    return size >= LEAST_ALIKE and made[:size] == wrong.begins[:size]


def _tag(reference: Reference, iv: bytes, aad: bytes, source: bytes) -> bytes:
    try:
        return reference.encrypt(iv, aad, source)[1]
    except (ValueError, OverflowError):  # an IV of zero bytes, or a text that the mode does not take
        return b""


def _reordered(wrong: Wrong) -> Iterator[str]:
    right, got = wrong.right, wrong.begins[: len(wrong.right)]
    if got == right[::-1]:
        yield "as if all its bytes were in the other order"
    for size in (4, 8):
        words = (right[i : i + size][::-1] for i in range(0, len(right), size))
        if got == b"".join(words):
            yield f"as if its {size}-byte words were in the other byte order"
    shift = next((n for n in range(1, len(got) - LEAST_ALIKE + 1) if got[n:] == right[: len(right) - n]), 0)
    if shift:
        yield f"as if it were written {shift} bytes too far behind"
    shift = next((n for n in range(1, len(got) - LEAST_ALIKE + 1) if got[: len(got) - n] == right[n:]), 0)
    if shift:
        yield f"as if its first {shift} bytes were left out"


Guess = tuple[str, Reference, bytes, bytes, bytes]  # words, and what is given to the reference


def _mac(table: Table, key: bytes | None = None) -> Reference:
    """The HMAC of a pair or of itself alone."""
    params = table.params
    algorithm = ALGORITHMS[f"hmac-{params.algorithm.digest}"]
    return Reference(algorithm, b"", params.mac_key if key is None else key)


def _digest(table: Table) -> Reference:
    return Reference(ALGORITHMS[table.params.algorithm.digest], b"", b"")


def _of_texts(wrong: Wrong) -> Iterator[Guess]:
    """Guesses for AEADs and pairs."""
    table, known = wrong.table, wrong.known
    own, iv, aad, source = table.reference, wrong.iv, known.aad, known.source
    pair = table.params.algorithm.kind == "authenc"
    if pair:
        mac = _mac(table)
        yield "as if it were over the plain text, not the ciphertext", mac, b"", b"", aad + source
        yield "as if it were over the text alone, without the AAD", mac, b"", b"", known.result
        yield "as if the AAD came after the text", mac, b"", b"", known.result + aad
        yield "as if it were a digest without key", _digest(table), b"", b"", aad + known.result
    else:  # which text makes the plain text appear where the ciphertext should: the ciphertext
        yield "as if it were over the plain text, not the ciphertext", own, iv, aad, known.result
    for end in _ends(len(aad)):
        words = (
            f"as if only the first {end} bytes of the AAD had been read" if end else "as if there were no AAD"
        )
        yield words, own, iv, aad[:end], source
    if len(aad) % 16:
        padded = aad.ljust(-(-len(aad) // 16) * 16, b"\0")
        yield "as if the AAD had been padded to a multiple of 16", own, iv, padded, source
    if wrong.previous and wrong.previous.aad != aad:
        yield "as if the AAD of the request before had been used", own, iv, wrong.previous.aad, source
    if wrong.before and wrong.before.known.aad != aad:
        words = "as if the AAD of the request before, of another session, had been used"
        yield words, own, iv, wrong.before.known.aad, source
    for words, other in other_ivs(wrong):
        if other != iv and len(other) == len(iv) and not pair:
            yield words, own, other, aad, source
    for t, another in enumerate(wrong.tables):
        if t != wrong.traffic and another.params.algorithm is table.params.algorithm:
            words = f"as with the key of another session (key {t})"
            if pair:
                yield words, _mac(another), b"", b"", aad + known.result
            else:
                yield words, another.reference, iv, aad, source
    block = max(16, table.params.algorithm.block)
    for end in _text_ends(len(source), block):
        yield _only_first(end, len(source)), own, iv, aad, source[:end]


def _ends(size: int) -> list[int]:
    """Lengths at which AAD may have been cut off, the likeliest first."""
    some = {0, size - 1, size // 16 * 16, size & 0xFF, size & 0xFFF, size & 0xFFFF, *AAD_ENDS}
    found = [end for end in sorted(some, reverse=True) if 0 <= end < size]
    return found + [end for end in range(size - 1, 0, -1) if end not in some] * (size <= LARGE)


def _text_ends(size: int, block: int) -> list[int]:
    some = [size // block * block, size - 1, size - block, size & 0xFFFF, size & 0xFFF, block, 0]
    powers = [1 << bits for bits in range(20, 5, -1)]
    return list(dict.fromkeys(end for end in (*some, *powers) if 0 <= end < size))


def _only_first(end: int, size: int) -> str:
    if end == 0:
        return "as if there were no text"
    if end == size - 1:
        return "as if the last byte of the text had been left out"
    return f"as if only the first {end} bytes of the text had been read"


def _of_digests(wrong: Wrong) -> Iterator[Guess]:
    """Guesses for digests and HMACs alone."""
    own, hmac = wrong.table.reference, wrong.table.params.algorithm.kind == "hmac"
    before = wrong.before.known if wrong.before else None
    for earlier, whose in ((wrong.previous, ""), (before, ", of another session,")):
        if earlier and earlier.source != wrong.known.source:
            words = f"as if the text went on where that of the request before{whose} ended"
            yield words, own, b"", b"", earlier.source + wrong.known.source
    if hmac:
        for words, reference in _other_keys(wrong):
            yield words, reference, b"", b"", wrong.known.source
    for words, text in _parts(wrong):
        yield words, own, b"", b"", text
    for t, k, known in every_request(wrong) if hmac else ():
        yield (
            f"as if the text were that of another request (key {t}, vector {k})",
            own,
            b"",
            b"",
            known.source,
        )


def _other_keys(wrong: Wrong) -> Iterator[tuple[str, Reference]]:
    """References with what an HMAC may have had as its key."""
    table, key = wrong.table, wrong.table.params.mac_key
    yield "as if it were a digest without key", _digest(table)
    yield "as if the key were empty", _mac(table, b"")
    for size in range(len(key) - 1, 0, -1):
        if key[size:].strip(b"\0"):  # else it is the same: HMAC fills up with zeros
            yield f"as with only the first {size} bytes of the key", _mac(table, key[:size])
    for t, another in enumerate(wrong.tables):
        if t != wrong.traffic and another.params.mac_key:
            yield f"as with the key of another session (key {t})", _mac(table, another.params.mac_key)


def _parts(wrong: Wrong) -> Iterator[tuple[str, bytes]]:
    """What of the text, or with what behind it, a digest may have read."""
    source, piece, hashed = wrong.known.source, wrong.table.params.piece, wrong.table.params.algorithm.digest
    block = 136 if hashed == "sha3-256" else 128 if hashed in ("sha384", "sha512") else 64
    for end in _text_ends(len(source), block):
        yield _only_first(end, len(source)), source[:end]
    for more in (1, block - len(source) % block):
        yield f"as if {many(more, 'byte')} of zeros came behind the text", source + bytes(more)
    if 0 < piece < len(source):
        last = source[(len(source) - 1) // piece * piece :]
        yield f"as if only the last piece, {many(len(last), 'byte')}, had been read", last
        yield "as if only the first piece had been read", source[:piece]
    for size in (4, 8):
        if len(source) % size == 0:
            swapped = (source[i : i + size][::-1] for i in range(0, len(source), size))
            yield f"as if the text's {size}-byte words were in the other byte order", b"".join(swapped)
