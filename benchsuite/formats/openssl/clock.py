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

from dataclasses import dataclass
from fractions import Fraction

from benchsuite.formats.figure import CLOCK_UNKNOWN, ELAPSED, USER

TICK = Fraction(1, 100)  # of the clock it reads
_LATE = Fraction(1, 20)  # of the alarm's seconds: how late a machine may be
_USERS = Fraction(97, 100)  # an alarm ends the measuring: less than this share of it is no elapsed time

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


@dataclass(frozen=True, slots=True)
class Time:
    """The time of one count."""

    seconds: Fraction
    off: float  # how far the digits, and the last operations, leave it open, as a fraction of it
    clock: str
    notes: tuple[str, ...]
    user: float | None  # CPU seconds, where they were counted


def of_count(count: int, printed: str, nominal: Fraction | None, clock: str, under_way: int) -> Time:
    """`clock` is what the program's own seconds are of."""
    seconds = Fraction(printed)
    user = float(seconds) if clock == USER else None
    if clock == ELAPSED or not nominal:
        return Time(seconds, _open(TICK, seconds), clock, NOTES[clock], user)
    late = seconds - nominal
    wall = seconds if 0 < late <= under_way * seconds / max(count, 1) + _LATE * nominal else nominal
    off = _open(TICK + under_way * wall / max(count, 1), wall)
    return Time(wall, off, ELAPSED, (BY_ALARM,), user)


def is_short(printed: str, nominal: Fraction | None) -> bool:
    """Whether these seconds cannot be elapsed time."""
    return nominal is not None and Fraction(printed) < _USERS * nominal


def _open(by: Fraction, seconds: Fraction) -> float:
    return float(min(Fraction(1), by / seconds)) if seconds else 1.0
