"""What `botan speed` prints: Botan 2 and 3 with --format=default and table, and what Botan 1.10 and 1.11 had.

    AES-128/GCM encrypt buffer size 1024 bytes: 2512.331 MiB/sec 1.21 cycles/byte (1256.25 MiB in 500.03 ms)
    RSA-2048 1718 sign/sec; 0.58 ms/op 1686031 cycles/op (860 ops in 500.42 ms)
    RSA-2048 55 EMSA-PKCS1-v1_5(SHA-1) verify per second; 18.02 ms/op (9 ops in 162.21 ms)       1.10
    AES-128 [aes_isa] 2810.55 [core] 180.21                                                      1.10, MiB/s

A table repeats the lines before it: rates in 1000s of bytes, and seconds. Before 2.4 the size is not printed;
it is 4096 bytes unless --buf-size says otherwise, in 1.10 and 1.11 of 16 KiB. (JSON: speed_json.py.)

Source: src/cli/speed.cpp, timer.cpp and perf_*.cpp of Botan 1.11.34 to 3.13, checks/bench.cpp of 1.10.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.botan import names
from benchsuite.formats.botan.names import KEY_OPS, case_of
from benchsuite.formats.figure import (
    EXACT,
    PER_SECOND,
    ROUGHLY,
    SIDE_BY_SIDE,
    Figure,
    Known,
    Reading,
    half_unit,
    of_rate,
    relative,
    timed,
)
from benchsuite.formats.text import command_line
from benchsuite.formats.text.lines import Line
from benchsuite.model import DIGEST, Value

NAME = names.NAME
ABOUT = "`botan speed`, also with --format=json and --format=table"
MARKS = (
    "MiB/sec",
    "/sec; ",
    " per second; ",
    "MiB / sec with",
    "sec/op",
    "1000s bytes processed per second",
    '"nanos"',
    " [core] ",
    " [asm] ",
    " [simd] ",
    " [aes_isa] ",
    " [openssl] ",
)

MIB = 2**20
NO_PAYLOAD = 0
Key = tuple[str, str, int]  # a name, what is done, and the buffer's size
_NUMBER = r"\d{1,15}(?:\.\d{1,9})?(?:e[+-]?\d{1,2})?"
_OP = r"encrypt|decrypt|hash|mac|generate|write_keystream|input|output|encode|decode|batch_hash"
_BULK = re.compile(
    rf"(?P<name>[^|\s][^|]{{0,100}}?)(?: (?P<op>{_OP}))?(?: buffer size (?P<size>\d{{1,10}}) bytes:)?"
    rf" (?P<rate>\d{{1,12}}\.\d{{1,6}}|N/A|inf|-?nan) MiB/sec(?: (?P<cycles>\d{{1,12}}\.\d\d) cycles/byte)?"
    rf" \((?P<amount>{_NUMBER}) MiB in (?P<ms>{_NUMBER}) ms\)$"
)
_NOTHING = re.compile(
    rf"\S.{{0,100}}? (?:{_OP}) buffer size \d{{1,10}} bytes: N/A |\S.{{0,100}} no events *$"
)
_KEY = re.compile(
    rf"(?P<name>[^|\s][^|]{{0,100}}?) (?P<rate>\d{{1,15}}) (?P<op>[A-Za-z][\w ()/.,-]{{0,60}})?"
    rf"(?:/sec| per second); "
    rf"(?P<per>{_NUMBER}) (?P<unit>[mun]s)/op(?: (?P<cycles>\d{{1,18}}(?:\.\d\d)?) cycles/op)?"
    rf" \((?P<events>\d{{1,15}}) ops? in (?P<ms>{_NUMBER}) ms\)$"
)
_BLOCKS = re.compile(
    rf"(?P<name>\S{{1,60}}) (?P<rate>{_NUMBER}) MiB / sec with (?P<size>\d{{1,10}}) byte blocks$"
)
_PROVIDER = r"(?:core|asm|simd|sse2|altivec|aes_isa|openssl|gmp)"
_PROVIDERS = re.compile(
    r"(?P<name>(?:AES|DES|TripleDES|Blowfish|CAST|Camellia|GOST|IDEA|KASUMI|Lion|MARS|MISTY|Noekeon|RC\d|SAFER|"
    r"SEED|Serpent|Skipjack|Square|TEA|Threefish|Twofish|XTEA|ARC4|Salsa|Turing|WiderWake|Adler|CRC|BMW|HAS|"
    r"Keccak|MD\d|RIPEMD|SHA|Skein|Tiger|Whirlpool|CMAC|HMAC|X9\.)\S{0,50})"
    rf"(?P<each>(?: \[{_PROVIDER}\] \d{{1,9}}\.\d\d){{1,8}})$"
)
_HEADER = re.compile(r"algo +operation(?P<sizes>(?: +\d{1,10} bytes){1,16})$")
_KEY_HEADER = re.compile(r"algo +operation +sec/op +op/sec$")
_ROW = re.compile(
    rf"(?P<name>\S.{{0,100}}?) *\b(?P<op>{_OP})(?P<rates>(?: +(?:\d{{1,15}}\.\d\d|N/A)){{1,16}})$"
)
_KEY_ROW = re.compile(
    r"(?P<name>\S.{0,100}?)(?: {2,}(?P<op>[a-zA-Z][\w ]{0,30}?))? +(?P<per>\d{1,9}\.\d{6}) +"
    r"(?P<rate>\d{1,15}\.\d{6})$"
)
_JSON = re.compile(r',?\{"algo": ".{1,400}\},?$')
_COLUMN = re.compile(r"\d MiB/sec|[mun]s/op")
_LIKE = re.compile(r"\d MiB/sec|(?:/sec| per second); \d|[mun]s/op|ops? in \d")
_UNIT = re.compile(r"\[results are the number of 1000s bytes processed per second\]$")
_VERSION = re.compile(r"Botan (?P<version>\d+\.\d+\.\d+\S*)(?: \(.*\))?$")
_CPUID = re.compile(r"CPUID: [\w ]{0,400}$|Estimated clock speed [\d.]+ MHz$")
_COMMAND = command_line.program(r"botan(?:\.exe)? +speed")

_SAME = Fraction(1, 20)  # the table is of the same measurement: this far apart it is not

OLD_SIZE, OLDEST_SIZE = 4096, 16384
NO_SIZE = "request_size={}: this version does not print the buffer's size, and this is the default"


@dataclass(slots=True)
class Start:
    """One start of the program. It measures nothing twice, but its tables say all again."""

    number: int = 1
    options: dict[str, str] | None = None
    version: str = ""
    sizes: tuple[int, ...] = ()  # of the table that is being read
    keys: bool = False  # the table is of operations
    rates: dict[Key, Fraction] = field(default_factory=dict)  # of the lines: bytes or operations in a second

    def next(self, options: dict[str, str] | None = None) -> Start:
        return Start(self.number + bool(self.rates), options)

    def default_size(self, unit: int, default: int) -> tuple[int, dict[str, str]]:
        given = (self.options or {}).get("buf-size", "")
        if re.fullmatch(r"[1-9]\d{0,8}", given):
            return int(given) * unit, {}
        return default, {Fact.IMPORTED_ASSUMED: NO_SIZE.format(default)}


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading, start = Reading(), Start()
    as_json = any(_JSON.match(line.text) for line in lines)
    for line in lines:
        words = command_line.arguments(line.text, _COMMAND)
        if words is not None:
            reading.use([line])
            start = start.next(command_line.options(words))
        elif match := _BULK.match(line.text):
            start = _take(reading, start, line, _key_of(match), _bulk(start, line, match))
        elif match := _KEY.match(line.text):
            start = _take(reading, start, line, _key_of(match), _operations(line, match))
        elif match := _BLOCKS.match(line.text):
            start = _take(reading, start, line, (match["name"], "", int(match["size"])), _blocks(line, match))
        elif match := _PROVIDERS.match(line.text):
            start = _take(reading, start, line, (match["name"], "", 0), *_providers(start, line, match))
        elif _JSON.match(line.text):
            start = _json_line(reading, start, line)
        elif as_json and line.text in ("[", "]"):
            reading.use([line])
        else:
            start = _other(reading, start, line)
    return reading


def _key_of(match: re.Match[str]) -> Key:
    words = match.groupdict()
    return words["name"], (words["op"] or "").strip(), int(words.get("size") or 0)


def _take(reading: Reading, start: Start, line: Line, key: Key, *found: Figure | str) -> Start:
    """Keeps the figures of a line, or why it has none; what was there already begins another start."""
    if key in start.rates:
        start = start.next()
    for figure in found:
        if isinstance(figure, str):
            reading.doubt(line, figure)
            continue
        reading.use([line])
        rate = 1 / Fraction(figure.values[0].per_request) * (figure.case.request_size or 1)
        start.rates[key] = rate
        _keep(reading, start, figure)
    return start


def _keep(reading: Reading, start: Start, figure: Figure) -> None:
    version = {"version": f"Botan {start.version}"} if start.version else {}
    reading.figures.append(replace(figure, start=start.number, facts=figure.facts | version))


def _json_line(reading: Reading, start: Start, line: Line) -> Start:
    try:
        data = json.loads(line.text.strip(","))
    except (ValueError, RecursionError):
        data = None
    found = of_json(data, line)
    if isinstance(found, str):
        reading.doubt(line, found)
        return start
    return _take(reading, start, line, (found.algorithm, found.case.op, found.case.request_size), found)


def _other(reading: Reading, start: Start, line: Line) -> Start:
    """Takes a line of a table, or one that says what the others are of."""
    text = line.text
    if match := _HEADER.match(text):
        start.sizes = tuple(int(word) for word in match["sizes"].split() if word != "bytes")
        start.keys = False
    elif _KEY_HEADER.match(text):
        start.sizes, start.keys = (), True
    elif start.sizes and (match := _ROW.match(text)):
        _row(reading, start, line, match)
        return start
    elif start.keys and (match := _KEY_ROW.match(text)):
        _cell(reading, start, line, (match["name"], match["op"] or "", NO_PAYLOAD), match["rate"])
        return start
    elif why := _unusable(start, text):
        reading.doubt(line, why)
        return start
    elif match := _VERSION.match(text):
        start = start.next(start.options) if start.rates and not match["version"].startswith("2.") else start
        start.version = match["version"]
    elif not (_UNIT.match(text) or ((start.rates or start.version) and _CPUID.match(text))):
        return start
    reading.use([line])
    return start


def _unusable(start: Start, text: str) -> str:
    """Why a line that looks like one of the program's has no figure; "" for any other."""
    if _NOTHING.match(text):
        return "botan speed did it not once: the buffer is too short for it, or the time"
    if len(_COLUMN.findall(text)) > 1:
        return SIDE_BY_SIDE
    likely = bool(start.rates) or start.options is not None
    damaged = text.lstrip(",").startswith('{"algo": ') or (likely and _LIKE.search(text))
    return "its figure is cut off, or damaged" if damaged else ""


