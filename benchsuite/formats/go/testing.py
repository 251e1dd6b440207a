"""What `go test -bench` prints, also with -benchmem, -count, -cpu, -v and -json.

    goos: linux
    pkg: crypto/cipher
    BenchmarkAESGCM/Seal-128-1350-8   	 5126702	       234.0 ns/op	5769.43 MB/s	       0 B/op

N times took so many nanoseconds each; MB are 10^6 bytes. The number behind the name is GOMAXPROCS where that
is not 1, and else belongs to the name: all lines of a package tell. The size is in the name, more or less (1K
of a stream cipher are 1019 bytes): the rate and the time say which it is. What has nothing to do with
cryptography is counted and not taken.

Source: src/testing/benchmark.go of Go 1.5 to 1.26, and the benchmarks of crypto and golang.org/x/crypto.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats.figure import EXACT, PER_SECOND, Figure, Known, Reading, half_unit, of_rate, timed
from benchsuite.formats.go import names as go_names
from benchsuite.formats.text.lines import Line
from benchsuite.model import Case

NAME = "go-testing"
ABOUT = "`go test -bench`, also with -json"
MARKS = ("Benchmark",)

_NUMBER = r"\d{1,18}(?:\.\d{1,9})?(?:[eE][+-]?\d{1,3})?"
_METRIC = re.compile(
    rf"(?P<number>{_NUMBER}) (?P<unit>[A-Za-z%µ][^\s\d][\w%/µ.-]{{0,40}}|ns/op|s/op|B/op)(?= |$)"
)
_LINE = re.compile(r"(?:[-*] )?Benchmark(?P<name>\S{0,200}) (?:(?P<count>\d{1,15}) )?(?P<rest>[-+\d].*)$")
_RESULT = re.compile(rf"(?P<count>\d{{1,15}}) (?P<rest>{_NUMBER} ns/op\b.*)$")
_ONLY_NAME = re.compile(r"Benchmark(\S{0,200})$")
_HEAD = re.compile(r"(goos|goarch|pkg|cpu): (\S.{0,120})$")
_END = re.compile(r"(?:PASS|FAIL|ok) *$|(?:ok|FAIL) (?P<package>\S+) +\d+\.\d+s$|(?:ok|\?) \S+ .*")
_FAILED = re.compile(r"--- (FAIL|SKIP): Benchmark\S+")
_OURS = re.compile(rf"Benchmark\S* .*{_NUMBER} (?:ns/op|MB/s)")
_JSON = re.compile(r'\{.{0,200}"Action": ?"')

_SIZES = re.compile(r"(?<![\d.])(\d{1,9})((?i:bytes?|kib|kb|k|mib|mb|m|b))?(?![a-z])")  # 8KUnaligned
_UNITS = {"": 1, "b": 1, "byte": 1, "bytes": 1} | {
    f"{letter}{more}": 1024**power for power, letter in enumerate("km", 1) for more in ("", "b", "ib")
}
_MOST_BYTES = 2**40  # of an operation
_MANY_PROCS = 256  # what is more may be a size
_PROCS = re.compile(r"(.+)-(\d{1,4})$")
_NUMBERED = re.compile(r"(?:aes|sha|sha3|rsa|kem|dsa|shake|[/_-]p)$", re.IGNORECASE)  # AES-128 is a name
_SHORTER = re.compile(r"aes-?(?:cfb|ofb|ctr)\D*[18]k", re.IGNORECASE)  # in crypto/cipher, by 5 bytes

NOT_CRYPTO = "neither its name nor its package's is of cryptography"
COMPARED = "the same unit twice: a comparison of runs (benchcmp, benchstat), not one"
NO_SIZE = "a rate without a time, and of the numbers in its name any may be the size"
WORKED_OUT = "the size is worked out from MB/s and ns/op: the benchmark's name does not say it"


@dataclass(slots=True)
class _Row:
    line: Line
    name: str  # without `Benchmark`
    count: int | None
    metrics: list[tuple[str, str]]  # (number, unit)
    procs: int = 1
    between: tuple[Fraction, Fraction] | None = None  # the bytes of an operation


@dataclass(slots=True)
class _Package:
    """What one start of a package's tests printed."""

    start: int
    facts: dict[str, str] = field(default_factory=dict)
    rows: list[_Row] = field(default_factory=list)
    ended: bool = False


@dataclass(slots=True)
class _State:
    packages: list[_Package] = field(default_factory=list)
    current: dict[str, _Package] = field(default_factory=dict)  # by package, of -json; "" of a text
    waiting: dict[str, tuple[Line, str]] = field(default_factory=dict)  # a name whose result comes later

    def package(self, key: str, begins: bool = False) -> _Package:
        found = self.current.get(key)
        if found is None or found.ended or (begins and found.rows):
            found = _Package(len(self.packages) + 1, {"pkg": key} if key else {})
            self.packages.append(found)
            self.current[key] = found
        return found


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading, state = Reading(), _State()
    if not any(_is_ours(line.text) for line in lines):
        return reading
    for line in lines:
        for key, text in _outputs(reading, line):
            _line(reading, state, line, key, " ".join(text.split()))
    for package in state.packages:
        _set_procs(package.rows)
    _share(state.packages)
    for package in state.packages:
        for row in package.rows:
            _figure(reading, package, row)
    return reading


