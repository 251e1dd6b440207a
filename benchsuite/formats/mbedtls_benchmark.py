"""What mbed TLS's programs/test/benchmark prints, PolarSSL's too.

      AES-CBC-128              :     812345 KiB/s,          3 cycles/byte
      RSA-2048                 :    1234  public/s
      ECDSA-secp256r1          :     987 sign/s         4812 heap bytes,    120 allocs

A buffer is of 1024 bytes, so KiB/s counts buffers, and one more than were done; Kb/s, in old versions, is
KiB/s too. Keys are worked for three seconds and the count is divided by 3, cut to a whole number. Zephyr's
has ns for cycles, mbed OS's neither, and for keys `173 ms/ public`: one operation in so many milliseconds.

Source: programs/test/benchmark.c of PolarSSL 0.10 to mbed TLS 3.6.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import (
    PER_SECOND,
    ROUGHLY,
    SIDE_BY_SIDE,
    Figure,
    Known,
    Reading,
    of_rate,
    relative,
    timed,
)
from benchsuite.formats.text import command_line
from benchsuite.formats.text.lines import Line
from benchsuite.model import CHAINED, PER_REQUEST, Case

NAME = "mbedtls"
ABOUT = "programs/test/benchmark of mbed TLS and PolarSSL"
MARKS = (
    "KiB/s",
    "Kb/s",
    "KB/s",
    "kB/s",
    "public/s",
    "private/s",
    "sign/s",
    "verify/s",
    "handshake/s",
    " ms/",
)

BUFFER = 1024  # bytes
NO_PAYLOAD = 0
_BULK_SECONDS, _KEY_SECONDS = 1, 3

_WHAT = "public|private|sign|verify|[a-z ]{0,20}handshake"
_TITLE = (
    r"(?<![\w-])(?P<title>(?:AES|3?DES|ARIA|CAMELLIA|BLOWFISH|ARC4|RSA|DHE?|ECDSA|ECDHE?|SHA|MD|RIPEMD|HAVEGE|CTR_DRBG|"
    r"HMAC_DRBG|ChaCha|Poly)[\w.()/ -]{0,40}?) *: +"
)
_BULK = re.compile(
    rf"{_TITLE}(?P<rate>\d{{1,12}}) (?:Kb|KiB|kB|KB)/s(?:, +(?P<per>\d{{1,20}}) (?P<of>cycles|ns)/byte)?$"
)
_KEY = re.compile(
    rf"{_TITLE}(?P<rate>\d{{1,12}}) +(?P<ms>ms/ ?)?(?P<what>{_WHAT})(?(ms)|/s)"
    r"(?: +(?P<heap>\d{1,12}) heap bytes(?:, +(?P<allocs>\d{1,12}) allocs)?)?$"
)
_LIKE = re.compile(rf"\b\d+ (?:Kb|KiB|kB|KB)/s|\d +(?:{_WHAT})/s\b")
_FAILED = re.compile(rf"{_TITLE}(?P<why>FAILED|Error code: ?-?\d+|Feature [Nn]ot [Ss]upported)")
_COMMAND = command_line.program(r"programs/test/benchmark(?:\.exe)?", first=r"\w")

_OPS = {
    "public": "verify",
    "private": "sign",
    "sign": "sign",
    "verify": "verify",
}  # as openssl speed's of RSA
_TITLES = {
    "3DES": "3des-cbc",
    "DES": "des-cbc",
    "3DES-CMAC": "cmac-3des",
    "ChaCha20-Poly1305": "chacha20-poly1305",
}
_OLD_CBC = re.compile(r"(AES|CAMELLIA|ARIA|BLOWFISH)-(\d{3})")  # before there was another mode
_RANDOM = re.compile(r"(?:CTR_DRBG|HMAC_DRBG|HAVEGE)\b")
_CHAINED = re.compile(r".*-(?:cbc|cfb|cfb8|ctr)$")

ONE_MORE = "mbed TLS's benchmark counts one buffer more than it has processed, so slow ones look faster"
WITH_KEY = "each of these handshakes also makes a new pair of keys, so it is slower than a derivation alone"


def read(lines: Sequence[Line], known: Known) -> Reading:
    """A title comes once in a start of the program: where it comes again, another begins."""
    reading, start = Reading(), 1
    seen: set[tuple[str, str]] = set()
    for line in lines:
        if len(_LIKE.findall(line.text)) > 1 and _BULK.search(line.text):
            reading.doubt(line, SIDE_BY_SIDE)
            continue
        match = _BULK.search(line.text) or _KEY.search(line.text)
        if match:
            key = (match["title"], match.groupdict().get("what") or "")
            if key in seen:
                start, seen = start + 1, set()
            seen.add(key)
            found = _key(match, line, start) if key[1] else _bulk(match, line, start)
            if found is None:
                reading.doubt(line, "fewer than one in a second, or no computer does that")
                continue
            reading.use([line])
            reading.figures.append(found)
        elif command_line.arguments(line.text, _COMMAND) is not None:
            reading.use([line])
            start, seen = start + bool(seen), set()
        elif match := _FAILED.match(line.text):
            why = "it is not supported" if match["why"].startswith("Feature") else "it failed"
            reading.doubt(line, f"mbed TLS's benchmark says that {why}")
    return reading


def algorithm_of(title: str) -> str:
    """`AES-CBC-128`, `SHA-1`, `HMAC_DRBG SHA-256 (PR)`."""
    if title in _TITLES:
        return _TITLES[title]
    if match := _OLD_CBC.fullmatch(title):
        return f"{match[1].lower()}-{match[2]}-cbc"
    if _RANDOM.match(title):
        return re.sub(r"[_ ]", "-", re.sub(r"[()]", "", title.lower()))
    return naming.of_library(title)


def _bulk(match: re.Match[str], line: Line, start: int) -> Figure | None:
    title, rate = match["title"], int(match["rate"])
    value = of_rate(Fraction(rate), _BULK_SECONDS)
    if value is None:
        return None
    algorithm = algorithm_of(title)
    op = naming.GENERATE if _RANDOM.match(title) else naming.work(algorithm)
    facts = {Fact.IMPORTED_CYCLES_PER_BYTE: match["per"]} if match["of"] == "cycles" else {}
    iv = CHAINED if _CHAINED.match(algorithm) else PER_REQUEST
    return Figure(
        Case(NAME, algorithm, op, BUFFER, iv=iv),
        (line,),
        f"{rate} KiB/s",
        (value,),
        "",
        1 / rate,
        ROUGHLY,
        algorithm=title,
        facts=facts,
        notes=(ONE_MORE,),
        start=start,
    )


def _key(match: re.Match[str], line: Line, start: int) -> Figure | None:
    title, rate, what = match["title"], int(match["rate"]), match["what"].strip()
    value = timed(1, Fraction(rate, 1000)) if match["ms"] else of_rate(Fraction(rate), _KEY_SECONDS)
    if value is None:
        return None
    printed, off = (f"{rate} ms", relative(match["rate"])) if match["ms"] else (f"{rate} {what}/s", 1 / rate)
    algorithm = naming.of_key(title)
    op = "derive" if what.endswith("handshake") else _OPS.get(what, what)
    notes = (WITH_KEY,) if algorithm.startswith(("ecdhe-", "dhe-")) else ()
    heap = {"heap_bytes": match["heap"], "heap_allocs": match["allocs"]}
    return Figure(
        Case(NAME, algorithm, op, NO_PAYLOAD),
        (line,),
        printed,
        (value,),
        "",
        off,
        PER_SECOND if match["ms"] else ROUGHLY,
        algorithm=title,
        facts={key: text for key, text in heap.items() if text},
        notes=notes,
        start=start,
    )
