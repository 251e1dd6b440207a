"""The parameters of a case: its work, its load, the one table of how they are shown, and what goes by it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

import benchsuite
from benchsuite.model import (
    LATENCY,
    LOAD,
    MBPS,
    OPERATION,
    PARAMETERS,
    PAYLOAD,
    REQUESTS,
    UNLIMITED,
    USUAL,
    Case,
    Load,
    Work,
)

PACKAGE = Path(benchsuite.__file__).parent
CBC = Case("software", "aes-128-cbc", request_size=64)
BUSY = replace(CBC, q_len=16, batch=1, cbimm=0, workers=2, crypto_q_max=50, request_num=7)
OPEN = replace(CBC, rate=5000, arrival="burst:8", backlog=0)
SIGN = Case("imported", "rsa-2048", "sign", request_size=0)


def test_a_case_is_a_backend_a_work_and_a_load() -> None:
    names = [each.name for of in (Work, Load) for each in fields(of)]
    assert sorted(["backend", *names]) == sorted(each.name for each in fields(Case))
    assert BUSY.work == CBC.work and BUSY.load != CBC.load
    assert replace(CBC, op="decrypt").load == CBC.load and replace(CBC, op="decrypt").work != CBC.work
    assert CBC.load == USUAL.load == Load(1, 0, 1, 1, 1, 1000, 0, 0, "constant", UNLIMITED)


@pytest.mark.parametrize(
    ("case", "kind", "unit"), [(CBC, PAYLOAD, MBPS), (Case("", "sha256", "digest"), PAYLOAD, MBPS)]
)
def test_work_with_a_payload_is_told_in_bits(case: Case, kind: str, unit: object) -> None:
    assert (case.work.kind, case.rate_unit) == (kind, unit)


@pytest.mark.parametrize("op", ["sign", "verify", "derive", "generate", "encrypt"])
def test_work_without_a_payload_is_told_in_operations(op: str) -> None:
    case = replace(SIGN, op=op)
    assert (case.work.kind, case.rate_unit, case.bits_per_second(1.0)) == (OPERATION, REQUESTS, None)


def test_without_makes_the_same_of_what_differs_in_nothing_else() -> None:
    other = replace(CBC, backend="afalg", request_num=99)
    assert CBC.without("backend") == other.without("backend")
    assert CBC.without() != other.without() and CBC.without().request_num == 1
    assert replace(CBC, op="decrypt").without("backend") != other.without("backend")
    assert replace(CBC, in_place=False).work.without("in_place") == CBC.work.without("in_place")
    assert BUSY.load.without("q_len") == replace(BUSY, q_len=3, request_num=1).load.without("q_len")
    blank = CBC.without(*PARAMETERS)
    assert {getattr(blank, key) for key in PARAMETERS} == {"", 0}


def test_request_num_changes_nothing_of_what_is_measured() -> None:
    assert "request_num" not in PARAMETERS and "request_num" not in LOAD
    assert replace(CBC, request_num=9).name == CBC.name and "request_num" not in BUSY.unusual


def test_unusual() -> None:
    assert BUSY.load.unusual == ("q_len", "batch", "cbimm", "workers", "crypto_q_max")
    assert OPEN.load.unusual == ("rate", "arrival", "backlog")
    assert CBC.load.unusual == () and CBC.work.unusual == ("algorithm", "request_size")


def test_what_a_backend_needs_of_a_load() -> None:
    assert CBC.load.needs("q_len") == ""
    assert replace(CBC, q_len=4).load.needs("q_len") == ""
    assert replace(CBC, q_len=4).load.needs() == "q_len 1"
    assert BUSY.load.needs("q_len", "crypto_q_max") == "batch 0, cbimm 1, workers 1"
    assert OPEN.load.needs() == "rate 0"
    assert CBC.load.alone and replace(CBC, crypto_q_max=5).load.alone
    assert not any(
        replace(CBC, **{key: 2}).load.alone for key in ("q_len", "batch", "workers", "rate", "rate_percent")
    )


def test_the_figure_of_an_open_loop_is_a_latency_and_no_rate() -> None:
    for case in (OPEN, replace(CBC, rate_percent=70)):
        assert case.load.open_loop and case.rate_unit is LATENCY and LATENCY.falls
        assert case.rate_of(2.5e-6) == pytest.approx(2.5) and case.bits_per_second(1.0) is None
    assert not CBC.load.open_loop and not BUSY.load.open_loop


def test_the_name_of_an_open_loop_says_what_is_unusual_of_it() -> None:
    assert OPEN.name == f"{CBC.name},rate=5000,arrival=burst:8,backlog=0"
    assert replace(CBC, rate_percent=70).name == f"{CBC.name},rate_percent=70"
    assert OPEN.words(LOAD, algorithm=False).endswith("rate 5000, arrival burst:8, backlog 0")
    share = replace(CBC, rate_percent=70)
    assert share.words(("rate", "backlog"), algorithm=False) == "backlog unlimited"
    assert CBC.words(("rate", "rate_percent", "backlog"), algorithm=False) == ""


def test_other_programs_are_told_null_for_a_number_that_stands_for_a_word() -> None:
    assert CBC.told()["backlog"] is None and OPEN.told()["backlog"] == 0
    assert CBC.to_dict()["backlog"] == UNLIMITED


@pytest.mark.parametrize(
    ("case", "keys", "words"),
    [
        (CBC, (), "aes-128-cbc encrypt"),
        (CBC, PARAMETERS, "aes-128-cbc encrypt, 64 B, q_len 1, batch 0, cbimm 1, workers 1, "),
        (Case("", "sha256", "digest"), ("request_size",), "sha256, 1488 B"),
        (SIGN, ("request_size", "q_len"), "rsa-2048 sign, q_len 1"),
        (replace(CBC, in_place=False), ("in_place",), "aes-128-cbc encrypt, in_place false"),
    ],
)
def test_words(case: Case, keys: tuple[str, ...], words: str) -> None:
    assert case.words(keys).startswith(words) and (len(keys) > 2 or case.words(keys) == words)
    assert case.words(keys, op=False) == case.words(keys).replace(f" {case.op}", "", 1)
    assert case.words(keys, algorithm=False) == ", ".join(case.words(keys).split(", ")[1:])


# Who says by hand what a load is: the table itself, the keys of a profile and what they make of a case, the
# engine so driven, readers of what foreign programs print, and a survey, which has one load to try a driver
# by.
MAY_LIST = (
    "model/case.py",
    "profile/table.py",
    "profile/rates.py",
    "backends/native.py",
    "backends/survey.py",
    "formats/",
)
KEYS = set(LOAD) | {"request_num"}


def lists(tree: ast.AST) -> Iterator[tuple[int, set[str]]]:
    """Line and keys of what names several keys of a load: a tuple, list, set, table, call or condition."""
    for node in ast.walk(tree):
        found: set[object] = set()
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            items = node.keys if isinstance(node, ast.Dict) else node.elts
            found = {item.value for item in items if isinstance(item, ast.Constant)}
        if isinstance(node, ast.Call):
            found = {keyword.arg for keyword in node.keywords}
        if isinstance(node, ast.BoolOp | ast.JoinedStr | ast.Tuple):
            found |= {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
        keys = {each for each in found if isinstance(each, str)} & KEYS
        if len(keys) > 2:
            yield node.lineno, keys


def test_nobody_else_lists_the_keys_of_a_load() -> None:
    found = [
        f"{name}:{line}: {sorted(keys)}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if not (name := str(path.relative_to(PACKAGE))).startswith(MAY_LIST)
        for line, keys in lists(ast.parse(path.read_text()))
    ]
    assert found == [], "go over PARAMETERS or LOAD of the model instead"


@pytest.mark.parametrize(
    "text",
    [
        "KEYS = ('q_len', 'batch', 'cbimm')",
        "HEADERS = {'q_len': 'q', 'batch': 'b', 'workers': 'w'}",
        "replace(case, q_len=1, batch=0, workers=1)",
        "alone = case.q_len == 1 and case.batch == 0 and case.cbimm == 1",
        "key = (case.q_len, case.batch, case.workers)",
        "text = f'{case.q_len} {case.batch} {case.cbimm}'",
    ],
)
def test_a_list_is_found(text: str) -> None:
    assert list(lists(ast.parse(text)))


# What a new kind of load takes: two lines of the model, and a key of a profile.
_NEXT = "\n    @property\n    def work(self) -> Work:"
PLANT = (
    ("model.case", "    crypto_q_max: int\n", "    crypto_q_max: int\n    arrivals: int\n"),
    ("model.case", _NEXT, f"    arrivals: int = _parameter(0, least=0)\n{_NEXT}"),
    (
        "profile.table",
        '    Key(\n        "round_size",',
        '    Key("arrivals", Number(0, 99), _CASE["arrivals"], "a test"),\n    Key(\n        "round_size",',
    ),
)


def test_a_new_key_of_a_load_touches_the_model_and_one_profile_key(tmp_path: Path) -> None:
    """Planted into both, it is in every file, table and comparison: see planted_key.py."""
    for name, old, new in PLANT:
        planted = tmp_path / f"benchsuite.{name}.py"
        source = planted if planted.exists() else PACKAGE / f"{name.replace('.', '/')}.py"
        text = source.read_text()
        assert text.count(old) == 1, f"{old!r} is no longer in {name}"
        planted.write_text(text.replace(old, new))
    script = Path(__file__).parent / "planted_key.py"
    words = [sys.executable, str(script), str(tmp_path), str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
