"""After a fault under load: smaller loads, each in a fresh process, until the smallest is known that shows it
again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from benchsuite.backends.findings import Narrowed, Stressed, StressLoad
from benchsuite.model import Failure
from benchsuite.runner import calls

AT_MOST = 5.0  # seconds for all tries together
SHORTEST, LONGEST = 0.1, 1.0  # seconds of a try's load
LEAST_LEFT = 0.4  # seconds that a try needs, with the start of its process
ENOUGH = 4  # times as long as a fault took to come
SURE = 2  # times that it must come again
MOST_SIZES = 2  # tried alone
LITTLE_PATIENCE = 0.8  # seconds until a request is lost, where one was: no try takes longer to say so


class Try(NamedTuple):
    """A load of these algorithms."""

    algorithms: list[str]
    load: StressLoad

    def but(self, **different: Any) -> Try:
        return self._replace(load=replace(self.load, **different))


class Narrowing:
    """The tries for one fault. found: what the first load showed; mixed: see Backend.stress."""

    def __init__(
        self,
        backend: str,
        found: Stressed,
        load: StressLoad,
        deadline: float | None = None,
        at_most: float = AT_MOST,
    ) -> None:
        patience = min(load.patience, LITTLE_PATIENCE) if found.kind == "lost" else load.patience
        self._backend, self._found = backend, found
        self._load = replace(load, soak=False, patience=patience)
        self._deadline, self._end = deadline, time.monotonic() + at_most
        self._mixed = len(found.algorithms) > 1
        self._first = Try(found.algorithms, self._load)
        self._seen: list[Try] = []  # that showed it
        self._interrupted = False

    def smallest(self) -> Narrowed:
        """Ctrl-C ends it with what is known until then."""
        best = self._narrowed(self._first, 0)
        try:
            if self._shows(self._least, SURE) == SURE:
                best = self._narrowed(self._least, SURE)
            elif self._again():
                best = self._sure(self._reduced())
        except KeyboardInterrupt:
            self._interrupted = True
        return replace(best, interrupted=self._interrupted)

    @property
    def _left(self) -> float:
        return self._end - time.monotonic()

    @property
    def _over(self) -> bool:
        return self._interrupted or self._left < LEAST_LEFT

    # ---- loads, from the first to smaller ones ----

    @property
    def _short(self) -> Try:
        """The first load, for so long that it should show the fault."""
        each = self._found.seconds / max(1, self._found.faults)
        seconds = min(LONGEST, max(SHORTEST, ENOUGH * each), self._load.seconds)
        return self._first._replace(load=replace(self._load, seconds=seconds))

    @property
    def _least(self) -> Try:
        """One request of one session, and the smallest size that was wrong."""
        sizes = self._load.only_sizes or tuple(self._found.wrong_sizes[:1])
        return self._involved(self._short).but(workers=1, sessions=1, q_len=1, only_sizes=sizes)

    def _involved(self, one: Try) -> Try:
        """With those algorithms alone that wrong requests, and those before them, had."""
        names = self._found.wrong_algorithms
        return one._replace(algorithms=names) if self._mixed and len(names) > 1 else one

    def _again(self) -> bool:
        """Whether the first load shows it once more."""
        for one in (self._short, self._first):
            if not self._over and self._shows(one):
                self._seen.append(one)
                return True
        return False

    def _reduced(self) -> list[Try]:
        """Loads that showed it, each smaller than the one before."""
        self._keep(self._involved(self._seen[-1]))
        sizes = [] if self._load.only_sizes else self._found.wrong_sizes[:MOST_SIZES]
        self._reduce("only_sizes", [(size,) for size in sizes])
        self._reduce("workers", [1])
        self._reduce("sessions", [1, 2])
        self._reduce("q_len", [1, 2])
        return self._seen

    def _reduce(self, name: str, values: Sequence[object]) -> None:
        """Keeps the first value that still shows it."""
        for value in values:
            one = self._seen[-1]
            if getattr(one.load, name) == value or self._keep(one.but(**{name: value})):
                return

    def _keep(self, one: Try) -> bool:
        if one == self._seen[-1] or self._over or not self._shows(one):
            return False
        self._seen.append(one)
        return True

    def _sure(self, seen: list[Try]) -> Narrowed:
        """The smallest that shows it once more; the first time may have been luck."""
        for one in reversed(seen):
            if not self._over and self._shows(one):
                return self._narrowed(one, SURE)
        return self._narrowed(seen[-1] if self._over else seen[0], 1)

    # ---- a try ----

    def _shows(self, one: Try, tries: int = 1) -> int:
        """How often it shows the fault in so many tries, which end when it does not."""
        for i in range(tries):
            if self._over or not self._fails(one.algorithms, one.load):
                return i
        return tries

    def _fails(self, algorithms: list[str], load: StressLoad) -> bool:
        limit = self._left if self._deadline is None else min(self._left, self._deadline)
        seconds = min(load.seconds, max(SHORTEST, self._left - LEAST_LEFT))
        load = replace(load, seconds=seconds)
        outcome = calls.stress(self._backend, algorithms, load, limit, mixed=self._mixed)
        if isinstance(outcome, Failure):
            return outcome.kind == self._found.kind
        self._interrupted |= outcome.interrupted
        return outcome.faults > 0

    def _narrowed(self, one: Try, times: int) -> Narrowed:
        load = one.load
        size = load.only_sizes[0] if len(load.only_sizes) == 1 else None
        shape = load.workers, load.sessions, load.q_len
        return Narrowed(one.algorithms, *shape, size, load.seconds, load.seed, times, SURE)
