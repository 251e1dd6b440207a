"""What the benchmarks among the kernel's KUnit tests print: those of lib/crypto/tests and lib/crc/tests.

    # Subtest: sha256
    # benchmark_hash: len=16384: 12853 MB/s
    ok 14 benchmark_hash

The suite says the algorithm, a CRC's benchmark says its own. A MB is 10^6 bytes, and what is behind the point
is cut off. How often the function was called is not printed and is known: 10^7 / (size + 128) times, for all
that have a size. Suites may be nested, and their lines may stand in a diff: then each side is a run.

Source: lib/crypto/tests and lib/crc/tests of Linux 6.14 to 7.0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import EXACT, Figure, Known, Reading, timed
from benchsuite.formats.text.lines import Line
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT, Case

NAME = "kunit"
ABOUT = "benchmarks of the kernel's KUnit tests, lib/crypto and lib/crc"
MARKS = ("benchmark_", "_benchmark")

_BENCHMARK = re.compile(r"(?:^|[\s#|])(?P<test>benchmark_\w{1,60}|\w{1,60}_benchmark): (?P<what>\S.{0,120})$")
_CUT = re.compile(r"(?:^|[\s#|])(?:benchmark_\w{1,60}|\w{1,60}_benchmark):(?: \S.{0,100}[:\d])?$")
_SIZED = re.compile(r"len=(?P<size>\d{1,9}): (?P<rate>\d{1,9}) MB/s")
_AEAD = re.compile(r"data_len=(?P<size>\d{1,9}): enc (?P<enc>\d{1,9}) MB/s, dec (?P<dec>\d{1,9}) MB/s")
_PAIR = re.compile(r"data_len=(?P<size>\d{1,9}) (?P<salt>salt_len=\d{1,9}): (?P<rate>\d{1,9}) MB/s")
_RATE = re.compile(r"(?P<rate>\d{1,12}) ops/s")
_TIME = re.compile(r"(?P<name>[\w-]{1,40})_(?P<op>KeyGen|Encaps|Decaps): (?P<ns>\d{1,15}) ns/op")
_BLOCKS = re.compile(r"(?P<op>enc|dec) \(iter\. (?P<count>\d{1,12}), duration (?P<ns>\d{1,18})ns\)")
_BLOCKS_RATE = re.compile(r"(?:enc|dec) \(len=\d{1,9}\): \d{1,9} MB/s")  # of the same, in 2^20 bytes
_SUBTEST = re.compile(
    r"# Subtest: (?P<suite>\w{1,60})$|={3,} (?P<of_kunit_py>\w{1,60}) \(\d+ subtests?\) ={3,}$"
)
_END = re.compile(
    r"# (\w{1,60}): pass:\d"
    r"|(?:not )?ok \d{1,6} (?:- )?(?!(?:test|benchmark)_|\w+_(?:test|benchmark)$)(\w{1,60})$"
)
_OUTCOME = re.compile(
    r"(?P<failed>not )?ok \d{1,6} (?:- )?(?P<test>benchmark_\w+|\w+_benchmark)(?P<skip> # SKIP.*)?$"
)
_AROUND = re.compile(
    r"(?:K?TAP version \d+|\d{1,6}\.\.\d{1,6}|# (?:module|Subtest): \w+|# Totals?: .*"
    r"|(?:not )?ok \d{1,6} (?:- )?\w+.*|# \w+: (?:pass|Totals):.*|# \w+\.(?:speed|module): .*)$"
)
_OF_KUNIT_PY = re.compile(
    r"(?:\[[\d:]{8}\] )?(?:={3,} .{1,80} ={3,}|={3,}|\[(?:PASSED|SKIPPED)\] \w+|Testing complete\..*)$"
)
_SIDE = re.compile(r"(?:\|\s*)?([-+])[\s\[#]")

UNKNOWN = "unknown"
_ALGORITHMS = {
    "sha3": "sha3-256",
    "aes_cbc_macs": "aes-256-cmac",
    "aes_gcm": "aes-256-gcm",
    "aes_ccm": "aes-256-ccm",
    "chacha20poly1305": "chacha20-poly1305",
    "curve25519": "ecdh-x25519",
}
_OPS = {"enc": ENCRYPT, "dec": DECRYPT, "KeyGen": "keygen", "Encaps": "encaps", "Decaps": "decaps"}
_RATED = {"curve25519": (1024, "derive"), "mldsa": (200, "verify")}  # calls, and of what
_KEM_CALLS = 100
_AEAD_AAD = 16
_BLOCK = 16
_BYTES, _OVERHEAD = 10**7, 128  # so many bytes are to be worked on, and a call counts for some
_PAIR_CALLS = 2 * 4096  # messages: two in each call
_PARAMETERS = re.compile(r"(?P<family>mldsa|mlkem)(?P<set>\d{2,4})")
RATE_ALONE = "its count and time, in the line before, are missing; and its MB may be of 10^6 or 2^20 bytes"
NO_SUITE = "the text does not name the suite, by which the algorithm is known"


@dataclass(slots=True)
class _Runs:
    """Which start of the kernel a figure is of: each prints a figure once, and a diff has two."""

    starts: dict[str, int] = field(default_factory=dict)
    seen: dict[str, set[tuple[Case, str]]] = field(default_factory=dict)

    def of(self, line: Line, case: Case, test: str) -> int:
        side = found[1] if (found := _SIDE.match(line.text)) else ""
        seen = self.seen.setdefault(side, set())
        if side not in self.starts or (case, test) in seen:
            self.starts[side] = max(self.starts.values(), default=0) + 1
            seen.clear()
        seen.add((case, test))
        return self.starts[side]


@dataclass(frozen=True, slots=True)
class _Found:
    """A figure: so many calls took so many seconds."""

    algorithm: str
    op: str
    size: int
    calls: int
    seconds: Fraction
    off: float
    printed: str
    setting: str = ""
    at_once: int = 1
    aad: int = 0


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading, runs = Reading(), _Runs()
    texts = [_plain(line.text) for line in lines]
    if not any(_BENCHMARK.search(text) or _CUT.search(text) or _OUTCOME.match(text) for text in texts):
        return reading
    joined = 0
    for at, (line, suite) in enumerate(zip(lines, _suites(texts), strict=True)):
        if joined:
            joined -= 1
        elif whole := _whole(texts, at):
            figure, joined = whole
            _benchmark(reading, runs, figure, lines[at : at + 1 + joined], suite)
        elif match := _OUTCOME.match(texts[at]):
            _outcome(reading, match, line)
        elif _AROUND.match(texts[at]) or _OF_KUNIT_PY.match(texts[at]):
            reading.use([line])
    return reading


def _plain(text: str) -> str:
    """Without what a mail and a diff do to a line."""
    return re.sub(r"^(?:\|\s*)?[-+](?=[\s#on])\s*", "", text.replace("=3D", "="))


def _suites(texts: Sequence[str]) -> list[str]:
    """The suite of each line; it is named before and after its tests, and a text may be cut at either end."""
    found: list[str] = []
    suite = ""
    for text in texts:
        if match := _SUBTEST.search(text):
            suite = match["suite"] or match["of_kunit_py"]
        found.append(suite)
        if match := _END.match(text):
            name = match[1] or match[2]
            for at in range(len(found) - 1, -1, -1):
                if found[at]:
                    break
                found[at] = name
            suite = ""
    return found


def _whole(texts: Sequence[str], at: int) -> tuple[re.Match[str], int] | None:
    """A figure's line, with the ends that a mail program has wrapped, and how many those are; or None."""
    for more in (1, 2) if _CUT.search(texts[at]) else ():
        parts = texts[at : at + 1 + more]
        if any(_CUT.search(part) or _BENCHMARK.search(part) for part in parts[1:]):
            break
        longer = _BENCHMARK.search(" ".join(parts))
        if longer and re.search(r"(?:MB|ops)/s$|ns/op$", longer[0]):
            return longer, len(parts) - 1
    alone = _BENCHMARK.search(texts[at])
    return (alone, 0) if alone else None


