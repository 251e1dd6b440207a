"""One start of `openssl speed`: what it printed, and what that says of it as a whole."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field, replace

from benchsuite.facts import Fact
from benchsuite.formats.figure import CLOCK_UNKNOWN, ELAPSED, USER
from benchsuite.formats.openssl import clock
from benchsuite.formats.openssl import version as openssl_version
from benchsuite.formats.openssl.decimals import millionths
from benchsuite.formats.openssl.public_key import KeyTiming, PublicKey
from benchsuite.formats.text import command_line
from benchsuite.formats.text.lines import Line

EVP = "evp"  # what -multi before 3.0 calls any cipher that -evp names
UNNAMED = "unknown"
_NAME = re.compile(r"[\w.+()-]{1,60}")
_RATE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,6})?)(k?)")
_MOST_MISSING = 99  # per cent: with less of a sum than that there is a process that nothing is seen of

ASSUMED_OP = "op=encrypt"
ASSUMED = f"{ASSUMED_OP}, q_len=1: neither -decrypt nor -async_jobs shows in what openssl speed prints"
WORKERS = "workers: the lines of some processes are missing"


def rate(text: str) -> int | None:
    """Bytes per second of `1331609.31k`, `9999.99` or `1414817558.44`, in millionths; None where it is no
    figure."""
    if match := _RATE.fullmatch(text):
        return millionths(match[1]) * (1000 if match[2] else 1) or None
    return None


@dataclass(slots=True)  # not frozen, which takes longer: a file may have tens of thousands
class Timing:
    """A count, and in which time it was reached."""

    name: str
    size: int
    nominal: int | None  # millionths of a second after which an alarm came; None: there was none
    count: int
    seconds: str
    multi_block: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """A row of a table, or a +F line."""

    name: str
    rates: tuple[str, ...]
    line: Line
    mr: bool
    sizes: tuple[int, ...] = ()  # of the header above; () where there is none
    where: str = ""  # what stands in brackets after a row

    @property
    def identity(self) -> tuple[object, ...]:
        """What no two of one start have in common."""
        return self.name, self.mr, self.sizes, self.where

    @property
    def printed(self) -> tuple[str, ...]:
        return self.rates


@dataclass(slots=True)
class Run:
    options: dict[str, str] | None = None  # of the command, where that is told
    variables: bool = False  # of the shell are among the options, so that not all are told
    loop: bool = False  # the command starts it more than once
    elapsed: bool = False
    version: str = ""
    seconds: bool | None = None  # whether its +F2 to +F5 are seconds, as the rest of the file has it
    engine: str = ""
    children: int = 0
    forked: set[int] = field(default_factory=set)  # numbers of the children that said so
    human: bool = False
    sizes: tuple[int, ...] = ()
    aead: bool = False  # there are sizes that only -aead has: each message then has a header of TLS
    in_table: bool = False  # the last line was of the table for people
    timings: list[Timing] = field(default_factory=list)
    counts: set[tuple[str, int]] = field(default_factory=set)  # their names and sizes
    # By name: +DT lines that wait for their +R.
    starts: dict[str, deque[tuple[Line, int, int | None]]] = field(default_factory=dict)
    nominal: dict[tuple[str, int], int] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)
    rows: dict[tuple[object, ...], Total] = field(default_factory=dict)  # the same by their identity
    parts: list[Total] = field(default_factory=list)  # of the children of -multi
    keys: PublicKey = field(default_factory=PublicKey)
    doubts: list[tuple[Line, str]] = field(default_factory=list)
    _clock: str = ""  # these two are asked for each figure, when all is read
    _missing: bool | None = None

    @property
    def begun(self) -> bool:
        return bool(self.timings or any(self.starts.values()) or self.parts or self.done or self.keys.begun)

    @property
    def done(self) -> bool:
        return bool(self.totals or self.keys.totals)

    @property
    def counted(self) -> bool:
        return bool(self.timings or self.keys.timings)

    @property
    def multi(self) -> bool:
        return bool(self.processes or self.parts or "multi" in (self.options or {}))

    @property
    def processes(self) -> int:
        """Number of the processes of -multi that said something."""
        return max(self.children, self.keys.children)

    @property
    def clock(self) -> str:
        """What the seconds are of that it printed, and divided by."""
        self._clock = self._clock or self._find_clock()
        return self._clock

    def _find_clock(self) -> str:
        if self.elapsed or self.multi or "elapsed" in (self.options or {}):
            return ELAPSED
        if self.told or self.human:
            return USER
        timings: list[Timing | KeyTiming] = [*self.timings, *self.keys.timings]
        measured = [(each.seconds, each.nominal) for each in timings]
        return USER if any(clock.is_short(*each) for each in measured) else CLOCK_UNKNOWN

    @property
    def told(self) -> bool:
        """Whether all of its options are known."""
        return self.options is not None and not self.variables

    @property
    def facts(self) -> dict[str, str]:
        return {
            **({Fact.VERSION: openssl_version.shown(self.version)} if self.version else {}),
            **({Fact.OPENSSL_ENGINE: self.engine} if self.engine else {}),
        }

    @property
    def workers(self) -> int:
        told = command_line.number((self.options or {}).get("multi", ""))
        return told or max(self.processes, 1)

    @property
    def jobs(self) -> int:
        """How many requests each process keeps under way."""
        return command_line.number((self.options or {}).get("async_jobs", "")) or 1

    @property
    def assumed(self) -> tuple[str, ...]:
        if self.told:
            return ()
        if self._missing is None:
            self._missing = self._children_missing()
        return (ASSUMED, WORKERS) if self._missing else (ASSUMED,)

    def _children_missing(self) -> bool:
        """Whether the sums are of more processes than there are to see."""
        parts: dict[str, int] = {}
        for part in self.parts:
            parts[part.name] = parts.get(part.name, 0) + (rate(part.rates[0]) or 0)
        return any(
            total.name in parts and 100 * parts[total.name] < _MOST_MISSING * (rate(total.rates[0]) or 0)
            for total in map(self.named, self.totals)
        )

    def named(self, total: Total) -> Total:
        """With the cipher's name where there is only `evp`."""
        if total.name != EVP:
            return total
        seen = {name for name, _ in self.nominal} or {(self.options or {}).get(EVP, "")}
        name = seen.pop() if len(seen) == 1 else ""
        return replace(total, name=name if _NAME.fullmatch(name) else UNNAMED)
