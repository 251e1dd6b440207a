"""Real-time priority while pairs are measured, where it is permitted (root, CAP_SYS_NICE, an rtprio limit).

A slice that nothing preempts has its true time; on a busy machine few have it otherwise. Niceness does not do
it: the scheduler weighs sessions and containers against each other first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

REAL_TIME, USUAL = "real-time", "usual"
_PRIORITY = 1  # the lowest: above all usual work, below everything that is real-time for a purpose


@contextmanager
def raised(wanted: bool) -> Iterator[str]:
    """For this thread and the processes it starts meanwhile. REAL_TIME, or USUAL where it may not be. With a
    single CPU never: everything else on the machine would stand still."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    if not wanted or len(os.sched_getaffinity(0)) < 2 or before[0] != os.SCHED_OTHER:
        yield USUAL if before[0] == os.SCHED_OTHER else REAL_TIME
        return
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    except OSError:
        yield USUAL
        return
    try:
        yield REAL_TIME
    finally:
        os.sched_setscheduler(0, *before)


def give_back() -> None:
    """Threads that wait for each other by spinning would keep the CPU from what they wait for."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
