"""What a driver did instead is recognised in what came out of it."""

from __future__ import annotations

import hashlib
import hmac
import random
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from known_fixture import of_plain

from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends.causes.likeliest import causes, likeliest
from benchsuite.backends.causes.wrong import Before, Wrong
from benchsuite.backends.driver import driver_backend
from benchsuite.backends.known_requests import Table
from benchsuite.backends.reference import Reference
from benchsuite.backends.session import Params

CHANCE = random.Random(11)
BACKEND = driver_backend("software")
SIZES = (100, 4096, 320, 64)
EDGE = bytes(8) + b"\xff" * 8


def table_of(name: str, op: str, aad_size: int = 20, edge: bool = False) -> Table:
    assert BACKEND
    algorithm = ALGORITHMS[name]
    key, mac = CHANCE.randbytes(algorithm.key_size), CHANCE.randbytes(algorithm.mac_key_size)
    params = Params(BACKEND, algorithm, op, aad_size, max(SIZES), key=key, mac=mac)
    reference = Reference(algorithm, key, mac)
    known = []
    for size in SIZES:
        iv = EDGE[-algorithm.iv_size :] if edge and algorithm.iv_size else CHANCE.randbytes(algorithm.iv_size)
        plain = CHANCE.randbytes(size // algorithm.block * algorithm.block)
        known.append(of_plain(params, reference, iv, CHANCE.randbytes(aad_size), plain))
    return Table(params, reference, known)


def wrong(
    tables: list[Table],
    got: bytes,
    k: int = 1,
    tag: bool = False,
    previous: int | None = None,
    before: bool = False,
) -> Wrong:
    """As a driver finds it whose request k of the first session came out so."""
    known = tables[0].known[k]
    right = known.tag if tag else known.result
    assert len(got) == len(right) and got != right
    differing = [i for i, (a, b) in enumerate(zip(got, right, strict=True)) if a != b]
    at, window_at = differing[0], differing[0] // 16 * 16
    return Wrong(
        tables,
        0,
        known,
        tag,
        at,
        differing[-1] - at + 1,
        got[:64],
        got[window_at : window_at + 64],
        window_at,
        previous=None if previous is None else tables[0].known[previous],
        before=Before(1, tables[1].known[2]) if before else None,
    )


def tables_of(name: str, op: str = "encrypt", edge: bool = False, count: int = 4) -> list[Table]:
    return [table_of(name, op if i % 2 == 0 else "decrypt", edge=edge) for i in range(count)]


def cbc(key: bytes, iv: bytes, data: bytes, op: str = "encrypt") -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    context = cipher.encryptor() if op == "encrypt" else cipher.decryptor()
    return context.update(data) + context.finalize()


def ecb(key: bytes, data: bytes, op: str = "encrypt") -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.ECB())
    context = cipher.encryptor() if op == "encrypt" else cipher.decryptor()
    return context.update(data) + context.finalize()


def ctr(key: bytes, counters: list[int], data: bytes) -> bytes:
    stream = ecb(key, b"".join((n % 2**128).to_bytes(16, "big") for n in counters))
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))


# ---- anything at all ----


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_bytes_by_chance_have_no_cause(name: str) -> None:
    algorithm = ALGORITHMS[name]
    tables = [table_of(name, algorithm.ops[i % len(algorithm.ops)]) for i in range(3)]
    for tag in (False, True):
        right = tables[0].known[1].tag if tag else tables[0].known[1].result
        if not right or (algorithm.kind in ("digest", "hmac") and not tag):
            continue
        spoilt = bytes([right[0] ^ 1]) + right[1:]
        for got in (random.Random(5).randbytes(len(right)), spoilt):
            found = wrong(tables, got, tag=tag, previous=0, before=True)
            assert list(causes(found)) == []


def test_zeros_and_what_was_not_written() -> None:
    tables = tables_of("aes-128-cbc")
    right = tables[0].known[1].result
    assert likeliest(wrong(tables, bytes(4096))) == "zeros"
    assert likeliest(wrong(tables, right[:96] + bytes(4000))) == "zeros from byte 96 on"
    got = right[:96] + b"\xa5" * 32 + right[128:]
    assert likeliest(wrong(tables, got)) == "a5 in bytes 96 to 127: it was not written"


def test_bytes_that_belong_elsewhere() -> None:
    tables = tables_of("aes-128-ctr")
    right = tables[0].known[1].result
    got = right[:1024] + right[1040:2064] + right[2048:]
    assert likeliest(wrong(tables, got)) == "the bytes that belong at 1040, written at 1024"


