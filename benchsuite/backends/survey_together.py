"""Sessions that are open at the same time, used in turn by one thread: with keys of their own, of both
operations, of other algorithms, and streams. What is a session's must not be kept where another finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import islice

from benchsuite.algorithms import ALGORITHMS, Algorithm
from benchsuite.backends.by_hand import Hand
from benchsuite.backends.check import Checked, FoundWrong
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.known import Table
from benchsuite.backends.session import ByDriver
from benchsuite.backends.survey_requests import Maker
from benchsuite.native import lib

SIZES = (48, 16, 256, 100, 64, 1024, 32, 1420, 17, 80)  # of the requests, in turn
CROWD = 12  # sessions of one algorithm
RELATIVES = 4  # other algorithms
STREAM = (16, 64, 1024, 48, 16, 256, 80, 4096)


def relatives(algorithm: Algorithm) -> list[Algorithm]:
    """Other algorithms that are likely to share an engine with it: another size of key, another mode, its
    digest by itself."""
    bits = [f"aes-{bits}" for bits in (128, 256, 192)]
    first, _, rest = algorithm.name.partition("+")
    of_family = first.removeprefix("rfc4106-")[:7]
    names = []
    if of_family in bits:
        other = bits[(bits.index(of_family) + 1) % 3]
        names.append(algorithm.name.replace(of_family, other, 1))
        names += [f"{of_family}-{mode}" for mode in ("cbc", "ctr", "gcm", "ccm", "xts")]
    names += [rest, algorithm.digest, "sha256", "sha1", "aes-128-cbc", "aes-256-gcm"]
    known = dict.fromkeys(name for name in names if name in ALGORITHMS and name != algorithm.name)
    return [ALGORITHMS[name] for name in known][:RELATIVES]


class Together:
    """Sessions of one backend, around those of one algorithm and operation."""

    def __init__(self, backend: ByDriver, algorithm: Algorithm, op: str) -> None:
        self.backend, self.algorithm, self.op = backend, algorithm, op
        self.requests = 0
        self._tables: list[Table] = []

    def _table(self, algorithm: Algorithm, op: str, number: int) -> Table:
        maker = Maker(algorithm, op, number)
        known = maker.of_sizes(maker.taken(SIZES), algorithm.aad_size)
        params = maker.params(self.backend, algorithm.aad_size, max(len(one.source) for one in known))
        return Table(params, maker.reference, known)

    def _open(self, table: Table, stack: ExitStack) -> Hand:
        table.params.check()
        self._tables.append(table)
        hand = Hand(table, len(self._tables) - 1)
        stack.callback(hand.close)
        return hand

    def _use(self, hand: Hand, turn: int) -> None:
        index = turn % len(hand.table.known)
        chained = hand.table.params.chained
        in_place = chained or turn % 2 == 1
        place = lib.BS_LAY_IN_PLACE if in_place else lib.BS_LAY_APART
        finding = hand.perform(index, in_place)
        self.requests += 1
        if finding is not None:
            checked = Checked(self.requests, [], 1, [finding], [], finding)
            raise FoundWrong(checked, self._tables, place, alone=False)

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

    def streams(self) -> None:
        """Two chained sessions that go on in turn, and one that is not chained between them."""
        with ExitStack() as stack:
            hands: Sequence[Hand] = [self._open(self._stream(number), stack) for number in (70, 71)]
            with suppress(MeasureError):
                hands = [*hands, self._open(self._table(self.algorithm, self.op, 72), stack)]
            for turn in range(len(STREAM)):
                for hand in hands:
                    self._use(hand, turn)

    def _stream(self, number: int) -> Table:
        maker = Maker(self.algorithm, self.op, number)
        known = maker.chain(STREAM)
        params = maker.params(self.backend, 0, max(STREAM), chained=True)
        return Table(params, maker.reference, known)
