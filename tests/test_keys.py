"""Typed keys: what a kind takes and refuses, and how a key that is none is answered."""

from __future__ import annotations

import math
from typing import Any

import pytest

from benchsuite import keys
from benchsuite.keys import (
    AlgorithmName,
    Choice,
    Duration,
    Flag,
    Kind,
    Number,
    NumberOrFlag,
    Real,
    Size,
    Text,
)
from benchsuite.model import BenchsuiteError


@pytest.mark.parametrize(
    ("kind", "value", "accepted"),
    [
        (Number(1, 8), 8, 8),
        (Real(0, 1), 1, 1.0),
        (NumberOrFlag(64), True, 1),
        (NumberOrFlag(64), 64, 64),
        (Size(1, 1 << 20), "64KiB", 65536),
        (Duration(0.001, 60), "20ms", 0.02),
        (Flag(), False, False),
        (Choice(("a", "b")), "b", "b"),
        (Text(), " two\n words ", "two words"),
        (AlgorithmName(), "AES-128-CBC", "aes-128-cbc"),
    ],
)
def test_a_kind_takes(kind: Kind, value: Any, accepted: Any) -> None:
    found = keys.accept(kind, value, "here")
    assert found == accepted and type(found) is type(accepted)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Number(1, 8), 9),
        (Number(1, 8), True),
        (Number(1, 8), 2.0),
        (Real(0, 1), math.nan),
        (Real(0, 1), True),
        (Real(0, 1), "0.5"),
        (NumberOrFlag(1), 2),
        (Size(1, 16), 17),
        (Duration(1, 60), math.inf),
        (Flag(), 1),
        (Choice(("a", "b")), "c"),
        (Text(), " "),
        (AlgorithmName(), 1),
    ],
)
def test_a_kind_refuses_in_a_sentence(kind: Kind, value: Any) -> None:
    with pytest.raises(BenchsuiteError) as refused:
        keys.accept(kind, value, "here")
    assert str(refused.value) == f"here: {keys.show(value)} is not {kind.what}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("8", 8),
        ("-8", -8),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("64KiB", "64KiB"),
        ("nan", "nan"),
        ("9" * 30, "9" * 30),
        ("1.2.3", "1.2.3"),
        ("", ""),
    ],
)
def test_text_is_read_as_toml_would_have_it(text: str, value: Any) -> None:
    found = keys.from_text(text)
    assert found == value and type(found) is type(value)


def test_a_name_that_no_key_has() -> None:
    keys.check_names(["depth"], ["depth", "count"], "ring")
    with pytest.raises(BenchsuiteError, match=r"^ring: unknown key 'dept': did you mean 'depth'\?$"):
        keys.check_names(["depth", "dept"], ["depth", "count"], "ring")
    with pytest.raises(BenchsuiteError, match=r"^sim: unknown option 'x': known: depth, count$"):
        raise keys.unknown("x", ["depth", "count"], "sim", "option")
