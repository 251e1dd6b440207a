"""What `openssl speed` prints, for people and with -mr, of what has a payload. (Of the rest:
openssl_public_key.py.)

    Doing AES-128-CBC for 1s on 16 size blocks: 55761140 AES-128-CBC's in 0.67s
    type             16 bytes     64 bytes    256 bytes   1024 bytes   8192 bytes  16384 bytes
    AES-128-CBC    1331609.31k  1559124.60k  1638050.43k  1669073.58k  1686520.41k  1680445.69k

    +DT:AES-192-CBC:1:1488        +R:731803:AES-192-CBC:1.000000        +H:1488
    +F:25:AES-192-CBC:1088922864.00                                     Got: +F:25:... from 0

Counts go to standard error and tables to standard output, so either may be missing; where both are there they
are one figure. The time is that of the CPU in user mode unless -elapsed or -multi was given: a figure of
what the kernel or a device computes is then many times too high.

Source: apps/speed.c of OpenSSL 0.9.8 to 4.0, and runs of 3.0.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from fractions import Fraction

from benchsuite.formats import command_line, naming, openssl_lines
from benchsuite.formats.figure import (
    EXACT,
    PER_SECOND,
    ROUGHLY,
    USER,
    Figure,
    Known,
    Reading,
    half_unit,
    of_rate,
    relative,
    timed,
)
from benchsuite.formats.lines import Line
from benchsuite.formats.openssl_run import Run, Timing, Total, rate
from benchsuite.model import CHAINED, DECRYPT, ENCRYPT, PER_REQUEST, Case

NAME = "openssl-speed"
ABOUT = "`openssl speed`, also with -mr and -multi"
MARKS = ("Doing ", "+DT", "+F", "+R", "type  ", "'numbers' are in 1000s", "/s")

_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_DOING = re.compile(
    rf"Doing (?P<name>\S.{{0,60}}?)(?: ops)? for (?P<nominal>{_NUMBER})s "
    r"on (?P<size>\d{1,9}) size blocks: *"
    rf"(?P<count>\d{{1,18}}) (?P<what>\S.{{0,60}}?)(?:'s| ops) in (?P<seconds>{_NUMBER})s"
)
_CUT = re.compile(r"Doing \S.{0,60} for \S{1,10}s(?: on \S{1,10} size blocks)?:")
_START = re.compile(rf"\+DT:([^:]{{1,60}}):({_NUMBER}):(\d{{1,9}})$")
_RESULT = re.compile(rf"\+R:(\d{{1,18}}):([^:]{{1,60}}):({_NUMBER})$")
_SIZES = re.compile(r"(?P<got>Got: )?\+H(?P<sizes>(?::\d{1,9}){1,16})(?: from \d{1,4})?$")
_TOTAL = re.compile(
    r"(?P<got>Got: )?\+F:\d{1,4}:(?P<name>[^:]{1,60})(?P<rates>(?::[-\w.]{1,24}){1,16})"
    r"(?: from (?P<child>\d{1,4}))?$"
)
_TYPE = re.compile(r"type(?P<sizes>(?: +\d{1,9} bytes){1,16})$")
_ROW = re.compile(r"(?P<name>\S.{0,60}?)(?P<rates>(?: +(?:\d{1,15}\.\d\d|inf|nan)k?){1,16})$")
_WIDE = " " * 4
_ELAPSED = "You have chosen to measure elapsed time instead of user CPU time"
_FORKED = re.compile(r"Forked child (\d{1,4})$")
_VERSION = re.compile(r"(?:version: (?P<short>\d\S{0,40})|(?P<long>(?:OpenSSL|LibreSSL) \d\S{0,30}.{0,40}))$")
_ENGINE = re.compile(r'[Ee]ngine "([\w.-]{1,40})" set\.$')
_OTHER = re.compile(
    r"built on: |options: ?bn\(|compiler: |CPUINFO: |The 'numbers' are in 1000s of bytes per second processed"
    r"|To get the most accurate results, try to run this|program when this computer is idle"
    r"|available timing options: |timing function used: "
)

_COMMAND = re.compile(
    r"(?:^|[\s/$#`(&|])(?:openssl|libressl)\S* +speed(?= +-?\w| *(?:$|[|;&>]))|^OpenSSL> *speed"
)
_LOW_LEVEL = re.compile(r"\S+ (?:cbc|ige|ede3)$")  # `aes-128 cbc`: the cipher's own functions, before 3.0
_EVP = re.compile(r"(?:aes|des|camellia|aria|sm4)-\S+$", re.IGNORECASE)

MULTI_BLOCK = "evp"  # what -mb calls the operations it counts
_MULTI_BLOCK_SIZE = 131072  # only -mb has it
_AEAD_SIZES = {2, 31, 136}  # only -aead has them; each message then has a header of TLS
_TLS_HEADER = 13
_TICK = Fraction(1, 100)  # the clock it reads
_MOST_ROUNDED = Fraction(1, 50)
NO_SIZES = "the header of its table is missing, so what sizes these are is not known"

INCOMPLETE = "the sum of -multi is missing, and so is what some of its processes found"


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading = Reading()
    for run in _runs(reading, lines):
        reading.figures += _figures(reading, run)
        keys = run.keys.figures(NAME, run.children, run.clock, run.facts, run.notes, run.variant)
        reading.figures += keys
        for line in run.keys.incomplete:
            reading.doubt(line, INCOMPLETE)
    return reading


def _runs(reading: Reading, lines: Sequence[Line]) -> Iterator[Run]:
    run = Run()
    for line, parts in openssl_lines.whole(lines):
        words = command_line.arguments(line.text, _COMMAND)
        if words is not None or _begins(run, line):
            yield run
            run = Run(sizes=run.sizes if words is not None else ())
        if words is not None:
            run.options = command_line.options(words)
            reading.use([line])
        elif _take(run, line) or run.keys.take(line):
            reading.use(parts)
        elif _CUT.match(line.text):
            reading.doubt(line, "it was cut off before its count")
        elif not run.sizes and (match := _ROW.match(line.text)) and match["rates"].count("k") > 1:
            reading.doubt(line, NO_SIZES)
    yield run


def _begins(run: Run, line: Line) -> bool:
    """Whether a line is the first of another start of the program."""
    text = line.text
    if text.startswith((_ELAPSED, "Engine", "engine")):
        return (run.done or (run.begun and not run.children)) and (
            text.startswith(_ELAPSED) or bool(_ENGINE.match(text))
        )
    if (match := _FORKED.match(text)) and int(match[1]) in run.forked:
        return True
    if text.startswith(("Doing ", "+DT", "Forked child 0", "version: ", "OpenSSL ", "type ")):
        return run.done
    return False


def _take(run: Run, line: Line) -> bool:
    """Whether the line is one of the program's, of what has a payload."""
    text, in_table, run.in_table = line.text, run.in_table, False
    if match := _DOING.match(text):
        run.human = True
        run.timings.append(
            Timing(
                match["name"], int(match["size"]), Fraction(match["nominal"]), int(match["count"]),
                match["seconds"], match["what"] == MULTI_BLOCK, (line,),
            )
        )  # fmt: skip
    elif match := _START.match(text):
        run.starts[match[1]] = (match[1], int(match[3]), Fraction(match[2]))
        run.nominal[(match[1], int(match[3]))] = Fraction(match[2])
    elif match := _RESULT.match(text):
        if start := run.starts.pop(match[2], None):
            run.timings.append(Timing(*start, int(match[1]), match[3], False, (line,)))
    elif match := _SIZES.match(text):
        run.sizes = tuple(map(int, match["sizes"].split(":")[1:]))
    elif match := _TYPE.match(text):
        run.sizes, run.in_table = tuple(int(word) for word in match["sizes"].split() if word != "bytes"), True
    elif match := _TOTAL.match(text):
        total = Total(match["name"], tuple(match["rates"].split(":")[1:]), line, True)
        (run.parts if match["got"] else run.totals).append(total)
        run.children = max(run.children, int(match["child"] or -1) + 1)
    elif run.sizes and (match := _ROW.match(text)) and _is_row(run, match, in_table):
        run.in_table = True
        run.totals.append(Total(match["name"], tuple(match["rates"].split()), line, False))
    elif match := _FORKED.match(text):
        run.children = max(run.children, int(match[1]) + 1)
        run.forked.add(int(match[1]))
    elif match := _VERSION.match(text):
        run.version = match["short"] or " ".join(match["long"].split())
    elif match := _ENGINE.match(text):
        run.engine = match[1]
    elif text.startswith(_ELAPSED):
        run.elapsed = True
    else:
        return bool(_OTHER.match(text))
    return True


