"""The rest of the pages that are followed as test_docs_run.py says; a file of its own, for another CPU."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import PAGES, QUESTIONS, blocks, follow


@pytest.mark.parametrize("page", [page for page in PAGES if page not in QUESTIONS and blocks(page)])
def test_a_page_is_followed(page: str, tmp_path: Path) -> None:
    follow(page, tmp_path)