def _is_ours(text: str) -> bool:
    if _JSON.match(text):
        return True
    return ("ns/op" in text or "MB/s" in text) and bool(_OURS.search(" ".join(text.split())))


def _outputs(reading: Reading, line: Line) -> Iterator[tuple[str, str]]:
    """(package, text) of a line: it may be an event of test2json."""
    if not _JSON.match(line.text):
        yield "", line.text
        return
    try:
        event = json.loads(line.text)
    except (ValueError, RecursionError):
        return
    if not isinstance(event, dict) or not isinstance(event.get("Action"), str):
        return
    reading.use([line])
    if isinstance(text := event.get("Output"), str):
        yield str(event.get("Package", "")), text


def _line(reading: Reading, state: _State, line: Line, key: str, text: str) -> None:
    if match := _HEAD.match(text):
        reading.use([line])
        state.package(key, begins=True).facts[match[1]] = match[2]
    elif match := _END.match(text):
        if package := state.current.get(key):
            reading.use([line])
            package.facts.setdefault("pkg", match["package"] or "")
            package.ended = True
    elif match := _FAILED.match(text):
        reading.doubt(line, "the benchmark failed" if match[1] == "FAIL" else "it was left out")
    elif (match := _LINE.match(text)) and (metrics := _metrics(match["rest"])):
        if (
            (last := state.current.get(key))
            and last.rows
            and (last.rows[-1].count is None) == bool(match["count"])
        ):
            last.ended = True  # a list in a document is not of the run above it
        _row(reading, state.package(key), line, match["name"], match["count"], metrics)
    elif match := _ONLY_NAME.match(text):
        reading.use([line])
        state.waiting[key] = (line, match[1])
    elif key in state.waiting and (match := _RESULT.match(text)):
        _, name = state.waiting.pop(key)
        _row(reading, state.package(key), line, name, match["count"], _metrics(match["rest"]))


def _metrics(text: str) -> list[tuple[str, str]]:
    return [(match["number"], match["unit"]) for match in _METRIC.finditer(text)]


def _row(
    reading: Reading,
    package: _Package,
    line: Line,
    name: str,
    count: str | None,
    metrics: list[tuple[str, str]],
) -> None:
    units = [unit for _, unit in metrics]
    if not {"ns/op", "MB/s"} & set(units):
        return
    if len(set(units)) < len(units):
        reading.doubt(line, COMPARED)
        return
    reading.use([line])
    package.rows.append(_Row(line, name, int(count) if count else None, metrics))


def _set_procs(rows: list[_Row]) -> None:
    """What of the names is GOMAXPROCS: a number that all have, or each of several that all have (-cpu)."""
    split = [_split(row) for row in rows]
    if len({number for _, number in split}) > 1:
        split = [
            (row.name, 1) if _is_size(row, base, number) else (base, number)
            for row, (base, number) in zip(rows, split, strict=True)
        ]
    bases: dict[int, set[str]] = {}
    for base, number in split:
        bases.setdefault(number, set()).add(base)
    if len({frozenset(names) for names in bases.values()}) == 1:
        for row, (base, number) in zip(rows, split, strict=True):
            if number <= _MANY_PROCS or not _is_size(row, base, number):
                row.name, row.procs = base, number


def _split(row: _Row) -> tuple[str, int]:
    """(name, number behind it)."""
    match = _PROCS.match(row.name)
    if match is None or int(match[2]) < 2 or _NUMBERED.search(match[1]):
        return row.name, 1
    return match[1], int(match[2])


def _is_size(row: _Row, base: str, number: int) -> bool:
    """Whether the number is the size, and nothing before it is."""
    low, high = _between(row) or (1, 0)
    return low <= number <= high and not any(low <= size <= high for size, _ in _named(base))


def _between(row: _Row) -> tuple[Fraction, Fraction] | None:
    """The bytes of an operation, between which numbers: MB/s times ns/op. A whole ns may be cut off, as until
    Go 1.12, or rounded."""
    told = {unit: number for number, unit in row.metrics}
    if "MB/s" not in told or "ns/op" not in told or not Fraction(told["MB/s"]):
        return None
    time, rate = Fraction(told["ns/op"]), Fraction(told["MB/s"])
    more = 1 if "." not in told["ns/op"] else half_unit(told["ns/op"])
    low = (time - half_unit(told["ns/op"])) * (rate - half_unit(told["MB/s"])) / 1000
    return low, (time + more) * (rate + half_unit(told["MB/s"])) / 1000


def _named(name: str) -> list[tuple[int, str]]:
    """The numbers in a name as bytes, and as they stand there."""
    return [(int(match[1]) * _UNITS[(match[2] or "").lower()], match[0]) for match in _SIZES.finditer(name)]