def _is_row(run: Run, match: re.Match[str], in_table: bool) -> bool:
    """Rates below 10 kB/s have no k: then only a line in the table, with its wide columns, is a row of it.
    -multi with -mb has a column too many, of zero."""
    rates = match["rates"].split()
    if rates[-1] == "0.00" and run.children and len(rates) == len(run.sizes) + 1:
        rates.pop()
    wide = in_table and match["rates"].startswith(_WIDE)
    return (wide or rates[0].endswith("k")) and len(rates) == len(run.sizes)


def _figures(reading: Reading, run: Run) -> Iterator[Figure]:
    if run.children or run.parts:
        yield from _of_several(reading, run)
        return
    waiting: dict[tuple[str, int], deque[Timing]] = {}
    for timing in run.timings:
        waiting.setdefault((timing.name.lower(), timing.size), deque()).append(timing)
    for total in map(run.named, run.totals):
        for size, text in zip(run.sizes, total.rates, strict=False):
            found = waiting.get((total.name.lower(), size))
            timing = found.popleft() if found else None
            if timing and _agrees(timing, text):
                yield from _timed(reading, run, timing, total.line)
            elif rate(text):
                if timing:
                    reading.doubt(timing.lines[0], "the table has another figure")
                yield from _rated(reading, run, total, size, text)
            else:
                yield from _without(run, total, size, text, timing)
    for left in waiting.values():
        for each in left:
            yield from _timed(reading, run, each, None)


