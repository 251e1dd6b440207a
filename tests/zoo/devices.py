"""Faulty devices: the backend that has the bug of a row of devices.toml, and the environment that knows it.

A device of tests/zoo/device/ is a driver of a variant of the core (variant.py). The rows `simulated-FAULT`
are `sim`'s own faults: that device is of the package as it is.
"""

from __future__ import annotations

import os
from pathlib import Path

from zoo.variant import environment

SOUND = "none"  # the device without a bug

# Quick, so that there is much traffic in little time.
_SIMULATED = "sim:qat-gen4,clock=real"
_FAULTS = {
    "wrong": "wrong=0.002",
    "lost": "lost=0.0002",
    "duplicate": "duplicate=0.001",
    "error": "error=0.001",
    "hang": "hang=5000",
}


def backend_of(name: str) -> str:
    """What `-b` takes."""
    kind, _, fault = name.partition("-")
    return f"{_SIMULATED},{_FAULTS[fault]}" if kind == "simulated" else f"faulty:{name}"


def environment_of(name: str, folder: Path) -> dict[str, str]:
    return dict(os.environ) if name.startswith("simulated-") else environment(folder)
