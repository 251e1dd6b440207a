"""From the bytes of a file to the figures in it."""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from json import JSONDecodeError
from pathlib import Path
from types import ModuleType
from typing import Any

from benchsuite import records
from benchsuite.facts import Fact
from benchsuite.files import Expected
from benchsuite.formats import known as known_benchmarks
from benchsuite.formats.figure import Figure, Known, Reading
from benchsuite.formats.registry import JSON_READERS, READERS, TABLES
from benchsuite.formats.text import characters, columns, kernel_log, lines
from benchsuite.formats.text.lines import Line
from benchsuite.imports import context
from benchsuite.model import BenchsuiteError, CaseResult
from benchsuite.records import BadRecord
from benchsuite.units import many, shown

TEXT = Expected(
    "what a program printed",
    "name a file with what a program printed",
    32 * 10**6,  # a kernel log of a year is smaller
    too_large="cut out what the benchmark printed (grep)",
    pipe=True,
)
MOST_KEPT = 1000  # of the lines that are kept with the result because they gave no figure
NOT_READ = "it looks like a figure, and nothing that is read prints it so"
_LONGEST_KEPT = 500  # characters of such a line

_COMPRESSED = {
    b"\x1f\x8b": "gunzip",
    b"\xfd7zXZ": "unxz",
    b"(\xb5/\xfd": "unzstd",
    b"BZh": "bunzip2",
    b"PK\x03\x04": "unzip",
}
_EVENT = r'"(?:MESSAGE|Action)" *:'  # of the journal, of go test -json: one in a line
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NO_DIGITS = str.maketrans("", "", "0123456789")
_BEGINS_JSON = re.compile(r"\s*(?:\{|\[\s*\{)")  # `[    5.029]` is a kernel log's


@dataclass(frozen=True, slots=True)
class Unclear:
    """A line that gave no figure although it looks like a program's. number 0: there are no lines."""

    number: int
    text: str
    why: str


@dataclass(slots=True)
class Found:
    """What is in a file."""

    name: str  # without its folder, on one line
    size: int
    sha256: str
    lines: int = 0  # those with nothing on them not counted
    unit: str = "line"  # what `lines` counts
    figures: list[tuple[str, Figure]] = field(default_factory=list)  # with the program, in the file's order
    unclear: list[Unclear] = field(default_factory=list)
    other: list[Line] = field(default_factory=list)  # of no program
    environment: dict[str, str] = field(default_factory=dict)  # what it says of the machine
    cases: int = 0  # that its figures make
    again: dict[str, str] = field(default_factory=dict)  # cases with several of its figures: their lines
    labels: list[str] = field(default_factory=list)  # by which its runs are told apart

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(program for program, _ in self.figures))

    def keep(self, cases: Iterable[CaseResult]) -> None:
        """Notes what became of its figures, and understands the labels that tell runs apart."""
        labels: dict[str, None] = {}
        for case in cases:
            facts = [run.facts for run in case.runs if run.facts.get(Fact.IMPORTED_FILE, "") == self.name]
            self.cases += bool(facts)
            if len(facts) > 1:
                self.again[case.case.name] = "; ".join(
                    each.get(Fact.IMPORTED_LINE_NUMBER, "") for each in facts
                )
            labels.update({text: None for each in facts if (text := each.get(Fact.IMPORTED_TOLD_APART))})
        self.labels = list(labels)
        texts = {text for label in labels for text in label.split("; ")}
        self.other = [line for line in self.other if not context.is_label(line, texts)]

    def source(self) -> dict[str, Any]:
        """What a result keeps of where it is from."""
        return {
            "file": self.name,
            "bytes": self.size,
            "sha256": self.sha256,
            "figures": self.counts,
            "cases": self.cases,
            "again": [[name, numbers] for name, numbers in list(self.again.items())[:MOST_KEPT]],
            "told_apart": self.labels[:MOST_KEPT],
            "lines": self.lines,
            "lines_not_understood": len(self.other),
            "lines_without_figure": len(self.unclear),
            "not_understood": [[line.number, line.raw[:_LONGEST_KEPT]] for line in self.other[:MOST_KEPT]],
            "without_figure": [
                [each.number, each.text[:_LONGEST_KEPT], each.why] for each in self.unclear[:MOST_KEPT]
            ],
        }