def _agrees(timing: Timing, text: str) -> bool:
    """Whether a rate of the table is this count over this time, which some versions print rounded."""
    printed, seconds = rate(text) or 0, Fraction(timing.seconds)
    if not text[0].isdigit() or not seconds:
        return False
    unit = Fraction(1000 if text.endswith("k") else 1, 100)
    rounded = min(half_unit(timing.seconds) / seconds, _MOST_ROUNDED) * printed
    return abs(Fraction(timing.count * timing.size) / seconds - printed) <= unit + rounded


def _case(run: Run, name: str, size: int, multi_block: bool = False) -> Case:
    algorithm = naming.foreign(f"{name}-mb") if multi_block else naming.of_openssl(name)
    known = naming.ours(algorithm)
    with_header = known is not None and known.kind == "aead" and bool(_AEAD_SIZES & set(run.sizes))
    # One message goes on and on, except where each has a header of its own.
    chained = known is not None and known.chainable and not with_header
    options = run.options or {}
    direction = DECRYPT if "decrypt" in options else ENCRYPT
    jobs = command_line.number(options.get("async_jobs", "")) or 1
    return Case(
        NAME, algorithm, naming.operation(algorithm, direction), size, q_len=jobs, workers=run.workers,
        iv=CHAINED if chained else PER_REQUEST, aad_size=_TLS_HEADER if with_header else 0,
    )  # fmt: skip


