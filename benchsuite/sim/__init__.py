"""Simulated devices: their files (TOML, benchsuite/devices/README.md), and what the driver `sim` is told of
them.

A user names one in a setting, `sim:DEVICE[,clock=real][,KEY=VALUE...]`. The native core reads no TOML: it
gets lines of numbers, made by `lines`.
"""

from benchsuite.sim.device import Device, Point, Quantity, Rate
from benchsuite.sim.files import find, load, names
from benchsuite.sim.lines import Unsupported, by_chance, hangs_after, lines, longest
from benchsuite.sim.setting import OPTIONS, REAL, VIRTUAL, Setting, clock_of, parse

__all__ = [
    "OPTIONS",
    "REAL",
    "VIRTUAL",
    "Device",
    "Point",
    "Quantity",
    "Rate",
    "Setting",
    "Unsupported",
    "by_chance",
    "clock_of",
    "find",
    "hangs_after",
    "lines",
    "load",
    "longest",
    "names",
    "parse",
]
