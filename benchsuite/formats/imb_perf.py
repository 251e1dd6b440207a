"""What imb-perf of Intel's multi-buffer crypto library prints, ipsec_perf in older versions: cycles of a job,
by its size.

    ARCH	SSE	AVX512
    CIPHER	CBC	CBC
    DIR	ENCRYPT	ENCRYPT
    HASH_ALG	SHA1_HMAC	SHA1_HMAC
    KEY_SIZE	128	128
    64	512	318
    128	790	431

Every column is an implementation. With --throughput the numbers are bytes in a time box instead, which only
what goes to standard error tells. Before 1.3 a hash's name means its HMAC; before 1.5 jobs were submitted one
by one, since then in bursts.

Source: perf/ipsec_perf.c of intel-ipsec-mb 0.54 to 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import PER_SECOND, ROUGHLY, Figure, Known, Reading, of_rate
from benchsuite.formats.tcrypt.figures import NO_RATE
from benchsuite.formats.text import command_line
from benchsuite.formats.text.lines import Line
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT, Case, Value

NAME = "imb-perf"
ABOUT = "imb-perf of intel-ipsec-mb (ipsec_perf before)"
MARKS = ("HASH_ALG",)

_HEADER = ("ARCH", "CIPHER", "DIR", "HASH_ALG", "KEY_SIZE")
_ROW = re.compile(r"\d{1,6}(?:\s+\d{1,20})+$")
_MODE = re.compile(r"Measurement mode: (.{1,60})$")
_THROUGHPUT = re.compile(r"Throughput \(bytes/(\d{1,6})ms\)")
_API = re.compile(r"API type: ([\w -]{1,30}?)(?: \(burst size = (\d{1,5})\))?$")
_LONGER = re.compile(r"(?:Authentication size = cipher size \+ |SHA size incr = )(\d{1,4})$")
_VERSION = re.compile(r"(?:Library|Tool) version: v?(\d{1,3}\.\d{1,3}\S{0,20})$")
_AROUND = re.compile(
    r"Timebox: \d+ms|Buffer offset = \d|TSC scaling to core cycles: \d|Testing (?:\"\w+\" )+implementation"
    r"|Total number of combinations|Starting run \d+ of \d+|(?:Cold|Warm) cache, |\[X+ *\]?$"
    r"|\w+ not supported\. Disabling \w+ tests|NOTE: Burst size is lower"
)
_COMMAND = re.compile(r"(?:imb-perf|ipsec_perf)(?:\.exe)?(?= +-)")

DEFAULT_BURST = 32
_HMAC_NAMED = (1, 3)  # the version since which an HMAC is called one
_AAD = {"GCM": 12, "CCM": 8, "CHACHA20_AEAD": 12, "SNOW_V_AEAD": 16}  # unless --aad-size says otherwise
_AEADS = ("GCM", "CCM", "AEAD", "PON", "NCA4", "NCA5", "NCA6")
_MOST_PER_BYTE = 3000  # cycles: what is more is no cycle count

_CIPHERS = {
    "CBC": "aes-{key}-cbc",
    "CNTR": "aes-{key}-ctr",
    "ECB": "aes-{key}-ecb",
    "GCM": "aes-{key}-gcm",
    "CCM": "aes-{key}-ccm",
    "AES-CFB": "aes-{key}-cfb",
    "DOCAES": "aes-{key}-docsis",
    "DOCDES": "des-docsis",
    "DES": "des-cbc",
    "3DES": "3des-cbc",
    "CHACHA20_AEAD": "chacha20-poly1305",
    "PON": "pon-{key}",
    "SNOW3G_UEA2_BITLEN": "snow3g-uea2",
    "KASUMI_UEA1_BITLEN": "kasumi-uea1",
    "CNTR+8": "aes-{key}-ctr-plus8",
    "CBCS_1_9": "aes-{key}-cbcs-1-9",
    "CNTR_BITLEN": "aes-{key}-ctr-bitlen",
}
_HASHES = {
    "XCBC": "aes-128-xcbc",
    "MD5": "hmac-md5",
    "CMAC": "aes-128-cmac",
    "CMAC_256": "aes-256-cmac",
    "CMAC_BITLEN": "aes-128-cmac-bitlen",
    "ZUC_EIA3_BITLEN": "zuc-eia3",
    "SNOW3G_UIA2_BITLEN": "snow3g-uia2",
    "CR24_LTE_B": "crc24-lte-b",
    "CR16_X25": "crc16-x25",
}
_SHA = re.compile(r"(SHA|SHA3|SM|SHAKE)_?(\d{1,3})?(?:_(\d{3}))?(_HMAC)?")
_GMAC = re.compile(r"GMAC-(\d{3})")
_NO_CIPHER, _NO_HASH = "NULL_CIPHER", ("NULL_HASH", "NULL")

TIME_BOX = "the time is that of the time box, which imb-perf does not measure"
LONGER = "imb-perf's hash covers more bytes than its cipher, 24 unless -o says otherwise"
NO_MODE = "more than a cycle count can be: bytes of --throughput, but the text does not say its time box"
HASH_OR_HMAC = "it means the hash or its HMAC, by the version, and the text has no line `Library version`"


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands before a table."""

    mode: str = ""
    api: str = ""
    burst: int | None = None
    version: tuple[int, ...] = ()
    aad: int | None = None

    def line(self, text: str) -> _Around | None:
        """With what a line says; None where it says nothing."""
        if match := _MODE.match(text):
            return replace(self, mode=match[1])
        if match := _API.match(text):
            return replace(self, api=match[1], burst=int(match[2]) if match[2] else 1)
        if match := _VERSION.match(text):
            return replace(self, version=tuple(map(int, re.findall(r"\d+", match[1])[:2])))
        return self if _LONGER.match(text) or _AROUND.match(text) else None