def _figure(
    line: Line,
    name: str,
    op: str,
    size: int,
    value: Value | None,
    printed: str,
    off: float,
    requests: str,
    facts: dict[str, str] | None = None,
) -> Figure | str:
    if value is None:
        return "nothing was done, or no computer does that"
    return Figure(
        case_of(name, op, size),
        (line,),
        printed,
        (value,),
        "",
        off,
        requests,
        algorithm=name,
        facts=facts or {},
    )


def _bulk(start: Start, line: Line, match: re.Match[str]) -> Figure | str:
    size, assumed = (int(match["size"]), {}) if match["size"] else start.default_size(1, OLD_SIZE)
    name, op, printed = match["name"], match["op"] or "", match["rate"]
    if not size or not printed[0].isdigit():
        return f"botan speed printed {printed} MiB/sec"
    seconds, amount = Fraction(match["ms"]) / 1000, Fraction(match["amount"]) * MIB
    octets = Fraction(printed) * MIB
    off = relative(printed) + relative(match["ms"]) + relative(match["amount"])
    if not octets or not seconds or abs(amount / seconds - octets) > octets * Fraction(off):
        return "its amount, its time and its rate do not agree"
    count = round(amount / size)
    cycles = round(Fraction(match["cycles"]) * amount) if match["cycles"] else None
    if count and half_unit(match["amount"]) * MIB < Fraction(size, 2):
        value, counted = timed(count, count * size / octets, cycles=cycles), EXACT
    else:
        value, counted = of_rate(octets / size, seconds, cycles=cycles), ROUGHLY
    return _figure(line, name, op, size, value, f"{printed} MiB/sec", relative(printed), counted, assumed)


