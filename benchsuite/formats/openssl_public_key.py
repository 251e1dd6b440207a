"""What `openssl speed` prints of signatures, key exchanges and key encapsulation: no payload.

    Doing 2048 bits private rsa's for 10s: 3893 2048 bits private RSA's in 0.77s
                      sign    verify    sign/s verify/s
    rsa 2048 bits 0.000198s 0.000012s   5055.8  83045.8

    +DTP:2048:private:rsa:1      +R1:3893:2048:0.77      +F2:2:2048:5055.844156:83045.783133

Names are made of what is printed: rsa-2048, ecdsa-nistp256 (ecdsa-256 where no table names the curve),
ed25519. Counts and tables are one figure where both are there, as in openssl_speed.py.

Source: apps/speed.c of OpenSSL 1.0 to 4.0, and runs of 3.0.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from benchsuite.formats import naming
from benchsuite.formats.figure import EXACT, PER_SECOND, USER, Figure, of_rate, relative, timed
from benchsuite.formats.lines import Line
from benchsuite.model import Case, Value

NO_PAYLOAD = 0
DERIVE = "derive"

_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_DOING = re.compile(
    rf"Doing (?P<what>\S.{{0,60}}?) for (?P<nominal>{_NUMBER})s: (?P<count>\d{{1,18}}) \S.{{0,70}}? "
    rf"in (?P<seconds>{_NUMBER})s"
)
_START = re.compile(rf"\+DTP((?::[^:\s]{{0,40}}){{2,3}}):({_NUMBER})$")
_RESULT = re.compile(rf"\+R\d{{1,2}}:(\d{{1,18}})(?::[^:\s]{{1,40}}){{1,2}}:({_NUMBER})$")
_TOTAL = re.compile(
    r"(?P<got>Got: )?\+F(?P<kind>\d{1,2}):(?P<index>\d{1,4})(?P<rest>(?::[-\w.]{1,40}){1,5})"
    r"(?: from \d{1,4})?$"
)
_HEADER = re.compile(r"(?:sign|op|keygen)(?: +[a-z]+){0,3}(?: +(?:[a-z]+|encr\.|decr\.)/s){1,4}$")
_ROW = re.compile(
    r"(?P<name>\S.{0,60}?)(?P<times>(?: +\d{1,9}\.\d{1,9}s){1,4})"
    r"(?P<rates>(?: +\d{1,12}(?:\.\d{1,3})?){1,4})$"
)
_NAME = re.compile(
    r"(?P<family>rsa|dsa) +(?P<bits>\d{1,6}) bits"
    r"|(?P<bits2>\d{1,6}) bits (?P<family2>\w+)(?: \((?P<curve>\S{1,40})\))?"
)

# +F2 and so on: the family, and what its figures are of; None where the family's name comes with them.
_KINDS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "2": ("rsa", ("sign", "verify", "encrypt", "decrypt")), "3": ("dsa", ("sign", "verify")),
    "4": ("ecdsa", ("sign", "verify")), "5": ("ecdh", (DERIVE,)), "6": (None, ("sign", "verify")),
    "7": (None, ("sign", "verify")), "8": ("ffdh", (DERIVE,)),
    "9": ("kem", ("keygen", "encaps", "decaps")), "10": ("signature", ("keygen", "sign", "verify")),
}  # fmt: skip
_NUMBERED = ("9", "10")  # those that say which algorithm only by a number of their own
_OPS = {"sign": "sign", "signs": "sign", "op": DERIVE} | {
    word: word for word in ("verify", "keygen", "encaps", "decaps", "encrypt", "decrypt")
}
_SIDES = {"private": "sign", "public": "verify"}  # of RSA, where nothing else is said
_WITH_BITS = ("rsa", "dsa", "ecdsa", "ecdh", "ffdh")
_LOOK = 8  # how many of the waiting counts a row is held against
_TICK = Fraction(1, 100)  # of the clock it reads


@dataclass(frozen=True, slots=True)
class _Timing:
    name: str
    op: str
    nominal: Fraction
    count: int
    seconds: str
    line: Line


@dataclass(frozen=True, slots=True)
class _Total:
    """A line of a table: operations in a second, by what is done."""

    name: str  # by which it is known
    key: str  # by which a count would be known
    rates: tuple[tuple[str, str], ...]
    line: Line


@dataclass(slots=True)
class PublicKey:
    ops: tuple[str, ...] = ()  # of the table's columns
    start: tuple[str, str, Fraction] | None = None
    timings: list[_Timing] = field(default_factory=list)
    totals: list[_Total] = field(default_factory=list)
    parts: list[_Total] = field(default_factory=list)  # of the children of -multi
    incomplete: list[Line] = field(default_factory=list)  # of those: where some are missing

    @property
    def begun(self) -> bool:
        return bool(self.timings or self.start or self.parts or self.totals)

    @property
    def done(self) -> bool:
        return bool(self.totals)

    @property
    def measured(self) -> list[tuple[Fraction, Fraction]]:
        """(seconds, how many it was told to measure), of each count."""
        return [(Fraction(each.seconds), each.nominal) for each in self.timings]

    def take(self, line: Line) -> bool:
        """Whether the line is one of these."""
        text = line.text
        if match := _DOING.match(text):
            name, op = _of_words(match["what"].removesuffix("'s").removesuffix(" ops").split())
            nominal = Fraction(match["nominal"])
            self.timings.append(_Timing(name, op, nominal, int(match["count"]), match["seconds"], line))
        elif match := _START.match(text):
            words = match[1].split(":")[1:]
            self.start = (
                *_of_words([words[0], "bits", *words[1:]] if len(words) == 3 else words),
                Fraction(match[2]),
            )
        elif match := _RESULT.match(text):
            if self.start:
                self.timings.append(_Timing(*self.start, int(match[1]), match[2], line))
            self.start = None
        elif match := _TOTAL.match(text):
            return self._total(match, line)
        elif _HEADER.match(text):
            self.ops = tuple(_OPS[word] for word in text.split() if word in _OPS)
        elif match := _ROW.match(text):
            return self._row(match, line)
        else:
            return False
        return True

    def _total(self, match: re.Match[str], line: Line) -> bool:
        kind = _KINDS.get(match["kind"])
        if kind is None:
            return False
        rest, (family, ops) = match["rest"].split(":")[1:], kind
        if match["kind"] in _NUMBERED:
            name = f"{family}-{match['index']}"
        else:
            bits, name = rest.pop(0), ""
            name = f"{family}-{bits}" if family else naming.foreign(rest.pop(0) if rest else "")
        found = tuple(zip(ops, rest, strict=False))
        total = _Total(name, "" if match["kind"] in _NUMBERED else name, found, line)
        (self.parts if match["got"] else self.totals).append(total)
        return True

    def _row(self, match: re.Match[str], line: Line) -> bool:
        rates = match["rates"].split()
        if len(rates) != len(self.ops) or len(match["times"].split()) != len(rates):
            return False
        name, key = _of_row(match["name"])
        self.totals.append(_Total(name, key, tuple(zip(self.ops, rates, strict=True)), line))
        return True

    def figures(
        self, backend: str, children: int, clock: str, facts: dict[str, str], notes: tuple[str, ...],
        variant: tuple[str, ...],
    ) -> Iterator[Figure]:  # fmt: skip
        common = _Common(backend, max(children, 1), clock, facts, notes, variant)
        if children or self.parts:
            yield from self._of_several(common)
            return
        waiting: dict[tuple[str, str], deque[_Timing]] = {}
        for timing in self.timings:
            waiting.setdefault((timing.name, timing.op), deque()).append(timing)
        unnamed = {op: deque(each for each in self.timings if each.op == op) for op in set(_OPS.values())}
        for total in self.totals:
            for op, text in total.rates:
                found = waiting.get((total.key, op)) if total.key else unnamed[op]
                timing = _agreeing(found, text) if found else None
                if timing is None:
                    yield from common.rated(total, op, text)
                elif total.key:  # where only a number says which it is, the count has the name
                    yield from common.timed(timing, total.name, total.line)
        for found in waiting.values():
            for timing in found:
                yield from common.timed(timing, timing.name, None)

    def _of_several(self, common: _Common) -> Iterator[Figure]:
        finals = {total.name for total in self.totals}
        sums: dict[tuple[str, str], list[tuple[str, Line]]] = {}
        for total in self.totals:
            for op, text in total.rates:
                yield from common.rated(total, op, text)
        for part in self.parts:
            if part.name not in finals:
                for op, text in part.rates:
                    sums.setdefault((part.name, op), []).append((text, part.line))
        for (name, op), found in sums.items():
            rates = [_number(text) for text, _ in found]
            if len(rates) < common.workers or not all(rates):
                self.incomplete.append(found[-1][1])
            else:
                text = f"{float(sum((rate for rate in rates if rate), Fraction(0))):.6f}"
                yield from common.rated(_Total(name, name, (), found[-1][1]), op, text)


@dataclass(frozen=True, slots=True)
class _Common:
    """What the figures of one start of the program share."""

    backend: str
    workers: int
    clock: str
    facts: dict[str, str]
    notes: tuple[str, ...]
    variant: tuple[str, ...]

    def timed(self, timing: _Timing, name: str, total: Line | None) -> Iterator[Figure]:
        seconds = Fraction(timing.seconds)
        value = timed(timing.count, seconds, user=float(seconds) if self.clock == USER else None)
        reason = "" if value else f"openssl speed counted {timing.count} in {timing.seconds} s"
        off = float(min(Fraction(1), _TICK / seconds)) if seconds else 0.0
        lines = (timing.line, *((total,) if total else ()))
        printed = f"{timing.count} in {timing.seconds} s"
        yield self._figure(name, timing.op, lines, printed, value, reason, off, EXACT)

    def rated(self, total: _Total, op: str, text: str) -> Iterator[Figure]:
        rate = _number(text)
        value = of_rate(rate) if rate else None
        reason = "" if value else f"openssl speed printed {text} operations per second"
        off = relative(text) if rate else 0.0
        yield self._figure(total.name, op, (total.line,), f"{text}/s", value, reason, off, PER_SECOND)

    def _figure(
        self, name: str, op: str, lines: tuple[Line, ...], printed: str, value: Value | None, reason: str,
        off: float, requests: str,
    ) -> Figure:  # fmt: skip
        return Figure(
            Case(self.backend, name, op, NO_PAYLOAD, workers=self.workers), lines, printed,
            (value,) if value else (), reason, off, requests, self.clock, name, self.variant, self.facts,
            self.notes,
        )  # fmt: skip


def _number(text: str) -> Fraction | None:
    return Fraction(text) if re.fullmatch(r"\d{1,18}(?:\.\d{1,9})?", text) and float(text) > 0 else None


def _agreeing(waiting: deque[_Timing], text: str) -> _Timing | None:
    """The first of the counts that gives this rate; it waits no longer. Each row has its own count,
    in the same order."""
    rate = _number(text)
    if rate is None:
        return None
    near = Fraction(1, 2 * 10 ** len(text.partition(".")[2])) + rate / 10**6
    for timing in list(waiting)[:_LOOK]:
        seconds = Fraction(timing.seconds)
        if seconds and abs(timing.count / seconds - rate) <= near:
            waiting.remove(timing)
            return timing
    return None


def _of_words(words: list[str]) -> tuple[str, str]:
    """(name, what is done) of `2048 bits private rsa`, `253 bits ecdh`, `X25519 keygen`."""
    bits = words[0] if words[1:2] == ["bits"] else ""
    rest = [word for word in words[2 if bits else 0 :] if word]
    ops = [_OPS[word] for word in rest if word in _OPS]
    sides = [_SIDES[word] for word in rest if word in _SIDES]
    family = naming.foreign(" ".join(word for word in rest if word not in _OPS and word not in _SIDES))
    name = f"{family}-{bits}" if bits and family in _WITH_BITS else family
    return name, (ops + sides + [DERIVE])[0]


def _of_row(text: str) -> tuple[str, str]:
    """(name, name that a count has) of `rsa 2048 bits`, `256 bits ecdsa (nistp256)`, `X25519`."""
    match = _NAME.fullmatch(" ".join(text.split()))
    if not match:
        return naming.foreign(text), naming.foreign(text)
    family, bits = (match["family"] or match["family2"]).lower(), match["bits"] or match["bits2"]
    curve = match["curve"]
    if family in _WITH_BITS:
        return naming.foreign(f"{family}-{curve or bits}"), f"{family}-{bits}"
    return naming.foreign(curve or family), naming.foreign(curve or family)
