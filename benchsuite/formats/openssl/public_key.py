"""Lines of `openssl speed` of signatures, key exchanges and key encapsulation, which have no payload.

    Doing 2048 bits private rsa's for 10s: 3893 2048 bits private RSA's in 0.77s
                      sign    verify    sign/s verify/s
    rsa 2048 bits 0.000198s 0.000012s   5055.8  83045.8

    +DTP:2048:private:rsa:1      +R1:3893:2048:0.77      +F2:2:2048:5055.844156:83045.783133

The last two of +F2 to +F5 are operations per second since OpenSSL 1.1.1; before it, and in LibreSSL, they are
seconds of one operation. Which it is is told by the counts, by the figures themselves where they are large
or small, or by the version. Figures are made in key_figures.py.

Source: apps/speed.c of OpenSSL 0.9.8 to 3.5 and of LibreSSL to 2026, and runs of 3.0.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction

from benchsuite.formats import naming
from benchsuite.formats.openssl import version as openssl_version
from benchsuite.formats.openssl.decimals import BILLION, MILLION, billionths, is_cut, last_digit, millionths
from benchsuite.formats.openssl.key_names import DERIVE, is_row, of_header, of_row, of_words, ops_of
from benchsuite.formats.text.lines import Line

_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_DOING = re.compile(
    rf"Doing (?:(?P<times>\d{{1,18}}) (?=\d))?(?P<what>\S.{{0,60}}?)(?: for (?P<nominal>{_NUMBER})s)?: *"
    rf"(?P<count>\d{{1,18}}) \S.{{0,70}}? in (?P<seconds>{_NUMBER})s"
)
_START = re.compile(rf"\+DTP((?::[^:]{{0,40}}){{2,3}}):({_NUMBER})$")
_START_COUNTED = re.compile(r"\+DNP:\d{1,18}((?::[^:]{0,40}){3})$")
_RESULT = re.compile(
    rf"\+R(?P<kind>\d{{1,2}}):(\d{{1,18}}):([^:\s]{{1,40}})(?::[^:\s]{{1,40}})?:({_NUMBER})$"
)
_TOTAL = re.compile(
    r"(?P<got>Got: )?\+F(?P<kind>\d{1,2}):(?P<rest>[-\w.]{1,40}(?::[-\w.]{1,40}){1,6})"
    r"(?: from (?P<child>\d{1,4}))?$"
)
# By number, what was done: processes of -multi print in turn, so the line before may be another's.
_RESULT_OPS = {
    "1": "sign",
    "2": "verify",
    "15": "keygen",
    "16": "encaps",
    "17": "decaps",
    "18": "keygen",
    "19": "sign",
    "20": "verify",
}
_DECIMAL = re.compile(r"\d{1,18}(?:\.\d{1,9})?")
_CELL = re.compile(r"(?:\d{1,12}\.\d{1,9}|inf|nan)(?P<unit>s?)")

# +F2 and so on: the family, and what its figures are of; None where the family's name comes with them.
_KINDS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "2": ("rsa", ("sign", "verify", "encrypt", "decrypt")),
    "3": ("dsa", ("sign", "verify")),
    "4": ("ecdsa", ("sign", "verify")),
    "5": ("ecdh", (DERIVE,)),
    "6": (None, ("sign", "verify")),
    "7": (None, ("sign", "verify")),
    "8": ("ffdh", (DERIVE,)),
    "9": ("kem", ("keygen", "encaps", "decaps")),
    "10": ("signature", ("keygen", "sign", "verify")),
}
_NUMBERED = ("9", "10")  # those that say which algorithm only by a number of their own
_WERE_SECONDS = ("2", "3", "4", "5")
_SURELY_RATE, _SURELY_SECONDS = 100 * BILLION, BILLION // 100  # no operation takes minutes
_LOOK = 100  # counts of one name that are looked at
_HALF = MILLION // 2
_MOST_ROUNDED = MILLION // 50
_SLACK = BILLION**2 // 1000

NO_COUNT = "it was cut off before its count"
NO_START = "the line that says what it is of is missing"
UNKNOWN_KIND = "which figures of openssl speed these are is not known"
CUT_OFF = "its last figure is cut off"
BROKEN_ROW = "a row of openssl speed whose seconds and operations per second do not belong together"
NO_HEADER = "the header of its table is missing, and its name does not say what was done"


@dataclass(frozen=True, slots=True)
class KeyTiming:
    name: str
    op: str
    nominal: int | None  # millionths of a second
    count: int
    seconds: str
    lines: tuple[Line, ...]

    def rate_is(self, text: str) -> Fraction | None:
        """How far the printed rate is from this count's, as a fraction of it; None: too far."""
        rate, seconds = number(text), millionths(self.seconds)
        if rate is None or not seconds:
            return Fraction(0) if text == "inf" and not seconds else None
        off = abs(self.count * MILLION * BILLION - rate * seconds)
        within = seconds * last_digit(text, BILLION) * _HALF + self._rounded(seconds) * rate
        return Fraction(off, rate * seconds) if off * MILLION <= within else None

    def time_is(self, text: str) -> Fraction | None:
        """The same of the printed seconds of one operation."""
        seconds = millionths(self.seconds)
        if not _DECIMAL.fullmatch(text) or not self.count or not seconds:
            return None
        time = billionths(text)  # which may be zero, of a fast one
        off = abs(seconds * 1000 - time * self.count)
        within = seconds * last_digit(text, BILLION) * _HALF + self._rounded(seconds) * time
        return Fraction(off, seconds * 1000) if off * seconds * MILLION <= within * self.count else None

    def _rounded(self, seconds: int) -> int:
        """How far the seconds may be from the true ones, in millionths of the millionths that they are
        given in."""
        return min(last_digit(self.seconds) * _HALF, _MOST_ROUNDED * seconds) + seconds


