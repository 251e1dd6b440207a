"""A virtual environment with another benchsuite, or other packages beside it: `environment:DIRECTORY`."""

from __future__ import annotations

import os
from pathlib import Path

from benchsuite.model import BenchsuiteError
from benchsuite.places.place import Place

_PROGRAM = "from benchsuite.runner.worker import main; main()"


def place(setting: str) -> Place:
    """BenchsuiteError where there is none."""
    python = Path(setting, "bin", "python")
    if not os.access(python, os.X_OK):
        raise BenchsuiteError(
            f"{setting}: no virtual environment ({python} is not there); "
            "make one with `python3 -m venv` and install benchsuite into it"
        )
    return Place(setting, (str(python), "-I", "-c", _PROGRAM))
