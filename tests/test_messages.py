"""What workers and benchsuite say to each other: it comes back as it was, and nothing else is taken."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_strategies import runs, time_series

from benchsuite.model import FAILURES, Case, Failure, Measure
from benchsuite.runner import checks, messages
from benchsuite.runner.messages import TAG, Message, decode, encode

CLASSES = [
    each
    for each in (vars(messages) | vars(checks)).values()
    if isinstance(each, type) and issubclass(each, Message) and each is not Message
]
short = st.text(max_size=8)
counts = st.integers(0, 2**64 - 1)
seconds = st.floats(0, 1e12)
facts = st.dictionaries(short, short, max_size=3)
failures = st.builds(Failure, st.sampled_from(list(FAILURES)), short, counts)
BY_KIND = {
    "str": short,
    "int": counts,
    "Signed": st.integers(-(2**63), 2**63),
    "bool": st.booleans(),
    "float": seconds,
    "Failure": failures,
    "list[str]": st.lists(short, max_size=3),
    "list[int]": st.lists(counts, max_size=3),
    "tuple[int, ...]": st.lists(counts, max_size=3).map(tuple),
    "dict[str, str]": facts,
    "WorkerRun": runs,
    "Series": time_series(),
    "list[Value]": runs.map(lambda run: run.values),
}


def built(cls: type) -> st.SearchStrategy[Any]:
    """One of a class, by its annotations."""
    return st.builds(cls, **{each.name: of_kind(str(each.type)) for each in fields(cls)})


def of_kind(kind: str) -> st.SearchStrategy[Any]:
    if kind in BY_KIND:
        return BY_KIND[kind]
    if kind.endswith(" | None"):
        return st.none() | of_kind(kind.removesuffix(" | None"))
    if kind.startswith("list["):
        return st.lists(of_kind(kind[5:-1]), max_size=3)
    return built(getattr(messages, kind, None) or getattr(checks, kind))


def plain(thing: Any) -> Any:
    """To compare: messages themselves are not compared."""
    if is_dataclass(thing):
        return type(thing), [plain(getattr(thing, each.name)) for each in fields(thing)]
    return [plain(each) for each in thing] if isinstance(thing, list) else thing


SOME = st.one_of(map(built, CLASSES))


@given(SOME)
def test_it_comes_back_as_it_was(message: Message) -> None:
    line = encode(message)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert plain(decode(line)) == plain(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | short,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(short, each, max_size=3),
    max_leaves=5,
)


@given(SOME, st.data())
def test_what_is_missing_unknown_or_of_another_type_is_named(message: Message, data: st.DataObject) -> None:
    """A change anywhere in it gives another sound message, or an error that names the key."""
    told = json.loads(encode(message))
    key = data.draw(st.sampled_from([*told, "strange"]))
    told[key] = data.draw(JSON)
    try:
        decoded = decode(json.dumps(told).encode())
    except ValueError as error:
        assert key in str(error) or "NaN" in str(error) or "Infinity" in str(error), (key, error)
    else:
        assert key != "strange" and isinstance(decoded, Message)


@given(st.binary(max_size=40) | JSON.map(lambda each: json.dumps(each).encode()))
def test_what_is_no_message_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(line)


def test_every_required_key_is_asked_for() -> None:
    for cls in CLASSES:
        if any(each.default is each.default_factory for each in fields(cls)):  # it has neither
            with pytest.raises(ValueError, match=fields(cls)[0].name):
                decode(json.dumps({TAG: cls.__name__}).encode())


def test_only_what_is_unusual_is_sent() -> None:
    """What an older benchsuite of the same protocol does not know is no obstacle where it is not used."""
    case = Case("software", "aes-128-cbc", q_len=4)
    (line,) = encode(messages.Simulate(case)).splitlines()
    assert json.loads(line) == {
        TAG: "Simulate",
        "case": {"backend": "software", "algorithm": "aes-128-cbc", "q_len": 4},
    }
    sent = messages.MeasureCase(replace(case, q_len=1), Measure(values=3), 0)
    assert json.loads(encode(sent))["measure"] == {"values": 3}
