"""Ten backends beside each other on terminals: as a table, in several where one is too wide."""

from __future__ import annotations

import re

import pytest
from compare_fixture import measured, result

from benchsuite.model import Case, Result
from benchsuite.report import render, render_comparisons
from benchsuite.runs.comparisons import Judge, comparisons, make_rule
from benchsuite.view.bands import dealt, many_bands

NAMES = ["software", *(f"device-{letter}" for letter in "abcdefghi")]
SIZES = (64, 1024, 8192)


def ten() -> Result:
    cases = [
        measured(Case(name, "aes-128-cbc", request_size=size), [seconds * (1 + at / 1000) for at in range(5)])
        for number, name in enumerate(NAMES)
        for size in SIZES
        for seconds in [(1e-6 + size * 1e-9) * (1 + number / 3)]
    ]
    return result(*cases)


def compared(width: int) -> str:
    found = comparisons([("ten.json", ten())], Judge(make_rule(0.05, 0.02, 0.05)), (), "backend")
    return render_comparisons(found, "table", width)


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_ten_backends_compared_are_tables_that_fit(width: int) -> None:
    text = compared(width)
    assert max(map(len, text.splitlines())) <= width
    for letter in "BCDEFGHIJ":
        assert len(re.findall(rf"^(?!\[).*\[{letter}\](?!.* cases:)", text, re.MULTILINE)) == 1, letter
    assert text.count("-----") >= 2
    if "Too narrow for the rates" in text:
        assert "-\u00a0slower" not in text and "- slower, ~ slower below the threshold" in " ".join(
            text.split()
        )


def test_what_is_wide_enough_says_verdicts_in_words() -> None:
    text = compared(300)
    assert "Too narrow" not in text and text.count("slower") >= 9 * len(SIZES)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_ten_backends_side_by_side_are_tables_that_fit(width: int) -> None:
    text = render(ten(), "table", width, across="backend")
    assert max(map(len, text.splitlines())) <= width
    table = text.partition("Cells:")[2]
    for size in SIZES:
        assert re.search(rf"^ *{size} ", table, re.MULTILINE), "rows, no paragraphs"
    for name in NAMES:
        assert name in table.replace("-\n", "-") or re.search(name.partition("-")[2] + r"\b", table)


def test_columns_are_dealt_out_evenly() -> None:
    assert list(many_bands(10)) == [2, 3, 4] and list(many_bands(3)) == list(many_bands(0)) == []
    assert dealt(range(10), 3) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert dealt([1], 1) == [[1]] and dealt([], 1) == [[]]
