"""What `openssl speed` prints, for people and with -mr, of OpenSSL 0.9.7 to 4.0 and of LibreSSL.

    Doing AES-128-CBC for 1s on 16 size blocks: 55761140 AES-128-CBC's in 0.67s
    type             16 bytes     64 bytes    256 bytes   1024 bytes   8192 bytes  16384 bytes
    AES-128-CBC    1331609.31k  1559124.60k  1638050.43k  1669073.58k  1686520.41k  1680445.69k

    +DT:AES-192-CBC:1:1488        +R:731803:AES-192-CBC:1.000000        +H:1488
    +F:25:AES-192-CBC:1088922864.00                                     Got: +F:25:... from 0

Counts go to standard error and tables to standard output, so either may be missing; where both are there they
are one figure. Which seconds are taken, and why, is in clock.py; what has no payload is in
public_key.py; where one start of the program ends and the next begins, in starts.py.

Source: apps/speed.c of OpenSSL 0.9.6 to 4.0 and of LibreSSL to 2026, and runs of 3.0.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

from benchsuite.facts import Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import (
    CLOCK_UNKNOWN,
    ELAPSED,
    EXACT,
    PER_SECOND,
    ROUGHLY,
    USER,
    Figure,
    Known,
    Reading,
    of_rate,
    relative,
    timed,
)
from benchsuite.formats.openssl import cells, key_figures, starts, version
from benchsuite.formats.openssl import clock as openssl_clock
from benchsuite.formats.openssl.agree import agrees
from benchsuite.formats.openssl.cells import Cell
from benchsuite.formats.openssl.decimals import MILLION
from benchsuite.formats.openssl.key_figures import INCOMPLETE, OTHER_FIGURE
from benchsuite.formats.openssl.run import Run, Timing, Total, rate
from benchsuite.formats.text.lines import Line
from benchsuite.model import CHAINED, DECRYPT, ENCRYPT, PER_REQUEST, Case

NAME = "openssl-speed"
ABOUT = "`openssl speed`, also with -mr and -multi"
MARKS = ("Doing ", "+D", "+R", "+F", ".")  # every figure that it prints has a decimal point

_LOW_LEVEL = re.compile(r"\S+ (?:cbc|ige|ede3)$")  # `aes-128 cbc`: the cipher's own functions, before 3.0
_EVP = re.compile(r"(?:aes|des|camellia|aria|sm4)-\S+$", re.IGNORECASE)
_MULTI_BLOCK_SIZE = 131072  # only -mb has it
_TLS_HEADER = 13
_kept = lru_cache(maxsize=10_000)  # the same cases are in every start
_CLOCKS = {ELAPSED: "elapsed", USER: "user-time", CLOCK_UNKNOWN: "clock-not-known"}

IMPOSSIBLE = "nothing was done, or no computer does that"


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading = Reading()
    start = 0
    for run in starts.runs(reading, lines):
        figures = [*_Maker(reading, run, known).figures(), *key_figures.figures(reading, run, NAME)]
        start += bool(figures)
        _give_start(run, figures, start)
        reading.figures += figures
    return reading


def _give_start(run: Run, figures: list[Figure], start: int) -> None:
    """Adds what is common to all: they are told apart from another start's by it."""
    clocks = {figure.clock for figure in figures}
    clock = next((each for each in (USER, CLOCK_UNKNOWN) if each in clocks), ELAPSED)
    common = (version.short(run.version), run.engine, _CLOCKS[clock])
    for figure in figures:
        figure.variant, figure.start = (*common, *figure.variant), start