def programs() -> list[tuple[str, str]]:
    """(name, what it is) of everything that can be imported."""
    found: dict[str, str] = {}
    for each in (*READERS, *JSON_READERS, *TABLES):
        found.setdefault(each.NAME, each.ABOUT)
    return list(found.items())


def in_file(name: str, data: bytes, known: Known) -> Found:
    """Raises BenchsuiteError where there is no figure, saying what the file looks like."""
    name = "".join(char if char.isprintable() else "?" for char in name)
    found = Found(Path(name).name, len(data), hashlib.sha256(data).hexdigest())
    text = _decode(data, name)
    if lines.are_json(text) or not (_BEGINS_JSON.match(text) and _in_json(found, text, name)):
        _in_lines(found, text, known)
    if not found.figures:
        raise BenchsuiteError(_nothing(found, name, text))
    return found


def _decode(data: bytes, name: str) -> str:
    for magic, tool in _COMPRESSED.items():
        if data.startswith(magic):
            raise BenchsuiteError(f"{name}: is compressed; unpack it with {tool} first")
    if not data.strip():
        raise BenchsuiteError(f"{name}: is empty: expected what one of {_names()} printed")
    if data.startswith(_UTF16):  # a shell of Windows writes it
        return data.decode("utf-16", "replace")
    return characters.decoded(data)


def _in_lines(found: Found, text: str, known: Known) -> None:
    used: set[int] = set()
    for reader in TABLES:
        if reader.is_one(text):
            reading = reader.read(lines.plain(text), known)
            _keep(found, reader.NAME, reading)
            used |= reading.used
    everything = lines.split(text)
    found.lines = len(everything)
    rows = [line for line in everything if line.number not in used]
    found.environment, of_machine = kernel_log.machine(rows)
    if len(context.hosts(rows)) > 1:
        found.environment = {}  # of one of them, and which is not said
    used |= of_machine
    for view, seen in columns.views(rows):
        used |= _in_view(found, view, seen, known, used)
    found.unclear = list({(each.number, each.text): each for each in found.unclear}.values())
    found.other = [line for line in rows if line.number not in used]
    if found.figures:
        _set_aside(found)
    found.unclear.sort(key=lambda each: each.number)
    found.figures.sort(key=lambda each: each[1].lines[0].number if each[1].lines else 0)


def _keep(found: Found, program: str, reading: Reading) -> None:
    found.figures += [(program, figure) for figure in reading.figures]
    found.unclear += [Unclear(line.number, line.raw, why) for line, why in reading.unclear]


def _set_aside(found: Found) -> None:
    """Lines that nothing reads and that look like figures: none is passed over without a word."""
    places = known_benchmarks.places("\n".join(line.text for line in found.other))
    numbers = set()
    begins = 0
    for line in found.other:
        ends = begins + len(line.text) + 1
        if known_benchmarks.like_a_figure(line.text):
            at = bisect_left(places, (ends, "")) - 1
            where, name = places[at] if at >= 0 else (-1, "")
            why = f"a figure of {name}, which is not read" if where >= begins else NOT_READ
            if name and where < begins:
                why += f"; {name} before it is not read either"
            found.unclear.append(Unclear(line.number, line.raw, why))
            numbers.add(line.number)
        begins = ends
    found.other = [line for line in found.other if line.number not in numbers]


def _known(found: Found, text: str) -> tuple[str, str] | None:
    """The benchmark that what nothing reads is of, by its lines with or without what stands before them."""
    left = "\n".join(line.text for line in found.other)
    return known_benchmarks.named(left) or known_benchmarks.named(text)


def _in_view(found: Found, view: str, rows: list[Line], known: Known, used: set[int]) -> set[int]:
    """The numbers of the lines that are a program's. The cycle counter is that of its own machine."""
    rate, rate_lines = kernel_log.cycles_hz(rows)
    known = replace(known, cycles_hz=known.cycles_hz or rate)
    asked = _readers("\n".join([row.text for row in rows]))
    readings = [(reader.NAME, reader.read(rows, known)) for reader in asked]
    used = used.union(rate_lines, *(reading.used for _, reading in readings))
    unused = {row.number for row in rows} - used
    said = context.around(rows, unused) if any(reading.figures for _, reading in readings) else []
    for name, reading in readings:
        context.give(reading.figures, view, said)
        _keep(found, name, reading)
    return used


