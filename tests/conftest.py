"""The fixture every end-to-end test begins with, and what all property tests have in common."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import COMMAND, Cli
from hypothesis import HealthCheck, settings

# A machine may be busy, and chance may draw many examples that do not apply: no test fails because of that.
_PATIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile("patient", deadline=None, suppress_health_check=_PATIENT)
settings.load_profile("patient")


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    assert COMMAND.exists(), f"the tests run {COMMAND}: install the package (make test does)"
    return Cli(tmp_path)