def _outcome(reading: Reading, match: re.Match[str], line: Line) -> None:
    if match["skip"]:
        reading.doubt(line, f"it was left out: {match['skip'].strip(' #')}")
    elif match["failed"]:
        reading.doubt(line, "the benchmark failed")
    else:
        reading.use([line])


def _benchmark(
    reading: Reading, runs: _Runs, match: re.Match[str], lines: Sequence[Line], suite: str
) -> None:
    reading.use(lines)
    if _BLOCKS_RATE.fullmatch(match["what"]):
        if not reading.figures or not _BLOCKS.fullmatch(reading.figures[-1].printed):
            reading.doubt(lines[0], RATE_ALONE)
        return
    found = _figures(match["test"], match["what"], suite)
    if not found:
        reading.doubt(lines[0], "no form of a figure that is known")
    for each in found:
        case = Case(
            ":".join(filter(None, (NAME, each.setting))),
            each.algorithm,
            each.op,
            each.size,
            q_len=each.at_once,
            aad_size=each.aad,
        )
        value = timed(each.calls, each.seconds)
        if value is None:
            reading.doubt(lines[0], f"{each.printed}: cut off until nothing is left")
            continue
        reading.figures.append(
            Figure(
                case,
                tuple(lines),
                each.printed,
                (value,),
                precision=each.off,
                requests=EXACT,
                algorithm=suite or match["test"],
                facts={Fact.PATH: "in the kernel, KUnit"},
                notes=(NO_SUITE,) if each.algorithm == UNKNOWN else (),
                start=runs.of(lines[0], case, match["test"]),
            )
        )