def test_the_output_of_another_request() -> None:
    tables = tables_of("aes-128-cbc")
    for t, k, words in (
        (1, 0, "the output of another request (key 1, vector 0, 96 bytes)"),
        (0, 2, "the output of the request before (key 0, vector 2, 320 bytes)"),
    ):
        other = tables[t].known[k].result
        found = wrong(tables, other + CHANCE.randbytes(4096 - len(other)), previous=2)
        assert likeliest(replace(found, other=(t, k))) == words


def test_another_output_that_is_alike_before_the_wrong_byte_only_is_none() -> None:
    tables = tables_of("aes-128-cbc")
    right = tables[0].known[1].result
    found = wrong(tables, right[:96] + CHANCE.randbytes(4000))
    tables[1].known[0] = tables[1].known[0]._replace(result=right[:96])
    assert likeliest(replace(found, other=(1, 0))) == ""


@pytest.mark.parametrize("op", ["encrypt", "decrypt"])
def test_a_text_that_was_not_processed_or_otherwise(op: str) -> None:
    tables = tables_of("aes-256-cbc", op)
    key, known = tables[0].params.key, tables[0].known[1]
    other = "decrypt" if op == "encrypt" else "encrypt"
    assert likeliest(wrong(tables, known.source)) == "the input, not processed"
    tail = known.result[:4080] + known.source[4080:]
    assert likeliest(wrong(tables, tail)) == "the input from byte 4080 on, not processed"
    assert (
        likeliest(wrong(tables, cbc(key, known.iv, known.source, other)))
        == f"as if it had been {other}ed, not {op}ed"
    )
    assert likeliest(wrong(tables, cbc(key, known.iv, known.result, op))) == f"as if it had been {op}ed twice"
    assert likeliest(wrong(tables, ecb(key, known.source, op))) == "as if the mode were ECB"
    assert likeliest(
        wrong(tables, ctr(key, [int.from_bytes(known.iv, "big") + i for i in range(256)], known.source))
    ) == ("as if the mode were CTR")


# ---- IVs ----


@pytest.mark.parametrize("op", ["encrypt", "decrypt"])
def test_the_iv_that_cbc_was_given_instead(op: str) -> None:
    tables = tables_of("aes-128-cbc", op)
    key, own = tables[0].params.key, tables[0].known
    source, iv = own[1].source, own[1].iv
    sealed = own[2].result if op == "encrypt" else own[2].source

    def with_iv(other: bytes, previous: int | None = 2, before: bool = True) -> str:
        return likeliest(wrong(tables, cbc(key, other, source, op), previous=previous, before=before))

    assert with_iv(own[2].iv) == "as if the IV of the request before had been used"
    assert (
        with_iv(tables[1].known[2].iv)
        == "as if the IV of the request before, of another session, had been used"
    )
    assert with_iv(own[3].iv) == "as with the IV of another request (vector 3)"
    assert with_iv(tables[2].known[3].iv) == "as with the IV of another session's request (key 2, vector 3)"
    assert (
        with_iv(sealed[-16:]) == "as if it went on where the request before ended: chained to its last block"
    )
    assert with_iv(iv[:12] + bytes(4)) == "as if only the first 12 bytes of the IV had been used"
    assert with_iv(iv[::-1]) == "as if the IV's 16-byte words had been in the other byte order"
    swapped = b"".join(iv[i : i + 4][::-1] for i in range(0, 16, 4))
    assert with_iv(swapped) == "as if the IV's 4-byte words had been in the other byte order"
    plus = ((int.from_bytes(iv, "big") + 1) % 2**128).to_bytes(16, "big")
    assert with_iv(plus) == (
        "as if +1 had been added to the IV as a big-endian number" if op == "encrypt" else ""
    )
    begins = cbc(key, bytes(16), source[:16], op)
    assert likeliest(
        wrong(tables, begins + cbc(key, source[:16] if op == "decrypt" else begins, source[16:], op))
    ) == ("as if the IV had been zeros")


def test_cbc_that_is_broken_in_the_midst_of_a_text() -> None:
    tables = tables_of("aes-128-cbc")
    key, known = tables[0].params.key, tables[0].known[1]
    anew = known.result[:2048] + cbc(key, known.iv, known.source[2048:])
    assert likeliest(wrong(tables, anew)) == "as if it began anew, with the IV, at byte 2048"
    again = known.result[:2048] + cbc(key, known.result[1008:1024], known.source[2048:])
    assert (
        likeliest(wrong(tables, again)) == "as if the block at byte 2048 were chained to the one at byte 1008"
    )
    tables = tables_of("aes-128-cbc", "decrypt")
    key, known = tables[0].params.key, tables[0].known[1]
    block = cbc(key, known.result[48:64], known.source[64:80], "decrypt")
    assert "chained to the plain text before it" in likeliest(
        wrong(tables, known.result[:64] + block + known.result[80:])
    )


