"""The fixture every end-to-end test begins with."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import COMMAND, Cli


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    assert COMMAND.exists(), f"the tests run {COMMAND}: install the package (make test does)"
    return Cli(tmp_path)