@dataclass(frozen=True, slots=True)
class KeyTotal:
    """A line of a table, or a +F line: by what is done, the figure as printed."""

    name: str  # by which it is known
    key: str  # by which a count would be known; "": the line does not say it
    cells: tuple[tuple[str, str], ...]
    line: Line
    kind: str = ""  # `2` of +F2, "" of a row
    place: str = ""  # what tells two of one name apart
    contradicted: bool = False  # by the seconds in its line

    @property
    def identity(self) -> tuple[object, ...]:
        """What no two of one start have in common."""
        return self.name, self.kind, self.place

    @property
    def can_be_seconds(self) -> bool:
        return self.kind in _WERE_SECONDS and len(self.cells) <= 2

    @property
    def printed(self) -> tuple[tuple[str, str], ...]:
        return self.cells


@dataclass(slots=True)
class PublicKey:
    """What one start of the program printed of them."""

    ops: tuple[str, ...] = ()  # of the table's columns
    starts: dict[str, deque[tuple[Line, str, str, int | None]]] = field(default_factory=dict)
    timings: list[KeyTiming] = field(default_factory=list)
    totals: list[KeyTotal] = field(default_factory=list)
    rows: dict[tuple[object, ...], KeyTotal] = field(default_factory=dict)  # the same by their identity
    parts: list[KeyTotal] = field(default_factory=list)  # of the children of -multi
    children: int = 0
    doubts: list[tuple[Line, str]] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        return bool(self.timings or any(self.starts.values()) or self.parts or self.totals)

    def take(self, line: Line, parts: tuple[Line, ...]) -> bool:
        """Whether the line is one of these. `parts`: the lines it was made of."""
        text = line.text
        if text.startswith("Doing "):
            return self._count(parts, text)
        if text.startswith(("+D", "+R")):
            return self._machine_count(line, text)
        if match := _TOTAL.match(text):
            self._total(match, line)
            return True
        if ops := of_header(text):
            self.ops = ops
            return True
        return self._row(line, text)

    def _count(self, lines: tuple[Line, ...], text: str) -> bool:
        match = _DOING.match(text)
        if not match:
            return False
        nominal = millionths(match["nominal"]) if match["nominal"] else None
        name, op = of_words(match["what"])
        self.timings.append(KeyTiming(name, op, nominal, int(match["count"]), match["seconds"], lines))
        return True

    def _machine_count(self, line: Line, text: str) -> bool:
        timed = _START.match(text)
        if match := timed or _START_COUNTED.match(text):
            words = match[1].split(":")[1:]
            name, op = of_words(" ".join((words[0], "bits", *words[1:]) if len(words) == 3 else words))
            nominal = millionths(timed[2]) if timed else None
            self.starts.setdefault(words[0], deque()).append((line, name, op, nominal))
        elif match := _RESULT.match(text):
            _, count, key, seconds = match.groups()
            done = _RESULT_OPS.get(match["kind"])
            waiting = self.starts.get(key, ())
            place = next((at for at, each in enumerate(waiting) if done in (None, each[2])), None)
            if isinstance(waiting, deque) and place is not None:
                _, name, op, nominal = waiting[place]
                del waiting[place]
                self.timings.append(KeyTiming(name, op, nominal, int(count), seconds, (line,)))
            else:
                self.doubts.append((line, NO_START))
        else:
            return False
        return True

    def _total(self, match: re.Match[str], line: Line) -> None:
        self.children = max(self.children, int(match["child"] or -1) + 1)
        place, *rest = match["rest"].split(":")
        kind, total = match["kind"], None
        family, ops = _KINDS.get(kind, (None, ()))
        if kind == "6" and len(rest) == 6:  # LibreSSL's: bits, then seconds and rate of each of the three
            name = of_row(f"mlkem{place}")[0]
            cells = zip(("keygen", "encaps", "decaps"), rest[1::2], strict=True)
            total = KeyTotal(name, name, tuple(cells), line, kind, place)
        elif kind in _NUMBERED and len(rest) == len(ops):
            total = KeyTotal(f"{family}-{place}", "", tuple(zip(ops, rest, strict=True)), line, kind, place)
        elif ops and len(rest) > 1:
            bits = rest.pop(0)
            name = f"{family}-{bits}" if family else naming.foreign(rest.pop(0))
            if ops == (DERIVE,) and len(rest) == 2:
                rest = [":".join(rest)]  # which of the two is the rate is found later
            if len(rest) == len(ops) or (kind == "2" and len(rest) == 2):
                cells = zip(ops, rest, strict=False)
                total = KeyTotal(name, name, tuple(cells), line, kind, place)
        if total is None:
            self.doubts.append((line, UNKNOWN_KIND))
        elif is_cut(match["rest"]):
            self.doubts.append((line, CUT_OFF))
        else:
            (self.parts if match["got"] else self.totals).append(total)

    def _row(self, line: Line, text: str) -> bool:
        words = text.split()
        first = len(words)
        while first > 1 and _CELL.fullmatch(words[first - 1]):
            first -= 1
        times = [word for word in words[first:] if word.endswith("s")]
        rates = [word for word in words[first:] if not word.endswith("s")]
        printed = " ".join(words[:first])
        belong = len(times) == len(rates) and all(map(_belong, times, rates))
        if not (times and rates) or not (self.ops or is_row(printed) or (belong and len(times) > 1)):
            return False
        name, key = of_row(printed)
        ops = self.ops if len(self.ops) == len(times) else ops_of(key, len(times))
        headed = len(self.ops) == len(times) == len(rates)  # then the header says which the rates are
        if not (belong or headed):
            self.doubts.append((line, BROKEN_ROW))
        elif not ops:
            self.doubts.append((line, NO_HEADER))
        else:
            cells = tuple(zip(ops, map(_finer, times, rates), strict=True))
            self.totals.append(KeyTotal(name, key, cells, line, "", name, contradicted=not belong))
        return True

    def by_op(self) -> dict[tuple[str, str], list[KeyTiming]]:
        found: dict[tuple[str, str], list[KeyTiming]] = {}
        for timing in self.timings:
            found.setdefault((timing.name, timing.op), []).append(timing)
        return found

    def in_seconds(self, version: str, elsewhere: bool | None) -> list[bool | None]:
        """Says of each total, then of each part, whether its cells are seconds of one operation; None where
        nothing tells. `elsewhere`: of the version that the rest of the file says."""
        totals, counts = [*self.totals, *self.parts], self.by_op()
        own = openssl_version.has_seconds(version)
        sizes = [_by_size(total) for total in totals if total.can_be_seconds]
        others = next((each for each in sizes if each is not None), elsewhere if own is None else own)
        found: list[bool | None] = []
        for total in totals:
            by = [_by_count(total, counts), _by_size(total), others] if total.can_be_seconds else [False]
            found.append(next((each for each in by if each is not None), None))
        return found


