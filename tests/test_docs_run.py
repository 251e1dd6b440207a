"""Whoever does what a page of the documents says gets what it says: every command runs, in the order of the
page, every session prints what is shown, every example is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import (
    ELSEWHERE,
    MARKS,
    NEEDS,
    PAGES,
    QUESTIONS,
    ROOT,
    Block,
    all_blocks,
    blocks,
    commands,
    differences,
    follow,
    form,
    prose,
    read,
)

LANGUAGES = {"sh", "console", "python", "toml", "yaml", "csv", "ini", "text", "c"}


@pytest.mark.parametrize("page", QUESTIONS)
def test_a_page_is_followed(page: str, tmp_path: Path) -> None:
    """The other pages: test_docs_run_reference.py, which another CPU may take."""
    follow(page, tmp_path)


@pytest.mark.parametrize("page", PAGES)
def test_code_is_in_blocks_that_say_what_it_is(page: str) -> None:
    """What is only indented, or in a block without a language, nobody would run."""
    text = read(page)
    assert re.findall(r"^\n {4}.*", prose(page), re.MULTILINE) == []
    assert {block.language for block in blocks(page)} <= LANGUAGES
    assert len(re.findall(r"^```\w", text, re.MULTILINE)) == len(blocks(page))
    assert all(not list(commands(block.text)) for block in blocks(page) if block.language == "text")


def marked(*marks: str) -> list[Block]:
    return [block for block in all_blocks() if block.mark in marks]


def test_what_is_not_run_has_a_reason() -> None:
    assert {block.mark for block in all_blocks()} <= {*MARKS, ""}
    for block in marked("tested"):
        test = (ROOT / block.value).read_text()
        assert Path(block.page).name in test, f"{block.place}: {block.value} does not name this page"
    assert {block.value for block in marked("needs")} <= set(NEEDS)
    assert len(marked("needs")) <= 6
    assert {block.value for block in marked("lab")} <= {"", "host"}


def test_a_comment_above_a_block_is_one_of_the_marks() -> None:
    """One with a typing error would leave the block as any other, or out."""
    for page in PAGES:
        comments = re.findall(r"<!-- (.*?) -->", re.sub(r"`[^`\n]+`", "", read(page)))
        assert len(comments) == sum(bool(block.mark) for block in blocks(page)), page


def test_most_commands_are_run() -> None:
    run = [c for block in all_blocks() if block.mark not in ELSEWHERE for c in commands(block.text)]
    lab = [c for block in marked("lab") for c in commands(block.text)]
    assert len(run) > 60 and len(lab) > 5


# The reading itself


def test_a_session_that_prints_something_else_is_found() -> None:
    assert differences(["a", "b"], ["a", "b"]) == ""
    assert differences(["a", "..."], ["a", "b"]) == ""
    assert differences(["...", "b"], ["a", "b"]) == ""
    assert differences(["a", "...", "c"], ["a", "b", "c"]) == ""
    assert differences(["a"], ["a", "b"])
    assert differences(["a", "c"], ["a", "b", "c"])
    assert differences(["b", "a"], ["a", "b"])
    assert differences(["a", "...", "d"], ["a", "b", "c"])


def test_the_form_of_a_session_has_its_words_and_not_its_figures() -> None:
    measured = ["q_len    Mbps  note", "-----  ------  ----", "    1   252.1  [1]", "    8  2,178"]
    assert form(measured) == ["q_len Mbps note", "-- -- --", "# #", "# #"]
    assert form(["1 case, 0.5 s"]) == form(["12 case, 3 s"]) != form(["12 cases, 3 s"])


def test_commands_are_found_in_scripts() -> None:
    script = (
        "cat a | benchsuite import - -o b\nbenchsuite list backends  # all\nbenchsuite \\\n  doctor > c\nls\n"
    )
    assert list(commands(script)) == [
        "benchsuite import - -o b",
        "benchsuite list backends",
        "benchsuite doctor",
    ]
