"""One start of wolfCrypt's benchmark: its lines of figures, and what they are counted in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats.text.lines import Line
from benchsuite.formats.wolfcrypt import csv_rows

MIB = 2**20
BYTES = {"bytes": 1, "KiB": 2**10, "MiB": MIB, "GiB": 2**30, "megs": MIB}
_1000 = {"kB": 10**3, "mB": 10**6}
EITHER = {"KB": 1, "MB": 2, "GB": 3}
_SINCE_MIB = (5, 5, 3)  # and maybe a release or two before
_BLOCKS = 5  # are done between two looks at the clock, so amounts are multiples
_DEFAULT, _EMBEDDED = MIB, 1024  # bytes of a block

ASSUMED_BLOCK = "request_size={}: the line with the block's size is missing, and this is the default"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of figures. `key` is what another line of the same has."""

    match: re.Match[str]
    line: Line

    @property
    def key(self) -> tuple[str, str, str]:
        words = self.match.groupdict()
        return " ".join(words["label"].split()), words.get("op") or "", words.get("device") or ""

    @property
    def whole_blocks(self) -> bool:
        """Whether its amount may be of blocks of 1 MiB."""
        words = self.match.groupdict()
        if "amount" not in words or "ECB" in words["label"] or words["label"].startswith("PBKDF2"):
            return True
        return words["unit"] in ("MB", "MiB", "megs") and int(words["amount"]) % _BLOCKS == 0


@dataclass(slots=True)
class Start:
    """One start of the program."""

    number: int = 1
    options: list[str] | None = None
    version: str = ""
    block: int = 0
    least: Fraction = Fraction(1)  # seconds that it measured at least
    cpus: int = 1
    entries: list[Entry] = field(default_factory=list)
    seen: set[tuple[str, str, str]] = field(default_factory=set)  # their keys
    labels: set[str] = field(default_factory=set)
    sums: list[Entry] = field(default_factory=list)
    table: csv_rows.Table = field(default_factory=csv_rows.Table)
    thousand: int = 1024  # what KB are of; this and the next two are known when all is read
    sure: bool = True
    size: int = 0  # of a block

    @property
    def begun(self) -> bool:
        return bool(self.entries or self.table.rows)

    @property
    def facts(self) -> dict[str, str]:
        return {Fact.VERSION: f"wolfSSL {self.version}"} if self.version else {}

    @property
    def no_aad(self) -> bool:
        return "-no_aad" in (self.options or [])

    @property
    def assumed(self) -> dict[str, str]:
        return {} if self.block else {Fact.IMPORTED_ASSUMED: ASSUMED_BLOCK.format(self.size)}

    def conclude(self) -> None:
        """Finds out what the units are of, and how long a block is: without the line that says so as it is by
        default."""
        whole = all(each.whole_blocks for each in self.entries)
        self.size = self.block or (_DEFAULT if whole else _EMBEDDED)
        numbers = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", self.version)
        self.sure = self.options is not None or (numbers is not None and not self.table.rows)
        if self.options is not None:
            self.thousand = 1000 if "-base10" in self.options else 1024
        elif numbers:
            new = tuple(int(part or 0) for part in numbers.groups()) >= _SINCE_MIB
            self.thousand = 1000 if new and not self.table.rows else 1024  # -csv says MB/s for MiB/s
        elif self.block == _DEFAULT and not whole:
            self.thousand = 1000

    def unit(self, name: str) -> int:
        if name in EITHER:
            unit: int = self.thousand ** EITHER[name]
            return unit
        return BYTES.get(name) or _1000[name]
