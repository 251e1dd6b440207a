"""What `bssl speed` of BoringSSL and AWS-LC prints, with -json too where that is line by line.

    Did 812000 AES-128-GCM (1350 bytes) seal operations in 1000941us (811236.6 ops/sec): 1095.2 MB/s
    Did 790000 AEAD-AES-128-GCM seal (1350 bytes) operations in 1000208us (789835.7 ops/sec): 1066.3 MB/s
    Did 1700 RSA 2048 signing operations in 1021837us (1663.7 ops/sec)
    {"description": "SHA-256 (16 bytes)", "numCalls": 90000, "microseconds": 100020, "bytesPerCall": 16}

MB are of 10^6 bytes. BoringSSL's -threads adds up the calls and also the microseconds of all threads, for
everything but its AEADs and trust tokens; AWS-LC's is of one benchmark only, which names the number.

Source: tool/speed.cc of BoringSSL, 2014 to its end in 2025, and of AWS-LC to 5.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import (
    ELAPSED,
    EXACT,
    SIDE_BY_SIDE,
    Figure,
    Known,
    Reading,
    half_unit,
    relative,
    timed,
)
from benchsuite.formats.text import command_line
from benchsuite.formats.text.lines import Line
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT, Case

NAME = "bssl-speed"
ABOUT = "`bssl speed` of BoringSSL and AWS-LC, also with -json"
MARKS = ("Did ", '"numCalls"')

NO_PAYLOAD = 0
CALL, DERIVE = "call", "derive"
CPU = "CPU"  # what the seconds of -cputime are of: a thread, in user mode and in the kernel
TLS_HEADER, LEGACY_HEADER = 13, 11  # bytes of AAD that every AEAD here gets; those of TLS 1.0 make up two
BLOCK = 16  # bytes, of AES

_LINE = re.compile(
    r"(?:^|\s)Did (?P<count>\d{1,20}) (?P<what>\S.{0,150}?) operations in (?P<us>\d{1,20}) ?us "
    r"\((?P<ops>\d{1,20}\.\d{1,3}|inf|-?nan) ops/sec\)(?:: +(?P<mb>\d{1,12}\.\d|inf|-?nan) MB/s)?$"
)
_CUT = re.compile(r"(?:^|\s)Did \d{1,20} \S.{0,150}? operations in ")
_JSON = re.compile(r'\{"description": ".{1,200}\},?$')
_SPREAD = re.compile(r"min: \d+us, median: \d+us, max: \d+us$")
_COMMAND = command_line.program(r"bssl(?:\.exe)? +speed", first="-")
_SIZE = re.compile(r" ?\((\d{1,10}) bytes?\)")
_WAY = re.compile(r"(EVP|AEAD)[- ]|-(OneShot)\b")
_WRAP = 2**32
_TLS_CBC = re.compile(r"(?:cbc-(?:sha1|sha256)|rc4-(?:md5|sha1))$")

# What a description ends with, what is done then, and what else is told by it: the longest first.
_ENDINGS = tuple(
    (re.compile(rf"[ -]*{ending}$", re.IGNORECASE), op)
    for ending, op in (
        (r"(?:encrypt|seal) (?:init|setup)", "encrypt-setup"),
        (r"(?:decrypt|open) (?:init|setup)", "decrypt-setup"),
        (r"init and (?:encrypt|seal)", "setup+encrypt"),
        (r"init and (?:decrypt|open)", "setup+decrypt"),
        (r"init", "setup"),
        (r"(?:seal|encrypt)", ENCRYPT),
        (r"(?:open|decrypt)", DECRYPT),
        (r"generate \+ decap", "keygen+decaps"),
        (r"parse \+ encap", "parse+encaps"),
        (r"private key parse", "private-key-parse"),
        (r"parse public key", "public-key-parse"),
        (r"parse private key", "private-key-parse"),
        (r"sign(?:ing)?", "sign"),
        (r"verify", "verify"),
        (r"(?:key generation|key-gen|keygen|generate_key|generate)", "keygen"),
        (r"encap(?:s|sulate)?", "encaps"),
        (r"decap(?:s|sulate)?", "decaps"),
        (r"arbitrary point multiplication", "point-multiplication"),
        (r"base-point multiplication", "base-point-multiplication"),
        (r"decode", "decode"),
        (r"encode", "encode"),
    )
)
_KIND = re.compile(r" ?\((same key|fresh key|valid signature|invalid signature|randomized|valid)\)")
_USUAL = ("same key", "valid signature", "randomized", "valid")
_POINT = re.compile(r"EC POINT (\S+) (dbl|add|mul|mul base|mul public)$")
_GENERATE = re.compile(r"Generate (\S+)(?: with (\S+))?$")
_RANDOM = re.compile(r"(?:RNG|CRYPTO_sysrand|Jitter)$")
_SLH = re.compile(r"(?:SLH-?DSA-)?((?:SHA2|SHAKE)-\d{3}[sf])$")
_SERIAL = re.compile(
    r"\b(?:seal|open|TrustToken|self-test|key-gen)\b"
)  # BoringSSL measures these in one thread

WITH_KEY = "bssl speed makes a new pair of keys for each derivation, so it is slower than a derivation alone"
CPU_TIME = "bssl speed -cputime divided by the CPU time of its thread, not by elapsed time"
ASSUMED = "workers=1: -threads does not show in what bssl speed prints"


@dataclass(slots=True)
class Start:
    """One start of the program. It describes nothing twice: what comes again is of another start."""

    number: int = 1
    options: dict[str, str] | None = None
    seen: set[tuple[str, int]] = field(default_factory=set)

    def next(self, options: dict[str, str] | None = None) -> Start:
        return Start(self.number + bool(self.seen), options)

    def at(self, entry: Entry) -> Start:
        """The start that an entry is of."""
        start = self.next() if entry.key in self.seen else self
        start.seen.add(entry.key)
        return start

    @property
    def cpu_time(self) -> bool:
        return "cputime" in (self.options or {})

    def threads(self, entry: Entry) -> int:
        told = command_line.number((self.options or {}).get("threads", "")) or 1
        timeout = (self.options or {}).get("timeout", "") or "1"
        if told == 1 or _SERIAL.search(entry.what) or not re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", timeout):
            return 1
        return told if entry.us > told * Fraction(timeout) * 10**6 else 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What is measured, as printed, and what it says of itself."""

    what: str
    count: int
    us: int
    size: int

    @property
    def key(self) -> tuple[str, int]:
        return self.what, self.size