def _figures(test: str, what: str, suite: str) -> list[_Found]:
    algorithm, op = _algorithm(test, suite), DIGEST
    if match := _SIZED.fullmatch(what):
        return [_rated(algorithm, op, match, "rate")]
    if match := _PAIR.fullmatch(what):
        setting = f"{test.removeprefix('benchmark_').removeprefix(f'{suite}_')},{match['salt']}"
        return [_rated(algorithm, op, match, "rate", setting, at_once=2)]
    if match := _AEAD.fullmatch(what):
        return [_rated(algorithm, _OPS[way], match, way, aad=_AEAD_AAD) for way in ("enc", "dec")]
    if match := _BLOCKS.fullmatch(what):
        name = re.sub(r"(?<=[a-z])(?=\d)", "-", test.removeprefix("benchmark_").removesuffix("_benchmark"))
        count, seconds = int(match["count"]), Fraction(int(match["ns"]), 10**9)
        return [_Found(name, _OPS[match["op"]], _BLOCK, count, seconds, 0.0, what)]
    if match := _TIME.fullmatch(what):
        ns = int(match["ns"])
        seconds = Fraction(ns * _KEM_CALLS, 10**9)
        return [_Found(algorithm, _OPS[match["op"]], 0, _KEM_CALLS, seconds, 1 / max(ns, 1), what)]
    if match := _RATE.fullmatch(what):
        return _per_second(algorithm, test, int(match["rate"]), what)
    return []


def _rated(
    algorithm: str,
    op: str,
    match: re.Match[str],
    rate: str,
    setting: str = "",
    at_once: int = 1,
    aad: int = 0,
) -> _Found:
    """Megabytes in a second, of a function that was called as often as its size says."""
    size, speed = int(match["size"]), int(match[rate])
    calls = _PAIR_CALLS if at_once > 1 else max(_BYTES // (size + _OVERHEAD), 1)
    seconds = Fraction(size * calls, speed * 10**6) if speed else Fraction(0)
    return _Found(
        algorithm, op, size, calls, seconds, 1 / max(speed, 1), f"{speed} MB/s", setting, at_once, aad
    )


def _per_second(algorithm: str, test: str, rate: int, what: str) -> list[_Found]:
    family = next((key for key in _RATED if key in test), "")
    calls, op = _RATED.get(family, (max(rate, 1), "call"))
    seconds = Fraction(calls, rate) if rate else Fraction(0)
    return [_Found(algorithm, op, 0, calls, seconds, 1 / max(rate, 1), what)]


def _algorithm(test: str, suite: str) -> str:
    """By the benchmark's name where that says it, as `crc32_le_benchmark`; else by its suite's."""
    if match := _PARAMETERS.search(test):
        return f"{match['family'][:2]}-{match['family'][2:]}-{match['set']}"
    if test.endswith("_benchmark"):
        return naming.foreign(test.removesuffix("_benchmark").replace("_", "-"))
    name = suite or test.removeprefix("benchmark_")
    if name in ("hash", "aead"):
        return UNKNOWN
    return _ALGORITHMS.get(name) or naming.foreign(name.replace("_", "-"))
