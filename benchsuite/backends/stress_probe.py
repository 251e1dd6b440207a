"""What a driver takes of what a load would like to ask it: sizes, lengths of AAD, other lengths of tag and
nonce. What it refuses is no fault; it is left out, and said."""

from __future__ import annotations

import time
from collections.abc import Iterable

from benchsuite.algorithms import Algorithm
from benchsuite.backends import memory
from benchsuite.backends.check import check
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import StressLoad
from benchsuite.backends.known_requests import FORGED, Known, Table
from benchsuite.backends.session import ByDriver, Params, Session
from benchsuite.backends.stress_run import needed_memory
from benchsuite.backends.survey_requests import Maker
from benchsuite.backends.survey_sizes import MOST_USUAL
from benchsuite.native import lib
from benchsuite.units import format_duration, several

# Seconds that one large request may take: the same for every short load, so that a seed makes the same.
LONGEST, LONGEST_OF_MANY = 0.1, 0.5
MANY = 10.0  # seconds of a load
TRIES = 3  # another process may be in the way
MEMORY = 0.5  # of what is available
SHORT_AAD = (*range(81), 240, 255, 256)
LONG_AAD = 65280  # CCM writes it in another way than shorter ones


class Probe:
    """Asks a driver, by sessions and by requests one after another. left_out: what it refused, and why."""

    def __init__(self, backend: ByDriver, algorithm: Algorithm, load: StressLoad) -> None:
        self.backend, self.algorithm, self.load = backend, algorithm, load
        self.left_out: list[str] = []
        self._maker = Maker(algorithm, algorithm.ops[0], 0)

    def opens(self, params: Params) -> bool:
        """Whether the driver opens such a session."""
        try:
            self.open(params)
        except MeasureError as error:
            if error.kind != "unsupported":
                raise
            return False
        return True

    def open(self, params: Params) -> None:
        """Opens such a session and closes it. MeasureError where there is none."""
        params.check()
        Session(params).close()

    # ---- sizes ----

    def sizes(self, wanted: Iterable[int]) -> list[int]:
        """The sizes that the driver serves, that memory has room for, and that do not take all of the time.
        0: an empty text."""
        ordered = sorted(set(wanted))
        usual = [size for size in ordered if size <= MOST_USUAL]
        large = self._affordable(usual, [size for size in ordered if size > MOST_USUAL])
        for op in self.algorithm.ops:
            self.open(self._params(op, max(usual, default=large[0] if large else MOST_USUAL)))
        served = [size for size in self._served(usual) if size or self._takes_empty()]
        self._leave_out([size for size in usual if size not in served], "refused")
        return served + self._quick(self._opened(large))

    def _params(self, op: str, size: int, aad: int | None = None) -> Params:
        aad = self.algorithm.aad_size if aad is None else aad
        return Maker(self.algorithm, op, 0).params(self.backend, aad, size)

    def _table(self, known: list[Known]) -> Table:
        aad = max(len(one.aad) for one in known)
        params = self._maker.params(self.backend, aad, max(len(one.source) for one in known))
        return Table(params, self._maker.reference, known)

    def _served(self, sizes: list[int]) -> list[int]:
        """The sizes that are not refused, right or wrong: a wrong byte is for the load to find."""
        if not sizes:
            return []
        known = self._maker.of_sizes(sizes, self.algorithm.aad_size)
        refused = check(self._table(known), lib.BS_LAY_APART, 1).refused
        if len(refused) == len(sizes):
            raise MeasureError("unsupported", f"{self.algorithm.name}: it refuses every size")
        return [size for i, size in enumerate(sizes) if i not in refused]

    def _takes_empty(self) -> bool:
        """Whether an empty text has an answer, without AAD too; a driver may refuse it with any error."""
        for op in self.algorithm.ops:
            maker = Maker(self.algorithm, op, 0)
            usual = self.algorithm.aad_size
            aads = {usual, 0} if usual and self._takes_aad(op, 0) else {usual}
            known = [maker.request(0, aad) for aad in aads]
            table = Table(self._params(op, 16), maker.reference, known)
            checked = check(table, lib.BS_LAY_APART, 1)
            failed = (one for one in checked.findings if one.kind == lib.BS_FOUND_STATUS)
            if checked.refused or any(one.status != FORGED for one in failed):
                return False
        return True

    def _affordable(self, usual: list[int], large: list[int]) -> list[int]:
        """The large sizes up to the largest that memory has room for, beside the usual ones."""
        there = memory.available()
        if there is None or not large:
            return large
        params = self._params(self.algorithm.ops[0], max(usual + large))
        found = [
            size
            for i, size in enumerate(large)
            if needed_memory(params, self.load, usual + large[: i + 1]) <= there * MEMORY
        ]
        self._leave_out(large[len(found) :], "so many at once need more memory than there is")
        return found

    def _opened(self, sizes: list[int]) -> list[int]:
        """The large sizes up to the largest that sessions are opened for."""
        for i in reversed(range(len(sizes))):
            if self.opens(self._params(self.algorithm.ops[0], sizes[i])):
                self._leave_out(sizes[i + 1 :], "refused")
                return sizes[: i + 1]
        self._leave_out(sizes, "refused")
        return []

    def _quick(self, sizes: list[int]) -> list[int]:
        """The large sizes that are served, and soon enough for others to be served as well."""
        limit = LONGEST if self.load.seconds < MANY else LONGEST_OF_MANY
        for i, size in enumerate(sizes):
            table = self._table([self._maker.request(size, self.algorithm.aad_size)])
            if check(table, lib.BS_LAY_APART, 1).refused:
                self._leave_out(sizes[i:], "refused")
                return sizes[:i]
            if all(_seconds(table) > limit for _ in range(TRIES)):
                self._leave_out(sizes[i:], f"one takes {format_duration(limit)} and more")
                return sizes[:i]
        return sizes

    def _leave_out(self, sizes: list[int], why: str) -> None:
        if sizes:
            self.left_out.append(f"{several([str(size) for size in sizes])} bytes ({why})")

    # ---- AAD ----

    def aad_sizes(self, op: str) -> list[int]:
        """The lengths of AAD that the driver takes, of short ones and those of the profile."""
        usual = self.algorithm.aad_size
        if not self.algorithm.authenticated:
            return [usual]
        wanted = sorted({usual, *SHORT_AAD, *self.load.wanted.aad_sizes})
        if self._takes_aad(op, wanted[-1]):
            return wanted
        found = [size for size in wanted if size == usual or self._takes_aad(op, size)]
        if refused := [size for size in self.load.wanted.aad_sizes if size not in found]:
            self.left_out.append(f"AAD of {several([str(size) for size in refused])} bytes (refused)")
        return found

    def takes_long_aad(self, op: str) -> bool:
        return self.algorithm.authenticated and self._takes_aad(op, LONG_AAD)

    def _takes_aad(self, op: str, size: int) -> bool:
        return self.opens(self._params(op, MOST_USUAL, size))


def _seconds(table: Table) -> float:
    """How long the requests of a table take, one after another."""
    begin = time.perf_counter()
    check(table, lib.BS_LAY_APART, 1)
    return time.perf_counter() - begin
