"""Which run of tcrypt answers a case: what a user may ask for, the module's parameters, and the line of its
log that has the figure.

tcrypt has its own sizes, keys and lengths of AAD, and no others: whatever a case asks beyond them is
refused with what there is. What a kernel's tcrypt really times is read from its log, not from a table here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from benchsuite.algorithms import Algorithm
from benchsuite.algorithms.names.tcrypt import modes as modes_of
from benchsuite.backends.errors import MeasureError
from benchsuite.formats.tcrypt.figures import AAD
from benchsuite.formats.tcrypt.log import DECRYPTION, ENCRYPTION, Log, Problem, Record
from benchsuite.keys import Flag, Option, OptionTable, Word, refused
from benchsuite.model import CHAINED, DECRYPT, DIGEST, BenchsuiteError, Case

MULTIBUFFER = 600  # the mode of which newer kernels time one cipher alone: alg= and klen=
NARROWS_FROM = (6, 11)  # the first Linux that does
HASHES = (300, 400)  # the modes that always did

# What is appended to the key and not in the algorithm's: salt of the nonce.
_SALT = {"rfc4309(ccm(aes))": 3, "rfc7539esp(chacha20,poly1305)": 4}

# How many tests a mode has, for estimates only: the most of Linux 6.1 and 6.12.
_TESTS = {
    200: 280,
    201: 42,
    204: 28,
    211: 96,
    212: 16,
    213: 16,
    215: 96,
    216: 16,
    217: 16,
    500: 364,
    501: 56,
    502: 56,
    600: 364,
    601: 56,
    602: 56,
}
_DRIVER = r"[A-Za-z0-9_.+(),-]+"

_TESTS_OF_A_HASH, _TESTS_OF_A_CIPHER = 22, 14  # timed alone


@dataclass(frozen=True, slots=True)
class Options:
    """The setting of the backend."""

    cycles: bool = False
    sync: bool = False
    whole: bool = False
    driver: str = ""


class _DriverName(Word):
    what = "one of /proc/crypto's drivers"

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(_DRIVER, value):
            raise refused(value, self)
        return value


OPTIONS = OptionTable(
    Option("cycles", Flag(), False, "each figure is the cycles of one operation, quickly had"),
    Option("sync", Flag(), False, "asynchronous drivers are excluded"),
    Option("whole", Flag(), False, "the whole mode is timed, also where one algorithm could be"),
    Option("driver", _DriverName(commas=True), "", "that driver of /proc/crypto is timed alone", "NAME"),
)


def parse_options(setting: str) -> Options:
    """What a setting says. BenchsuiteError for one that makes no sense."""
    options = Options(**OPTIONS.parse("tcrypt", setting))
    if options.driver and (options.sync or options.whole):
        raise BenchsuiteError("tcrypt: driver=NAME times that driver alone: leave sync and whole out")
    return options


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the module, except `sec`. What is "" or 0 is not given."""

    mode: int
    alg: str = ""
    klen: int = 0
    num_mb: int = 0

    def arguments(self, sec: int) -> list[str]:
        given = {"mode": self.mode, "alg": self.alg, "klen": self.klen, "num_mb": self.num_mb}
        return [*(f"{key}={value}" for key, value in given.items() if value), f"sec={sec}"]

    @property
    def narrowed(self) -> bool:
        return bool(self.alg)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The item of tcrypt's log that answers a case."""

    name: str  # in the header, which has a driver's name where the driver was asked for
    direction: str
    key_bits: int | None
    size: int

    def is_of(self, record: Record) -> bool:
        return (record.algorithm, record.direction) == (self.name, self.direction)


def wanted(case: Case, algorithm: Algorithm, options: Options) -> Wanted:
    called = algorithm.name_in("tcrypt") or ""
    direction = "" if case.op == DIGEST else DECRYPTION if case.op == DECRYPT else ENCRYPTION
    bits = 8 * (algorithm.key_size + _SALT.get(called, 0)) if direction else None
    return Wanted(options.driver or called, direction, bits, case.request_size)


def check(case: Case, algorithm: Algorithm, options: Options) -> None:
    """MeasureError("unsupported") for what tcrypt never does, whatever the kernel."""
    for reason in _reasons(case, algorithm, options):
        raise MeasureError("unsupported", reason)


