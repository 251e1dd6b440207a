"""Figures of what one start of `openssl speed` printed of public keys: counts and tables are one where both
are there, and the processes of -multi are added up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from benchsuite.facts import Fact
from benchsuite.formats.figure import CLOCK_UNKNOWN, EXACT, PER_SECOND, USER, Figure, Reading, of_rate, timed
from benchsuite.formats.openssl import clock as openssl_clock
from benchsuite.formats.openssl import version
from benchsuite.formats.openssl.decimals import BILLION, MILLION, last_digit, millionths
from benchsuite.formats.openssl.key_names import OPS
from benchsuite.formats.openssl.public_key import KeyTiming, KeyTotal, PublicKey, chosen, number
from benchsuite.formats.openssl.run import Run
from benchsuite.formats.text.lines import Line
from benchsuite.model import Case, Value

NO_PAYLOAD = 0
_SECONDS_OFF = Fraction(1, 2 * 10**6)  # of the seconds that a process of -multi tells the first
_NEAR = Fraction(1, 100)

INCOMPLETE = "the sum of -multi is missing, and so is what some of its processes found"
OTHER_FIGURE = "the table has another figure"
UNCLEAR = (
    "whether these are seconds or operations per second is not known: that changed with OpenSSL 1.1.1; put a "
    "line with the version before it, as `OpenSSL 1.0.2`"
)


def figures(reading: Reading, run: Run, backend: str) -> Iterator[Figure]:
    maker = _Maker(reading, run, backend)
    yield from maker.of_several() if run.multi else maker.of_one()


@dataclass(frozen=True, slots=True)
class _Cell:
    """A figure of a table: what it is of, and how many operations it says are done in a second."""

    total: KeyTotal
    op: str
    text: str
    seconds: bool  # it is those of one operation
    rate: Fraction | None
    off: float

    @property
    def printed(self) -> str:
        return f"{self.text} s" if self.seconds else f"{self.text}/s"


@dataclass(frozen=True, slots=True)
class _Maker:
    reading: Reading
    run: Run
    backend: str

    @property
    def keys(self) -> PublicKey:
        return self.run.keys

    def of_one(self) -> Iterator[Figure]:
        waiting = {which: deque(found) for which, found in self.keys.by_op().items()}
        unnamed = {op: deque(each for each in self.keys.timings if each.op == op) for op in OPS}
        other: set[tuple[str, str]] = set()
        totals, _ = self._cells()
        for cell in totals:
            key = cell.total.key
            found = waiting.get((key, cell.op)) if key else unnamed[cell.op]
            timing = _agreeing(found, cell) if found else None
            if timing is None:
                yield from self._rated(cell)
                other.add((key, cell.op))
            elif key:  # where only a number says which it is, the count has the name
                yield from self._timed(timing, cell.total.name, cell.total.line)
            else:
                self.reading.use([cell.total.line])
        for which, left in waiting.items():
            for timing in left:
                if which in other:
                    self.reading.doubt(timing.lines[0], OTHER_FIGURE)
                else:
                    yield from self._timed(timing, timing.name, None)

    def of_several(self) -> Iterator[Figure]:
        """The sums of -multi: of the counts where all are there, as the digits of their quotients are
        few before 1.1.1."""
        children = self.run.workers
        parts: dict[tuple[str, str, str, str], list[_Cell]] = {}
        totals, of_children = self._cells()
        for cell in of_children:
            total = cell.total
            parts.setdefault((total.kind, total.place, total.key or total.name, cell.op), []).append(cell)
        summed: set[tuple[str, str]] = set()
        told = {(key, op) for _, _, key, op in parts}
        for cell in totals:
            if not cell.rate and (cell.total.key, cell.op) in told:
                self.reading.use([cell.total.line])  # forgotten by the sum, not by the processes
                continue
            summed.add((cell.total.key, cell.op))
            yield from self._sum(cell, children)
        for (_, _, key, op), cells in parts.items():
            if (key, op) in summed:
                continue
            rates = [cell.rate for cell in cells if cell.rate]
            if len(rates) < children:
                self.reading.doubt(cells[-1].total.line, INCOMPLETE)
                continue
            rate, off = sum(rates, Fraction(0)), max(cell.off for cell in cells)
            whole = replace(cells[0], rate=rate, off=off)
            printed = " + ".join(cell.printed for cell in cells)
            yield from self._sum(whole, children, tuple(cell.total.line for cell in cells), printed)

    def _sum(
        self, cell: _Cell, children: int, lines: tuple[Line, ...] = (), shown: str = ""
    ) -> Iterator[Figure]:
        total, off = cell.total, cell.off
        if not total.kind and cell.rate and version.has_seconds(self.run.version):
            # The first process made it of the seconds that the others told it, with six digits.
            off = max(off, float(min(Fraction(1), _SECONDS_OFF * cell.rate / children)))
        timings = [each for each in self.keys.timings if (each.name, each.op) == (total.key, cell.op)]
        seconds = [millionths(each.seconds) for each in timings]
        if cell.rate and len(timings) == children and all(seconds):
            rates = (
                Fraction(each.count * MILLION, time) for each, time in zip(timings, seconds, strict=True)
            )
            rate = sum(rates, Fraction(0))
            count = sum(each.count for each in timings)
            if rate and abs(rate - cell.rate) <= (Fraction(off) + _NEAR) * cell.rate:
                value = timed(count, count / rate)
                off = openssl_clock.open_by(openssl_clock.TICK, min(seconds))
                printed = " + ".join(f"{each.count} in {each.seconds} s" for each in timings)
                where = (*(each.lines[0] for each in timings), *(lines or (total.line,)))
                yield self._figure(
                    total.name, cell.op, where, printed, value, "no time", off, EXACT, self.run.clock
                )
                return
        yield from self._rated(replace(cell, off=off), lines, shown)

    def _cells(self) -> tuple[list[_Cell], list[_Cell]]:
        """Cells of the totals, and those of the children of -multi."""
        found: tuple[list[_Cell], list[_Cell]] = [], []
        units = self.keys.in_seconds(self.run.version, self.run.seconds)
        totals = [*self.keys.totals, *self.keys.parts]
        for at, (total, seconds) in enumerate(zip(totals, units, strict=True)):
            if seconds is None:
                self.reading.doubt(total.line, UNCLEAR)
                continue
            for op, text in total.cells:
                figure, is_time = chosen(text, seconds)
                value = number(figure)
                rate = Fraction(value, BILLION) if value else None
                rate = 1 / rate if rate and is_time else rate
                off = openssl_clock.open_by(last_digit(figure, BILLION), 2 * value) if value else 0.0
                found[at >= len(self.keys.totals)].append(_Cell(total, op, figure, is_time, rate, off))
        return found

    def _timed(self, timing: KeyTiming, name: str, total: Line | None) -> Iterator[Figure]:
        run = self.run
        time = openssl_clock.of_count(timing.count, timing.seconds, timing.nominal, run.clock, run.jobs)
        value = timed(timing.count, time.seconds, user=time.user)
        printed = f"{timing.count} in {timing.seconds} s"
        lines = timing.lines + ((total,) if total else ())
        yield self._figure(
            name,
            timing.op,
            lines,
            printed,
            value,
            f"openssl speed counted {printed}",
            time.off,
            EXACT,
            time.clock,
            time.notes,
        )

    def _rated(self, cell: _Cell, lines: tuple[Line, ...] = (), shown: str = "") -> Iterator[Figure]:
        value = of_rate(cell.rate) if cell.rate else None
        reason = f"openssl speed printed {cell.printed}"
        if self.run.clock in (USER, CLOCK_UNKNOWN) and "inf" in cell.text:
            reason += ": the clock of user CPU time did not move; give it -elapsed"
        notes = (*openssl_clock.NOTES[self.run.clock], *[CONTRADICTED] * cell.total.contradicted)
        yield self._figure(
            cell.total.name,
            cell.op,
            lines or (cell.total.line,),
            shown or cell.printed,
            value,
            reason,
            cell.off,
            PER_SECOND,
            self.run.clock,
            notes,
        )

    def _figure(
        self,
        name: str,
        op: str,
        lines: tuple[Line, ...],
        printed: str,
        value: Value | None,
        reason: str,
        off: float,
        requests: str,
        clock: str,
        notes: tuple[str, ...] | None = None,
    ) -> Figure:
        run = self.run
        case = Case(self.backend, name, op, NO_PAYLOAD, q_len=run.jobs, workers=run.workers)
        assumed = {} if run.told else {Fact.IMPORTED_ASSUMED: ASSUMED}
        return Figure(
            case,
            lines,
            printed,
            (value,) if value else (),
            "" if value else reason,
            off,
            requests,
            clock,
            name,
            facts=run.facts | assumed,
            notes=openssl_clock.NOTES[clock] if notes is None else notes,
        )


CONTRADICTED = "the seconds in its line say another rate: the operations per second were taken"
ASSUMED = "q_len=1: -async_jobs does not show in what openssl speed prints"


def _agreeing(waiting: deque[KeyTiming], cell: _Cell) -> KeyTiming | None:
    """The count that gives this figure best; it waits no longer."""
    best: tuple[Fraction, int] | None = None
    for place, timing in enumerate(waiting):
        off = timing.time_is(cell.text) if cell.seconds else timing.rate_is(cell.text)
        if off is not None and (best is None or off < best[0]):
            best = off, place
    if best is None:
        return None
    timing = waiting[best[1]]
    del waiting[best[1]]
    return timing