@pytest.mark.parametrize("name", ["3des-cbc", "des-cbc"])
def test_ciphers_with_blocks_of_eight_bytes(name: str) -> None:
    tables = tables_of(name)
    made = tables[0].reference.encrypt(tables[0].known[2].iv, b"", tables[0].known[1].source)[0]
    assert likeliest(wrong(tables, made, previous=2)) == "as if the IV of the request before had been used"


def test_another_iv_of_a_mode_that_has_no_blocks_to_take_apart() -> None:
    for name in ("aes-128-xts", "chacha20-poly1305"):
        tables = tables_of(name)
        made = tables[0].reference.encrypt(tables[0].known[2].iv, b"", tables[0].known[1].source)[0]
        assert (
            likeliest(wrong(tables, made, previous=2)) == "as if the IV of the request before had been used"
        )
        made = tables[2].reference.encrypt(tables[0].known[1].iv, b"", tables[0].known[1].source)[0]
        assert likeliest(wrong(tables, made)) == "as with the key of another session (key 2)"


# ---- counters ----


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
@pytest.mark.parametrize("op", ["encrypt", "decrypt"])
def test_a_counter_that_wraps(bits: int, op: str) -> None:
    tables = tables_of("aes-128-ctr", op, edge=True)
    start, mask = int.from_bytes(EDGE, "big"), 2**bits - 1
    counters = [(start & ~mask) | ((start + i) & mask) for i in range(256)]
    got = ctr(tables[0].params.key, counters, tables[0].known[1].source)
    assert likeliest(wrong(tables, got)) == f"as if the counter wrapped at {bits} bits"


def test_counters_of_gcm_and_ccm() -> None:
    tables = tables_of("aes-128-gcm", "decrypt")
    key, known = tables[0].params.key, tables[0].known[1]
    first = int.from_bytes(known.iv + b"\0\0\0\2", "big")
    counters = [first + i for i in range(256)]
    wrapped = [n if n >> 8 == first >> 8 else n - 256 for n in counters]
    assert likeliest(wrong(tables, ctr(key, wrapped, known.source))) == "as if the counter wrapped at 8 bits"
    behind = ctr(key, [n - 1 for n in counters], known.source)
    assert likeliest(wrong(tables, behind)) == "as if the counter were 1 behind"
    other = AESGCM(key).encrypt(tables[0].known[0].iv, known.source, b"")[:-16]
    assert likeliest(wrong(tables, other, previous=0)) == "as if the IV of the request before had been used"
    tables = tables_of("aes-256-ccm")
    key, known = tables[0].params.key, tables[0].known[1]
    other = AESCCM(key).encrypt(bytes(12), known.source, b"")[:-16]
    assert likeliest(wrong(tables, other)) == "as if the IV had been zeros"


def test_a_counter_that_is_astray() -> None:
    tables = tables_of("aes-192-ctr")
    key, own = tables[0].params.key, tables[0].known
    start = int.from_bytes(own[1].iv, "big")
    right = [start + i for i in range(256)]
    again = right[:64] + right[:192]
    assert (
        likeliest(wrong(tables, ctr(key, again, own[1].source)))
        == "as if it began anew, with the IV, at byte 1024"
    )
    skipped = right[:64] + [n + 3 for n in right[64:]]
    assert (
        likeliest(wrong(tables, ctr(key, skipped, own[1].source)))
        == "as if the counter were 3 ahead from byte 1024 on"
    )
    ended = int.from_bytes(own[2].iv, "big") + 20
    on = ctr(key, [ended + i for i in range(256)], own[1].source)
    assert likeliest(wrong(tables, on, previous=2)) == "as if it went on where the request before ended"
    head, tail = own[1].iv[:12], int.from_bytes(own[1].iv[12:], "little")
    little = [int.from_bytes(head + ((tail + i) % 2**32).to_bytes(4, "little"), "big") for i in range(256)]
    assert likeliest(wrong(tables, ctr(key, little, own[1].source))) == (
        "as if the last 4 bytes of the counter were little-endian"
    )


# ---- keys ----


@pytest.mark.parametrize("name", ["aes-128-cbc", "aes-128-ctr", "aes-128-gcm", "aes-256-xts", "3des-cbc"])
def test_a_key_of_another_session(name: str) -> None:
    tables = tables_of(name)
    known = tables[0].known[1]
    got = tables[2].reference.encrypt(known.iv, known.aad, known.source)[0]
    assert likeliest(wrong(tables, got)) == "as with the key of another session (key 2)"


def test_part_of_a_key() -> None:
    tables = tables_of("aes-256-cbc")
    key, known = tables[0].params.key, tables[0].known[1]
    got = cbc(key[:16], known.iv, known.source)
    assert likeliest(wrong(tables, got)) == "as with only the first 16 bytes of the key"


