"""The figures in a kernel log that tcrypt left there: what log.py reads, as cases.

Cases are named as the `tcrypt` backend names them, so that a log meets what `benchsuite run` measured:
`tcrypt`, `tcrypt:sync` where only synchronous drivers were asked for, `tcrypt:cycles` where cycles were
counted. Cycles are a time only where the rate of the counter is known.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterable, Sequence
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import EXACT, PER_SECOND, Figure, Known, Reading, timed
from benchsuite.formats.tcrypt import log as tcrypt
from benchsuite.formats.tcrypt.log import DECRYPTION, MULTIBUFFER, SYNC, Record
from benchsuite.formats.text.lines import Line
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT, Case, Value

NAME = "tcrypt"
ABOUT = "the kernel's tcrypt module, from the kernel log"
MARKS = ("testing speed of", "tcrypt", "operations in", "opers/sec", "cycles/operation", "operation in")

# Bytes of additional data that tcrypt gives an AEAD: without the 8 of an IV sent along, which it counts in.
AAD = {"gcm(aes)": 8, "rfc4106(gcm(aes))": 8, "rfc4309(ccm(aes))": 8}
DEFAULT_NUM_MB = 8

_OF_ARM = re.compile(r"-(?:ce|neon|neonbs|arm64)\b")  # a driver that only ARM kernels have
_ITEM = re.compile(r"\btest *\d+ \([^:]*\):")

_WHOLE = re.compile(r"\btest *\d+ \([^:]*\): *\d+ (?:operations? in +\d+ \w+ \(|opers/sec|cycles/operation)")

ORPHAN = "what it is of is not known: its header, or lines before it, are missing"
NO_ITEM = "no item with a result that fits it: the `test N (...)` that says its key and size is missing"
CUT_HEADER = "this header is not whole, so what follows it is not known"
NO_RATE = "no seconds without the rate of the cycle counter: import again with --cycles-mhz"
NEGATIVE = "tcrypt's byte count overflowed 32 bits; the figure is from its operations"


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading = Reading()
    lines = _unwrapped(lines, reading)
    log = tcrypt.parse([line.text for line in lines], [line.time for line in lines])
    several = _num_mb(log.records)
    counter = "cntvct" if any(map(_OF_ARM.search, {record.driver for record in log.records})) else "tsc"
    maker = _Maker(several, counter, known)
    for record in log.records:
        where = tuple([lines[place] for place in record.places])
        reading.figures.append(maker.figure(record, where))
    reading.use(line for figure in reading.figures for line in figure.lines)
    _leftovers(reading, lines, log)
    return reading


def _unwrapped(lines: Sequence[Line], reading: Reading) -> list[Line]:
    """The lines, joined where a mail program has wrapped them; the second of two is then used."""
    found: list[Line] = []
    for line in lines:
        last = found[-1] if found else None
        bare = line.time is None and not line.text.startswith(NAME)
        if last and bare and tcrypt.continues(last.text, line.text):
            found[-1] = last._replace(text=f"{last.text} {line.text}", raw=f"{last.raw} {line.raw}")
            reading.use([line])
        else:
            found.append(line)
    return found


def _num_mb(records: Iterable[Record]) -> int:
    """How many at once: each figure is a multiple of it, and with several figures nothing larger is."""
    counts = [each.operations for each in records if each.form == MULTIBUFFER and each.style == "seconds"]
    divisor = math.gcd(*counts) if counts else 0
    return divisor if len(counts) >= 4 and 1 < divisor <= 1024 else DEFAULT_NUM_MB


class _Maker:
    """Figures of the records of a log. What many have in common, their cases and facts, is made once."""

    def __init__(self, several: int, counter: str, known: Known) -> None:
        self._several, self._counter, self._known = several, counter, known
        self._cases: dict[tuple[object, ...], Case] = {}
        self._facts: dict[tuple[str, ...], dict[str, str]] = {}

    def figure(self, record: Record, where: tuple[Line, ...]) -> Figure:
        value, reason = _value(record, self._known)
        facts = self._facts_of(record)
        if record.cycles is not None:
            facts = {**facts, Fact.IMPORTED_CYCLES: str(record.cycles)}
        overflowed = (record.bytes or 0) < 0 and record.style == "seconds"
        return Figure(
            self._case_of(record),
            where,
            record.line.partition("): ")[2].strip(),
            (value,) if value else (),
            reason,
            1 / max(record.operations, 1) if record.per_second else 0.0,
            PER_SECOND if record.per_second else EXACT,
            algorithm=record.algorithm,
            variant=(record.driver,),
            notes=(NEGATIVE,) * overflowed,
            facts=facts,
        )

    def _case_of(self, record: Record) -> Case:
        of = record.algorithm, record.direction, record.form, record.style
        key = (*of, record.key_bits, record.size, record.update)
        if key not in self._cases:
            self._cases[key] = _case(record, self._several)
        return self._cases[key]

    def _facts_of(self, record: Record) -> dict[str, str]:
        key = record.driver, record.direction, record.form, record.style
        if key not in self._facts:
            self._facts[key] = self._made(record)
        return self._facts[key]

    def _made(self, record: Record) -> dict[str, str]:
        """What is known of a figure besides its numbers. Without a word for it in the header a form is an
        AEAD's, or the log is of an old kernel."""
        form = record.form or ("aead" if record.driver and record.direction else "")
        at_once = self._several if record.form == MULTIBUFFER else 1
        default = f"q_len={at_once}: num_mb, tcrypt's default where its log does not say"
        return {
            **({Fact.KERNEL_DRIVER: record.driver} if record.driver else {}),
            **({Fact.TCRYPT_FORM: form} if form else {}),
            Fact.WAY: "barrier" if at_once > 1 else "sync",
            Fact.PATH: "in the kernel, tcrypt",
            Fact.CYCLES_SOURCE: "none" if record.cycles is None else self._counter,
            **({Fact.IMPORTED_ASSUMED: default} if at_once == DEFAULT_NUM_MB else {}),
        }


