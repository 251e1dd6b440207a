"""What libkcapi's kcapi-speed prints, for people and with -r.

    AES(AESNI) CBC(ASM) 128 |d|    1024 bytes|               30.72 MB/s|30003 ops/s
    AES(AESNI) CBC(ASM) 128,d,1024,30723072,30003

Three traps. With -o N the bytes are those of all N requests of a call, but the calls are counted: the bytes
over the operations give N. The fraction is not padded: `31.5 MB` is 31.05 MB. Older versions print
units of 1024 with a fraction in tenths of thousands; the operations tell which it is. They also put tabs
between the columns.

Source: speed-test/ of libkcapi 1.0 to 1.5.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import PER_SECOND, Figure, Known, Reading, of_rate
from benchsuite.formats.text.lines import Line, unwrapped
from benchsuite.model import Case

NAME = "kcapi-speed"
ABOUT = "libkcapi's kcapi-speed, also with -r"
MARKS = ("ops/s", ",e,", ",d,", "| untested")

_HUMAN = re.compile(
    r"(?P<name>\S.{0,59}?)\s{0,40}\|(?P<dir>[ed])\|\s*(?P<size>\d{1,9}) bytes\|\s*"
    r"(?P<rate>\d{1,15}(?:\.\d{1,3})?) (?P<unit>B|kB|MB|GB)/s\|(?P<ops>\d{1,15}) ops/s$"
)
_BEGINS = re.compile(r"\S.{0,59}?\s{0,40}\|[ed]\|\s*\d")
_RAW = re.compile(
    r"(?P<name>[A-Za-z][^,|]{1,59}),(?P<dir>[ed]),(?P<size>\d{1,9}),(?P<bytes>\d{1,18}),(?P<ops>\d{1,15})$"
)
_UNTESTED = re.compile(r"\S.{0,59}?\s{0,40}\|\s*untested$")
_LISTED = re.compile(
    r"(?:hash|skcipher|aead|rng)\s*\| (?P<name>\S.{0,59}?) *\| (?P<driver>\S{1,128}) \| [ed]$"
)

_IMPLEMENTATION = re.compile(r"\(([^)]*)\)")  # AES(AESNI)
_MOST_AIO = 1024
IGNORED = "kcapi-speed does not look at the status of its requests: failed ones count as done"
GROUPED = "kcapi-speed printed calls of several requests each (-o); the figure is per request"


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to understand a printed rate: bytes in a second, at least, and less than how many more."""

    least: Fraction
    width: Fraction

    @property
    def off(self) -> float:
        """How far the truth can be from `least`, as a share of it: a rate printed as 0 says nothing."""
        return float(self.width / self.least) if self.least else math.inf


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading, drivers = Reading(), {}
    lines, reading.used = unwrapped(lines, _BEGINS.match, _HUMAN.match)
    for line in lines:
        if match := _LISTED.match(line.text):
            drivers[match["name"].strip()] = match["driver"]
            reading.use([line])
        elif match := _HUMAN.match(line.text) or _RAW.match(line.text):
            _result(reading, match, line, drivers)
        elif _UNTESTED.match(line.text):
            reading.doubt(line, "it ran for less than a second")
    return reading


def algorithm_of(name: str) -> str:
    """`AES(AESNI) CBC(ASM) 128`, `HMAC SHA-256(AVX2)`, `DES3(SA2UL) CBC(SA2UL) 168`."""
    words = _IMPLEMENTATION.sub(" ", name).lower().split()
    if words[:1] == ["hmac"] and len(words) == 2:
        return f"hmac-{_digest(words[1])}"
    if len(words) == 1:
        return _digest(words[0])
    words = [word for word in words if word != "ede"]
    if len(words) == 3 and words[2].isdecimal():
        cipher, mode, bits = words
        if cipher in ("des3", "des"):
            return naming.foreign(f"{'3des' if cipher == 'des3' else 'des'}-{mode}")
        rfc4106 = "rfc4106-" if "-rfc" in name.lower() and mode == "gcm" else ""
        return naming.foreign(f"{rfc4106}{cipher}-{bits}-{mode}")
    return naming.foreign(name)


def _digest(word: str) -> str:
    plain = word.replace("sha-", "sha")
    return plain if naming.ours(plain) else naming.foreign(word)


def _result(reading: Reading, match: re.Match[str], line: Line, drivers: dict[str, str]) -> None:
    found = match.groupdict()
    name, size, ops = found["name"].strip(), int(found["size"]), int(found["ops"])
    ways = list(_raw_way(found) if "bytes" in found else _human_ways(found))
    chosen = _agreeing(ways, size, ops) if size and ops else None
    if chosen is None:
        reading.doubt(line, "its bytes and its operations do not agree")
        return
    way, group = chosen
    calls = _Way(Fraction(ops * group * size), Fraction(group * size))  # a second's calls are cut off
    best = min((way, calls), key=lambda each: each.off)
    algorithm = naming.foreign(algorithm_of(name))
    value = of_rate(best.least / size)
    if value is None:
        reading.doubt(line, "no computer does that")
        return
    reading.use([line])
    op = naming.operation(algorithm, naming.direction(found["dir"]))
    raw = "bytes" in found
    facts = {Fact.PATH: "AF_ALG"}
    if group > 1:
        facts[Fact.WAY] = "aio"
    if name in drivers:
        facts[Fact.KERNEL_DRIVER] = drivers[name]
    reading.figures.append(
        Figure(
            Case(NAME, algorithm, op, size, q_len=group),
            (line,),
            f"{found['bytes']},{ops}" if raw else f"{found['rate']} {found['unit']}/s, {ops} ops/s",
            (value,),
            precision=best.off,
            requests=PER_SECOND,
            algorithm=name,
            variant=(",".join(_IMPLEMENTATION.findall(name)),),
            facts=facts,
            notes=(IGNORED, GROUPED) if group > 1 else (IGNORED,),
        )
    )


def _raw_way(found: dict[str, str]) -> Iterator[_Way]:
    yield _Way(Fraction(int(found["bytes"])), Fraction(1))


def _human_ways(found: dict[str, str]) -> Iterator[_Way]:
    """Figures as versions 1.3 and later print, and as those before; a fraction of more digits is rounded."""
    power = ("B", "kB", "MB", "GB").index(found["unit"])
    whole, _, part = found["rate"].partition(".")
    unit = 1000**power
    if not power:
        yield _Way(Fraction(int(whole)), Fraction(1))
        return
    step = Fraction(unit, 100)
    yield _Way(int(whole) * unit + int(part or 0) * step, step)
    yield _Way(int(whole) * 1024**power + int(part or 0) * step, step)
    if len(part) == 1:
        yield _Way(int(whole) * unit + int(part) * 10 * step, 10 * step)  # should it be padded one day


def _agreeing(ways: list[_Way], size: int, ops: int) -> tuple[_Way, int] | None:
    """The first way by which the bytes are those of `ops` calls of a whole number of requests each, and that
    number."""
    for way in ways:
        nearest = round((way.least + way.width / 2) / (ops * size))
        most = int((way.least + way.width) / (ops * size))
        fewest = max(int(way.least / ((ops + 1) * size)), 1)  # the rate of calls is cut off, too
        for group in (nearest, *range(min(most, _MOST_AIO), fewest - 1, -1)):
            if not fewest <= group <= _MOST_AIO:
                continue
            low, high = ops * group * size, (ops + 1) * group * size
            if way.least < high and way.least + way.width > low:
                return way, group
    return None