def test_a_key_that_ends_at_a_byte_of_zero() -> None:
    tables = tables_of("aes-256-cbc")
    key, known = tables[0].params.key, tables[0].known[1]
    got = cbc(key[:21] + bytes(11), known.iv, known.source)
    assert likeliest(wrong(tables, got)) == "as if the key were zeros behind its first 21 bytes"


@pytest.mark.parametrize(
    "name", ["aes-128-ctr", "aes-128-cbc", "aes-256-xts", "chacha20-poly1305", "3des-cbc"]
)
def test_a_text_of_another_request(name: str) -> None:
    tables = tables_of(name)
    own, other = tables[0].known[1], tables[3].known[1]
    got = tables[0].reference.encrypt(own.iv, own.aad, other.source)[0]
    assert likeliest(wrong(tables, got)) == (
        f"as if the input were that of another request (key 3, vector 1, {len(other.source)} bytes)"
    )


def test_a_key_of_a_session_with_another_algorithm() -> None:
    tables = [table_of("aes-128-cbc", "encrypt"), table_of("aes-256-gcm", "encrypt")]
    known = tables[0].known[1]
    got = cbc(tables[1].params.key, known.iv, known.source)
    assert likeliest(wrong(tables, got)) == "as with the key of another session (key 1)"


# ---- tags ----


@pytest.mark.parametrize("name", ["aes-128-gcm", "aes-128-ccm", "chacha20-poly1305", "aes-128-cbc+hmac-sha1"])
def test_what_a_tag_was_computed_over_instead(name: str) -> None:
    tables = tables_of(name)
    own, known = tables[0].reference, tables[0].known[1]

    def as_if(tag: bytes) -> str:
        return likeliest(wrong(tables, tag, tag=True, previous=2, before=True))

    assert as_if(own.encrypt(known.iv, b"", known.source)[1]) in (
        "as if there were no AAD",
        "as if it were over the text alone, without the AAD",
    )
    assert as_if(own.encrypt(known.iv, known.aad[:13], known.source)[1]) == (
        "as if only the first 13 bytes of the AAD had been read"
    )
    assert as_if(known.tag[::-1]) == "as if all its bytes were in the other order"
    assert as_if(known.tag[:12] + bytes(len(known.tag) - 12)) == "zeros from byte 12 on"
    assert as_if(own.encrypt(known.iv, tables[0].known[2].aad, known.source)[1]) == (
        "as if the AAD of the request before had been used"
    )


def test_a_tag_over_the_plain_text() -> None:
    tables = tables_of("aes-128-cbc+hmac-sha256")
    known = tables[0].known[1]
    got = hmac.digest(tables[0].params.mac_key, known.aad + known.source, "sha256")
    found = wrong(tables, got, tag=True)
    assert likeliest(found) == "as if it were over the plain text, not the ciphertext"


def test_a_tag_with_the_key_of_another_session() -> None:
    for name in ("aes-128-cbc+hmac-sha256", "aes-128-gcm", "hmac-sha512"):
        op = ALGORITHMS[name].ops[0]
        tables = [table_of(name, op) for _ in range(3)]
        known = tables[0].known[1]
        if "+" in name:
            got = hmac.digest(tables[2].params.mac_key, known.aad + known.result, "sha256")
        else:
            got = tables[2].reference.encrypt(known.iv, known.aad, known.source)[1]
        assert likeliest(wrong(tables, got, tag=True)) == "as with the key of another session (key 2)"


def test_what_a_digest_was_computed_over_instead() -> None:
    tables = [table_of("sha256", "digest")]
    text, before = tables[0].known[1].source, tables[0].known[2].source

    def as_if(data: bytes) -> str:
        return likeliest(wrong(tables, hashlib.sha256(data).digest(), tag=True, previous=2))

    assert as_if(text[:-1]) == "as if the last byte of the text had been left out"
    assert as_if(b"") == "as if there were no text"
    assert as_if(text[:1024]) == "as if only the first 1024 bytes of the text had been read"
    assert as_if(text + b"\0") == "as if 1 byte of zeros came behind the text"
    assert as_if(before + text) == "as if the text went on where that of the request before ended"


def test_an_hmac_without_its_key() -> None:
    tables = [table_of("hmac-sha1", "digest")]
    text = tables[0].known[1].source
    assert likeliest(wrong(tables, hashlib.sha1(text).digest(), tag=True)) == (
        "as if it were a digest without key"
    )
    assert likeliest(wrong(tables, hmac.digest(b"", text, "sha1"), tag=True)) == "as if the key were empty"
    key = tables[0].params.mac_key
    assert likeliest(wrong(tables, hmac.digest(key[:19], text, "sha1"), tag=True)) == (
        "as with only the first 19 bytes of the key"
    )
    other = hmac.digest(key, tables[0].known[3].source, "sha1")
    assert likeliest(wrong(tables, other, tag=True)) == (
        "as if the text were that of another request (key 0, vector 3)"
    )
