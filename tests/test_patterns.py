"""What wrong requests have in common is found, and nothing where there is nothing."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.backends.patterns import Made, pattern

SIZES = [
    *range(1, 273),
    *(n + d for n in (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536) for d in (-1, 0, 1)),
]
Holds = Callable[[Made], bool]


def stream(
    seed: int, count: int = 900, sizes: list[int] = SIZES, ops: tuple[str, ...] = ("encrypt", "decrypt")
) -> list[Made]:
    """Right requests of real traffic: of 32 keys with 40 requests each."""
    chance = random.Random(seed)
    table = {}
    for key in range(32):
        for vector in range(40):
            size = chance.choice(sizes)
            table[key, vector] = (size, chance.randrange(80))
    made = []
    for _ in range(count):
        key, vector = chance.randrange(32), chance.randrange(40)
        size, aad_size = table[key, vector]
        src, dst = chance.randrange(4096), chance.randrange(4096)
        in_place = chance.random() < 0.5
        made.append(
            Made(
                False,
                key,
                vector,
                size,
                aad_size,
                src,
                src if in_place else dst,
                chance.randrange(4096),
                1 + chance.randrange(16),
                chance.randrange(9000),
                in_place,
                ("aes-128-gcm", "aes-256-gcm")[key % 2],
                ops[key % len(ops)],
                12,
                16,
            )
        )
    return made


def planted(made: list[Made], holds: Holds) -> list[Made]:
    return [one._replace(wrong=holds(one)) for one in made]


PLANTED: list[tuple[Holds, str]] = [
    (lambda one: one.size > 2048, "only above 2048 bytes"),
    (lambda one: one.size < 16, "only below 16 bytes"),
    (lambda one: 32769 <= one.size <= 65535, "only from 32769 to 65535 bytes"),
    (lambda one: one.size == 2048, "only at 2048 bytes"),
    (lambda one: one.size % 64 == 55, "only sizes of 55 mod 64"),
    (lambda one: one.size % 16 == 0, "only sizes of a multiple of 16"),
    (lambda one: one.size % 16 != 0, "only sizes of no multiple of 16"),
    (lambda one: one.aad_size % 16 == 0 and one.aad_size > 0, "only with AAD of a multiple of 16"),
    (lambda one: one.aad_size > 64, "only with more than 64 bytes of AAD"),
    (lambda one: one.aad_size == 0, "only without AAD"),
    (lambda one: not one.in_place, "only out of place"),
    (lambda one: one.in_place, "only in place"),
    (lambda one: one.dst_at % 8 != 0, "only where the output is not on a multiple of 8"),
    (lambda one: one.src_at % 64 == 0, "only where the input is on a multiple of 64"),
    (lambda one: one.iv_at + one.iv_size > 4096 - 200, ""),  # nothing that can be said in a word
    (lambda one: one.dst_at + one.size > 4096, "only where the output lies across two pages"),
    (lambda one: one.outstanding > 8, "only with more than 8 outstanding"),
    (lambda one: one.outstanding == 1, "only with nothing else outstanding"),
    (lambda one: one.dst_at >= 4080, "only where the output begins in the last 16 bytes of a page"),
    (lambda one: 0 < one.src_at < one.aad_size, "only where the AAD lies across two pages"),
    (lambda one: one.dst_at % 4 == 2, "only where the output is at 2 mod 4"),
    (
        lambda one: (one.src_at - one.dst_at) % 16 != 0,
        "only where input and output are aligned differently, modulo 16",
    ),
    (lambda one: one.aad_size > one.size, "only with more AAD than text"),
    (lambda one: one.number >= 4095, "only from a session's 4,0"),  # no more than what was seen
    (lambda one: one.key == 7, "only with key 7"),
    (lambda one: one.op == "decrypt" and one.algorithm == "aes-256-gcm", "only decryption"),
    (lambda one: one.op == "decrypt" and one.size > 2048, "only decryption, and there only above 2048 bytes"),
]


@pytest.mark.parametrize(("holds", "words"), PLANTED)
def test_a_planted_rule_is_found(holds: Holds, words: str) -> None:
    found = pattern(planted(stream(1), holds))
    assert found.startswith(words) if words else found == ""


def test_nothing_is_found_by_chance() -> None:
    """Wrong ones drawn at random, one in two to one in two hundred."""
    for seed in range(150):
        chance = random.Random(seed)
        rate = chance.choice((0.5, 0.1, 0.03, 0.01, 0.005))
        assert pattern(planted(stream(seed, 300), lambda _: chance.random() < rate)) == ""  # noqa: B023


def test_nothing_is_found_where_certain_requests_fail_by_chance() -> None:
    """A fault that depends on a request's data: some requests, whenever they are made."""
    for seed in range(80):
        chance = random.Random(seed)
        bad = {(chance.randrange(32), chance.randrange(40)) for _ in range(chance.choice((1, 2, 5, 20)))}
        found = pattern(planted(stream(seed, 600), lambda one: (one.key, one.vector) in bad))  # noqa: B023
        assert found == "", (seed, bad)