def _operations(line: Line, match: re.Match[str]) -> Figure | str:
    """Figure of a count in milliseconds, which are rounded: the rate, cut to a whole number, may be
    known better."""
    events, seconds, rate = int(match["events"]), Fraction(match["ms"]) / 1000, int(match["rate"])
    op = (match["op"] or "").strip()
    op = next((each for each in KEY_OPS if op.endswith(f" {each}")), op)  # `EMSA1(SHA-1) signature`
    by_time, by_rate = relative(match["ms"]), 1 / rate if rate else 1.0
    if not events or (seconds and abs(events / seconds - rate) > 1 + events / seconds * Fraction(by_time)):
        return "its count, its time and its rate do not agree"
    cycles = round(Fraction(match["cycles"]) * events) if match["cycles"] else None
    wall = seconds if by_time <= by_rate or not rate else Fraction(events, rate)
    printed = f"{events} ops in {match['ms']} ms" if wall == seconds else f"{rate}/sec"
    value = timed(events, wall, cycles=cycles)
    return _figure(line, match["name"], op, NO_PAYLOAD, value, printed, min(by_time, by_rate), EXACT)


def _blocks(line: Line, match: re.Match[str]) -> Figure | str:
    """1.11: rates of up to four digits."""
    size, rate = int(match["size"]), Fraction(match["rate"]) * MIB
    value = of_rate(rate / size) if size else None
    printed = f"{match['rate']} MiB / sec"
    return _figure(line, match["name"], "encrypt", size, value, printed, relative(match["rate"]), PER_SECOND)


