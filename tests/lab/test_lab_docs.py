"""What the documents mark as needing another kernel, done in the lab; and what they mark as starting the
lab, done on the host."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import PAGES, Reader, blocks, prepare


def pages(value: str) -> list[str]:
    return [page for page in PAGES if any((each.mark, each.value) == ("lab", value) for each in blocks(page))]


def follow(page: str, value: str, directory: Path) -> None:
    reader = Reader(prepare(directory))
    for block in blocks(page):
        if block.mark == "file" or (block.mark, block.value) == ("lab", value):
            reader.follow(block)


@pytest.mark.parametrize("page", pages(""))
@pytest.mark.usefixtures("one_cpu")
def test_what_needs_another_kernel(page: str, tmp_path: Path) -> None:
    follow(page, "", tmp_path)


@pytest.mark.outside
@pytest.mark.parametrize("page", pages("host"))
def test_what_starts_the_lab(page: str, tmp_path: Path) -> None:
    follow(page, "host", tmp_path)
