"""The fixture every end-to-end test begins with, and what all property tests have in common."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import COMMAND, Cli
from hypothesis import HealthCheck, settings

# A machine may be busy: no test fails because an example took long.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    assert COMMAND.exists(), f"the tests run {COMMAND}: install the package (make test does)"
    return Cli(tmp_path)