def _readers(text: str) -> list[ModuleType]:
    """The readers that may find something. Without their digits, a log has few lines that differ: a mark that
    is in none of these is not in the text."""
    kinds = "\n".join(set(text.translate(_NO_DIGITS).split("\n")))
    return [
        reader
        for reader in READERS
        if any(mark.translate(_NO_DIGITS) in kinds and mark in text for mark in reader.MARKS)
    ]


def _in_json(found: Found, text: str, name: str) -> bool:
    """False for what is no JSON, or has it line by line: the journal, or a program's own lines."""
    try:
        data = records.loads(text)
    except JSONDecodeError as error:
        if _by_lines(text, error):
            return False
        raise BenchsuiteError(
            f"{name}: not JSON at line {error.lineno}, column {error.colno}: {error.msg}; is it whole?"
        ) from None
    except BadRecord as error:
        raise BenchsuiteError(f"{name}: JSON that cannot be a benchmark's: {error}") from None
    reader = next((each for each in JSON_READERS if each.is_one(data)), None)
    if reader is None:
        if isinstance(data, dict) and ("MESSAGE" in data or "Action" in data):
            return False
        raise BenchsuiteError(_foreign_json(data, name))
    figures, unclear = reader.read(data)
    found.lines, found.unit = len(figures) + len(unclear), "benchmark"
    found.figures = [(reader.NAME, figure) for figure in figures]
    found.unclear = [Unclear(0, each, f"not as {reader.NAME} writes it") for each in unclear]
    found.environment = reader.machine(data)
    return True


def _by_lines(text: str, error: JSONDecodeError) -> bool:
    """Whether a text that is no JSON as a whole may be one line by line."""
    if re.search(_EVENT, text) or not re.match(r'\s*(?:\{\s*(?:"|$)|\[\s*\{)', text[:1000]):
        return True
    rest = text[error.pos : error.pos + 100].lstrip()
    return text.lstrip().startswith("[") or (error.msg == "Extra data" and rest.startswith("{"))


def _foreign_json(data: Any, name: str) -> str:
    if isinstance(data, dict) and isinstance(data.get("benchsuite"), dict):
        return f"{name}: is a result of benchsuite already: give it to show, compare or report as it is"
    if isinstance(data, dict) and "benchmarks" in data and "version" in data:
        return f"{name}: is a pyperf file; python -m pyperf works on it, benchsuite cannot import it"
    if other := known_benchmarks.named(json.dumps(data)):
        return f"{name}: JSON of {other[0]}, which is not read\n{other[1]}"
    takes = ", ".join(f"{each.NAME}'s ({each.EXPECTED})" for each in JSON_READERS)
    return f"{name}: JSON, but of no program that is read\nof JSON it takes {takes}"


def _names() -> str:
    return ", ".join(name for name, _ in programs())


def _nothing(found: Found, name: str, text: str) -> str:
    """Why there is no figure, in two lines."""
    if found.unclear:
        # What a program says went wrong explains more than what is missing after it.
        first = next((each for each in found.unclear if "went wrong" in each.why), found.unclear[0])
        where = f"line {first.number}: " if first.number else ""
        count = many(len(found.unclear), found.unit)
        look = "looks" if len(found.unclear) == 1 else "look"
        return (
            f"{name}: no figure in it, although {count} {look} like a benchmark's:\n"
            f"{where}{shown(first.text, 100)}: {first.why}"
        )
    if other := _known(found, text):
        return f"{name}: no figure that is read: this looks like the output of {other[0]}\n{other[1]}"
    if like := [line for line in found.other if known_benchmarks.like_a_figure(line.text)]:
        line = like[0]
        return (
            f"{name}: no figure that is read; line {line.number} looks like one: {shown(line.text)}\n"
            f"nothing that is read prints it so: {known_benchmarks.AS_CSV}"
        )
    seen = f"; it begins {shown(found.other[0].raw)}" if found.other else ""
    return (
        f"{name}: no figure in {many(found.lines, found.unit)}{seen}\nit takes what these print: {_names()}"
    )
