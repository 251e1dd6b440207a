"""Lists of CPUs, as the kernel and taskset write them: `0,2-5`."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LIST = re.compile(r"[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*")


def read(text: str) -> list[int]:
    """The CPUs of a list of the kernel's: "0-2,5" is [0, 1, 2, 5]. Anything else is []."""
    if not _LIST.fullmatch(text):
        return []
    cpus: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        cpus.extend(range(int(first), int(last or first) + 1))
    return cpus


def written(numbers: Sequence[int]) -> str:
    """CPUs as taskset takes them, in this order."""
    ranges: list[list[int]] = []
    for cpu in numbers:
        if ranges and cpu == ranges[-1][-1] + 1:
            ranges[-1].append(cpu)
        else:
            ranges.append([cpu])
    return ",".join(str(each[0]) if len(each) == 1 else f"{each[0]}-{each[-1]}" for each in ranges)
