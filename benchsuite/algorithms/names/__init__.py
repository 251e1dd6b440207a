"""What interfaces call the algorithms: one file for each column of names.

A driver that has names of its own brings a column: a file here, called as the driver's `names` says
(native/driver.h), with a function `names(kind, cipher, digest)`. `cipher` and `digest` are our names of the
parts, "" where there is none; `null` is the NULL cipher, which is part of pairs only. The function returns
what the driver is given for the two, or None where the interface has no such algorithm.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

Names = tuple[str | None, str | None]  # (cipher, digest or MAC); a name for both stands first


def columns() -> list[str]:
    """Columns that there are."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


@cache
def names(column: str, kind: str, cipher: str, digest: str) -> Names | None:
    """Names of the algorithm that has these parts."""
    of_column: Callable[[str, str, str], Names | None] = import_module(f"{__name__}.{column}").names
    return of_column(kind, cipher, digest)