def _by_count(total: KeyTotal, counts: dict[tuple[str, str], list[KeyTiming]]) -> bool | None:
    for op, text in total.cells:
        first = text.partition(":")[0]
        for timing in counts.get((total.key, op), ())[:_LOOK]:
            if timing.time_is(first) is not None:
                return True
            if timing.rate_is(first) is not None:
                return False
    return None


def _by_size(total: KeyTotal) -> bool | None:
    values = [value for _, text in total.cells if (value := number(text.partition(":")[0]))]
    if any(value > _SURELY_RATE for value in values):
        return False
    return True if any(value < _SURELY_SECONDS for value in values) else None


def number(text: str) -> int | None:
    """A figure of more than zero, in billionths."""
    return (billionths(text) or None) if _DECIMAL.fullmatch(text) else None


def chosen(text: str, seconds: bool) -> tuple[str, bool]:
    """A cell, and whether it is seconds: of two that are each other's inverse (+F5) the rate."""
    first, colon, second = text.partition(":")
    if colon:
        return (second if seconds else first), False
    return text, seconds


def _finer(time: str, rate: str) -> str:
    """The rate, where need be from the seconds: `0.0` of what takes longer than that can show."""
    seconds = time.removesuffix("s")
    if rate[:1].isdigit() and not billionths(rate) and seconds[:1].isdigit() and billionths(seconds):
        return f"{BILLION / billionths(seconds):.9f}"
    return rate


def _belong(time: str, rate: str) -> bool:
    """Whether the two are each other's inverse, as far as their digits go."""
    time = time.removesuffix("s")
    if not (time[0].isdigit() and rate[0].isdigit()):
        return True
    one, other = billionths(time), billionths(rate)
    rounded = last_digit(time, BILLION) * other + last_digit(rate, BILLION) * one
    return 2 * (abs(one * other - BILLION**2) - _SLACK) <= rounded