@dataclass(frozen=True, slots=True)
class _Work:
    algorithm: str
    op: str
    way: str = ""  # by which interface, with which key: a setting of the backend
    aad_size: int = 0
    size: int | None = None  # where it is not printed


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading, start = Reading(), Start()
    as_json = any(_JSON.match(line.text) for line in lines)
    for line in lines:
        words = command_line.arguments(line.text, _COMMAND)
        if words is not None:
            reading.use([line])
            start = start.next(command_line.options(words))
        elif len(_CUT.findall(line.text)) > 1:
            reading.doubt(line, SIDE_BY_SIDE)
        elif match := _LINE.search(line.text):
            entry = _of_line(match)
            if isinstance(entry, str):
                reading.doubt(line, entry)
                continue
            start = start.at(entry)
            _take(reading, entry, line, start)
        elif _JSON.match(line.text):
            entry = of_json(_loaded(line.text))
            if isinstance(entry, str):
                reading.doubt(line, entry)
                continue
            start = start.at(entry)
            _take(reading, entry, line, start)
        elif _CUT.search(line.text) or line.text.startswith('{"description": '):
            reading.doubt(line, "its figure is cut off, or damaged")
        elif reading.figures and _SPREAD.search(line.text):
            reading.doubt(line, "the spread of the line before, whose mean is taken")
        elif as_json and line.text in ("[", "]"):
            reading.use([line])
    return reading


def _take(reading: Reading, entry: Entry, line: Line, start: Start) -> None:
    found = figure(entry, line, start)
    if isinstance(found, str):
        reading.doubt(line, found)
    else:
        reading.use([line])
        reading.figures.append(found)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text.rstrip(","))
    except (ValueError, RecursionError):
        return None


def of_json(data: Any) -> Entry | str:
    """An element of the list that -json prints; or why it is none."""
    if not isinstance(data, dict) or not isinstance(data.get("description"), str):
        return "no description"
    us = data.get("microseconds", data.get("timeInMicroseconds"))
    numbers: tuple[Any, Any, Any] = data.get("numCalls"), us, data.get("bytesPerCall", 0)
    if not all(type(each) is int and 0 <= each < 2**63 for each in numbers):
        return "its numbers are no counts"
    if type(data.get("primeSizePerCall")) is int:
        return Entry(f"{data['description'][:150]} ({data['primeSizePerCall']} bits)", *numbers)
    return Entry(_SIZE.sub("", data["description"][:150]).strip(), *numbers)