def _providers(start: Start, line: Line, match: re.Match[str]) -> list[Figure | str]:
    """1.10: one figure for each implementation, in MiB/s."""
    name = match["name"]
    digest = naming.work(naming.of_library(name)) == DIGEST
    op = ("mac" if name.startswith(("HMAC", "CMAC")) else "hash") if digest else "encrypt"
    size, assumed = start.default_size(1024, OLDEST_SIZE)
    if "/" in name:  # a mode's buffer has one size
        size, assumed = OLDEST_SIZE, {}
    return [
        _figure(
            line,
            f"{name} [{provider}]",
            op,
            size,
            of_rate(Fraction(rate) * MIB / size),
            f"{rate} MiB/s",
            relative(rate),
            PER_SECOND,
            assumed,
        )
        for provider, rate in re.findall(r"\[(\w+)\] (\d+\.\d\d)", match["each"])
    ]


def _row(reading: Reading, start: Start, line: Line, match: re.Match[str]) -> None:
    """Takes a row of the table of rates, in 1000s of bytes."""
    rates = match["rates"].split()
    if len(rates) != len(start.sizes):
        reading.doubt(line, "its table has another number of sizes")
        return
    for size, text in zip(start.sizes, rates, strict=True):
        _cell(reading, start, line, (match["name"], match["op"], size), text)


def _cell(reading: Reading, start: Start, line: Line, key: Key, text: str) -> None:
    """The lines before a table have its figures, too, and more of them, unless they were left out."""
    name, op, size = key
    rate = Fraction(0) if text == "N/A" else Fraction(text) * (1000 if size else 1)
    if (before := start.rates.get(key)) and abs(before - rate) <= before * _SAME:
        reading.use([line])
        return
    printed = f"{text} thousand bytes per second" if size else f"{text} op/sec"
    value = of_rate(rate / (size or 1))
    found = _figure(line, name, op, size, value, printed, relative(text) if rate else 0.0, PER_SECOND)
    if before or isinstance(found, str):
        why = "the line before the table has another figure" if before else f"botan speed printed {text}"
        reading.doubt(line, why)
        return
    reading.use([line])
    _keep(reading, start, found)


def of_json(data: Any, line: Line) -> Figure | str:
    """An element of the list of --format=json; or why it is none. With a buffer its events are bytes."""
    if not isinstance(data, dict) or not isinstance(data.get("algo"), str):
        return "no algo"
    numbers = [data.get(key, 0) for key in ("events", "nanos", "buf_size", "cycles")]
    if not all(type(each) is int and 0 <= each < 2**63 for each in numbers):
        return "its numbers are no counts"
    events, nanos, size, cycles = numbers
    name, op = (
        " ".join(data["algo"].split())[:150],
        data["op"][:60] if isinstance(data.get("op"), str) else "",
    )
    if not events or not nanos:
        return "nothing was done, or no time passed"
    seconds, more = Fraction(nanos, 10**9), {"cycles": cycles or None}
    if events % (size or 1) == 0:
        value, counted = timed(events // (size or 1), seconds, **more), EXACT
    else:
        value, counted = of_rate(events / seconds / size, seconds, **more), ROUGHLY
    printed = f"{events} {'bytes' if size else 'ops'} in {nanos} ns"
    return _figure(line, name, op, size, value, printed, relative(str(nanos)), counted)