def test_all_wrong_or_all_right_have_no_rule() -> None:
    assert pattern(stream(1)) == pattern(planted(stream(1), lambda _: True)) == pattern([]) == ""


def test_one_wrong_one_shows_nothing() -> None:
    made = stream(3)
    made[500] = made[500]._replace(wrong=True)
    assert pattern(made) == ""


@given(limit=st.sampled_from([64, 100, 255, 512, 1024, 4096]), seed=st.integers(0, 10**6))
def test_every_limit_of_sizes_is_found(limit: int, seed: int) -> None:
    sizes = [limit - 1, limit, limit + 1, limit + 2, 4 * limit]
    assert (
        pattern(planted(stream(seed, 300, sizes), lambda one: one.size > limit))
        == f"only above {limit} bytes"
    )


@given(modulus=st.sampled_from([16, 32, 64]), rest=st.integers(0, 15), seed=st.integers(0, 10**6))
def test_every_remainder_of_sizes_is_found(modulus: int, rest: int, seed: int) -> None:
    made = planted(stream(seed, 2000, list(range(1, 273))), lambda one: one.size % modulus == rest)
    words = f"{rest} mod {modulus}" if rest else f"a multiple of {modulus}"
    assert pattern(made) == f"only sizes of {words}"


@pytest.mark.parametrize(("step", "seed"), [(256, 1), (1000, 2), (4096, 3)])
def test_every_so_manieth_request_is_found(step: int, seed: int) -> None:
    chance = random.Random(seed)
    made = [
        one._replace(number=number, wrong=number % step == step - 1)
        for number, one in enumerate(stream(seed, step * 4 + chance.randrange(step)))
    ]
    assert pattern(made) == f"only every {step:,}th request of a session"


def test_a_dense_check_of_a_digest() -> None:
    """A request of each size, in place and apart."""
    made = [
        Made(size == 2048, 0, k, size, in_place=place, algorithm="sha256", op="digest", tag_size=32)
        for k, size in enumerate(SIZES)
        for place in (False, True)
    ]
    assert pattern(made) == ""  # two wrong ones of six hundred
    made += [one._replace(dst_at=64, in_place=False) for one in made]
    assert pattern(made) == "only at 2048 bytes"


def test_a_dense_check_of_a_cipher_in_blocks() -> None:
    sizes = [16 * n for n in range(1, 40)] + [2048, 2064, 4096, 8192]
    made = [
        Made(size > 2048, key, k, size, in_place=place, op=("encrypt", "decrypt")[key], iv_size=16)
        for k, size in enumerate(sizes)
        for place in (False, True)
        for key in (0, 1)
    ]
    assert pattern(made) == "only above 2048 bytes"
    made = [one._replace(wrong=one.size > 4000) for one in made]
    assert pattern(made) == "only 4096 bytes or more (2064 are right)"
