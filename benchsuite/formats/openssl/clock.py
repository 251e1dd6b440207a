"""What the seconds of `openssl speed` are, and which are taken.

It counts until an alarm ends the measuring, after the seconds that it names before (`for 3s`,
`+DT:sha256:3:16`), and divides by the CPU time that it spent in user mode, unless -elapsed or -multi was
given. The alarm is of real time in every version and on every system (on Windows a thread that sleeps), so
that the elapsed time stands beside the count, and every figure that has a count is by elapsed time:

    -elapsed or -multi is known to be given    the printed seconds
    else                                       the seconds of the alarm; the printed ones where these are
                                               longer: time in user mode is never longer than the elapsed

The last operation is finished after the alarm, so the true time may be longer by as much as one operation
takes (with -async_jobs: all that are under way), and by what a busy machine is late: the figure is open by
the first, and a note says the second. Seconds that are longer than that are of several threads: then the
alarm's are taken.

What has no count (a table alone) stays by user CPU time, with a note. So does what is counted where there
are no alarms (`Doing md5 4000 times`, before 3.0): no elapsed time is printed there.
"""

from __future__ import annotations

from typing import NamedTuple

from benchsuite.formats.figure import CLOCK_UNKNOWN, ELAPSED, USER
from benchsuite.formats.openssl.decimals import MILLION, millionths

TICK = MILLION // 100  # millionths of a second: of the clock it reads
_LATE = 20  # the alarm's seconds by this: how late a machine may be
_USERS = 97  # per cent: an alarm ends the measuring, and less than this share of it is no elapsed time

USER_TIME = (
    "openssl speed divided by the CPU time of user mode, not by elapsed time: too fast where the kernel or a "
    "device does the work, or the machine is busy; -elapsed gives what compares"
)
WHICH_TIME = "whether openssl speed was given -elapsed is not known: without, it divides by user CPU time"
BY_ALARM = (
    "elapsed time is of the alarm that ended the measuring: too fast by some per cent where the machine "
    "was busy; openssl speed itself divides by user CPU time without -elapsed"
)
NOTES: dict[str, tuple[str, ...]] = {USER: (USER_TIME,), CLOCK_UNKNOWN: (WHICH_TIME,), ELAPSED: ()}


class Time(NamedTuple):
    """The time of one count."""

    seconds: float
    off: float  # how far the digits, and the last operations, leave it open, as a fraction of it
    clock: str
    notes: tuple[str, ...]
    user: float | None  # CPU seconds, where they were counted


def of_count(count: int, printed: str, nominal: int | None, clock: str, under_way: int) -> Time:
    """`clock` is what the program's own seconds are of; `nominal` are the alarm's, in millionths."""
    taken, done = millionths(printed), max(count, 1)
    user = taken / MILLION if clock == USER else None
    if clock == ELAPSED or not nominal:
        return Time(taken / MILLION, open_by(TICK, taken), clock, NOTES[clock], user)
    late = taken - nominal
    as_late = late > 0 and _LATE * late * done <= _LATE * under_way * taken + nominal * done
    wall = taken if as_late else nominal
    off = open_by(TICK * done + under_way * wall, wall * done)
    return Time(wall / MILLION, off, ELAPSED, (BY_ALARM,), user)


def is_short(printed: str, nominal: int | None) -> bool:
    """Whether these seconds cannot be elapsed time."""
    return nominal is not None and 100 * millionths(printed) < _USERS * nominal


def open_by(part: int, whole: int) -> float:
    """How far a time may be off, as a fraction of it."""
    return min(1.0, part / whole) if whole else 1.0
