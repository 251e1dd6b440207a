"""The zoo's tables: what is said of every bug, and that it is there."""

from __future__ import annotations

import re

import pytest
from zoo.bug import COMMANDS, TABLES, Bug, read
from zoo.library import SOURCES

from benchsuite.algorithms import ALGORITHMS

BUGS = [bug for table in TABLES for bug in read(table)]


def test_a_hundred_bugs_are_told_apart() -> None:
    names = [bug.name for bug in BUGS]
    assert len(names) == len(set(names)) >= 100
    sentences = [(bug.kind, bug.does) for bug in BUGS]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_row_says_what_it_has_to(bug: Bug) -> None:
    assert bug.found_by in COMMANDS
    assert bug.algorithms and set(bug.algorithms) <= set(ALGORITHMS)
    assert len(bug.origin) > 10 and bug.does and bug.kind


def test_every_bug_of_the_library_is_in_its_table() -> None:
    """But for what anything finds: the tests of commands have them."""
    text = "".join(source.read_text() for source in SOURCES.glob("*.c"))
    rows = {bug.name for bug in read("libcrypto")}
    plain = {"version-empty", "crash", "abort", "kill", "hang", "fail"}
    assert set(re.findall(r'\.name = "(.+?)"', text)) == rows | plain
