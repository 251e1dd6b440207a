"""Lines of every kind of log: what was printed is found, whatever stands before it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import patient

from benchsuite.formats import lines

PRINTED = "tcrypt: test 0 (128 bit key, 16 byte blocks): 2248916 operations in 1 seconds (35982656 bytes)"


@pytest.mark.parametrize(
    "before",
    [
        "",
        "[    5.029222] ",
        "<6>[    5.029222] ",
        "[    5.029222] [    T231] ",
        "[    5.029222][  T231] ",
        "[  +0.000123] ",
        "[    5.029222 <    0.000123>] ",
        "kern  :info  : [    5.029222] ",
        "[Sat Nov 21 13:09:00 2026] ",
        "[Nov21 13:09] ",
        "Nov 21 13:09:00 gateway kernel: ",
        "Nov  1 13:09:00.123456 gateway kernel: [    5.029222] ",
        "2026-11-21T13:09:00+0000 gateway kernel: ",
        "2026-11-21T13:09:00.123456+00:00 gateway kernel: [    5.029222] ",
        "2026-11-21T13:09:00.1234567Z ",
        "2026-11-21 13:09:00,123 gateway runner[4711]: ",
        "[2026-11-21T13:09:00.123Z] ",
        "> > ",
        "\t    ",
        "6,1234,5029222,-;",
        "6,1234,5029222,-,caller=T231;",
        "\x1b[32m[    5.029222] \x1b[0m\x1b[33m",
    ],
    ids=repr,
)
def test_what_a_log_puts_before_a_line(before: str) -> None:
    [line] = lines.split(before + PRINTED)
    assert line.text == PRINTED and line.number == 1
    assert line.raw.endswith(PRINTED)


def test_an_entry_of_the_journal_as_json() -> None:
    entry = json.dumps({"__CURSOR": "s=1", "PRIORITY": "6", "MESSAGE": PRINTED})
    in_bytes = json.dumps({"MESSAGE": list(PRINTED.encode())})
    assert [line.text for line in lines.split(f"{entry}\n{in_bytes}\n")] == [PRINTED, PRINTED]


def test_seconds_since_the_start_of_the_machine() -> None:
    text = "[  583.128741] OCF: x\n6,1,584132000,-;OCF: y\nOCF: z"
    assert [line.time for line in lines.split(text)] == [583.128741, 584.132, None]


def test_a_record_of_several_lines_keeps_the_number_of_its_line() -> None:
    found = lines.split("first\n6,1,5029002,-;tcrypt: \\x0atesting speed of x\n\nlast\r\n")
    assert [(line.number, line.text) for line in found] == [
        (1, "first"), (2, "tcrypt:"), (2, "testing speed of x"), (4, "last")
    ]  # fmt: skip


def test_text_that_looks_like_a_prefix_stays() -> None:
    for text in (
        "OCF: 45133 requests of 1488 bytes in 251 jiffies",
        "AES-128-CBC 1.00k",
        "[a] b",
        "2026 x: y",
    ):
        assert lines.split(text)[0].text == text


def test_a_very_long_line_is_cut_and_its_neighbours_are_not() -> None:
    found = lines.split(f"a\n{'x' * 10**6}\nb")
    assert [line.number for line in found] == [1, 2, 3] and len(found[1].text) == lines.LONGEST


@patient
@given(st.text())
def test_any_text_has_lines_without_control_characters(text: str) -> None:
    for line in lines.split(text):
        assert (
            line.text and line.text == line.text.strip() and "\n" not in line.raw and "\x1b" not in line.raw
        )
        assert 1 <= line.number <= text.count("\n") + 1
