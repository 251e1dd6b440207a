"""The tables of wolfCrypt's benchmark with -csv: a header, then a row for each figure.

    Algorithm,MB/s,Cycles per byte,                    Algorithm,key size,operation,avg ms,ops/sec,
    AES-128-CBC-enc,977.104031,2.043421,               RSA,2048,public,0.032,30938.124,

    Algorithm,avg ms,ops/sec,                   "sym",Algorithm,HW/SW,bytes_total,seconds_total,MB/s,...
    RSA 2048 public,0.032,30938.124,            sym,AES-128-CBC-enc,SW,1027604480,1.002931,977.125,...

MB/s stands there whatever the unit is: below 1 MiB in the time that was measured it is KiB/s. Where cycles
are there, too, they tell: no counter has 10^11 in a second.

Source: as benchmark.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from benchsuite.formats.text.lines import Line

_HEADER = re.compile(
    r'(?:###, )?(?:"(?:sym|asym)",)?Algorithm,(?:HW/SW,)?'
    r"(?:bytes_total,μ?seconds_total,)?(?:(?:[KMG]?B|bytes)/μ?s\b"
    r"|(?:key size,operation,)?(?:HW/SW,)?(?:avg ms,)?ops/μ?sec\b)"
)
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?")
_COUNT = re.compile(r"\d{1,18}")
_END = re.compile(r"(?:###, )?Benchmark complete")
_TITLE = re.compile(r"(?:###, )?(?:A?[Ss]ymmetric Ciphers:|This format allows you to easily copy)")
_RATE = re.compile(r"([KMG]?B|bytes)/(μ?)s")
_POWERS = {"bytes": 0, "B": 0, "KB": 1, "MB": 2, "GB": 3}
_FASTEST = 10**11  # cycles in a second


@dataclass(frozen=True, slots=True)
class Row:
    line: Line
    label: str
    op: str
    device: str
    keys: bool  # in operations
    rate: Fraction  # in a second, of `per`
    digits: str
    per: str
    per_byte: Fraction | None = None  # cycles
    cycles: int | None = None
    exact: tuple[int, Fraction] | None = None  # bytes or operations, and seconds

    @property
    def key(self) -> tuple[str, str, str]:
        return " ".join(filter(None, (self.label, self.op))), self.op, self.device

    def unit(self, thousand: int) -> int:
        """Bytes of a MB, or of what it really is."""
        unit: int = thousand ** _POWERS[self.per]
        if self.per == "MB" and self.per_byte and self.rate * unit * self.per_byte > _FASTEST:
            return thousand
        return unit


@dataclass(slots=True)
class Table:
    columns: tuple[str, ...] = ()  # of the header above
    rows: list[Row] = field(default_factory=list)

    def take(self, line: Line) -> bool:
        """Whether the line is one of a table."""
        text = line.text
        if _HEADER.match(text):
            cells = text.removeprefix("###, ").replace('"', "").rstrip(",").split(",")
            self.columns = tuple(cell.strip() for cell in cells)
            return True
        if _END.match(text):
            self.columns = ()
        elif _TITLE.match(text):
            return True
        elif self.columns and (row := self._row(line)):
            self.rows.append(row)
            return True
        return False

    def drop(self) -> Line | None:
        """Takes the last row away."""
        return self.rows.pop().line if self.rows else None

    def _row(self, line: Line) -> Row | None:
        cells = dict(zip(self.columns, (cell.strip() for cell in line.text.split(",")), strict=False))
        label, rates = (
            cells.get("Algorithm", ""),
            [name for name in self.columns if name.endswith(("/s", "/μs"))],
        )
        rates += [name for name in self.columns if name.startswith("ops/")]
        rates = [name for name in rates if name != "ops/s"] or rates
        digits = cells.get(rates[0], "") if rates else ""
        if not label[:1].isalnum() or not _NUMBER.fullmatch(digits) or not Fraction(digits):
            return None
        micro = 10**6 if "μ" in rates[0] else 1
        found = _RATE.fullmatch(rates[0])
        if not found and not rates[0].startswith("ops/"):
            return None
        label = f"{label} {cells['key size']}" if "key size" in cells else label
        per_byte = cells.get("Cycles per byte", "")
        return Row(
            line,
            label[:80],
            cells.get("operation", "")[:40],
            cells.get("HW/SW", ""),
            not found,
            Fraction(digits) * micro,
            digits,
            found[1] if found else "ops",
            Fraction(per_byte) if _NUMBER.fullmatch(per_byte) else None,
            _cycles(cells),
            _exact(cells, micro),
        )


def _cycles(cells: dict[str, str]) -> int | None:
    text = cells.get("cycles_total") or cells.get("cycles", "")
    return int(text) if _COUNT.fullmatch(text) else None


def _exact(cells: dict[str, str], micro: int) -> tuple[int, Fraction] | None:
    """What the machine's table has beyond the others."""
    count = cells.get("bytes_total") or cells.get("ops", "")
    seconds = next(
        (cells[key] for key in ("seconds_total", "μseconds_total", "secs", "μsecs") if key in cells), ""
    )
    if _COUNT.fullmatch(count) and _NUMBER.fullmatch(seconds) and int(count) and Fraction(seconds):
        return int(count), Fraction(seconds) / micro
    return None
