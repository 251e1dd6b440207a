"""What a kernel log says about its machine beside the figures: release, processor, and how fast the counter
runs that tcrypt takes cycles from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchsuite.facts import Environment
from benchsuite.formats.text.lines import Line

RELEASE, CPU = Environment.KERNEL_RELEASE, Environment.CPU_MODEL_NAME  # keys of a result's environment

_SAYS = (
    (RELEASE, re.compile(r"Linux version (\d\S{0,80})")),
    (RELEASE, re.compile(r"Linux \S{1,64} (\d+\.\d+\S{0,80}) (?:#\d|SMP|PREEMPT)")),  # uname -a
    (CPU, re.compile(r"smpboot: CPU0: (.{1,100}?) \(family:")),
    (CPU, re.compile(r"[Mm]odel name *: *(\S.{0,99})$")),  # /proc/cpuinfo, lscpu
    (CPU, re.compile(r"(?:OF: fdt: )?Machine model: (\S.{0,99})$")),
    (CPU, re.compile(r"system type +: (\S.{0,99})$")),  # /proc/cpuinfo of MIPS
)
BEGINS = (
    "Linux ",
    "smpboot: CPU0: ",
    "model name",
    "Model name",
    "OF: fdt: Machine",
    "Machine",
    "system type",
)
# The best first. On x86 get_cycles() reads the time-stamp counter, on ARM the architected timer.
_RATES = (
    re.compile(r"tsc: Refined TSC clocksource calibration: (\d{1,6}\.\d{1,6}) ?MHz"),
    re.compile(r"tsc: Detected (\d{1,6}\.\d{1,6}) ?MHz TSC"),
    re.compile(r"tsc: Detected (\d{1,6}\.\d{1,6}) ?MHz processor"),
    re.compile(r"arch_timer: cp15 timer\(s\) running at (\d{1,6}\.\d{1,6}) ?MHz"),
)
_SAME = 0.01  # calibrations of one counter agree better than this; those of two machines seldom do


def of_line(line: Line) -> dict[str, str]:
    """What one line says of the machine."""
    if not line.text.startswith(BEGINS):
        return {}
    for key, pattern in _SAYS:
        if match := pattern.match(line.text):
            return {key: " ".join(match[1].split())}
    return {}


def machine(lines: Sequence[Line]) -> tuple[dict[str, str], set[int]]:
    """(keys of a result's environment, the numbers of the lines they are from). Of several starts of a
    machine, what they all agree on."""
    found: dict[str, set[str]] = {}
    used = set()
    for line in lines:
        for key, text in of_line(line).items():
            found.setdefault(key, set()).add(text)
            used.add(line.number)
    return {key: values.pop() for key, values in found.items() if len(values) == 1}, used


def cycles_hz(lines: Sequence[Line]) -> tuple[float | None, set[int]]:
    """The rate of the cycle counter, where the log has it and does not contradict itself."""
    rates: list[tuple[int, float]] = []
    used = set()
    for line in lines:
        if "MHz" not in line.text:
            continue
        for rank, pattern in enumerate(_RATES):
            if match := pattern.search(line.text):
                rates.append((rank, float(match[1]) * 1e6))
                used.add(line.number)
    if not rates or min(rate for _, rate in rates) <= 0:
        return None, used
    best = min(rates)[1]
    agreed = all(abs(rate - best) <= _SAME * best for _, rate in rates)
    return (best if agreed else None), used
