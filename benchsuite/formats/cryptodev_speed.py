"""What the benchmarks in cryptodev-linux's tests/ print: speed, async_speed, fullspeed, sha_speed,
hashcrypt_speed.

    Testing AES-128-CBC cipher:
            Encrypting in chunks of 1024 bytes: done. 1.83 GB in 5.00 secs: 0.37 GB/sec

async_speed begins with chunks of 256 bytes and prints KiB. speed begins with 256 (to 1.0) or 512 and prints
KB, or KiB with --kib. Up to 0.8 both begin with 256 and print Kb, which is as KB: nothing tells them apart.

A rate loses its digits where the unit jumps; then the amount over the time is the better one.

Source: examples/*.c and tests/*.c of cryptodev-linux 0.6 to 1.14.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import ROUGHLY, Figure, Known, Reading, half_unit, of_rate, relative
from benchsuite.formats.text.lines import Line, unwrapped
from benchsuite.model import Case

NAME = "cryptodev-speed"
ABOUT = "speed, sha_speed and the other benchmarks of cryptodev-linux"
MARKS = ("Encrypting in chunks of",)

_HEADER = re.compile(r"Testing (\S.{0,60}?)(?: cipher)?: *$")
_CHUNK = re.compile(r"Encrypting in chunks of (\d{1,10}) bytes:")
_RESULT = re.compile(
    r"Encrypting in chunks of (?P<size>\d{1,10}) bytes: *done\. (?P<amount>\d{1,12}(?:\.\d{1,6})?) "
    r"(?P<of>\w{1,5}) in (?P<seconds>\d{1,9}(?:\.\d{1,6})?) secs: (?P<rate>\d{1,12}(?:\.\d{1,6})?) "
    r"(?P<per>\w{1,5})/sec"
)
_DRIVER = re.compile(r"requested (?:hash|cipher) \S+ got \S+ with driver (\S{1,128})$")

_UNITS = {"bytes": 1, "B": 1} | {
    f"{letter}{suffix}": base ** (power + 1)
    for power, letter in enumerate("KMGT")
    for suffix, base in (("B", 1000), ("b", 1000), ("iB", 1024))
}
_DIGEST = re.compile(r"(sha\d+|md5)[ -]hash", re.IGNORECASE)
_NCR = "NCR-DIRECT with "
NO_HEADER = "unknown"
_ASYNC_BEGINS = 256
_ASYNC_SLOTS = 64  # as many as /dev/crypto holds for an open file
ASYNC = (
    f"q_len={_ASYNC_SLOTS}: async_speed sends as long as /dev/crypto takes more; how many it held is not said"
)
SYNC = (
    "q_len=1: before cryptodev-linux 0.9, speed and async_speed print the same; if async_speed did: q_len=64"
)


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading, header, driver, way = Reading(), NO_HEADER, "", None
    if not any(_CHUNK.search(line.text) for line in lines):
        return reading
    lines, reading.used = unwrapped(lines, _CHUNK.search, _RESULT.search)
    for line in lines:
        if match := _RESULT.search(line.text):
            way = way or _way(header, match)
            _result(reading, match, line, header, driver, way)
        elif match := _HEADER.search(line.text):
            reading.use([line])
            header, driver, way = match[1].removeprefix(_NCR), "", None
        elif match := _DRIVER.search(line.text):
            reading.use([line])
            driver = match[1]
        elif _CHUNK.search(line.text):
            reading.doubt(line, "it was cut off before its figure")
    return reading


def _way(header: str, first: re.Match[str]) -> tuple[int, str]:
    """(how many at once, what was assumed), by the first line under a header."""
    if header == NO_HEADER or header.endswith("Hash") or int(first["size"]) != _ASYNC_BEGINS:
        return 1, ""
    units = first["of"] + first["per"]
    if "i" in units:
        return _ASYNC_SLOTS, ASYNC
    return 1, SYNC if units.endswith("b") else ""


def algorithm_of(header: str) -> str:
    """`AES-128-CBC`, `NULL`, `SHA1 Hash`. AES128 with SHA1 authenticates the plain text without a key:
    no algorithm of ours."""
    if match := _DIGEST.fullmatch(header):
        return match[1].lower()
    return naming.of_openssl(header)


def _result(
    reading: Reading, match: re.Match[str], line: Line, header: str, driver: str, way: tuple[int, str]
) -> None:
    size, (slots, assumed) = int(match["size"]), way
    best = _better(match) if match["of"] in _UNITS and match["per"] in _UNITS else None
    value = of_rate(best[0] / size, Fraction(match["seconds"])) if best and size else None
    if best is None or value is None:
        reading.doubt(line, "its numbers are no rate")
        return
    algorithm = algorithm_of(header)
    reading.use([line])
    reading.figures.append(
        Figure(
            Case(NAME, algorithm, naming.operation(algorithm), size, q_len=slots),
            (line,),
            f"{match['rate']} {match['per']}/sec" if best[2] else line.text.partition("done. ")[2],
            (value,),
            precision=best[1],
            requests=ROUGHLY,
            algorithm=header,
            variant=(driver,),
            facts={
                Fact.PATH: "/dev/crypto",
                **({Fact.KERNEL_DRIVER: driver} if driver else {}),
                **({Fact.IMPORTED_ASSUMED: assumed} if assumed else {}),
            },
        )
    )


def _better(match: re.Match[str]) -> tuple[Fraction, float, bool] | None:
    """(bytes per second, how far off they may be, whether it is the printed rate): of the rate, and of the
    amount over the time, the one that is known better."""
    amount, seconds, rate = (Fraction(match[key]) for key in ("amount", "seconds", "rate"))
    ways = []
    if rate:
        ways.append((rate * _UNITS[match["per"]], relative(match["rate"]), True))
    if amount and seconds > half_unit(match["seconds"]):
        off = relative(match["amount"]) + relative(match["seconds"])
        ways.append((amount * _UNITS[match["of"]] / seconds, off, False))
    return min(ways, key=lambda way: way[1], default=None)
