"""What a request costs and what a byte costs: the line of time over size, with the range of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from benchsuite.compare.crossovers import FLOOR
from benchsuite.compare.student_t import point
from benchsuite.findings.figures import Figures, Line, Range, all_of
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, duration, duration_known, durations, finding
from benchsuite.least_squares import errors, solve

KIND = "prices"
SIZE = "request_size"
_FEWEST = 4  # sizes, below which a line fits whatever there is
_MOST_OFF = 0.20  # of the time, on average: beyond it is no line
_FEW = 2  # works that are told one by one


@dataclass(frozen=True, slots=True)
class _Price:
    """A line of time over size: seconds of a request, and of a byte of it."""

    line: Line
    request: Range
    byte: Range

    @property
    def told(self) -> bool:
        """Whether both are known to be more than nothing."""
        return self.request.low > 0 and self.byte.low > 0


def find(figures: Figures) -> list[Finding]:
    lines = [line for line in figures.lines(SIZE) if line.backend != FLOOR]
    priced = [each for line in _lightest(lines) if (each := price(line)) and each.told]
    if not priced:
        return []
    names = Names((each.line.common for each in priced), SIZE)
    if len(priced) <= _FEW:
        return [_few(figures, priced, names)]
    return [_many(figures, priced, names)]


def _lightest(lines: Sequence[Line]) -> list[Line]:
    """Lines of every work and backend under the load with the fewest requests and workers."""
    found: dict[tuple[str, str, str], Line] = {}
    for line in lines:
        work = line.backend, line.common.algorithm, line.common.op
        if work not in found or _weight(line) < _weight(found[work]):
            found[work] = line
    return list(found.values())


def _weight(line: Line) -> tuple[int, int, int]:
    """How far its load is from the plainest."""
    return len(line.common.load.unusual), line.common.workers, line.common.q_len


def price(line: Line) -> _Price | None:
    """The line that fits with the least squares of relative errors; None where times are not on one."""
    times = [each.time.value for each in line.samples]
    rows = [(1 / time, line.value(each) / time) for time, each in zip(times, line.samples, strict=True)]
    free = len(rows) - 2
    if len(rows) < _FEWEST:
        return None
    request, byte = solve(rows, [1.0] * len(rows))
    squares = sum((request * a + byte * b - 1) ** 2 for a, b in rows)
    if sqrt(squares / len(rows)) > _MOST_OFF:
        return None
    # What a sample's own range leaves open counts as well, where the line fits better than it should.
    own = sum(((each.time.high - each.time.low) / 4 / each.time.value) ** 2 for each in line.samples)
    spread = errors(rows, max(squares / free, own / len(rows)))
    beyond = point(0.025, free)
    ranges = [
        Range(value, value - beyond * error, value + beyond * error)
        for value, error in zip((request, byte), spread, strict=True)
    ]
    return _Price(line, *ranges)


def _few(figures: Figures, priced: Sequence[_Price], names: Names) -> Finding:
    parts = []
    for number, each in enumerate(priced):
        of = f" of {names.of(each.line.common)}"
        byte = f"{duration_known(each.byte)}"
        cost = "costs " if number == 0 else ""
        parts.append(
            f"{'A request' if number == 0 else 'one'}{of} {cost}{duration_known(each.request)}"
            f"{' and each byte of it ' if number == 0 else ' and a byte '}{byte}"
        )
    even = priced[0].request.value / priced[0].byte.value
    text = "; ".join(parts)
    if len(priced) == 1:
        text += f": below about {even:.0f} B the request is most of it, above it the bytes are"
    return finding(KIND, text, _numbers(priced), figures, all_of([each.line for each in priced]))


def _many(figures: Figures, priced: Sequence[_Price], names: Names) -> Finding:
    """The least and the most of each price, and whose they are."""
    requests = sorted(priced, key=lambda each: each.request.value)
    bytes_ = sorted(priced, key=lambda each: each.byte.value)

    def span(of: Sequence[_Price], what: str) -> str:
        least, most = of[0], of[-1]
        low, high = getattr(least, what).value, getattr(most, what).value
        return (
            f"{duration(low)} ({names.of(least.line.common)}) to {duration(high)} "
            f"({names.of(most.line.common)})"
        )

    text = f"A request costs {span(requests, 'request')}, a byte {span(bytes_, 'byte')}"
    loose = [each for each in priced if not (each.request.tight and each.byte.tight)]
    if loose:
        worst = max(loose, key=lambda each: (each.request.high - each.request.low) / each.request.value)
        within = durations((worst.request.low, worst.request.high))
        text += f"; least sure is a request of {names.of(worst.line.common)}, {within}"
    return finding(KIND, text, _numbers(priced), figures, all_of([each.line for each in priced]))


def _numbers(priced: Sequence[_Price]) -> Numbers:
    found: Numbers = {}
    several = len({each.line.backend for each in priced}) > 1
    for each in priced:
        work = each.line.common.words()
        name = f"{each.line.backend} {work}" if several else work
        for what, value in (("request", each.request), ("byte", each.byte)):
            found[f"{name} seconds_per_{what}"] = value.value
            found[f"{name} low_seconds_per_{what}"] = value.low
            found[f"{name} high_seconds_per_{what}"] = value.high
    return found
