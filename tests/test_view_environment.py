"""What a result knows of its machine, for people: names, units, and nothing as Python prints it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.facts import Environment
from benchsuite.host import machine
from benchsuite.sheet.numbers import NONE
from benchsuite.view.environment import MOST, described, said


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (Environment.MEMORY, 25276514304, "23.5 GiB"),
        (Environment.MEMORY, 512 << 20, "512 MiB"),
        (Environment.SWAP, 0, "none"),
        (Environment.BOOT_TIME, 1795996367.07, "2026-11-29 23:52:47 UTC"),
        (Environment.DATE, "2026-11-30 15:40:25.541435", "2026-11-30 15:40:25"),
        ("uptime", 56858.5, "15 h 47 min"),
        (Environment.MHZ_BEFORE, 2596.152, "2596 MHz"),
        (Environment.MAX_KHZ, 3600000, "3600 MHz"),
        (Environment.SMT, False, "off"),
        (Environment.TURBO, True, "on"),
        (Environment.FIPS, True, "on"),
        (Environment.MITIGATIONS, "a: Vulnerable | b: Not affected", "a: Vulnerable; b: Not affected"),
        (Environment.ACCEPTED_BEFORE, [{"reason": "first", "date": "2026"}], "reason first, date 2026"),
        ("x", True, "yes"),
        ("x", False, "no"),
        ("x", None, NONE),
        ("x", "", NONE),
        ("x", [], NONE),
        ("x", {}, NONE),
        ("x", [1, None, True], "1; -; yes"),
        ("x", {"a_b": {"c": [1, 2]}}, "a b c 1; 2"),
        ("x", 0.1 + 0.2, "0.3"),
        (Environment.MEMORY, "damaged", "damaged"),
        (Environment.BOOT_TIME, 1e300, "1e+300"),
        (Environment.IMPORTED, "by hand", "by hand"),
    ],
)
def test_a_fact_in_words(key: str, value: Any, words: str) -> None:
    assert said(value, key) == words


def test_what_was_imported_says_its_file_and_what_was_not_understood() -> None:
    source = {
        "file": "speed.txt",
        "bytes": 9768,
        "sha256": "3f3834b49760669a",
        "figures": {"openssl-speed": 63},
        "lines": 204,
        "lines_not_understood": 12,
        "lines_without_figure": 0,
    }
    words = "speed.txt: 63 figures of openssl-speed; 204 lines, 12 not understood; SHA-256 3f3834b49760…"
    assert said([source], Environment.IMPORTED) == words
    many = said([source] * 300, Environment.IMPORTED)
    assert many.count("speed.txt") == MOST and many.endswith("and 292 more")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("abc ", max_size=5),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.text("xyz", max_size=3), inner),
    max_leaves=30,
)


_KEYS = [key for key in vars(Environment).values() if isinstance(key, str) and key.islower()]


@given(st.dictionaries(st.sampled_from([*_KEYS, "x", "benchsuite_x", "boot_time"]), _JSON))
def test_nothing_is_said_as_python_prints_it(environment: dict[str, Any]) -> None:
    for name, (text,) in described([environment]).items():
        assert name and text
        assert not any(mark in text for mark in ("{", "[", "'", "None", "True", "False"))


def test_this_machine_has_names_for_all_it_knows() -> None:
    environment = {**machine.environment(), **machine.load("before"), **machine.load("after")}
    found = described([environment])
    assert next(iter(found)) == "CPU" or Environment.CPU_MODEL_NAME not in environment
    assert not [name for name in found if "_" in name and name != "perf_event_paranoid"]
    assert not [name for name in found if name.endswith("(2)")]


def test_what_one_machine_does_not_tell_is_not_told() -> None:
    found = described([{"cpu_model_name": "A", "x": 1}, {"cpu_model_name": "B"}])
    assert found == {"CPU": ["A", "B"], "x": ["1", NONE]}


def test_the_same_said_twice_is_one_line() -> None:
    both = {"boot_time": "2026-11-29 23:52:47", Environment.BOOT_TIME: 1795996367.0}
    assert list(described([both])) == ["booted"] and list(described([{"boot_time": "x"}])) == ["boot time"]
