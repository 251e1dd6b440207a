"""What /proc and /sys say about the CPUs. None: the machine does not say."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchsuite import cpu_lists
from benchsuite.host.files import Tree, integer

CPU = "sys/devices/system/cpu"


def online(tree: Tree) -> list[int]:
    return cpu_lists.read(tree.text(f"{CPU}/online") or "")


def _of_each(tree: Tree, file: str) -> list[str]:
    """The file of every CPU that has it, each answer once, in the order of the CPUs."""
    found = (tree.text(f"{CPU}/cpu{cpu}/{file}") for cpu in online(tree))
    return list(dict.fromkeys(text for text in found if text))


def governor(tree: Tree) -> str | None:
    """`performance`; `powersave, performance` where the CPUs differ."""
    return ", ".join(_of_each(tree, "cpufreq/scaling_governor")) or None


def scaling_driver(tree: Tree) -> str | None:
    return ", ".join(_of_each(tree, "cpufreq/scaling_driver")) or None


def frequency_range(tree: Tree) -> tuple[int, int] | None:
    """Lowest and highest kHz the governor may choose."""
    lows, highs = (
        [khz for text in _of_each(tree, f"cpufreq/scaling_{end}_freq") if (khz := integer(text)) is not None]
        for end in ("min", "max")
    )
    return (min(lows), max(highs)) if lows and highs else None


@dataclass(frozen=True, slots=True)
class Turbo:
    on: bool
    off_switch: str  # the file, and what to write to it
    off: int


def turbo(tree: Tree) -> Turbo | None:
    """Frequencies above the nominal one, which come and go with temperature and neighbours."""
    for path, on, off in ((f"{CPU}/intel_pstate/no_turbo", 0, 1), (f"{CPU}/cpufreq/boost", 1, 0)):
        value = tree.number(path)
        if value is not None:
            return Turbo(value == on, f"/{path}", off)
    boosts = _of_each(tree, "cpufreq/boost")
    return Turbo("1" in boosts, f"/{CPU}/cpu*/cpufreq/boost", 0) if boosts else None


def smt_active(tree: Tree) -> bool | None:
    value = tree.number(f"{CPU}/smt/active")
    return None if value is None else value == 1


def threads_per_core(tree: Tree) -> int | None:
    siblings = [len(cpu_lists.read(text)) for text in _of_each(tree, "topology/thread_siblings_list")]
    return max(siblings, default=0) or None


def isolated(tree: Tree) -> list[int]:
    return cpu_lists.read(tree.text(f"{CPU}/isolated") or "")


def mitigations(tree: Tree) -> str | None:
    """One line: what the CPU is vulnerable to first, then what is mitigated and how."""
    found = {
        name: tree.text(f"{CPU}/vulnerabilities/{name}") for name in tree.names(f"{CPU}/vulnerabilities")
    }
    concerned = {name: text for name, text in found.items() if text and not text.startswith("Not affected")}
    if not concerned:
        return "Not affected" if any(found.values()) else None
    order = sorted(concerned, key=lambda name: (concerned[name].startswith("Mitigation"), name))
    return " | ".join(f"{name}: {' '.join(concerned[name].split())}" for name in order)


def flags(tree: Tree) -> set[str]:
    """`flags` (x86) or `Features` (arm) of the first CPU."""
    match = re.search(r"^(?:flags|Features)\s*:(.*)$", tree.text("proc/cpuinfo") or "", re.MULTILINE)
    return set(match[1].split()) if match else set()


def clocksource(tree: Tree) -> str | None:
    return tree.text("sys/devices/system/clocksource/clocksource0/current_clocksource")


@dataclass(frozen=True, slots=True)
class Share:
    """How the CPUs spent a moment: fractions of the whole."""

    busy: float
    steal: float  # the hypervisor gave the CPU to somebody else


def share(tree: Tree, moment: float, pause: Callable[[float], None] = time.sleep) -> Share | None:
    """Watches /proc/stat for `moment` seconds."""
    before = ticks(tree)
    pause(moment)
    return share_between(before, ticks(tree))


def share_between(before: list[int] | None, after: list[int] | None) -> Share | None:
    """The share between two readings of ticks(); None where one is missing, or nothing has passed."""
    if before is None or after is None or (total := sum(after) - sum(before)) <= 0:
        return None
    spent = [max(0, b - a) / total for a, b in zip(before, after, strict=True)]
    return Share(busy=max(0.0, 1 - spent[3] - spent[4]), steal=spent[7])


def ticks(tree: Tree) -> list[int] | None:
    """user nice system idle iowait irq softirq steal, of all CPUs together. Guest time, which
    follows, is part of user."""
    name, *fields = (tree.text("proc/stat") or "none").partition("\n")[0].split()
    found = [number for field in fields[:8] if (number := integer(field)) is not None]
    return found if name == "cpu" and len(found) == 8 else None