@dataclass(slots=True)
class _Table:
    around: _Around
    start: int
    header: dict[str, list[str]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    rows: list[tuple[Line, list[str]]] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return len(self.header) == len(_HEADER) and len({len(each) for each in self.header.values()}) == 1

    def is_row(self, line: Line) -> bool:
        """Whether numbers that come after lines of others, as on a console, look like its own."""
        wide = len(line.text.split()) == 1 + len(next(iter(self.header.values())))
        return wide and ("\t" in line.text) == ("\t" in self.lines[0].text)


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading = Reading()
    if not any(line.text.startswith("HASH_ALG") for line in lines):
        return reading
    around, tables, inside = _Around(), list[_Table](), False
    for line in lines:
        words = line.text.split()
        if words[0] in _HEADER and len(words) > 1:
            if words[0] == _HEADER[0] or not tables or words[0] in tables[-1].header:
                tables.append(_Table(around, len(tables) + 1))
                around = _Around()
            tables[-1].header[words[0]] = words[1:]
            tables[-1].lines.append(line)
            inside = True
        elif tables and _ROW.match(line.text) and (inside or tables[-1].is_row(line)):
            tables[-1].rows.append((line, words))
        elif (arguments := command_line.arguments(line.text, _COMMAND)) is not None:
            aad = command_line.number(command_line.options(arguments).get("aad-size", ""))
            reading.use([line])
            around = replace(_Around(), aad=aad)
        elif said := around.line(line.text):
            reading.use([line])
            around = said
        else:
            inside = False
    for table in tables:
        _table(reading, table, known)
    return reading


def _table(reading: Reading, table: _Table, known: Known) -> None:
    reading.use(table.lines)
    if not table.rows:
        reading.doubt(table.lines[0], "its rows are missing")
    for line, words in table.rows:
        width = len(next(iter(table.header.values())))
        if not table.whole or len(words) != width + 1:
            reading.doubt(line, "its columns do not fit ARCH, CIPHER, DIR, HASH_ALG and KEY_SIZE above them")
            continue
        reading.use([line])
        for column, number in enumerate(words[1:]):
            told = {key: table.header[key][column] for key in _HEADER}
            why = _figure(reading, table, told, line, int(words[0]), int(number), known)
            if why:
                reading.doubt(line, f"{told['HASH_ALG']} of {told['ARCH']}: {why}")


def _figure(
    reading: Reading, table: _Table, told: dict[str, str], line: Line, size: int, number: int, known: Known
) -> str:
    """Adds the figure of a cell; or says why it is none."""
    around = table.around
    named = _algorithm(told, around.version)
    if named is None:
        return HASH_OR_HMAC
    algorithm, op = named
    box = _THROUGHPUT.match(around.mode)
    if not around.mode and number > _MOST_PER_BYTE * max(size, 64):
        return NO_MODE
    bursts = not told["KEY_SIZE"].startswith("AES-")  # as by default since 1.5
    burst = around.burst or (DEFAULT_BURST if bursts else 1)
    aad = around.aad if around.aad is not None else _AAD.get(told["CIPHER"], 0)
    case = Case(
        f"{NAME}:{naming.foreign(told['ARCH'])}",
        algorithm,
        op,
        size,
        q_len=burst,
        batch=burst if burst > 1 else 0,
        aad_size=aad,
    )
    assumed = [f"aad_size={aad}"] * (around.aad is None and aad > 0) + [f"q_len={burst}"] * (not around.api)
    unit = f"bytes in {box[1]} ms" if box else "cycles"
    value, reason = _throughput(number, size, box[1]) if box else _cycles(number, size, known)
    facts = {
        Fact.PATH: "in the process, multi-buffer",
        **({Fact.IMPORTED_ASSUMED: f"{', '.join(assumed)}: imb-perf's default"} if assumed else {}),
        **(
            {}
            if box
            else {
                Fact.CYCLES_SOURCE: "perf" if around.mode.startswith("Unhalted") else "tsc",
                Fact.IMPORTED_CYCLES: str(number),
            }
        ),
    }
    notes = [TIME_BOX] * bool(box) + [LONGER] * ("+hmac-" in algorithm and told["CIPHER"] == "CBC")
    reading.figures.append(
        Figure(
            case,
            (*table.lines, line),
            f"{number} {unit}",
            (value,) if value else (),
            reason,
            float(Fraction(1, max(number, 1))),
            ROUGHLY if box else PER_SECOND,
            algorithm=f"{told['CIPHER']} {told['HASH_ALG']} {told['KEY_SIZE']}",
            variant=(around.api,),
            facts=facts,
            notes=tuple(notes),
            start=table.start,
        )
    )
    return ""


def _cycles(number: int, size: int, known: Known) -> tuple[Value | None, str]:
    if not number:
        return None, "no job was finished in its time box"
    if not known.cycles_hz:
        per_byte = f" ({number / size:.4g} per byte)" if size else ""
        return None, f"{number} cycles{per_byte}: {NO_RATE}"
    value = of_rate(Fraction(known.cycles_hz) / number)
    if value is None:
        return None, "no computer does that"
    return replace(value, cycles=min(number * value.requests, 2**64 - 1)), ""


def _throughput(number: int, size: int, milliseconds: str) -> tuple[Value | None, str]:
    seconds = Fraction(int(milliseconds), 1000)
    if not number or not size or not seconds:
        return None, "no job was finished in its time box"
    value = of_rate(Fraction(number, size) / seconds, seconds)
    return value, "" if value else "no computer does that"


def _algorithm(told: dict[str, str], version: tuple[int, ...]) -> tuple[str, str] | None:
    """(name, operation) of a column; None where a hash may be an HMAC."""
    cipher, key = told["CIPHER"], told["KEY_SIZE"].removeprefix("AES-")
    old = told["KEY_SIZE"].startswith("AES-")
    op = DECRYPT if told["DIR"] == "DECRYPT" else ENCRYPT
    known = _CIPHERS.get(cipher, "").format(key=key)
    first = "" if cipher == _NO_CIPHER else naming.foreign(known or cipher.replace("_", "-"))
    if first and cipher.endswith(_AEADS):
        return first, op
    if told["HASH_ALG"] in _NO_HASH:
        return (first or "null"), op
    hmac = _hmac(told["HASH_ALG"], bool(first), old, version)
    if hmac is None:
        return None
    second = _hash(told["HASH_ALG"], hmac)
    return (f"{first}+{second}", op) if first else (second, DIGEST)


def _hmac(name: str, paired: bool, old: bool, version: tuple[int, ...]) -> bool | None:
    """Whether it is an HMAC; None where that is not known."""
    if name.endswith("_HMAC"):
        return True
    if not re.fullmatch(r"SHA(?:1|_\d{3})", name) or not old or version >= _HMAC_NAMED:
        return False
    return True if paired or version else None


def _hash(name: str, hmac: bool) -> str:
    if name in _HASHES:
        return _HASHES[name]
    if match := _GMAC.fullmatch(name):
        return f"aes-{match[1]}-gmac"
    if match := _SHA.fullmatch(name):
        family, bits, more, _ = match.groups()
        word = f"{family}{bits or ''}-{more}" if more else f"{family}{bits or ''}"
        word = f"sha3-{bits}" if family == "SHA3" else word
        return naming.foreign(f"hmac-{word}" if hmac else word)
    return naming.foreign(name.replace("_", "-"))
