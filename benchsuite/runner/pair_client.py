"""One side of a pair, seen from outside: its server process (pair_server), asked and answered by turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from benchsuite.model import BenchsuiteError, Case, driver_of
from benchsuite.places import Place, here
from benchsuite.runner.channel import Channel, NoAnswer
from benchsuite.runner.messages import PROTOCOL, Failed, Hello, Measured, Message, ServePairs
from benchsuite.runner.turns import Ended, Open, Ready

M = TypeVar("M", bound=Message)


class SideFailed(NoAnswer):
    """There is no figure of this round."""

    def __init__(self, side: Side, why: NoAnswer) -> None:
        super().__init__(why.kind, why.reason)
        self.side = side


class Side:
    """A server. Started when it is first asked, and again after it has died or was given up."""

    def __init__(self, place: Place | None = None, deadline: float | None = None) -> None:
        """place: None: here. deadline: seconds an answer may take; None: by what is expected."""
        self.place = place or here.place()
        self._deadline = deadline
        self._channel: Channel | None = None
        self._ready = False
        self._forked = False  # a forked process has the word
        self.hello = Hello(PROTOCOL, "", [], [])  # what its server has said of itself

    def begin(self) -> Channel:
        """Without waiting until the server is there."""
        if self._channel is None:
            self._channel = Channel(self.place, self._deadline)
            self._channel.send(ServePairs(PROTOCOL))
        return self._channel

    def start(self) -> Channel:
        """BenchsuiteError for a benchsuite that cannot be paired with."""
        channel = self.begin()
        if not self._ready:
            try:
                channel.answer(Ready)
            except NoAnswer as failed:
                self.end()
                raise BenchsuiteError(self._no_server(failed.reason)) from None
            self.hello, self._ready = channel.hello or self.hello, True
        return channel

    def _no_server(self, why: str) -> str:
        if self.place.name:
            name = self.place.name
            return f"{name}: its benchsuite cannot be measured in pairs ({why}); install this version"
        return f"a worker process cannot be started: {why}"

    def open(self, case: Case, decided: Mapping[str, str] | None, cpus: Sequence[int] = ()) -> None:
        """In a process that is forked for it. SideFailed where there is no such backend."""
        hello = self.start().hello
        name = driver_of((decided or {}).get("chosen", case.backend))
        if hello and name not in hello.backends:
            why = f"{self.place.name or 'here'}: benchsuite {hello.version} has no backend {name}"
            raise SideFailed(self, NoAnswer("unavailable", why))
        self.send(Open(case, dict(decided or {}), list(cpus)))

    def send(self, order: Message) -> None:
        """Without waiting for the answer, so that both sides can be at it."""
        channel = self.start()
        self._forked = self._forked or isinstance(order, Open)
        channel.send(order)

    def answer(self, kind: type[M], expected: float = 0.0) -> M:
        """To what was sent. expected: seconds it should take. SideFailed when there is none; whatever
        was forked has ended then."""
        channel = self.begin()
        channel.expected = expected
        try:
            answer = channel.receive()
            # One that had its figures and then died has crashed all the same.
            last = channel.answer(Ended) if isinstance(answer, Failed | Measured) else answer
        except NoAnswer as failed:
            self.end()
            raise SideFailed(self, failed) from None
        if isinstance(last, Ended):
            self._forked = False
            if last is answer or last.status != 0:
                raise SideFailed(self, channel.died(last.status))
        try:
            return channel.checked(answer, kind)
        except NoAnswer as failed:
            raise SideFailed(self, failed) from None

    @property
    def phase(self) -> str:
        return self._channel.phase if self._channel else ""

    @phase.setter
    def phase(self, phase: str) -> None:
        """Phase of a server that does not say it by itself."""
        if self._channel:
            self._channel.phase = phase

    def give_up(self) -> None:
        """The round: the other side has failed. Where nothing was forked the server stays."""
        if self._forked:
            self.end()

    def end(self) -> None:
        """With what it has forked."""
        channel, self._channel = self._channel, None
        self._ready = self._forked = False
        if channel:
            channel.end()
