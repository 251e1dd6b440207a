"""Whole texts that a driver may put in the place of the right one: another request's, the input, nothing; or
what another mode, key or direction makes of it."""

from __future__ import annotations

from collections.abc import Iterator

from benchsuite.backends.causes.blocks import has_blocks
from benchsuite.backends.causes.wrong import LEAST_ALIKE, Wrong, every_request, other_ivs, text_with
from benchsuite.backends.reference import block_cipher
from benchsuite.model import DECRYPT, ENCRYPT

LEAST_OF_TAG = 4  # bytes of one value: of a tag that was cut short
PREFIX = 64


def taken_from_elsewhere(wrong: Wrong) -> Iterator[str]:
    """The output of another request, as the native core has found it, or one value throughout."""
    if wrong.other:
        t, k = wrong.other
        other = wrong.tables[t].known[k]
    if wrong.other and wrong.fits(other.tag if wrong.tag else other.result):
        which = f"key {t}, vector {k}, {len(other.source)} bytes"
        if other is wrong.previous or (wrong.before and other is wrong.before.known):
            yield f"the output of the request before ({which})"
        else:
            yield f"the output of another request ({which})"
    first = wrong.at - wrong.window_at
    span = wrong.window[first : first + wrong.extent]
    if len(span) >= (LEAST_OF_TAG if wrong.tag else LEAST_ALIKE) and len(set(span)) == 1:
        yield f"zeros{wrong.where()}" if not span[0] else f"{span[0]:02x}{wrong.where()}: it was not written"
    found = wrong.right.find(span) if len(span) >= LEAST_ALIKE and not wrong.tag else -1
    if found >= 0:
        yield f"the bytes that belong at {found}, written at {wrong.at}"


def processed_otherwise(wrong: Wrong) -> Iterator[str]:
    """The text unprocessed, or processed the other way round, twice, or in another mode."""
    if wrong.tag:
        return
    source, iv, table = wrong.known.source, wrong.iv, wrong.table
    if wrong.fits(source):
        yield f"the input{wrong.where()}, not processed"
    algorithm = table.params.algorithm
    if algorithm.kind == "aead" or algorithm.cipher in ("", "null"):
        return
    begin = 0 if algorithm.cipher.endswith(("ecb", "cbc")) and wrong.at >= PREFIX else None
    end = wrong.window_at + PREFIX if begin == 0 else PREFIX
    text, op = source[:end], table.params.op
    other = ENCRYPT if op == DECRYPT else DECRYPT
    if wrong.fits(text_with(table, iv, text, other)):
        yield f"as if it had been {other}ed{wrong.where()}, not {op}ed"
    twice = text_with(table, iv, text)
    if wrong.fits(text_with(table, iv, twice)):
        yield f"as if it had been {op}ed twice{wrong.where()}"
    for mode in ("ecb", "cbc", "ctr"):
        if not has_blocks(table) and not algorithm.cipher.endswith("ecb"):
            break  # XTS has another key
        if algorithm.cipher.endswith(mode) or (mode != "ecb" and len(iv) != 16):
            continue
        family = algorithm.cipher.split("-")[0]
        cipher = block_cipher(f"{family}-{mode}", table.params.key)(iv)
        context = cipher.decryptor() if op == DECRYPT else cipher.encryptor()
        if wrong.fits(context.update(text)):
            yield f"as if the mode were {mode.upper()}{wrong.where()}"


def begun_otherwise(wrong: Wrong) -> Iterator[str]:
    """The text with another IV or key, or begun anew, for what blocks.py cannot take apart."""
    table, source = wrong.table, wrong.known.source
    if wrong.tag or table.params.algorithm.cipher in ("", "null"):
        return
    least = table.params.algorithm.min_size
    at = wrong.window_at
    if (
        at
        and len(source) - at >= least
        and wrong.fits(text_with(table, wrong.iv, source[at : at + PREFIX]), at)
    ):
        yield f"as if it began anew, with the IV, at byte {at}"
    if has_blocks(table) or wrong.at >= PREFIX or len(source) < least:
        return
    for words, iv in other_ivs(wrong):
        if iv != wrong.iv and len(iv) == len(wrong.iv) and wrong.fits(text_with(table, iv, source[:PREFIX])):
            yield words
    for t, another in enumerate(wrong.tables):
        if t != wrong.traffic and another.params.algorithm is table.params.algorithm:
            made = another.reference.encrypt(wrong.iv, b"", source[:PREFIX])[0]
            if table.params.algorithm.kind != "aead":
                made = text_with(another, wrong.iv, source[:PREFIX], table.params.op)
            if wrong.fits(made):
                yield f"as with the key of another session (key {t}){wrong.where()}"


def of_another_text(wrong: Wrong) -> Iterator[str]:
    """What the session makes of the text of another request, as where texts pass through one buffer."""
    table = wrong.table
    if wrong.tag or wrong.at >= PREFIX or table.params.algorithm.cipher in ("", "null"):
        return
    own, least = wrong.known.source[:PREFIX], max(LEAST_ALIKE, table.params.algorithm.min_size)
    for t, k, known in every_request(wrong):
        text = known.source[:PREFIX]
        if len(text) >= least and text != own and wrong.fits(text_with(table, wrong.iv, text)):
            which = f"key {t}, vector {k}, {len(known.source)} bytes"
            yield f"as if the input were that of another request ({which}){wrong.where()}"
