"""Whether a table of `openssl speed` is of the same start as the counts, which it prints elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchsuite.formats.openssl.decimals import MILLION, last_digit, millionths
from benchsuite.formats.openssl.public_key import KeyTotal, PublicKey, chosen
from benchsuite.formats.openssl.run import Run, Timing, rate

_MOST_ROUNDED = 2  # per cent of a rate
_FURTHEST = 50  # starts between counts and their table


def agrees(timing: Timing, text: str, printed: int | None) -> bool:
    """Whether a rate of the table is this count over this time, which some versions print rounded."""
    seconds = millionths(timing.seconds)
    if text.startswith("inf"):
        return not seconds
    if not text[0].isdigit() or not seconds:
        return False
    printed = printed or 0
    # Bytes in all of this time; both factors are millionths.
    off = abs(timing.count * timing.size * MILLION**2 - printed * seconds)
    unit = MILLION // 100 * (1000 if text.endswith("k") else 1) * seconds
    half = 50 * last_digit(timing.seconds)  # per cent
    return 100 * (off - unit) <= min(half, _MOST_ROUNDED * seconds) * printed


def merge(runs: Sequence[Run]) -> list[Run]:
    """Give each table to its counts: standard error of all starts may stand before standard output of all."""
    for at, tables in enumerate(runs):
        if tables.counted if tables.multi else (not tables.done or _fits(tables, tables) is not False):
            continue
        for counts in (*runs[max(0, at - _FURTHEST) : at], *runs[at + 1 : at + 1 + _FURTHEST]):
            if counts.counted and not counts.done and not counts.multi and _fits(counts, tables):
                _move(tables, counts)
                break
    return [run for run in runs if run.begun or run.doubts or run.keys.doubts]


def _fits(counts: Run, tables: Run) -> bool | None:
    """Whether all that is in both agrees, or any where they are one already; None where nothing is in both
    then."""
    same = _same(counts, tables)
    first = next(same, None)
    if counts is tables and counts.counted:
        return None if first is None else first or any(same)
    return first is True and all(same)


def _same(counts: Run, tables: Run) -> Iterator[bool]:
    """Whether they agree, for each figure that is in both."""
    by_size: dict[tuple[str, int], list[Timing]] = {}
    for timing in counts.timings:
        by_size.setdefault((timing.name.lower(), timing.size), []).append(timing)
    for total in tables.parts if tables.multi else map(tables.named, tables.totals):
        for size, text in zip(total.sizes, total.rates, strict=False):
            if found := by_size.get((total.name.lower(), size)):
                yield any(agrees(timing, text, rate(text)) for timing in found)
    yield from _same_keys(counts.keys, tables.keys.parts if tables.multi else tables.keys.totals)


def _same_keys(counts: PublicKey, totals: Sequence[KeyTotal]) -> Iterator[bool]:
    by_op = counts.by_op()
    for total in totals:
        for op, text in total.cells:
            if found := by_op.get((total.key, op)):
                texts = {chosen(text, seconds)[0] for seconds in (True, False)}
                near = (
                    each.rate_is(one) is not None or each.time_is(one) is not None
                    for each in found
                    for one in texts
                )
                yield any(near)


def _move(tables: Run, counts: Run) -> None:
    if tables.multi:  # what its processes counted
        tables.timings, counts.timings = counts.timings, []
        tables.keys.timings, counts.keys.timings = counts.keys.timings, []
        return
    counts.totals, tables.totals = tables.totals, []
    counts.keys.totals, tables.keys.totals = tables.keys.totals, []
    counts.version, tables.version = tables.version or counts.version, ""
    counts.options = tables.options if counts.options is None else counts.options
    counts.sizes = tables.sizes
