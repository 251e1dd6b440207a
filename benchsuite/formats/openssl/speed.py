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
from dataclasses import dataclass, replace
from fractions import Fraction

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
_CLOCKS = {ELAPSED: "elapsed", USER: "user-time", CLOCK_UNKNOWN: "clock-not-known"}

IMPOSSIBLE = "nothing was done, or no computer does that"


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading = Reading()
    start = 0
    for run in starts.runs(reading, lines):
        figures = [*_Maker(reading, run, known).figures(), *key_figures.figures(reading, run, NAME)]
        start += bool(figures)
        reading.figures += _of_start(run, figures, start)
    return reading


def _of_start(run: Run, figures: list[Figure], start: int) -> Iterator[Figure]:
    """With what is common to all: they are told apart from another start's by it."""
    clocks = {figure.clock for figure in figures}
    clock = next((each for each in (USER, CLOCK_UNKNOWN) if each in clocks), ELAPSED)
    common = (version.short(run.version), run.engine, _CLOCKS[clock])
    for figure in figures:
        yield replace(figure, variant=(*common, *figure.variant), start=start)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Figures of what one start printed of what has a payload."""

    reading: Reading
    run: Run
    known: Known

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
                texts = (cell.text, f"{cell.text}k") if cell.assumed else (cell.text,)
                if timing and any(agrees(timing, text) for text in texts):
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
                octets = sum((each for each in rates if each), Fraction(0))
                cell = Cell(size, f"{float(octets):.2f}", octets)
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
        run = self.run
        case = self._case(timing.name, timing.size, timing.multi_block)
        time = openssl_clock.of_count(timing.count, timing.seconds, timing.nominal, run.clock, run.jobs)
        value = timed(timing.count, time.seconds, user=time.user)
        printed = f"{timing.count} in {timing.seconds} s"
        lines = timing.lines + ((total,) if total else ())
        if not timing.size or (value is None and time.seconds):
            self.reading.doubt(timing.lines[0], IMPOSSIBLE)
        elif value is None:
            reason = f"openssl speed counted {printed} of user CPU time: give it -elapsed"
            yield self._figure(case, lines, printed, timing.name, run.clock, reason=reason)
        else:
            yield self._figure(
                case,
                lines,
                printed,
                timing.name,
                time.clock,
                values=(value,),
                precision=time.off,
                requests=EXACT,
                notes=time.notes,
            )

    def _rated(
        self, total: Total, cell: Cell, assumed: str, lines: tuple[Line, ...] = ()
    ) -> Iterator[Figure]:
        run = self.run
        nominal = run.nominal.get((total.name, cell.size))
        value = of_rate(cell.rate / cell.size, nominal or 1) if cell.rate and cell.size else None
        if value is None:
            self.reading.doubt(total.line, IMPOSSIBLE)
            return
        multi_block = _MULTI_BLOCK_SIZE in total.sizes
        plain = total.mr or cell.text.endswith("k") or cell.assumed
        printed = cell.text if plain else f"{cell.text} bytes/s"
        off = max(
            relative(cell.text.removesuffix("k")), float(openssl_clock.TICK / nominal) if nominal else 0.0
        )
        notes = (*((cells.LOST_K,) if cell.assumed else ()), *openssl_clock.NOTES[run.clock])
        figure = self._figure(
            self._case(total.name, cell.size, multi_block),
            lines or (total.line,),
            printed,
            total.name,
            run.clock,
            (assumed, cell.assumed),
            notes,
            values=(value,),
            precision=off,
            requests=ROUGHLY if nominal else PER_SECOND,
        )
        yield replace(figure, variant=(*figure.variant, *filter(None, (total.where,))))

    def _without(self, total: Total, cell: Cell, timing: Timing | None) -> Iterator[Figure]:
        """`infk`: no user CPU time was used."""
        reason = f"openssl speed printed {cell.text}"
        if cell.text.startswith("inf"):
            reason += ": the clock of user CPU time did not move; give it -elapsed"
        lines = (timing.lines if timing else ()) + (total.line,)
        case = self._case(total.name, cell.size)
        yield self._figure(case, lines, cell.text, total.name, self.run.clock, reason=reason)

    def _case(self, name: str, size: int, multi_block: bool = False) -> Case:
        algorithm = naming.foreign(f"{name}-mb") if multi_block else naming.of_openssl(name)
        known = naming.ours(algorithm)
        run = self.run
        with_header = (
            known is not None and known.kind == "aead" and (run.aead or "aead" in (run.options or {}))
        )
        # One message goes on and on, except where each has a header of its own.
        chained = known is not None and known.chainable and not with_header
        direction = DECRYPT if "decrypt" in (run.options or {}) else ENCRYPT
        return Case(
            NAME,
            algorithm,
            naming.operation(algorithm, direction),
            size,
            q_len=run.jobs,
            workers=run.workers,
            iv=CHAINED if chained else PER_REQUEST,
            aad_size=_TLS_HEADER if with_header else 0,
        )

    def _figure(
        self,
        case: Case,
        lines: tuple[Line, ...],
        printed: str,
        name: str,
        clock: str,
        assumed: tuple[str, ...] = (),
        notes: tuple[str, ...] | None = None,
        **more: object,
    ) -> Figure:
        way = "low-level" if _LOW_LEVEL.match(name) else "EVP" if _EVP.match(name) else ""
        taken = "; ".join(filter(None, (*self.run.assumed, *assumed)))
        return Figure(
            case,
            lines,
            printed,
            clock=clock,
            algorithm=name,
            variant=(way,),
            facts=self.run.facts | ({Fact.IMPORTED_ASSUMED: taken} if taken else {}),
            notes=openssl_clock.NOTES[clock] if notes is None else notes,
            **more,  # type: ignore[arg-type]
        )
