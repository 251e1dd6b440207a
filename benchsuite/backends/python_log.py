"""The log of a loop in Python: what was done in each interval of time. log.c does the same in C."""

from __future__ import annotations

import resource
from collections import deque

from benchsuite.backends.backend import Interval


class PythonLog:
    """Told of samples by the loop alone; read by any thread."""

    def __init__(self, interval: float, now: int) -> None:
        """interval: seconds; now, as all times here: nanoseconds."""
        self._interval, self._zero = round(interval * 1e9), now
        self._border = now + self._interval
        self._last, self._last_count = now, 0.0  # the last sample, and what was done then
        self._base = 0  # done in earlier runs
        self._counted = 0.0  # in intervals that are over
        self._latency: list[int] = []
        self._cpu = self._cpu_last = self._usage()  # what is in intervals; when a run last ended
        self._over: deque[Interval] = deque()

    def begins(self, now: int) -> None:
        """A run, with nothing done."""
        self._note(now, self._base)

    def ends(self, now: int, done: int) -> None:
        self._base += done
        self._note(now, self._base)
        self._cpu_last = self._usage()

    def sample(self, now: int, done: int, latency: int) -> None:
        """done: requests of this run."""
        self._note(now, self._base + done)
        self._latency.append(latency)

    def take(self, last: bool) -> list[Interval]:
        """Intervals that are over; last: and what has begun of one."""
        if last and self._last > self._border - self._interval:
            self._seal(self._border - self._interval, self._last, self._last_count, self._cpu_last, 1.0)
        return [self._over.popleft() for _ in range(len(self._over))]

    def _note(self, now: int, count: int) -> None:
        begun, before = self._last, self._last_count
        while now >= self._border:
            share = (self._border - begun) / (now - begun) if now > begun else 1.0
            left = (now - self._border) // self._interval + 1
            done = before + (count - before) * share
            self._seal(self._border - self._interval, self._border, done, self._usage(), 1 / left)
            self._border += self._interval
        self._last, self._last_count = now, count

    def _seal(self, begin: int, end: int, count: float, cpu: tuple[float, float], share: float) -> None:
        """An interval is over. cpu: spent so far; share: of what was spent since the last one, its own."""
        latency, self._latency = sorted(self._latency), []
        user, system = ((now - then) * share for now, then in zip(cpu, self._cpu, strict=True))
        self._cpu = (self._cpu[0] + user, self._cpu[1] + system)
        self._over.append(
            Interval(
                (begin - self._zero) / 1e9,
                (end - begin) / 1e9,
                count - self._counted,
                len(latency),
                latency[(len(latency) + 1) // 2 - 1] / 1e9 if latency else None,
                latency[len(latency) - len(latency) // 100 - 1] / 1e9 if latency else None,
                user,
                system,
            )
        )
        self._counted = count

    @staticmethod
    def _usage() -> tuple[float, float]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime, used.ru_stime
