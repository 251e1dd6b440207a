"""Sessions that are open at the same time, used in turn by one thread: with keys of their own, of both
operations, of other algorithms, and streams. What is a session's must not be kept where another finds it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import islice

from benchsuite.algorithms import Algorithm
from benchsuite.backends.by_hand import Hand
from benchsuite.backends.check import Checked, FoundWrong
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.known_requests import Table
from benchsuite.backends.relatives import relatives
from benchsuite.backends.session import ByDriver
from benchsuite.backends.survey_requests import Maker, similar_keys
from benchsuite.native import lib
from benchsuite.units import many

SIZES = (48, 16, 256, 100, 64, 1024, 32, 1420, 17, 80)  # of the requests, in turn
CROWD = 12  # sessions of one algorithm
ONE_BY_ONE, SIDE_BY_SIDE = 1100, 260  # sessions
MANY_SECONDS = 0.25
STREAM = (16, 64, 1024, 48, 16, 256, 80, 4096)


class Together:
    """Sessions of one backend, around those of one algorithm and operation."""

    def __init__(self, backend: ByDriver, algorithm: Algorithm, op: str) -> None:
        self.backend, self.algorithm, self.op = backend, algorithm, op
        self.requests = 0
        self._tables: list[Table] = []
        self._open_now = 0
        self._before = (-1, -1)  # number of the session and index of the request, as Hand has them

    def _table(
        self, algorithm: Algorithm, op: str, number: int, both_keys: tuple[bytes, bytes] | None = None
    ) -> Table:
        maker = Maker(algorithm, op, number, both_keys=both_keys)
        known = maker.of_sizes(maker.taken(SIZES), algorithm.aad_size)
        params = maker.params(self.backend, algorithm.aad_size, max(len(one.source) for one in known))
        return Table(params, maker.reference, known)

    def _open(self, table: Table, stack: ExitStack) -> Hand:
        if table not in self._tables[-2:]:
            table.params.check()
            self._tables.append(table)
        hand = Hand(table, self._tables.index(table))
        self._open_now += 1
        stack.callback(self._close, hand)
        return hand

    def _close(self, hand: Hand) -> None:
        self._open_now -= 1
        hand.close()

    def _use(self, hand: Hand, turn: int) -> None:
        index = turn % len(hand.table.known)
        chained = hand.table.params.chained
        in_place = chained or turn % 2 == 1
        place = lib.BS_LAY_IN_PLACE if in_place else lib.BS_LAY_APART
        finding = hand.perform(index, in_place, self._before)
        self._before = hand.number, index
        self.requests += 1
        if finding is not None:
            checked = Checked(self.requests, [], 1, [finding], [], finding)
            are = "was" if self._open_now == 1 else "were"
            why = f"; {many(self._open_now, 'session')} {are} open"
            raise FoundWrong(checked, self._tables, place, why, alone=False)

    def elder(self, stack: ExitStack) -> Callable[[], None]:
        """Opens a session and uses it, until the stack is closed. What it returns uses it once more."""
        hand = self._open(self._table(self.algorithm, self.op, 80), stack)
        turns = iter(range(1000))

        def use() -> None:
            for turn in islice(turns, 3):
                self._use(hand, turn)

        use()
        return use

    def sessions(self) -> None:
        """Keys that alternate: the first one again after another was opened, and after it was closed; then a
        crowd, with the other operation and relatives in it."""
        with ExitStack() as stack, ExitStack() as crowd:
            first = self._open(self._table(self.algorithm, self.op, 30), stack)
            self._use(first, 0)
            second = self._open(self._table(self.algorithm, self.op, 31), stack)
            for turn in range(12):
                self._use(second if turn % 2 else first, turn)
            others = [first, second, *self._others(crowd)]
            for turn in range(4):
                for hand in others:
                    self._use(hand, turn)
                    self._use(first, turn + 1)
            crowd.close()
            second.close()
            for turn in range(4):
                self._use(first, turn)

    def _others(self, stack: ExitStack) -> Iterator[Hand]:
        yield from (self._open(self._table(self.algorithm, self.op, 40 + i), stack) for i in range(CROWD - 2))
        opposite = [(self.algorithm, op) for op in self.algorithm.ops if op != self.op]
        kin = [(other, other.ops[0]) for other in relatives(self.algorithm)]
        for number, (algorithm, op) in enumerate((*opposite, *kin)):
            with suppress(MeasureError):  # what it does not have is not this algorithm's concern
                yield self._open(self._table(algorithm, op, 60 + number), stack)

    def similar(self) -> None:
        """Keys that are the same in part, in turn."""
        if not (self.algorithm.key_size or self.algorithm.mac_key_size):
            return
        with ExitStack() as stack:
            hands = [
                self._open(self._table(self.algorithm, self.op, 90, both), stack)
                for both in similar_keys(self.algorithm, 90)
            ]
            for turn in range(3):
                for hand in hands:
                    self._use(hand, turn)

    def many(self) -> None:
        """Many sessions, one after another and then side by side, the first one used after each: as far as
        there is time for. A process may be able to hold only so many: those that it has are asked."""
        until = time.monotonic() + MANY_SECONDS
        tables = [self._table(self.algorithm, self.op, 100 + i) for i in range(2)]
        with ExitStack() as stack:
            first = self._open(tables[0], stack)
            for turn in range(ONE_BY_ONE):
                with ExitStack() as brief:
                    self._use(self._again(tables[1], turn, brief), turn)
                if time.monotonic() > until:
                    return
            for turn in range(SIDE_BY_SIDE):
                try:
                    hand = self._open(tables[1], stack)
                except MeasureError:
                    return
                self._use(hand, turn)
                self._use(first, turn)
                if time.monotonic() > until:
                    return

    def _again(self, table: Table, times: int, stack: ExitStack) -> Hand:
        """The session once more, which was open and closed so many times."""
        try:
            return self._open(table, stack)
        except MeasureError as error:
            if not times:
                raise
            what = f"a session was refused after {many(times, 'session')} like it, all closed"
            raise MeasureError("error", f"{what}: {error}") from None

    def streams(self) -> None:
        """Chained sessions that go on in turn, while others, not chained too, are opened and closed."""
        with ExitStack() as stack, ExitStack() as others:
            first = self._open(self._stream(70), stack)
            hands: list[Hand] = [first]
            for turn in range(len(STREAM)):
                self._use(first, turn)
                for hand in hands[1:]:
                    self._use(hand, turn - 1)
                if turn == 0:
                    hands.append(self._open(self._stream(71), others))
                    with suppress(MeasureError):
                        hands.append(self._open(self._table(self.algorithm, self.op, 72), others))
                if turn == len(STREAM) - 3:
                    others.close()
                    del hands[1:]

    def _stream(self, number: int) -> Table:
        maker = Maker(self.algorithm, self.op, number)
        known = maker.chain(STREAM)
        params = maker.params(self.backend, 0, max(STREAM), chained=True)
        return Table(params, maker.reference, known)