class _Maker:
    """Figures of what one start printed of what has a payload."""

    def __init__(self, reading: Reading, run: Run, known: Known) -> None:
        self.reading, self.run, self.known = reading, run, known
        options = run.options or {}
        direction = DECRYPT if "decrypt" in options else ENCRYPT
        self._load = run.aead or "aead" in options, direction, run.jobs, run.workers
        self._clock, self._jobs = run.clock, run.jobs
        self._facts = self._facts_with()

    def figures(self) -> Iterator[Figure]:
        yield from self._of_several() if self.run.multi else self._of_one()

    def _of_one(self) -> Iterator[Figure]:
        waiting: dict[tuple[str, int], deque[Timing]] = {}
        for each in self.run.timings:
            waiting.setdefault((each.name.lower(), each.size), deque()).append(each)
        for total in map(self.run.named, self.run.totals):
            for cell, assumed in self._cells(total):
                found = waiting.get((total.name.lower(), cell.size))
                timing = found.popleft() if found else None
                if timing and _agrees(timing, cell):
                    yield from self._timed(timing, total.line)
                elif cell.rate:
                    if timing:
                        self.reading.doubt(timing.lines[0], OTHER_FIGURE)
                    yield from self._rated(total, cell, assumed)
                else:
                    yield from self._without(total, cell, timing)
        for left in waiting.values():
            for each in left:
                yield from self._timed(each, None)

    def _of_several(self) -> Iterator[Figure]:
        """The sums of -multi; where they are not printed, of what each child found."""
        whole = list(map(self.run.named, self.run.totals))
        totals = {total.name for total in whole}
        sums: dict[str, list[Total]] = {}
        for part in self.run.parts:
            if part.name not in totals:
                sums.setdefault(part.name, []).append(part)
        for timing in self.run.timings:
            if timing.name not in totals and timing.name not in sums:
                self.reading.doubt(timing.lines[0], INCOMPLETE)
        for total in whole:
            for cell, assumed in self._cells(total):
                if cell.rate:
                    yield from self._rated(total, cell, assumed)
                else:
                    yield from self._without(total, cell, None)
        for parts in sums.values():
            yield from self._added(parts)

    def _added(self, parts: list[Total]) -> Iterator[Figure]:
        last = parts[-1]
        sizes, why = cells.sizes_of(last, self.run, self.known)
        if len(parts) < self.run.workers or any(len(part.rates) != len(last.rates) for part in parts):
            self.reading.doubt(last.line, INCOMPLETE)
            return
        if not sizes:
            self.reading.doubt(last.line, why)
            return
        for at, size in enumerate(sizes):
            rates = [rate(part.rates[at]) for part in parts]
            if all(rates):
                octets = sum(each for each in rates if each)
                cell = Cell(size, f"{octets / MILLION:.2f}", octets)
                yield from self._rated(last, cell, why, tuple(part.line for part in parts))
            else:
                self.reading.doubt(last.line, INCOMPLETE)

    def _cells(self, total: Total) -> Iterator[tuple[Cell, str]]:
        sizes, said = cells.sizes_of(total, self.run, self.known)
        if not sizes:
            self.reading.doubt(total.line, said)
            return
        for cell in cells.cells_of(total, sizes):
            yield cell, said

    def _timed(self, timing: Timing, total: Line | None) -> Iterator[Figure]:
        time = openssl_clock.of_count(timing.count, timing.seconds, timing.nominal, self._clock, self._jobs)
        value = timed(timing.count, time.seconds, user=time.user)
        case = _case(timing.name, timing.size, timing.multi_block, *self._load)
        printed = f"{timing.count} in {timing.seconds} s"
        lines = timing.lines + ((total,) if total else ())
        if not timing.size or (value is None and time.seconds):
            self.reading.doubt(timing.lines[0], IMPOSSIBLE)
        elif value is None:
            reason = f"openssl speed counted {printed} of user CPU time: give it -elapsed"
            yield self._figure(case, lines, printed, timing.name, reason)
        else:
            yield Figure(
                case,
                lines,
                printed,
                (value,),
                precision=time.off,
                requests=EXACT,
                clock=time.clock,
                algorithm=timing.name,
                variant=(_way(timing.name),),
                facts=self._facts,
                notes=time.notes,
            )

    def _rated(
        self, total: Total, cell: Cell, assumed: str, lines: tuple[Line, ...] = ()
    ) -> Iterator[Figure]:
        nominal = self.run.nominal.get((total.name, cell.size), 0)
        per_second = Fraction(cell.rate, cell.size * MILLION) if cell.rate and cell.size else Fraction(0)
        value = of_rate(per_second, Fraction(nominal or MILLION, MILLION))
        if value is None:
            self.reading.doubt(total.line, IMPOSSIBLE)
            return
        plain = total.mr or cell.text.endswith("k") or cell.assumed
        by_clock = openssl_clock.open_by(openssl_clock.TICK, nominal) if nominal else 0.0
        off = max(relative(cell.text.removesuffix("k")), by_clock)
        yield Figure(
            _case(total.name, cell.size, _MULTI_BLOCK_SIZE in total.sizes, *self._load),
            lines or (total.line,),
            cell.text if plain else f"{cell.text} bytes/s",
            (value,),
            precision=off,
            requests=ROUGHLY if nominal else PER_SECOND,
            clock=self._clock,
            algorithm=total.name,
            variant=(_way(total.name), *filter(None, (total.where,))),
            facts=self._facts_with(assumed, cell.assumed),
            notes=(*((cells.LOST_K,) if cell.assumed else ()), *openssl_clock.NOTES[self._clock]),
        )

    def _without(self, total: Total, cell: Cell, timing: Timing | None) -> Iterator[Figure]:
        """`infk`: no user CPU time was used."""
        reason = f"openssl speed printed {cell.text}"
        if cell.text.startswith("inf"):
            reason += ": the clock of user CPU time did not move; give it -elapsed"
        lines = (timing.lines if timing else ()) + (total.line,)
        case = _case(total.name, cell.size, False, *self._load)
        yield self._figure(case, lines, cell.text, total.name, reason)

    def _figure(self, case: Case, lines: tuple[Line, ...], printed: str, name: str, reason: str) -> Figure:
        """A figure without a time."""
        return Figure(
            case,
            lines,
            printed,
            reason=reason,
            clock=self._clock,
            algorithm=name,
            variant=(_way(name),),
            facts=self._facts,
            notes=openssl_clock.NOTES[self._clock],
        )

    def _facts_with(self, *assumed: str) -> dict[str, str]:
        taken = "; ".join(filter(None, (*self.run.assumed, *assumed)))
        return self.run.facts | ({Fact.IMPORTED_ASSUMED: taken} if taken else {})


def _agrees(timing: Timing, cell: Cell) -> bool:
    """Whether a cell is of this count: with the k that it may have lost, or as it stands."""
    if not cell.assumed:
        return agrees(timing, cell.text, cell.rate)
    return any(agrees(timing, text, rate(text)) for text in (cell.text, f"{cell.text}k"))


@_kept
def _case(
    name: str, size: int, multi_block: bool, tls: bool, direction: str, q_len: int, workers: int
) -> Case:
    """`tls`: messages of an AEAD have a header."""
    algorithm = naming.foreign(f"{name}-mb") if multi_block else naming.of_openssl(name)
    known = naming.ours(algorithm)
    with_header = tls and known is not None and known.kind == "aead"
    # One message goes on and on, except where each has a header of its own.
    chained = known is not None and known.chainable and not with_header
    return Case(
        NAME,
        algorithm,
        naming.operation(algorithm, direction),
        size,
        q_len=q_len,
        workers=workers,
        iv=CHAINED if chained else PER_REQUEST,
        aad_size=_TLS_HEADER if with_header else 0,
    )


@_kept
def _way(name: str) -> str:
    """The functions by which it was called, where its name says so."""
    return "low-level" if _LOW_LEVEL.match(name) else "EVP" if _EVP.match(name) else ""