def _figure(run: Run, case: Case, lines: tuple[Line, ...], printed: str, name: str, **more: object) -> Figure:
    way = "low-level" if _LOW_LEVEL.match(name) else "EVP" if _EVP.match(name) else ""
    return Figure(
        case, lines, printed, clock=run.clock, algorithm=name, variant=(*run.variant, way),
        facts=run.facts | run.assumed, notes=run.notes, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _timed(reading: Reading, run: Run, timing: Timing, total: Line | None) -> Iterator[Figure]:
    case = _case(run, timing.name, timing.size, timing.multi_block)
    seconds = Fraction(timing.seconds)
    value = timed(timing.count, seconds, user=float(seconds) if run.clock == USER else None)
    printed = f"{timing.count} in {timing.seconds} s"
    lines = timing.lines + ((total,) if total else ())
    if not timing.size or (value is None and seconds):
        reading.doubt(timing.lines[0], "nothing was done, or no computer does that")
    elif value is None:
        reason = (
            f"openssl speed counted {timing.count} in {timing.seconds} s of user CPU time: give it -elapsed"
        )
        yield _figure(run, case, lines, printed, timing.name, reason=reason)
    else:
        off = float(min(Fraction(1), _TICK / seconds))
        yield _figure(
            run, case, lines, printed, timing.name, values=(value,), precision=off, requests=EXACT
        )  # fmt: skip


def _rated(reading: Reading, run: Run, total: Total, size: int, text: str) -> Iterator[Figure]:
    octets = rate(text)
    nominal = run.nominal.get((total.name, size))
    value = of_rate(octets / size, nominal or 1) if octets and size else None
    if value is None:
        reading.doubt(total.line, "no computer does that")
        return
    counted = ROUGHLY if nominal else PER_SECOND
    multi_block = _MULTI_BLOCK_SIZE in run.sizes
    printed = text if total.mr or text.endswith("k") else f"{text} bytes/s"
    off = max(relative(text.removesuffix("k")), float(_TICK / nominal) if nominal else 0.0)
    yield _figure(
        run, _case(run, total.name, size, multi_block), (total.line,), printed, total.name, values=(value,),
        precision=off, requests=counted,
    )  # fmt: skip


def _without(run: Run, total: Total, size: int, text: str, timing: Timing | None) -> Iterator[Figure]:
    """`infk`: no user CPU time was used."""
    reason = f"openssl speed printed {text}"
    if text.startswith("inf"):
        reason += ": the clock of user CPU time did not move; give it -elapsed"
    lines = (timing.lines if timing else ()) + (total.line,)
    yield _figure(run, _case(run, total.name, size), lines, text, total.name, reason=reason)


def _of_several(reading: Reading, run: Run) -> Iterator[Figure]:
    """The sums of -multi; where they are not printed, of what each child found."""
    whole = list(map(run.named, run.totals))
    totals = {total.name for total in whole}
    sums: dict[str, list[Total]] = {}
    summed = totals | {part.name for part in run.parts}
    for timing in run.timings:
        if timing.name not in summed:
            reading.doubt(timing.lines[0], INCOMPLETE)
    for part in run.parts:
        if part.name not in totals:
            sums.setdefault(part.name, []).append(part)
    for total in whole:
        for size, text in zip(run.sizes, total.rates, strict=False):
            if rate(text):
                yield from _rated(reading, run, total, size, text)
            else:
                yield from _without(run, total, size, text, None)
    for name, parts in sums.items():
        for at, size in enumerate(run.sizes):
            rates = [rate(part.rates[at]) for part in parts if at < len(part.rates)]
            if len(rates) < run.children or not all(rates):
                reading.doubt(parts[-1].line, INCOMPLETE)
            else:
                octets = sum((each for each in rates if each), Fraction(0))
                summary = Total(name, (), parts[-1].line, True)
                yield from _rated(reading, run, summary, size, f"{float(octets):.2f}")
