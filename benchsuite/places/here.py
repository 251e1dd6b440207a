"""This machine, and the benchsuite that is running."""

from __future__ import annotations

import sys

from benchsuite.places.place import Place

PROGRAM = "import sys; sys.path[:] = {path!r}; from benchsuite.runner.worker import main; main()"


def place(setting: str = "") -> Place:
    """Isolated from the user's environment, but with the module path of this process: the worker must
    measure with the benchsuite that started it, wherever that was found."""
    return Place("", (sys.executable, "-I", "-c", PROGRAM.format(path=sys.path)))
