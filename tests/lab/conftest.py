"""These tests need another kernel than most machines have: `make lab` runs them in the lab's machine. Those
marked `outside` start machines themselves, on the host. Elsewhere all are skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cuse_device import Device, build, why_not

from benchsuite.host.machine import LAB

HERE = Path(__file__).parent
INSIDE = bool(os.environ.get(LAB))
OUTSIDE = bool(os.environ.get("LAB_TESTS")) and not INSIDE  # make lab sets it


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "outside: starts machines of the lab, on the host")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="needs the lab: make lab")
    for item in items:
        if HERE in item.path.parents and not (OUTSIDE if item.get_closest_marker("outside") else INSIDE):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server of a /dev/crypto for tests, built once."""
    if reason := why_not():
        pytest.skip(reason)
    return build(tmp_path_factory.mktemp("cuse"))


@pytest.fixture(scope="module")
def shared(program: Path) -> Iterator[Device]:
    """A device without faults, for tests that only measure or verify."""
    with Device(program) as device:
        yield device


@pytest.fixture
def device(shared: Device) -> Iterator[Device]:
    """The shared one, for a test that sets faults. None is left behind."""
    yield shared
    shared.fault("none")


@pytest.fixture
def one_cpu() -> Iterator[None]:
    """For tests that load virtio-crypto: Linux 6.1's driver stops for good when two CPUs hand it requests at
    once (METHODOLOGY.md, "Measured in the lab"), and nothing could run here after that."""
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usable)})
    yield
    os.sched_setaffinity(0, usable)
