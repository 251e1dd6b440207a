"""The fixture every end-to-end test begins with, and what all property tests have in common."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from command import COMMAND, Cli
from hypothesis import HealthCheck, settings

# A machine may be busy, and chance may draw many examples that do not apply: no test fails because of that.
# Nor does a change for a fault of something else that chance has just found: `make fuzz` draws at random,
# `make test` the same examples every time.
_PATIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile(
    "patient", deadline=None, suppress_health_check=_PATIENT, derandomize="FUZZ_RUNS" not in os.environ
)
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Undoes what pytest-xdist's processes have and what these tests start would inherit: no Ctrl-C, and word
    that benchmarks are of no use there."""
    if hasattr(config, "workerinput"):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for name in [name for name in os.environ if name.startswith("PYTEST_XDIST_")]:
            del os.environ[name]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    assert COMMAND.exists(), f"the tests run {COMMAND}: install the package (make test does)"
    return Cli(tmp_path)