def _reasons(case: Case, algorithm: Algorithm, options: Options) -> Iterator[str]:
    called = algorithm.name_in("tcrypt")
    modes = modes_of(called)
    if modes is None or called is None:
        yield f"tcrypt has no mode that times {algorithm.name}"
        return
    if needs := case.load.needs("q_len", "crypto_q_max"):
        yield f"tcrypt has one caller and no queues: it needs {needs}"
    if case.iv == CHAINED:
        yield "tcrypt chains nothing from request to request: leave iv = chained out"
    aad = AAD.get(called, 0)
    if case.aad_size != aad:
        yield (
            f"tcrypt gives {called} {aad} bytes of additional data, not {case.aad_size}: set aad_size = {aad}"
        )
    if case.tag_size:
        yield f"tcrypt cuts no tag: leave tag_size = {case.tag_size} out"
    if case.q_len > 1 and modes.multibuffer is None:
        yield f"tcrypt keeps one request of {algorithm.name} at a time: it needs q_len 1"
    if options.sync and (modes.sync is None or case.q_len > 1):
        yield "tcrypt excludes asynchronous drivers only for ciphers and hashes at q_len 1: leave `sync` out"
    if options.driver and algorithm.kind == "aead":
        yield "tcrypt times no AEAD by the name of its driver: leave `driver=` out"


def ways(case: Case, algorithm: Algorithm, options: Options) -> list[Parameters]:
    """What to load, the quickest first: what follows is for kernels whose tcrypt does not take it."""
    called = algorithm.name_in("tcrypt")
    modes, name = modes_of(called), options.driver or called or ""
    assert modes
    if algorithm.kind in ("digest", "hmac"):
        mode = modes.sync if options.sync else modes.any
        assert mode
        if mode in HASHES or options.driver:
            mode = mode // 100 * 100
            return [Parameters(mode, name, algorithm.mac_key_size)]
        return [Parameters(mode)]
    several = case.q_len if case.q_len > 1 else 0
    mode = modes.multibuffer if several else modes.sync if options.sync else modes.any
    assert mode
    all_of_it = Parameters(mode, num_mb=several)
    if algorithm.kind == "aead" or options.sync or options.whole:
        return [all_of_it]
    alone = Parameters(MULTIBUFFER, name, algorithm.key_size, case.q_len)
    return [alone] if options.driver else [alone, all_of_it]


def took(log: Log, way: Parameters) -> bool:
    """Whether tcrypt timed what `alg` named, and nothing else: older ones pass over it."""
    return not way.narrowed or {record.algorithm for record in log.records} <= {way.alg}


def narrows() -> bool:
    """Whether the kernel's release says that it takes `alg` for a cipher; for estimates only."""
    match = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return match is not None and (int(match[1]), int(match[2])) >= NARROWS_FROM


def tests(way: Parameters) -> int:
    """About how many figures loading it gives, each of which takes `sec` seconds."""
    if 300 <= way.mode < 500:
        return _TESTS_OF_A_HASH
    return _TESTS_OF_A_CIPHER if way.narrowed else _TESTS[way.mode]


def pick(log: Log, what: Wanted) -> Record:
    """The figure. MeasureError that says what this kernel's tcrypt has instead, or what went wrong there."""
    of_name = [record for record in log.records if what.is_of(record) and record.one_update]
    of_key = [record for record in of_name if record.key_bits == what.key_bits]
    for record in of_key:
        if record.size == what.size:
            return record
    if log.lost:
        raise MeasureError(
            "error",
            "the kernel log lost messages while tcrypt wrote to it, the figure among them: "
            "make it larger with log_buf_len=4M on the kernel's command line",
        )
    if problem := _problem(log.problems, what):
        kind = "unsupported" if "ailed to load transform" in problem.text else "error"
        raise MeasureError(kind, f"tcrypt in the kernel says: {problem.text}")
    if not log.records:
        raise MeasureError(
            "error",
            "tcrypt printed no figure at all: the kernel may have no memory for so many requests at once",
        )
    raise MeasureError("unsupported", _instead(what, of_name, of_key))


def _problem(problems: Iterable[Problem], what: Wanted) -> Problem | None:
    for problem in problems:
        if problem.algorithm in ("", what.name) and problem.direction in ("", what.direction):
            return problem
    return None


def _instead(what: Wanted, of_name: list[Record], of_key: list[Record]) -> str:
    if not of_name:
        return f"tcrypt of this kernel does not time {what.name}"
    if not of_key:
        bits = ", ".join(str(bits) for bits in sorted({record.key_bits or 0 for record in of_name}))
        return f"tcrypt of this kernel times {what.name} with keys of {bits} bits, not {what.key_bits}"
    sizes = sorted({record.size for record in of_key})
    below = max((size for size in sizes if size < what.size), default=None)
    above = min((size for size in sizes if size > what.size), default=None)
    near = " and ".join(str(size) for size in (below, above) if size is not None)
    return (
        f"tcrypt times {what.name} with requests of {', '.join(map(str, sizes))} bytes, not {what.size}: "
        f"the nearest are {near}"
    )
