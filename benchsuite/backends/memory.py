"""Memory that can be had: too many large buffers would have the kernel kill something, and not always this
process."""

from __future__ import annotations

import os
from contextlib import suppress

from benchsuite.backends.errors import MeasureError


def available() -> int | None:
    """Bytes that can be had without swapping; None where the kernel does not say."""
    with suppress(OSError, ValueError, StopIteration), open("/proc/meminfo") as lines:  # noqa: PTH123
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    return None


def resident() -> int:
    """Bytes of memory that this process has; 0 where the kernel does not say."""
    with suppress(OSError, ValueError, IndexError), open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def check(needed: int, kind: str, who: str, cure: str = "") -> None:
    """MeasureError of that kind where `needed` bytes cannot be had. who: a subject in the plural."""
    there = available()
    if there is not None and needed > there:
        raise MeasureError(
            kind, f"{who} need {needed / 1e9:.1f} GB of memory, {there / 1e9:.1f} GB are available{cure}"
        )
