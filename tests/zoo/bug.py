"""The zoo's tables: every bug with what it is, where it was public, and the command that must find it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TABLES = ("libcrypto", "devices")

# The commands, each under its name in the tables.
COMMANDS = {
    "verify": "verify",
    "stress": "verify --stress",
    "longer": "verify --stress --time 60s",
    "run": "run",
}


@dataclass(frozen=True)
class Bug:
    """A driver that is right but for one thing.

    table: the file with its row. found_by: a name of COMMANDS; a longer one must find it as well."""

    table: str
    kind: str
    name: str
    algorithms: tuple[str, ...]
    found_by: str
    does: str
    origin: str


def read(table: str) -> list[Bug]:
    """The bugs of a table: libcrypto.toml, devices.toml."""
    kinds = tomllib.loads((HERE / f"{table}.toml").read_text(encoding="utf-8"))
    return [
        Bug(table, kind, name, tuple(tried.split(", ")), found_by, does, origin)
        for kind, rows in kinds.items()
        for name, (tried, found_by, does, origin) in rows.items()
    ]
