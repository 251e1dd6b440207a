"""How much of a survey a slow driver is asked: as much as it can do in the time, evenly of everything."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from benchsuite.backends.survey_plan import Sheet

SECONDS = 1.5  # for the requests of all sheets of an operation
MOST_SECONDS = 0.6  # for all those that are as many as there is time for
ABOUT = 2  # times as long it may look before any are left out: it is a guess
BYTES_PER_COST = 4096  # take about as long as another request


def _cost(sheet: Sheet) -> float:
    layouts = sheet.layouts.bit_count()
    return layouts * sum(1 + len(one.source) / BYTES_PER_COST for one in sheet.known)


def _seconds() -> float:
    """A clock that stands while this thread waits for a CPU: a driver is not slow because others work."""
    now, waited = time.perf_counter(), 0
    with suppress(OSError, ValueError, IndexError):  # a kernel without schedstat
        waited = int(Path("/proc/thread-self/schedstat").read_text().split()[1])
    return now - waited / 1e9


class Pace:
    """Thins the sheets of a survey, in their order, by the time that those before them took."""

    def __init__(self, sheets: Sequence[Sheet], seconds: float = SECONDS) -> None:
        self._seconds_left = seconds
        self._cost_left = sum(_cost(sheet) for sheet in sheets if not sheet.most)
        self._seconds_spent = self._cost_spent = 0.0
        self._most_spent = (0.0, 0.0)
        self._most_left = MOST_SECONDS
        self._asked = self._kept = 0

    def thinned(self, sheet: Sheet) -> Sheet:
        """What there is time for of the sheet; where nothing is known yet, its first requests."""
        if sheet.most:
            return self._as_many(sheet)
        share = self._share()
        self._cost_left -= _cost(sheet)
        self._asked += len(sheet.known)
        known = sheet.known
        if share < 1 and sheet.chained:
            known = known[: max(2, round(share * len(known)))]
        elif share < 1:
            units = range(0, len(known), sheet.unit)
            kept = max(1, round(share * len(units)))
            known = [one for i in range(kept) for one in known[units[i * len(units) // kept] :][: sheet.unit]]
        self._kept += len(known)
        return sheet if len(known) == len(sheet.known) else replace(sheet, known=known)

    def _as_many(self, sheet: Sheet) -> Sheet:
        """The requests that there is time for, if they are as fast as others of that kind were, or as all
        were."""
        spent, seconds = self._most_spent if self._most_spent[1] else (self._cost_spent, self._seconds_spent)
        share = spent * self._most_left / seconds / _cost(sheet) if seconds else 1.0
        return sheet if share >= 1 else replace(sheet, known=sheet.known[: round(share * len(sheet.known))])

    def _share(self) -> float:
        if not self._cost_spent or not self._cost_left:
            return 1.0
        needed = self._cost_left * self._seconds_spent / self._cost_spent
        left = max(0.0, self._seconds_left)
        return 1.0 if needed <= ABOUT * left else left / needed

    @contextmanager
    def timing(self, sheet: Sheet) -> Iterator[None]:
        start = _seconds()
        yield
        spent = max(0.0, _seconds() - start)
        if sheet.most:
            self._most_spent = (_cost(sheet), spent)
            self._most_left = max(0.0, self._most_left - spent)
            return
        self._seconds_left -= spent
        self._seconds_spent += spent
        self._cost_spent += _cost(sheet)

    def notes(self, op: str) -> list[str]:
        if self._kept == self._asked:
            return []
        return [f"all of {op}: {self._kept} of {self._asked} requests, because it is slow"]