def _case(record: Record, several: int) -> Case:
    settings = [
        *(["cycles"] if record.style == "cycles" else []),
        *(["sync"] if record.form == SYNC else []),
        *([] if record.one_update else [f"update={record.update}"]),
    ]
    op = DIGEST if not record.direction else DECRYPT if record.direction == DECRYPTION else ENCRYPT
    return Case(
        ":".join(filter(None, (NAME, ",".join(settings)))),
        naming.of_kernel(record.algorithm, record.key_bits),
        op,
        record.size,
        q_len=several if record.form == MULTIBUFFER else 1,
        aad_size=AAD.get(record.algorithm, 0),
    )


def _value(record: Record, known: Known) -> tuple[Value | None, str]:
    if record.cycles is None:
        value = timed(record.operations, record.seconds or 0)
        return value, "" if value else "not one operation was finished"
    if record.cycles == 0:
        return None, "the cycle counter stood still"
    if not known.cycles_hz:
        per_byte = record.cycles / record.size
        return None, f"{record.cycles} cycles ({per_byte:.4g} per byte): {NO_RATE}"
    value = timed(1, Fraction(record.cycles) / Fraction(known.cycles_hz), cycles=record.cycles)
    return value, "" if value else "no computer does that"


def _leftovers(reading: Reading, lines: Sequence[Line], log: tcrypt.Log) -> None:
    """What is tcrypt's and no figure: headers, what went wrong, items that were cut off."""
    unclear = {text.strip() for text in log.unclear}
    problems = deque(problem.text for problem in log.problems)
    for line in lines:
        if problems and problems[0] in line.text:
            reading.doubt(line, "tcrypt says what went wrong")
            problems.popleft()
        elif line.number in reading.used:
            continue
        elif line.text in unclear:
            reading.doubt(line, _why(line.text))
        elif _ITEM.search(line.text):
            reading.doubt(line, "its result is missing")
        elif "testing speed of" in line.text or line.text == "tcrypt:":
            reading.use([line])


def _why(text: str) -> str:
    if "testing speed of" in text:
        return CUT_HEADER
    return ORPHAN if _WHOLE.search(text) else NO_ITEM
