"""What interfaces call the algorithms: one file for each column of names.

A driver that has names of its own brings a column: a file here with a function `names(kind, cipher, digest)`,
and its name in COLUMNS. `cipher` and `digest` are our names of the parts, "" where there is none; `null` is
the NULL cipher, which is part of pairs only. The function returns what the driver is given for the two, or
None where the interface has no such algorithm.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

Names = tuple[str | None, str | None]  # (cipher, digest or MAC); a name for both stands first

COLUMNS = ("libcrypto", "afalg", "cryptodev", "tcrypt")


@cache
def names(column: str, kind: str, cipher: str, digest: str) -> Names | None:
    """Names of the algorithm that has these parts; ValueError for no column."""
    if column not in COLUMNS:
        raise ValueError(f"no column {column!r}: {', '.join(COLUMNS)}")
    of_column: Callable[[str, str, str], Names | None] = import_module(f"{__name__}.{column}").names
    return of_column(kind, cipher, digest)
