"""What a reader of a foreign format finds: figures, each with the lines it is from.

A reader is a module with

    NAME     the program, as it appears in results
    ABOUT    one line: what it is
    MARKS    texts of which one is in whatever the program prints: without any the reader is not asked
    read(lines, known) -> Reading

and never raises anything, whatever the lines are: they may be cut, mixed with others, or no output at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from benchsuite.formats.text.lines import Line
from benchsuite.model import Case, Value
from benchsuite.records import LONGEST, SHORTEST

ELAPSED, USER, CLOCK_UNKNOWN = "elapsed", "user CPU", "not known"
EXACT, ROUGHLY, PER_SECOND = "exact", "about", "not known: per second"

SIDE_BY_SIDE = "figures side by side, and which is whose is not known: give each column as a file of its own"

MOST_REQUESTS = 2**53


@dataclass(frozen=True, slots=True)
class Known:
    """What the person who imports knows and a log may not say."""

    hz: int | None = None  # jiffies per second
    cycles_hz: float | None = None  # what the kernel's cycle counter counts in a second
    sizes: tuple[int, ...] = ()  # bytes, of the columns of a table that has no header


@dataclass(slots=True)
class Figure:
    """One figure of one case. Without `values` there is no time, and `reason` says why. It is not frozen, for
    imports/context.py adds to it what only the whole text tells."""

    case: Case
    lines: tuple[Line, ...]  # where it is from
    printed: str  # the figure as it is printed: `180.65 MB/sec`
    values: tuple[Value, ...] = ()
    reason: str = ""
    precision: float = 0.0  # how far the printed digits leave the true figure open, as a fraction of it
    requests: str = EXACT  # how well the number of requests is known
    clock: str = ELAPSED  # what the seconds are of
    algorithm: str = ""  # as printed
    # What sets it apart from another figure of the same case in the same file: a driver, a version; "" where
    # that is not known. Where two differ, their backends get it as a setting.
    variant: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # what a reader of the figure has to know; whole sentences without figures
    # Which start of the program in the file it is from, counted from 1; 0: not known. What comes twice in one
    # start is a repetition; the same case in another start is another run.
    start: int = 0
    counters: dict[str, int] = field(default_factory=dict)  # as those of a WorkerRun
    latency: dict[str, dict[str, Any]] = field(default_factory=dict)
    # What the lines around it say of that run, as (kind, text); no reader sets it.
    context: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Reading:
    figures: list[Figure] = field(default_factory=list)
    used: set[int] = field(default_factory=set)  # numbers of the lines that are the program's
    unclear: list[tuple[Line, str]] = field(default_factory=list)  # the program's, but no figure; and why

    def use(self, lines: Iterable[Line]) -> None:
        self.used.update(line.number for line in lines)

    def doubt(self, line: Line, why: str) -> None:
        self.used.add(line.number)
        self.unclear.append((line, why))


def half_unit(digits: str) -> Fraction:
    """How far a rounded number may be from the true one: `180.65` is within 0.005 of it."""
    return Fraction(1, 2 * 10 ** len(digits.partition(".")[2]))


def relative(digits: str, within: Fraction | None = None) -> float:
    """The fraction by which a number, as printed, may be off. 1 where it is zero."""
    number = Fraction(digits)
    return float(min(Fraction(1), (within or half_unit(digits)) / number)) if number else 1.0


def timed(
    requests: int,
    seconds: Fraction | float,
    *,
    user: Fraction | float | None = None,
    cycles: int | None = None,
) -> Value | None:
    """A value, or None for what cannot be one: no requests, no time, or beyond all bounds."""
    try:
        wall = float(seconds)
    except (OverflowError, ValueError):
        return None
    if not 1 <= requests <= MOST_REQUESTS or not SHORTEST <= wall <= LONGEST:
        return None
    if cycles is not None and not 0 <= cycles < 2**64:
        cycles = None
    return Value(requests, wall, None if user is None else float(user), None, cycles)


def of_rate(
    per_second: Fraction, seconds: Fraction | float = 1, *, cycles: int | None = None
) -> Value | None:
    """A value of exactly this many requests in a second, measured for about so many seconds: the nearest
    whole number of requests, and the time that they take at this rate."""
    if per_second <= 0:
        return None
    requests = max(1, round(per_second * Fraction(seconds)))
    return timed(requests, requests / per_second, cycles=cycles)
