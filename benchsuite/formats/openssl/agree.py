"""Whether a table of `openssl speed` is of the same start as the counts, which it prints elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from benchsuite.formats.figure import half_unit
from benchsuite.formats.openssl.public_key import KeyTotal, PublicKey, chosen
from benchsuite.formats.openssl.run import Run, Timing, rate

_MOST_ROUNDED = Fraction(1, 50)
_FURTHEST = 50  # starts between counts and their table


def agrees(timing: Timing, text: str) -> bool:
    """Whether a rate of the table is this count over this time, which some versions print rounded."""
    printed, seconds = rate(text) or 0, Fraction(timing.seconds)
    if text.startswith("inf"):
        return not seconds
    if not text[0].isdigit() or not seconds:
        return False
    unit = Fraction(1000 if text.endswith("k") else 1, 100)
    rounded = min(half_unit(timing.seconds) / seconds, _MOST_ROUNDED) * printed
    return abs(Fraction(timing.count * timing.size) / seconds - printed) <= unit + rounded


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
    """Whether all that is in both agrees; None where they are one already and nothing is in both."""
    by_size: dict[tuple[str, int], list[Timing]] = {}
    for timing in counts.timings:
        by_size.setdefault((timing.name.lower(), timing.size), []).append(timing)
    same: list[bool] = []
    for total in tables.parts if tables.multi else map(tables.named, tables.totals):
        for size, text in zip(total.sizes, total.rates, strict=False):
            if found := by_size.get((total.name.lower(), size)):
                same.append(any(agrees(timing, text) for timing in found))
    same += _same_keys(counts.keys, tables.keys.parts if tables.multi else tables.keys.totals)
    if counts is tables and counts.counted:
        return any(same) if same else None
    return bool(same) and all(same)


def _same_keys(counts: PublicKey, totals: Sequence[KeyTotal]) -> list[bool]:
    by_op = counts.by_op()
    same = []
    for total in totals:
        for op, text in total.cells:
            if found := by_op.get((total.key, op)):
                texts = {chosen(text, seconds)[0] for seconds in (True, False)}
                near = (
                    each.rate_is(one) is not None or each.time_is(one) is not None
                    for each in found
                    for one in texts
                )
                same.append(any(near))
    return same


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
