"""What dpdk-test-crypto-perf prints, for people and with --csv-friendly: its throughput and cycle counts.

    # cipher algorithm: aes-cbc
        lcore id    Buf Size  Burst Size    Enqueued    Dequeued  Failed Enq  Failed Deq        MOps ...
               1        1488          32       20000       20000           0           0      0.0128 ...

A line is one lcore's; lcores that ran the same at once are taken together (`workers`). What was run is told
only for people and without --silent; else the command says it, where the text has it. The printed rate has
few digits where it is low, but cycles per buffer have many, and all rows share one counter: its rate follows
from them.

Source: app/test-crypto-perf of DPDK 17.02 to 24.11, and runs of 22.11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import EXACT, Figure, Known, Reading, half_unit, timed
from benchsuite.formats.text import command_line
from benchsuite.formats.text.lines import Line, unwrapped
from benchsuite.model import DECRYPT, ENCRYPT, Case, Value

NAME = "dpdk-crypto-perf"
ABOUT = "dpdk-test-crypto-perf, also with --csv-friendly"
MARKS = ("Burst Size", "Burst size", "lcore id", "cperf test", "dpdk-test-crypto-perf")

THROUGHPUT, CYCLES, LATENCY, VERIFY = "throughput", "pmd-cyclecount", "latency", "verify"
_HEADERS = (
    (VERIFY, re.compile(r"#? ?lcore id[ ,]+Buf.*Failed Ops")),
    (THROUGHPUT, re.compile(r"#? ?lcore id[ ,]+Buf.*Failed Enq")),
    (CYCLES, re.compile(r"#? ?lcore id[ ,]+Buf.*Cycles/Enq")),
    (LATENCY, re.compile(r"# lcore, Buffer Size, Burst Size, Pakt Seq #")),
)
_OPTION = re.compile(r"# ?(cperf test|[a-z][a-z /()-]{2,50}): *(\S.{0,80})?$")
_START = "# Crypto Performance Application Options:"
_ROW = re.compile(  # until 2018, --csv-friendly put semicolons
    r"(\d{1,5})[ ,;]+(\d{1,9})[ ,;]+(\d{1,9})((?:[ ,;]+\d{1,20}(?:\.\d{1,9})?){3,7})$"
)
_COLUMNS = 7  # of it, after the size of a burst
_LATENCY_TABLE = re.compile(
    r"# +(?:enqueued|dequeued|cycles|time \[us\])\s+\d|# +Total\s+Average\s+Maximum\s+Minimum"
    r"|# (?:total operations|Buffer [Ss]ize|Burst [Ss]ize|Device \d+ on lcore)\b|# +Number of bursts"
)
_CHATTER = re.compile(r"(?:EAL|CRYPTODEV|TELEMETRY|USER1): |Allocated pool \"(?:priv_)?sess_mp")
_COMMAND = re.compile(r"dpdk-test-crypto-perf(?= +-|$| *\\$)")
_LONGEST_COMMAND = 300  # words
_OF_COMMAND = {
    "devtype": "cryptodev type",
    "optype": "crypto operation",
    "out-of-place": "out of place",
    "cipher-algo": "cipher algorithm",
    "cipher-op": "cipher operation",
    "cipher-key-sz": "cipher key size",
    "auth-algo": "auth algorithm",
    "aead-algo": "aead algorithm",
    "aead-op": "aead operation",
    "aead-key-sz": "aead key size",
    "aead-aad-sz": "aead aad size",
}
_NOT_OF = {"cipher-only": ("auth", "aead"), "auth-only": ("cipher", "aead"), "aead": ("cipher", "auth")}

UNKNOWN = "unknown"
NO_STATUS = "dpdk-test-crypto-perf does not look at the status of its operations: failed ones count as done"
REFUSED = "the device refused bursts because its queue was full"
ONE_BY_ONE = "lcores are added up; they were not started and stopped together"
NO_LATENCY = "a latency is no throughput, and is not imported"
NO_RATE = "results were verified, and nothing was timed"


@dataclass(frozen=True, slots=True)
class _Row:
    line: Line
    lcore: str
    size: int
    burst: int
    columns: tuple[str, ...]  # as printed, after the burst size


@dataclass(slots=True)
class _Run:
    """What one start of the program printed."""

    options: dict[str, str] = field(default_factory=dict)
    rows: list[_Row] = field(default_factory=list)
    kind: str = ""
    command: list[str] | None = None  # its words as far as they are read, while it goes on

    def read_command(self, words: list[str], text: str) -> None:
        """What a line says of the options, for when they are not printed."""
        self.command = [*(self.command or []), *(word for word in words if word != "\\")]
        for key, value in command_line.options(self.command).items():
            if key in _OF_COMMAND:
                self.options[_OF_COMMAND[key]] = value.lower() or "yes"
        for key in _NOT_OF.get(self.options.get("crypto operation", ""), ()):
            self.options.pop(f"{key} algorithm", None)
        ends = not command_line.goes_on(text) or len(self.command) > _LONGEST_COMMAND
        self.command = None if ends else self.command


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading = Reading()
    for run in _runs(reading, lines):
        hz = _counter(run.rows) if run.kind == THROUGHPUT else None
        for rows in _together(run.rows):
            if run.kind == THROUGHPUT:
                _throughput(reading, run, rows, hz)
            else:
                _cycle_count(reading, run, rows)
    return reading


def _runs(reading: Reading, lines: Sequence[Line]) -> Iterator[_Run]:
    run = _Run()
    lines, reading.used = unwrapped(lines, _ROW.match, _whole_row)
    for line in lines:
        kind = next((kind for kind, pattern in _HEADERS if pattern.match(line.text)), "")
        words = command_line.arguments(line.text, _COMMAND)
        if words is not None or (line.text == _START and run.kind) or (kind and run.rows):
            yield run
            run = _Run()
        if words is not None or run.command is not None:
            run.read_command(words or line.text.split(), line.text)
            reading.use([line])
        elif kind:
            run.kind = kind
            reading.use([line])
        elif run.kind and (match := _ROW.match(line.text)):
            _row(reading, run, line, match)
        elif _is_chatter(run, line):
            reading.use([line])
        elif _LATENCY_TABLE.match(line.text):
            reading.doubt(line, NO_LATENCY)
    yield run


def _is_chatter(run: _Run, line: Line) -> bool:
    """Whether it is the program's and no figure; the options that it prints are kept."""
    if line.text == _START:
        run.options = {"started": "yes"}
        return True
    if "started" not in run.options:
        return bool(_CHATTER.match(line.text))
    if not run.rows and (match := _OPTION.match(line.text)):
        run.options[match[1].lower()] = (match[2] or "").strip()
        return True
    return line.text == "#" or line.text.startswith("#  ") or bool(_CHATTER.match(line.text))


