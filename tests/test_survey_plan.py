"""What `benchsuite verify` asks: every kind of request is in the plan of the algorithms that it is for, and
every answer in it is right, by a way of computing it that the plan did not take."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchsuite.algorithms import ALGORITHMS, Algorithm
from benchsuite.backends.findings import Wanted
from benchsuite.backends.known_requests import FORGED, Known
from benchsuite.backends.reference import WrongTag
from benchsuite.backends.survey_crafted import CounterBlocks
from benchsuite.backends.survey_plan import ALL_PLACES, Plan, Sheet
from benchsuite.backends.survey_requests import Maker, keys, similar_keys, text
from benchsuite.backends.survey_sizes import (
    SIZES,
    in_disorder,
    large_sizes,
    padding_edges,
    usable,
    verified_sizes,
)
from benchsuite.model import DECRYPT, ENCRYPT
from benchsuite.native import lib

NAMES = ["aes-128-ecb", "aes-256-cbc", "aes-128-ctr", "aes-128-xts", "3des-cbc", "aes-128-gcm"]
NAMES += ["aes-192-ccm", "chacha20-poly1305", "rfc4106-aes-128-gcm", "sha512", "hmac-sha1"]
NAMES += ["aes-128-cbc+hmac-sha1", "null+hmac-md5"]
TAGGED = [name for name in NAMES if ALGORITHMS[name].authenticated]


def sheets(name: str, op: str, wanted: Wanted | None = None) -> list[Sheet]:
    return list(Plan(ALGORITHMS[name], op, wanted or Wanted()).sheets())


def every(name: str, op: str, wanted: Wanted | None = None) -> list[Known]:
    return [known for sheet in sheets(name, op, wanted) for known in sheet.known]


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_is_right_by_going_back(name: str) -> None:
    """Decryption of what must come out gives what went in; where there is none, the digest is made again."""
    algorithm = ALGORITHMS[name]
    for op in algorithm.ops:
        for sheet in sheets(name, op):
            if sheet.chained or sheet.iv_size == 1:
                continue
            for known in {id(known): known for known in sheet.known}.values():
                check_back(algorithm, sheet, known)


def check_back(algorithm: Algorithm, sheet: Sheet, known: Known) -> None:
    reference = sheet.reference
    plain, sealed = (known.result, known.source) if sheet.op == DECRYPT else (known.source, known.result)
    if known.status == FORGED:
        with pytest.raises(WrongTag):
            reference.decrypt(known.iv, known.aad, known.source, known.tag)
    elif known.status == lib.BS_ANY_ERROR:
        size = len(known.source)
        assert size < algorithm.min_size or size % algorithm.block
    elif algorithm.kind in ("digest", "hmac"):
        assert reference.encrypt(b"", b"", known.source) == (known.result, known.tag)
    else:
        assert reference.decrypt(known.iv, known.aad, sealed, known.tag) == plain


@pytest.mark.parametrize("name", NAMES)
def test_streams_are_right_as_one(name: str) -> None:
    algorithm = ALGORITHMS[name]
    for op in algorithm.ops:
        for sheet in (sheet for sheet in sheets(name, op) if sheet.chained):
            first_iv = Maker(algorithm, op, 0).params(software(), 0, 16, chained=True).first_iv
            whole = sheet.reference.chained(first_iv, 0, None, op != DECRYPT)
            assert whole.update(b"".join(known.source for known in sheet.known)) == b"".join(
                known.result for known in sheet.known
            )
    chained = [sheet for sheet in sheets(name, algorithm.ops[0]) if sheet.chained]
    assert bool(chained) == algorithm.chainable
    if chained:
        assert max(len(sheet.known) for sheet in chained) > 4096
        assert len({len(known.source) for sheet in chained for known in sheet.known}) > 5


def software():  # type: ignore[no-untyped-def]
    from benchsuite.backends.driver import driver_backend

    backend = driver_backend("software")
    assert backend
    return backend


# ---- each kind is there ----


@pytest.mark.parametrize("name", NAMES)
def test_sizes_are_dense_and_in_disorder(name: str) -> None:
    algorithm = ALGORITHMS[name]
    usual, dense = sheets(name, algorithm.ops[0])[:2]
    sizes = [len(known.source) for known in dense.known]
    assert set(usable(algorithm, range(1, 273))) <= set(sizes)
    assert max(sizes) == 65536 and any(32768 < size < 65536 for size in sizes)
    assert {65536 - algorithm.block, 4096, 4096 - algorithm.block, 2048} <= set(sizes)
    assert sum(abs(a - b) > 100 for a, b in pairwise(sizes)) > len(sizes) / 2
    if algorithm.iv_size:
        assert len({known.iv for known in dense.known}) == len(sizes)
    assert usual.layouts == ALL_PLACES
    both = lib.BS_LAY_IN_PLACE | lib.BS_LAY_APART | lib.BS_LAY_FENCED
    assert dense.layouts & both == both


@pytest.mark.parametrize("name", NAMES)
def test_large_texts_are_asked_apart(name: str) -> None:
    algorithm = ALGORITHMS[name]
    large = [sheet for sheet in sheets(name, algorithm.ops[0]) if "at once" in sheet.beyond]
    sizes = {len(known.source) for sheet in large for known in sheet.known}
    assert set(large_sizes(algorithm)) <= sizes and 1 << 20 in sizes
    assert (max(sizes) > 16 << 20) == (algorithm.kind in ("digest", "hmac"))
    assert all(sheet.max_size <= 65536 for sheet in sheets(name, algorithm.ops[0]) if not sheet.beyond)


@pytest.mark.parametrize(
    ("name", "sizes"), [("sha1", {64 * 5 + 55, 64 * 33 + 56}), ("sha512", {128 * 9 + 111})]
)
def test_hashes_are_asked_where_padding_begins_anew(name: str, sizes: set[int]) -> None:
    asked = {len(known.source) for known in every(name, "digest")}
    assert sizes <= padding_edges(ALGORITHMS[name]) <= asked | {0}


@pytest.mark.parametrize("width", [1, 2, 4, 8, 16])
def test_counters_wrap_within_the_text(width: int) -> None:
    """The low bytes are so near to their end that the text goes on behind it, by 8 blocks and more."""
    passed = []
    for known in every("aes-128-ctr", ENCRYPT):
        left = 256**width - int.from_bytes(known.iv[-width:], "big")
        passed.append(len(known.source) // 16 - left)
    assert 0 in passed and max(passed) > 8


def test_gcm_counters_wrap_at_32_bits() -> None:
    wrapped = 0
    for sheet in sheets("aes-128-gcm", ENCRYPT):
        if sheet.iv_size == 16:
            blocks = CounterBlocks(sheet.key)
            for known in sheet.known:
                first = int.from_bytes(blocks.of_nonce(known.iv)[12:], "big")
                wrapped += first + len(known.source) // 16 > 2**32
    assert wrapped > 10


@pytest.mark.parametrize("name", [name for name in NAMES if ALGORITHMS[name].iv_size])
def test_ivs_of_zeros_and_ones(name: str) -> None:
    size = ALGORITHMS[name].iv_size
    assert {bytes(size), b"\xff" * size} <= {known.iv for known in every(name, ENCRYPT)}


@pytest.mark.parametrize("name", TAGGED)
def test_aad_of_every_length(name: str) -> None:
    wanted = {*range(81), 240, 255, 256, 65279, 65280}
    for op in (ENCRYPT, DECRYPT):
        by_length: dict[int, set[int]] = {}
        for known in every(name, op):
            by_length.setdefault(len(known.aad), set()).add(len(known.source))
        assert wanted <= set(by_length)
        least = ALGORITHMS[name].min_size
        assert all(max(by_length[length]) > 100 for length in wanted)
        assert all(0 in by_length[length] for length in wanted) or least > 1


def test_a_profiles_lengths_are_asked() -> None:
    wanted = Wanted([1000], [37], [9])
    asked = sheets("aes-128-gcm", ENCRYPT, wanted)
    assert any(sheet.aad_size == 37 for sheet in asked)
    assert any(sheet.tag_size == 9 and all(len(known.tag) == 9 for known in sheet.known) for sheet in asked)
    usual = {len(known.source) for known in asked[1].known}
    assert {1000, 999} <= usual and len(usual) < 20
    assert verified_sizes(ALGORITHMS["aes-128-gcm"], [1000]) == sorted(usual)


def test_the_usual_lengths_of_nonces_and_tags() -> None:
    gcm, ccm = sheets("aes-128-gcm", ENCRYPT), sheets("aes-128-ccm", ENCRYPT)
    assert {sheet.iv_size for sheet in gcm} >= {1, 8, 16, 60}
    assert {sheet.iv_size for sheet in ccm} >= {7, 8, 11, 13}
    assert {sheet.tag_size for sheet in gcm} >= {4, 8, 12, 13, 14, 15}
    assert {sheet.tag_size for sheet in ccm} >= {4, 6, 8, 10, 12, 14}
    assert {sheet.tag_size for sheet in sheets("hmac-sha1", "digest")} >= {10, 12, 16}
    assert {sheet.piece for sheet in gcm} >= {1, 13, 64, 100}


@pytest.mark.parametrize("name", [name for name in NAMES if "xts" not in name])
def test_empty_texts_are_asked(name: str) -> None:
    algorithm = ALGORITHMS[name]
    for op in algorithm.ops:
        empty = [known for sheet in sheets(name, op) if sheet.empty for known in sheet.known[::2]]
        assert empty and not any(known.source for known in empty)
        if algorithm.authenticated:
            assert {len(known.aad) for known in empty} >= {algorithm.aad_size, 0, 20}
            assert (FORGED in {known.status for known in empty}) == (op == DECRYPT)


@pytest.mark.parametrize("name", NAMES)
def test_sizes_that_there_are_not_must_be_refused(name: str) -> None:
    algorithm = ALGORITHMS[name]
    wrong = [known for known in every(name, algorithm.ops[0]) if known.status == lib.BS_ANY_ERROR]
    assert bool(wrong) == (algorithm.min_size > 1)
    assert all("bytes" in known.note for known in wrong)
    if algorithm.kind == "authenc" and wrong:  # nothing but the size is wrong
        sheet = next(sheet for sheet in sheets(name, DECRYPT) if sheet.known[0].status == lib.BS_ANY_ERROR)
        assert len(sheet.known[0].tag) == algorithm.tag_size and any(sheet.known[0].tag)


@pytest.mark.parametrize("name", TAGGED)
def test_forgeries_of_every_part(name: str) -> None:
    algorithm = ALGORITHMS[name]
    forged = [known for known in every(name, DECRYPT) if known.status == FORGED]
    notes = {known.note for known in forged}
    for at in range(algorithm.tag_size):
        assert f"with byte {at} of its tag changed" in notes
    for a, b in ((0, 1), (0, 4), (3, 7), (0, 8), (0, algorithm.tag_size - 1)):
        assert f"with the same bit of bytes {a} and {b} of its tag changed" in notes
    parts = {"its text", "its AAD", *(("its IV",) if algorithm.kind == "aead" else ())}
    assert all(any(part in note for note in notes) for part in parts) and "with a tag of zeros" in notes
    assert max(len(known.source) for known in forged) > 65000 - algorithm.block
    assert not any(known.status == FORGED for known in every(name, ENCRYPT))


@pytest.mark.parametrize("name", NAMES)
def test_a_good_request_follows_one_that_must_fail(name: str) -> None:
    """Also where a slow driver is asked less: those that belong together stay so."""
    for op in ALGORITHMS[name].ops:
        for sheet in sheets(name, op):
            failing = [i for i, known in enumerate(sheet.known) if known.status]
            assert all(sheet.known[i + 1].status == 0 for i in failing)
            if failing and sheet.unit == 2:
                assert all(i % 2 == 0 for i in failing) and len(sheet.known) % 2 == 0


def test_texts_of_one_byte_and_texts_that_become_so() -> None:
    for name in ("chacha20-poly1305", "aes-128-gcm"):
        known = every(name, ENCRYPT)
        for fill in (b"\x00", b"\xff"):
            assert any(len(one.source) > 100 and not one.source.strip(fill) for one in known)
            assert any(len(one.result) > 100 and not one.result.strip(fill) for one in known)


def test_several_keys_and_edges() -> None:
    for name in NAMES:
        found = sheets(name, ALGORITHMS[name].ops[0])
        if ALGORITHMS[name].kind != "digest":
            assert len({(sheet.key, sheet.mac) for sheet in found if not sheet.beyond}) >= 4
    assert {b"\xff" * 16, bytes(16)} <= {sheet.key for sheet in sheets("aes-128-cbc", ENCRYPT)}
    for name in ("aes-128-xts", "aes-256-xts"):
        assert all(sheet.key[:16] != sheet.key[-16:] for sheet in sheets(name, ENCRYPT))


def test_a_session_lives_for_long() -> None:
    lives = [sheet for sheet in sheets("aes-128-cbc", ENCRYPT) if sheet.most]
    assert max(len(sheet.known) for sheet in lives) > 1 << 16
    assert any(sum(len(known.source) for known in sheet.known) > 1 << 24 for sheet in lives)


# ---- how they are made ----


@pytest.mark.parametrize("size", [1, 7, 16, 60])
def test_counter_blocks_are_gcms(size: int) -> None:
    """A nonce of 16 bytes with the same counter block seals as one of any length does."""
    chance = random.Random(size)
    key, nonce = chance.randbytes(24), chance.randbytes(size)
    blocks = CounterBlocks(key)
    same = blocks.nonce_for(blocks.of_nonce(nonce))
    assert blocks.of_nonce(same) == blocks.of_nonce(nonce)
    if size >= 8:
        assert AESGCM(key).encrypt(same, bytes(50), b"a") == AESGCM(key).encrypt(nonce, bytes(50), b"a")


def test_poly1305_ends_at_its_edges() -> None:
    """The tags of crafted texts are s plus a number that is almost zero or a whole limb: so both occur."""
    maker = Maker(ALGORITHMS["chacha20-poly1305"], ENCRYPT, 6)
    crafted = [sheet for sheet in sheets("chacha20-poly1305", ENCRYPT) if sheet.key == maker.key]
    tags = [known.tag for sheet in crafted for known in sheet.known]
    assert len(tags) > 80
    carried = [tag for tag in tags if tag in (bytes(16), b"\xff" * 16)]
    assert len(carried) >= 2, "s and the number make 2**128, and one less"


def test_texts_differ_and_are_the_same_again() -> None:
    for size in (1, 4096, (1 << 20), (16 << 20) + 77):
        first = text(size, 1_000_003)
        assert len(first) == size and first == text(size, 1_000_003)
    assert len({text(64, seed) for seed in range(500)}) == 500


def test_keys_are_similar_in_one_half() -> None:
    algorithm = ALGORITHMS["aes-256-cbc"]
    (own, _), (first, _), (second, _), (most, _) = similar_keys(algorithm, 90)
    assert keys(algorithm, 90)[0] == own and len({own, first, second, most}) == 4
    assert first[:16] == own[:16] and second[16:] == own[16:] and most[:-1] == own[:-1]


def test_an_order_is_the_same_again() -> None:
    assert in_disorder(SIZES, 3) == in_disorder(reversed(SIZES), 3) != in_disorder(SIZES, 4)
