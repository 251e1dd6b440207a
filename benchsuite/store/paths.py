"""Where the journal of a result stands."""

from __future__ import annotations

import os
from pathlib import Path

from benchsuite.files import followed


def journal_path(result: str | os.PathLike[str]) -> Path:
    """Path of the journal of a result file: beside it."""
    target = followed(result)
    return target.parent / (target.name + ".journal")
