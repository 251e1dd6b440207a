"""One start of `openssl speed`: what it printed, and what that says of its clock.

The time is that of the CPU in user mode unless -elapsed or -multi was given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction

from benchsuite.formats import command_line
from benchsuite.formats.figure import CLOCK_UNKNOWN, ELAPSED, USER
from benchsuite.formats.lines import Line
from benchsuite.formats.openssl_public_key import PublicKey

EVP = "evp"  # what -multi before 3.0 calls any cipher that -evp names
UNNAMED = "unknown"
_MOST_MISSING = Fraction(99, 100)
_USERS = 0.97  # an alarm ends the measuring: less than this share of it cannot be elapsed time

USER_TIME = (
    "openssl speed divided by the CPU time of user mode, not by elapsed time: too fast where the kernel or a "
    "device does the work, or the machine is busy; -elapsed gives what compares"
)
WHICH_TIME = "whether openssl speed was given -elapsed is not known: without, it divides by user CPU time"
ASSUMED = "op=encrypt, q_len=1: neither -decrypt nor -async_jobs shows in what openssl speed prints"
WORKERS = "workers: the lines of some processes are missing"


def rate(text: str) -> Fraction | None:
    """Bytes per second of `1331609.31k`, `9999.99` or `1414817558.44`; None where it is no figure."""
    digits = text.removesuffix("k")
    if not re.fullmatch(r"[0-9]{1,18}(?:\.[0-9]{1,6})?", digits):
        return None
    return Fraction(digits) * (1000 if text.endswith("k") else 1) or None


@dataclass(frozen=True, slots=True)
class Timing:
    name: str
    size: int
    nominal: Fraction
    count: int
    seconds: str
    multi_block: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Total:
    name: str
    rates: tuple[str, ...]
    line: Line
    mr: bool


@dataclass(slots=True)
class Run:
    """What one start of the program printed, and the options it was given where that is told."""

    options: dict[str, str] | None = None
    elapsed: bool = False
    version: str = ""
    engine: str = ""
    children: int = 0
    forked: set[int] = field(default_factory=set)  # numbers of the children that said so
    human: bool = False
    sizes: tuple[int, ...] = ()
    in_table: bool = False  # the last line was of the table for people
    timings: list[Timing] = field(default_factory=list)
    starts: dict[str, tuple[str, int, Fraction]] = field(default_factory=dict)  # by name: +DT without its +R
    nominal: dict[tuple[str, int], Fraction] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)
    parts: list[Total] = field(default_factory=list)  # of the children of -multi
    keys: PublicKey = field(default_factory=PublicKey)
    _clock: str = ""  # these two are asked for each figure, when all is read
    _missing: bool | None = None

    @property
    def begun(self) -> bool:
        return bool(self.timings or self.starts or self.parts or self.done or self.keys.begun)

    @property
    def done(self) -> bool:
        return bool(self.totals or self.keys.done)

    @property
    def clock(self) -> str:
        self._clock = self._clock or self._find_clock()
        return self._clock

    def _find_clock(self) -> str:
        if self.elapsed or self.children or "elapsed" in (self.options or {}):
            return ELAPSED
        measured = [(Fraction(each.seconds), each.nominal) for each in self.timings] + self.keys.measured
        short = any(seconds < Fraction(_USERS) * nominal for seconds, nominal in measured)
        return USER if short or self.human else CLOCK_UNKNOWN

    @property
    def facts(self) -> dict[str, str]:
        version = f"OpenSSL {self.version}" if self.version[:1].isdigit() else self.version
        return {
            **({"version": version} if version else {}),
            **({"openssl_engine": self.engine} if self.engine else {}),
        }

    @property
    def notes(self) -> tuple[str, ...]:
        return {USER: (USER_TIME,), CLOCK_UNKNOWN: (WHICH_TIME,)}.get(self.clock, ())

    @property
    def workers(self) -> int:
        told = command_line.number((self.options or {}).get("multi", ""))
        return told or max(self.children, 1)

    @property
    def assumed(self) -> dict[str, str]:
        if self.options is not None:
            return {}
        if self._missing is None:
            self._missing = self._children_missing()
        return {"imported_assumed": f"{ASSUMED}; {WORKERS}" if self._missing else ASSUMED}

    def _children_missing(self) -> bool:
        """Whether the sums are of more processes than there are to see."""
        parts: dict[str, Fraction] = {}
        for part in self.parts:
            parts[part.name] = parts.get(part.name, Fraction(0)) + (rate(part.rates[0]) or 0)
        return any(
            total.name in parts and parts[total.name] < _MOST_MISSING * (rate(total.rates[0]) or 0)
            for total in map(self.named, self.totals)
        )

    @property
    def variant(self) -> tuple[str, ...]:
        clock = {USER: "user-time", CLOCK_UNKNOWN: "clock-not-known"}.get(self.clock, "elapsed")
        return self.version.removeprefix("OpenSSL ").partition(" ")[0], self.engine, clock

    def named(self, total: Total) -> Total:
        """With the cipher's name where there is only `evp`."""
        if total.name != EVP:
            return total
        seen = {name for name, _ in self.nominal} or {(self.options or {}).get(EVP, "")}
        return replace(total, name=(seen.pop() if len(seen) == 1 else "") or UNNAMED)
