"""The order in which `auto` takes what could do the work, over tables of candidates; and its wishes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.backends.candidates import (
    BACKENDS,
    CLASSES,
    Candidate,
    Wish,
    from_text,
    in_order,
    parse_wish,
    reasons,
    to_text,
)
from benchsuite.model import BenchsuiteError

# Wishes


@pytest.mark.parametrize(
    ("setting", "wish"),
    [
        ("", Wish()),
        ("require=hardware", Wish("hardware")),
        ("prefer=kernel", Wish("", "kernel")),
        ("prefer=afalg", Wish("", "afalg")),
        ("require=software,prefer=software:/opt/a,b.so", Wish("software", "software:/opt/a,b.so")),
        (
            "prefer=afalg:authenc(hmac(sha1),cbc(aes)),require=kernel",
            Wish("kernel", "afalg:authenc(hmac(sha1),cbc(aes))"),
        ),
    ],
)
def test_a_setting_is_a_wish(setting: str, wish: Wish) -> None:
    assert parse_wish(setting) == wish
    assert parse_wish(str(wish)) == wish


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("hardware", "takes require=CLASS, prefer=CLASS|BACKEND"),
        ("require", "'require' is no setting"),
        ("need=hardware", "'need=hardware' is no setting"),
        ("prefer=software:/opt/a,b=c.so", "'b=c.so' is no setting"),
        ("require=hardwear", "no such class: did you mean 'hardware'"),
        ("require=", "no such class: known: hardware, accelerated, kernel, software"),
        ("require=afalg", "no such class"),
        ("prefer=afalk:x", "no such class or candidate"),
        ("prefer=null", "no such class or candidate"),
        ("prefer=", "no such class or candidate: known"),
        ("prefer=kernel,prefer=kernel", "prefer is given twice"),
    ],
)
def test_what_is_no_wish_says_what_is(setting: str, message: str) -> None:
    with pytest.raises(BenchsuiteError, match=re.escape(message)):
        parse_wish(setting)


@given(st.text(max_size=30))
def test_any_setting_is_a_wish_or_one_sentence(text: str) -> None:
    try:
        wish = parse_wish(text)
    except BenchsuiteError as error:
        assert "\n" not in str(error)
    else:
        assert parse_wish(str(wish)) == wish


# The order

TABLE = [
    Candidate("software", "software"),
    Candidate("cryptodev", "accelerated", 0),
    Candidate("afalg:cbc(aes-generic)", "kernel", 100),
    Candidate("afalg:cbc-aes-aesni", "accelerated", 400),
    Candidate("afalg:cbc(aes-aesni)", "accelerated", 300),
    Candidate("afalg:dev-b", "hardware", 150),
    Candidate("afalg:dev-a", "hardware", 150),
]


def order(wish: Wish) -> list[str]:
    return [each.backend.removeprefix("afalg:") for each in in_order(TABLE, wish)]


def test_hardware_then_accelerated_then_kernel_then_user_space() -> None:
    assert order(Wish()) == [
        "dev-a",
        "dev-b",
        "cbc-aes-aesni",
        "cbc(aes-aesni)",
        "cryptodev",
        "cbc(aes-generic)",
        "software",
    ]


@pytest.mark.parametrize(
    ("prefer", "first"),
    [
        ("hardware", ["dev-a", "dev-b", "cbc-aes-aesni"]),
        ("kernel", ["cbc(aes-generic)", "dev-a", "dev-b"]),
        ("software", ["software", "dev-a"]),
        ("cryptodev", ["cryptodev", "dev-a"]),
        ("afalg", ["dev-a", "dev-b", "cbc-aes-aesni", "cbc(aes-aesni)", "cbc(aes-generic)", "cryptodev"]),
        ("afalg:cbc(aes-aesni)", ["cbc(aes-aesni)", "dev-a"]),
        ("afalg:none", ["dev-a", "dev-b"]),
    ],
)
def test_what_is_preferred_comes_first_and_the_rest_as_ever(prefer: str, first: list[str]) -> None:
    assert order(Wish("", prefer))[: len(first)] == first


def test_what_is_required_refuses_the_rest() -> None:
    ordered = in_order(TABLE, Wish("hardware"))
    assert [each.backend for each in ordered if not each.refused] == ["afalg:dev-a", "afalg:dev-b"]
    assert {each.refused for each in ordered[2:]} == {"not hardware, which is required"}


def test_preferring_does_not_get_around_requiring() -> None:
    ordered = in_order(TABLE, Wish("hardware", "software"))
    assert ordered[0].backend == "afalg:dev-a"


CANDIDATES = st.builds(
    Candidate,
    st.sampled_from(BACKENDS).flatmap(lambda name: st.sampled_from([name, f"{name}:a", f"{name}:b"])),
    st.sampled_from(["", *CLASSES]),
    st.integers(0, 500),
    st.sampled_from(["", "", "it is busy", "no key of 3 bytes"]),
)
WISHES = st.builds(
    Wish, st.sampled_from(["", *CLASSES]), st.sampled_from(["", *CLASSES, *BACKENDS, "afalg:a"])
)


@given(st.lists(CANDIDATES, unique_by=lambda each: each.backend), WISHES, st.randoms())
def test_the_order_is_that_of_the_answers_alone(table: list[Candidate], wish: Wish, random: Any) -> None:
    ordered = in_order(table, wish)
    random.shuffle(table)
    assert in_order(table, wish) == ordered == in_order(ordered, wish)
    assert sorted(each.backend for each in ordered) == sorted(each.backend for each in table)
    refused = [bool(each.refused) for each in ordered]
    assert refused == sorted(refused)
    for each in ordered:
        assert each.refused or wish.require in ("", each.kind)


@given(st.lists(CANDIDATES, unique_by=lambda each: each.backend))
def test_candidates_come_back_from_a_result(table: list[Candidate]) -> None:
    assert from_text(to_text(table)) == table


def test_the_same_reason_is_said_once() -> None:
    answers = {"a": "x", "b": "", "c": "y", "d": "x"}
    assert reasons(Candidate(name, refused=reason) for name, reason in answers.items()) == ["a, d: x", "c: y"]