def _of_line(match: re.Match[str]) -> Entry | str:
    count, us, mb = int(match["count"]), int(match["us"]), match["mb"]
    if not count or not us or not match["ops"][0].isdigit():
        return "nothing was done, or no time passed"
    per_second = Fraction(count * 10**6, us)
    if abs(per_second - Fraction(match["ops"])) > half_unit(match["ops"]) + per_second / 10**6:
        return "its count, its time and its rate do not agree"
    size = _SIZE.search(match["what"])
    octets = int(size[1]) if size else 0
    if mb and mb[0].isdigit():
        near = half_unit(mb) + per_second * octets / 10**12
        all_octets = (count * octets, count * octets % _WRAP)  # in a size_t, which may be of 32 bits
        if size and all(abs(Fraction(each, us) - Fraction(mb)) > near for each in all_octets):
            return "its size and its MB/s do not agree"
        if not size:
            octets = round(Fraction(mb) * 10**6 / per_second)
            if half_unit(mb) * 10**6 / per_second >= Fraction(1, 2):
                return "the size of an operation is not printed, and its MB/s have too few digits to tell"
    return Entry(_SIZE.sub("", match["what"]).strip(), count, us, octets)


def figure(entry: Entry, line: Line, start: Start) -> Figure | str:
    """The figure of one description; or why there is none."""
    work, threads = _work(entry), start.threads(entry)
    value = timed(entry.count, Fraction(entry.us, 10**6 * threads))
    if value is None:
        return "nothing was done, or no computer does that"
    size = entry.size if entry.size or work.size is None else work.size
    backend = f"{NAME}:{work.way}" if work.way else NAME
    notes = (WITH_KEY,) if work.op == DERIVE and work.algorithm.startswith(("ecdh-", "ffdh-")) else ()
    return Figure(
        Case(backend, work.algorithm, work.op, size, workers=threads, aad_size=work.aad_size),
        (line,),
        f"{entry.count} in {entry.us} us",
        (value,),
        "",
        relative(str(entry.us)),
        EXACT,
        CPU if start.cpu_time else ELAPSED,
        entry.what,
        facts=_facts(start),
        notes=(*notes, CPU_TIME) if start.cpu_time else notes,
        start=start.number,
    )


def _facts(start: Start) -> dict[str, str]:
    return {Fact.IMPORTED_ASSUMED: ASSUMED} if start.options is None else {}


def _work(entry: Entry) -> _Work:
    """What a description without its size names."""
    text, kinds = entry.what, _KIND.findall(entry.what)
    if match := _POINT.match(text):
        return _Work(f"ec-point-{naming.curve(match[1])}", match[2].replace(" ", "-"))
    if match := _GENERATE.match(text):
        return _Work(f"ec-{naming.curve(match[1])}", "keygen", naming.foreign(match[2]) if match[2] else "")
    if _RANDOM.match(text):
        return _Work(naming.foreign(text), naming.GENERATE)
    found = _WAY.search(text)
    way = (found[1] or found[2]) if found else ""
    way = next((kind.replace(" ", "-") for kind in kinds if kind not in _USUAL), way)
    text = _WAY.sub("", _KIND.sub("", text), count=1).strip()
    for pattern, op in _ENDINGS:
        if (match := pattern.search(text)) and match.start():
            return _keyed(entry, text[: match.start()], op, way)
    if text.startswith(("ECDH ", "FFDH ", "scrypt ")):
        return _Work(naming.of_key(text), DERIVE, way)
    algorithm = naming.of_library(text)
    if entry.size and naming.work(algorithm) == DIGEST:
        return _Work(algorithm, DIGEST, way)
    return _Work(naming.foreign(text), CALL, way)


def _keyed(entry: Entry, name: str, op: str, way: str) -> _Work:
    if match := _SLH.match(name):
        return _Work(f"slh-dsa-{match[1].lower()}", op, way)
    if op not in (ENCRYPT, DECRYPT):
        if name == "MLDSA":  # BoringSSL's has one size
            name = "MLDSA65"
        algorithm = naming.of_library(name) if "setup" in op or op == "decode" else naming.of_key(name)
        return _Work(algorithm, op, way)
    if re.fullmatch(r"AES-\d{3}", name) and not entry.size:  # of one block, which is ECB
        return _Work(f"{name.lower()}-ecb", op, way, size=BLOCK)
    algorithm = naming.of_library(name)
    aead = bool(re.search(r"\b(?:seal|open)\b", entry.what)) or bool(re.search("gcm|poly1305", algorithm))
    legacy = LEGACY_HEADER if _TLS_CBC.search(algorithm) else TLS_HEADER
    return _Work(algorithm, op, way, legacy if aead else 0)