def _share(packages: list[_Package]) -> None:
    """Repetitions of a benchmark have one size: what all of them leave open."""
    shared: dict[tuple[str, str], tuple[Fraction, Fraction]] = {}
    rows = [((package.facts.get("pkg", ""), row.name), row) for package in packages for row in package.rows]
    for key, row in rows:
        if within := _between(row):
            low, high = shared.get(key, within)
            both = max(low, within[0]), min(high, within[1])
            shared[key] = both if both[0] <= both[1] else (low, high)
            row.between = within
    for key, row in rows:
        if row.between:
            row.between = shared[key]


def _size(row: _Row) -> tuple[int, str, bool]:
    """(bytes of an operation, what of the name says so, whether it is worked out)."""
    named = _named(row.name)
    within = row.between
    if within is None:
        rate = any(unit == "MB/s" for _, unit in row.metrics)
        return (*named[-1], False) if rate and named else (0, "", False)
    low, high = within
    if _SHORTER.search(row.name) and low <= named[-1][0] - 5 <= high:
        return named[-1][0] - 5, named[-1][1], True
    for size, text in reversed(named):
        if low <= size <= high and size:
            return size, text, False
    near = [
        text for size, text in reversed(named) if low * Fraction(9, 10) <= size <= high * Fraction(11, 10)
    ]
    return _roundest(low, high), near[0] if near else "", True


def _roundest(low: Fraction, high: Fraction) -> int:
    """The whole number between two, or near them, that is a multiple of the highest power of two."""
    first, last = -(-low // 1), high // 1
    if first > last:
        return max(round((low + high) / 2), 0)
    step = 1
    while (last // (2 * step)) * 2 * step >= max(first, 1):
        step *= 2
    middle = round((low + high) / 2)
    return middle if step < 8 else int(last // step * step)


def _figure(reading: Reading, package: _Package, row: _Row) -> None:
    if row.between and row.between[1] > _MOST_BYTES:
        reading.doubt(row.line, "its numbers are no time")
        return
    rate_only = row.between is None and any(unit == "MB/s" for _, unit in row.metrics)
    if rate_only and row.procs == 1 and _split(row)[1] > 1 and len(_named(row.name)) > 1:
        reading.doubt(row.line, NO_SIZE)
        return
    size, size_text, worked_out = _size(row)
    meant = go_names.meant(package.facts.get("pkg", ""), row.name, size_text)
    if meant is None:
        reading.doubt(row.line, NOT_CRYPTO)
        return
    told = {unit: number for number, unit in row.metrics}
    seconds, off = _seconds(told, size, worked_out)
    value = None
    if seconds:
        value = timed(row.count, row.count * seconds) if row.count else of_rate(1 / seconds)
    if value is None:
        reading.doubt(row.line, "its numbers are no time")
        return
    parallel = "parallel" in row.name.lower()
    case = Case(
        ":".join(filter(None, (NAME, meant.setting))),
        meant.algorithm,
        meant.op,
        size,
        aad_size=meant.aad,
        workers=row.procs if parallel else 1,
    )
    assumed = [
        *meant.assumed,
        *([f"workers={row.procs}: GOMAXPROCS of a parallel benchmark"] if parallel else []),
    ]
    others = ", ".join(f"{number} {unit}" for number, unit in row.metrics if unit not in ("ns/op", "MB/s"))
    facts = {
        Fact.PATH: "in the process, Go",
        Fact.GO_MAXPROCS: str(row.procs),
        Fact.GO_ALSO: others,
        Fact.IMPORTED_ASSUMED: "; ".join(assumed),
        **{f"go_{key}": text for key, text in package.facts.items()},
    }
    printed = ", ".join(f"{told[unit]} {unit}" for unit in ("ns/op", "MB/s") if unit in told)
    reading.figures.append(
        Figure(
            case,
            (row.line,),
            printed,
            (value,),
            precision=off,
            requests=EXACT if row.count else PER_SECOND,
            algorithm=f"Benchmark{row.name}",
            variant=(f"gomaxprocs={row.procs}",),
            facts=facts,
            notes=(WORKED_OUT,) if worked_out else (),
            start=package.start,
        )
    )


def _seconds(told: dict[str, str], size: int, worked_out: bool) -> tuple[Fraction, float]:
    """(seconds of an operation, how far off), from whatever leaves less open."""
    ways = []
    if "ns/op" in told and (time := Fraction(told["ns/op"])):
        off = half_unit(told["ns/op"]) * (1 if "." in told["ns/op"] else 2)
        ways.append((time / 10**9, float(min(Fraction(1), off / time))))
    if "MB/s" in told and size and not worked_out and (rate := Fraction(told["MB/s"])):
        ways.append((size / (rate * 10**6), float(min(Fraction(1), half_unit(told["MB/s"]) / rate))))
    return min(ways, key=lambda way: way[1], default=(Fraction(0), 1.0))