def _whole_row(text: str) -> bool:
    match = _ROW.match(text)
    return match is not None and len(_columns(match)) == _COLUMNS


def _columns(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(re.split(r"[ ,;]+", match[4].strip(" ,;")))


def _row(reading: Reading, run: _Run, line: Line, match: re.Match[str]) -> None:
    columns = _columns(match)
    if run.kind in (LATENCY, VERIFY):
        reading.doubt(line, NO_LATENCY if run.kind == LATENCY else NO_RATE)
    elif len(columns) != _COLUMNS or int(match[2]) < 1 or int(match[3]) < 1:
        reading.doubt(line, "not the columns that its table has")
    else:
        reading.use([line])
        run.rows.append(_Row(line, match[1], int(match[2]), int(match[3]), columns))


def _together(rows: list[_Row]) -> Iterator[list[_Row]]:
    """The rows of one size and burst, one for each lcore: each lcore goes through them in the same order."""
    waiting: dict[tuple[int, int], list[list[_Row]]] = {}
    for row in rows:
        groups = waiting.setdefault((row.size, row.burst), [])
        free = next((group for group in groups[-1:] if all(row.lcore != each.lcore for each in group)), None)
        if free is None:
            groups.append([row])
        else:
            free.append(row)
    for groups in waiting.values():
        yield from groups


def _counter(rows: list[_Row]) -> tuple[Fraction, float] | None:
    """Ticks of the counter in a second, and how far off that may be: what all rows leave open together. None
    where they contradict each other."""
    low, high = Fraction(0), Fraction(10**12)
    for row in rows:
        operations, cycles = row.columns[4], row.columns[6]
        rate, ticks = Fraction(operations) * 10**6, Fraction(cycles)
        rate_off, ticks_off = half_unit(operations) * 10**6, half_unit(cycles)
        low = max(low, (rate - rate_off) * (ticks - ticks_off))
        high = min(high, (rate + rate_off) * (ticks + ticks_off))
    middle = (low + high) / 2
    return (middle, float((high - low) / 2 / middle)) if 0 < low <= high < 10**12 else None


def _throughput(reading: Reading, run: _Run, rows: list[_Row], hz: tuple[Fraction, float] | None) -> None:
    done = [_seconds(row, hz) for row in rows]
    counts = [int(Fraction(row.columns[1])) for row in rows]
    if any(found is None or not count for found, count in zip(done, counts, strict=True)):
        for row in rows:
            reading.doubt(row.line, "it has no rate")
        return
    each = [found for found in done if found]
    per_second = sum((1 / seconds for seconds, _ in each), Fraction(0))
    requests = sum(counts)
    ticks = round(Fraction(rows[0].columns[6]) * requests) if len(rows) == 1 else None
    value = timed(requests, requests / per_second, cycles=ticks)
    if value is None:
        for row in rows:
            reading.doubt(row.line, "no computer does that")
        return
    refused = any(Fraction(row.columns[2]) for row in rows)
    notes = [NO_STATUS, *([REFUSED] if refused else []), *([ONE_BY_ONE] if len(rows) > 1 else [])]
    printed = "; ".join(f"{row.columns[5]} Gbps, {row.columns[6]} cycles/buf" for row in rows)
    _keep(reading, run, rows, printed, value, max(off for _, off in each), tuple(notes), "")


def _seconds(row: _Row, hz: tuple[Fraction, float] | None) -> tuple[Fraction, float] | None:
    """(seconds of an operation, how far off): from whatever leaves least open."""
    operations, gbps, cycles = row.columns[4:]
    ways = []
    if Fraction(operations):
        rate = Fraction(operations) * 10**6
        ways.append((1 / rate, float(half_unit(operations) * 10**6 / rate)))
    if Fraction(gbps):
        rate = Fraction(gbps) * 10**9 / (8 * row.size)
        ways.append((1 / rate, float(half_unit(gbps) / Fraction(gbps))))
    if hz and Fraction(cycles):
        ways.append((Fraction(cycles) / hz[0], hz[1] + float(half_unit(cycles) / Fraction(cycles))))
    return min(ways, key=lambda way: way[1], default=None)


def _cycle_count(reading: Reading, run: _Run, rows: list[_Row]) -> None:
    """Cycles that the caller spends; the device's own time is not in them."""
    for row in rows:
        printed = f"{row.columns[4]} cycles/op, {row.columns[5]} to enqueue, {row.columns[6]} to dequeue"
        reason = f"{printed}: what the calls cost the CPU, which is no time of a request"
        _keep(reading, run, [row], printed, None, 0.0, (), reason)


def _keep(
    reading: Reading,
    run: _Run,
    rows: list[_Row],
    printed: str,
    value: Value | None,
    precision: float,
    notes: tuple[str, ...],
    reason: str,
) -> None:
    algorithm, op, aad = _algorithm(run.options)
    device = run.options.get("cryptodev type", "")
    burst = rows[0].burst
    case = Case(
        f"{NAME}:{naming.foreign(device)}" if device else NAME,
        algorithm,
        op,
        rows[0].size,
        q_len=burst,
        batch=burst if burst > 1 else 0,
        workers=len(rows),
        aad_size=aad,
        in_place=run.options.get("out of place") != "yes",
    )
    facts = {Fact.PATH: "DPDK, polled"}
    if value and value.cycles is not None:
        facts[Fact.CYCLES_SOURCE] = "tsc"
    if device:
        facts[Fact.DPDK_DEVICE] = device
    facts[Fact.IMPORTED_ASSUMED] = "q_len is the burst; what a device holds beyond one burst is not printed"
    reading.figures.append(
        Figure(
            case,
            tuple(row.line for row in rows),
            printed,
            (value,) if value else (),
            reason,
            precision,
            EXACT,
            algorithm=_printed_algorithm(run.options),
            notes=notes,
            facts=facts,
        )
    )


def _printed_algorithm(options: dict[str, str]) -> str:
    keys = ("cipher algorithm", "auth algorithm", "aead algorithm")
    return " ".join(options[key] for key in keys if options.get(key)) or UNKNOWN


def _algorithm(options: dict[str, str]) -> tuple[str, str, int]:
    """(name, operation, bytes of additional data) of what the options say was run."""
    if name := options.get("aead algorithm"):
        op = DECRYPT if options.get("aead operation") == DECRYPT else ENCRYPT
        return _sized(name, options.get("aead key size")), op, _number(options.get("aead aad size"))
    cipher, auth = options.get("cipher algorithm", ""), options.get("auth algorithm", "")
    op = DECRYPT if options.get("cipher operation") == DECRYPT else ENCRYPT
    kind = options.get("crypto operation") or options.get("cperf operation type", "")
    digest = auth.removesuffix("-hmac").replace("sha2-", "sha")
    mac = f"hmac-{digest}" if auth.endswith("-hmac") else auth
    if cipher and auth:
        name = f"{_sized(cipher, options.get('cipher key size'))}+{mac}"
        # Encrypt, then authenticate; and the reverse of it to decrypt. Anything else is another algorithm.
        fits = (kind == "cipher-then-auth") == (op == ENCRYPT)
        return naming.foreign(name if fits else f"{name} {kind}"), op, 0
    if auth:
        return naming.foreign(mac), naming.operation(mac, "digest"), 0
    return (_sized(cipher, options.get("cipher key size")), op, 0) if cipher else (UNKNOWN, op, 0)


def _sized(name: str, size: str | None) -> str:
    """`aes-cbc` with a key of 24 bytes is aes-192-cbc."""
    cipher, _, mode = name.partition("-")
    bits = 8 * _number(size)
    word = f"{cipher}-{bits // 2 if mode == 'xts' else bits}-{mode}" if mode and bits else name
    return naming.foreign(word if cipher != "3des" else name)


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,6}", text) else 0
