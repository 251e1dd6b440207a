"""What wolfCrypt's benchmark prints. (With -csv: csv_rows.py.)

    wolfCrypt Benchmark (block bytes 1048576, min 1.0 sec each)
    AES-128-CBC-enc            980 MiB took 1.003 seconds,  977.104 MiB/s Cycles per byte =   2.04
    AES-128-GCM-enc     HW     335 MB took 1.001 seconds,  334.571 MB/s
    RSA     2048   public      31000 ops took 1.002 sec, avg 0.032 ms, 30938.124 ops/sec
    ECDHE [      SECP256R1]   256    agree      12800 ops took 1.001 sec, avg 0.078 ms, 12787.212 ops/sec
    AES      5 megs took 0.034 seconds, 146.628 MB/s        CyaSSL, wolfSSL to 3.10
    RSA 2048 encryption took  0.113 milliseconds, avg over 100 iterations

MB are of 1024 * 1024 bytes to 5.5, where they became MiB; of 10^6 there with -base10, and before it was mB.
With threads ("CPUs: 8") every one prints a line; together they are a figure.

Source: wolfcrypt/benchmark/benchmark.c of wolfSSL 3 to 5.9, ctaocrypt/benchmark of CyaSSL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats.figure import (
    EXACT,
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
from benchsuite.formats.wolfcrypt import csv_rows, names
from benchsuite.formats.wolfcrypt.names import Work
from benchsuite.formats.wolfcrypt.start import BYTES, EITHER, MIB, Entry, Start
from benchsuite.model import Case, Value

NAME = "wolfcrypt"
ABOUT = "wolfCrypt's benchmark, also with -csv"
MARKS = (" took", "wolfCrypt Benchmark", "Algorithm,", "milliseconds, avg over", "秒で")

_N = r"\d{1,12}\.\d{1,9}"
_UNIT = r"(?:bytes|[KMGkm]i?B|megs)"
_LABEL = r"(?P<label>\S.{0,80}?)(?: +(?P<device>SW|HW))? +"
_MESSAGES = re.compile(
    rf"{_LABEL}(?P<amount>\d{{1,15}}) (?P<unit>{_UNIT}) (?:tooks?|を) +(?P<seconds>{_N}) (?P<clock>micro)?"
    rf"(?:seconds|秒で処理), +(?P<rate>{_N}) (?P<per>{_UNIT})/(?:s|μs)\b,?"
    rf"(?: +(?P<ticks>\d{{1,20}}) cycles,?)?(?:.* = +(?P<cycles>{_N})\b)?"
)
_KEYS = re.compile(
    rf"{_LABEL}(?P<count>\d{{1,15}}) (?:ops tooks?|回処理を) +(?P<seconds>{_N}) (?P<clock>μ)?"
    rf"(?:sec|秒で実施), +(?:(?:avg|平均) +(?P<ms>{_N}) ms, +)?(?P<rate>{_N}) (?:ops/μ?sec|処理/秒)"
    r"(?:, +(?P<cycles>\d{1,20}(?:\.\d{1,6})?) cycles(?P<each>/op)?)?"
)
_OLD_KEYS = re.compile(
    rf"(?P<label>[A-Z][A-Z\d-]{{1,11}}(?: +\d{{1,5}})?) +(?P<op>[a-z]+(?: +(?!took)[a-z]+)?)(?: took)? +"
    rf"(?P<ms>{_N}) milliseconds, avg over +(?P<count>\d{{1,9}}) +iterations"
)
_BEGINS = re.compile(
    r"(?:###, )?wolfCrypt Benchmark \(block bytes (?P<block>\d{1,9}), min (?P<least>[\d.]{0,9}) ?sec"
)
_VERSION = re.compile(r"wolfSSL version (?P<version>\d+\.\d+(?:\.\d+)?\S*)$")
_CPUS = re.compile(r"(?:###, )?CPUs: (\d{1,4})$")
_SUM = re.compile(rf"{_LABEL}(?P<rate>\d{{1,12}}\.\d{{3,5}}) (?:{_UNIT}/μ?s|ops/μ?sec)$")
_FAILED = re.compile(r"(?:!!!, )?Benchmark \S.{0,80} failed: -?\d+$")
_LIKE = re.compile(r"\d ?(?:[KMGkm]i?B|ops) tooks? +\d|\d milliseconds, avg over\b")
_AROUND = re.compile(r"Benchmark Test(?: \d{1,6})?(?:: Return code -?\d{1,6}|:)?$")  # a start, before 3.12
_RULE = re.compile(r"-{40,}$")
_OTHER = re.compile(
    r"-{40,}$|Math: |Single Precision: |Assembly Speedups: |ECC Benchmarks:$|(?:###, )?Benchmark complete$"
    r"|Running wolfCrypt Benchmarks"
)
_COMMAND = command_line.program(
    r"(?:\S*wolfcrypt/benchmark/(?:\.libs/)?|\./)benchmark(?:\.exe)?", first=r"[-\d]"
)


ASSUMED_MB = "MB of 1024 * 1024 bytes: nothing says whether -base10 was given"
ASSUMED_DEPTH = "q_len=1: how many requests were waiting for the device is not printed"


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading, start = Reading(), Start()
    for before, line in zip([None, *lines], lines, strict=False):
        if before and _VERSION.match(line.text) and _RULE.match(before.text):
            reading.use([before])
        words = command_line.arguments(line.text, _COMMAND)
        begins = any(style.match(line.text) for style in (_BEGINS, _VERSION, _AROUND))
        if words is not None or (start.begun and begins):
            _end(reading, start)
            start = Start(start.number + start.begun, words)
        if words is not None:
            reading.use([line])
        else:
            start = _line(reading, start, line)
    _end(reading, start)
    return reading


def _line(reading: Reading, start: Start, line: Line) -> Start:
    """Takes a line, and gives the start that the next is of."""
    text = line.text
    if len(found := _LIKE.findall(text)) > 1:
        reading.doubt(line, SIDE_BY_SIDE)
        return start
    if match := _MESSAGES.match(text) or _KEYS.match(text) or _OLD_KEYS.match(text):
        entry = Entry(match, line)
        if start.cpus == 1 and entry.key in start.seen:  # it measures nothing twice
            _end(reading, start)
            start = Start(start.number + 1, start.options, start.version, start.block, start.least)
        start.entries.append(entry)
        start.seen.add(entry.key)
        start.labels.add(entry.key[0])
    elif match := _BEGINS.match(text):
        start.block = int(match["block"])
        if re.fullmatch(r"\d{1,4}(?:\.\d{1,4})?", match["least"]) and float(match["least"]) > 0:
            start.least = Fraction(match["least"])
    elif match := _VERSION.match(text):
        start.version = match["version"]
    elif match := _CPUS.match(text):
        start.cpus = max(1, int(match[1]))
    elif found:
        reading.doubt(line, "its figure is cut off, or damaged")
        return start
    elif start.table.take(line):
        pass
    elif (match := _SUM.match(text)) and " ".join(match["label"].split()) in start.labels:
        start.sums.append(Entry(match, line))
    elif start.begun and _FAILED.match(text):
        _failed(reading, start, line)
    elif _AROUND.match(text):
        pass
    elif not _OTHER.match(text) or not (start.begun or start.version or start.block):
        return start
    reading.use([line])
    return start


def _failed(reading: Reading, start: Start, line: Line) -> None:
    """It prints a figure all the same, of what was done before."""
    bad = start.entries.pop().line if start.entries else start.table.drop()
    if bad:
        reading.doubt(bad, "wolfCrypt says in the next line that this went wrong")
    reading.doubt(line, "this went wrong")


def _end(reading: Reading, start: Start) -> None:
    start.conclude()
    groups: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in start.entries:
        groups.setdefault(entry.key, []).append(entry)
    rates: dict[tuple[str, str], Fraction] = {}
    for key, entries in groups.items():
        reading.figures += _of_threads(reading, start, entries)
        rates[(key[0], key[2])] = sum(
            (Fraction(each.match.groupdict().get("rate") or 0) for each in entries), Fraction(0)
        )
    for entry in start.sums:  # what -print and threads say again; its unit is always MB
        label, _, device = entry.key
        total = rates.get((label, device), Fraction(0))
        if abs(total - Fraction(entry.match["rate"])) > total / 100:
            reading.doubt(entry.line, "a sum that the lines before do not give")
    for row in start.table.rows:
        figure = _of_row(start, row)
        if isinstance(figure, str):
            reading.doubt(row.line, figure)
        else:
            reading.figures.append(figure)


def _of_threads(reading: Reading, start: Start, entries: list[Entry]) -> Iterator[Figure]:
    """Makes one figure of as many lines as there are threads."""
    for at in range(0, len(entries), start.cpus):
        chunk = entries[at : at + start.cpus]
        found = [_one(start, entry) for entry in chunk]
        wrong = next((each for each in found if isinstance(each, str)), "")
        if len(chunk) < start.cpus:
            wrong = f"of {start.cpus} threads only {len(chunk)} printed it"
        if wrong:
            for entry in chunk:
                reading.doubt(entry.line, wrong)
            continue
        yield _together([each for each in found if isinstance(each, Figure)])


def _together(figures: list[Figure]) -> Figure:
    """What all threads did, at the sum of their rates."""
    if len(figures) == 1:
        return figures[0]
    first, values = figures[0], [each.values[0] for each in figures]
    rate = sum(value.requests / Fraction(value.wall) for value in values)
    requests = sum(value.requests for value in values)
    cycles = sum(value.cycles for value in values if value.cycles) or None
    value = timed(requests, requests / rate, cycles=cycles)
    return replace(
        first,
        case=replace(first.case, workers=len(figures)),
        lines=tuple(line for each in figures for line in each.lines),
        printed=" + ".join(each.printed for each in figures),
        values=(value,) if value else (),
        reason="" if value else "no computer does that",
        precision=max(each.precision for each in figures),
    )


def _one(start: Start, entry: Entry) -> Figure | str:
    words = entry.match.groupdict()
    if "amount" in words:
        return _message(start, entry)
    if "rate" in words:
        return _key(start, entry)
    count, ms = int(words["count"]), Fraction(words["ms"])
    work = names.of_key(words["label"], words["op"])
    return _figure(
        start, work, entry, timed(count, ms * count / 1000), f"{words['ms']} ms", relative(words["ms"]), EXACT
    )


def _message(start: Start, entry: Entry) -> Figure | str:
    match, label = entry.match, entry.key[0]
    per, amount = match["per"], int(match["amount"])
    old = match["unit"] == "megs" or match["unit"] != per  # blocks of a kB or a MB, and all in powers of 2
    unit = BYTES.get(match["unit"], 1024) if old else start.unit(match["unit"])
    rate = Fraction(match["rate"]) * (MIB if old else unit)
    work = names.of_message(label, start.no_aad)
    block, assumed = (unit, {}) if old else (start.size, start.assumed)
    size = work.size or block
    seconds = Fraction(match["seconds"]) / (10**6 if match["clock"] else 1)
    rate *= 10**6 if match["clock"] else 1
    off = (
        relative(match["rate"])
        + relative(match["seconds"])
        + (0 if old else relative(match["amount"], Fraction(1)))
    )
    octets = Fraction(amount * unit)
    if not rate or not seconds or abs(octets / seconds - rate) > rate * Fraction(off):
        return "its amount, its time and its rate do not agree"
    if per in EITHER and not start.sure and not old:
        assumed = {Fact.IMPORTED_ASSUMED: "; ".join([*assumed.values(), ASSUMED_MB])}
    exact = octets % size == 0 and unit <= size
    count = int(octets // size) if exact else 0
    done = octets if exact else rate * seconds
    cycles = round(Fraction(match["cycles"]) * done) if match["cycles"] else None
    cycles = int(match["ticks"]) if match["ticks"] else cycles
    value = (
        timed(count, octets / rate, cycles=cycles) if exact else of_rate(rate / size, seconds, cycles=cycles)
    )
    return _figure(
        start,
        work,
        entry,
        value,
        f"{match['rate']} {per}/s",
        relative(match["rate"]),
        EXACT if exact else ROUGHLY,
        size,
        assumed,
    )


def _key(start: Start, entry: Entry) -> Figure | str:
    match = entry.match
    micro = 10**6 if match["clock"] else 1
    count, seconds, rate = (
        int(match["count"]),
        Fraction(match["seconds"]) / micro,
        Fraction(match["rate"]) * micro,
    )
    off = relative(match["seconds"]) + relative(match["rate"])
    if not count or not seconds or abs(count / seconds - rate) > rate * Fraction(off):
        return "its count, its time and its rate do not agree"
    cycles = round(Fraction(match["cycles"]) * (count if match["each"] else 1)) if match["cycles"] else None
    work = names.of_key(match["label"])
    return _figure(
        start,
        work,
        entry,
        timed(count, count / rate, cycles=cycles),
        f"{match['rate']} ops/sec",
        relative(match["rate"]),
        EXACT,
    )


def _of_row(start: Start, row: csv_rows.Row) -> Figure | str:
    """Figures of a row of -csv."""
    if row.keys:
        work = names.of_key(row.label, row.op)
        value = timed(*row.exact, cycles=row.cycles) if row.exact else of_rate(row.rate, start.least)
        return _figure(
            start,
            work,
            row,
            value,
            f"{row.digits} ops/sec",
            relative(row.digits),
            EXACT if row.exact else PER_SECOND,
        )
    work = names.of_message(row.label, start.no_aad)
    unit = row.unit(start.thousand)
    size, assumed = (work.size, {}) if work.size else (start.size, start.assumed)
    if not start.sure:
        assumed = {Fact.IMPORTED_ASSUMED: "; ".join([*assumed.values(), ASSUMED_MB])}
    if row.exact:
        octets, seconds = row.exact
        value = timed(octets // size, seconds, cycles=row.cycles) if octets % size == 0 else None
    else:
        rate = row.rate * unit / size
        requests = max(1, round(rate * start.least))
        cycles = round(row.per_byte * size * requests) if row.per_byte else None
        value = of_rate(rate, start.least, cycles=cycles)
    return _figure(
        start,
        work,
        row,
        value,
        f"{row.digits} {row.per}/s",
        relative(row.digits),
        EXACT if row.exact else PER_SECOND,
        size,
        assumed,
    )


def _figure(
    start: Start,
    work: Work,
    entry: Entry | csv_rows.Row,
    value: Value | None,
    printed: str,
    off: float,
    requests: str,
    size: int = 0,
    assumed: dict[str, str] | None = None,
) -> Figure | str:
    if value is None:
        return "nothing was done, or no computer does that"
    label, _, device = entry.key
    facts = start.facts | (assumed or {})
    if device == "HW":
        facts[Fact.IMPORTED_ASSUMED] = "; ".join(
            filter(None, (facts.get(Fact.IMPORTED_ASSUMED), ASSUMED_DEPTH))
        )
    settings = ",".join(filter(None, (device, work.way)))
    return Figure(
        Case(
            f"{NAME}:{settings}" if settings else NAME,
            work.algorithm,
            work.op,
            names.NO_PAYLOAD if work.size == names.NO_PAYLOAD else size,
            iv=work.iv,
            aad_size=work.aad_size,
        ),
        (entry.line,),
        printed,
        (value,),
        "",
        off,
        requests,
        algorithm=label,
        facts=facts,
        start=start.number,
    )
