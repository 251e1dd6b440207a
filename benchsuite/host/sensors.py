"""What the machine tells while something is measured: how busy its CPUs are, their frequency and temperature,
and whether it throttles them. What it does not tell is None, with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchsuite.host import cpus
from benchsuite.host.files import ROOT, Tree, decimal, integer

THERMAL, HWMON = "sys/class/thermal", "sys/class/hwmon"
RASPBERRY = "sys/devices/platform/soc/soc:firmware/get_throttled"
_SLOWED = 0b1110  # of its bits, what lowers the frequency now: capped, throttled, soft limit
_OF_CPU = re.compile(
    r"cpu|core|soc|pkg|package|k10temp|zenpower|cluster|big|little|tctl|bcm2\d+_thermal", re.IGNORECASE
)
_COOLING = re.compile(r"cpufreq|processor|cpu", re.IGNORECASE)
_PLAUSIBLE = range(-50_000, 150_001)  # thousandths of a degree Celsius

NO_FREQUENCY = "the machine has no cpufreq, and what /proc/cpuinfo names is not measured"
NO_TEMPERATURE = "no thermal zone or hwmon sensor of the CPU"
NO_THROTTLING = "the kernel counts no throttling here, and has no cooling device for the CPUs"
NO_BUSY = "/proc/stat does not tell"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was told at a moment. busy, throttles: since the one before."""

    busy: float | None = None  # share of all CPUs
    hertz: float | None = None  # mean of the CPUs that this process was on
    celsius: float | None = None  # of the hottest sensor
    throttles: int | None = None  # times that the CPU has lowered its own frequency
    slowed: int | None = None  # steps that the kernel, or the firmware, slows the CPUs down by now


class Sensors:
    """The sensors of a machine that tell anything, found once and read again and again."""

    def __init__(self, tree: Tree | None = None) -> None:
        """tree: the machine; None: this one."""
        self._tree = tree = tree or Tree(ROOT)
        self._online = cpus.online(tree)
        self._temperatures = _temperatures(tree)
        self._counters = [
            path
            for cpu in self._online
            for what in ("core", "package")
            if tree.number(path := f"{cpus.CPU}/cpu{cpu}/thermal_throttle/{what}_throttle_count") is not None
        ]
        self._cooling = [
            f"{THERMAL}/{name}/cur_state"
            for name in tree.names(THERMAL)
            if name.startswith("cooling_device")
            and _COOLING.search(tree.text(f"{THERMAL}/{name}/type") or "")
        ]
        self._cpufreq = any(
            tree.number(f"{cpus.CPU}/cpu{cpu}/cpufreq/scaling_cur_freq") for cpu in self._online
        )
        told = cpus.flags(tree)
        self._cpuinfo = not self._cpufreq and "aperfmperf" in told and "hypervisor" not in told
        self._ticks = cpus.ticks(tree)
        self._throttles = self._count()
        self._spent: dict[str, int] = {}

    @property
    def untold(self) -> dict[str, str]:
        """What this machine never tells, by the field of a reading, and why."""
        found = {
            "busy": "" if self._ticks else NO_BUSY,
            "hertz": "" if self._cpufreq or self._cpuinfo else NO_FREQUENCY,
            "celsius": "" if self._temperatures else NO_TEMPERATURE,
            "throttles": "" if self._counters else NO_THROTTLING,
            "slowed": "" if self._slows else NO_THROTTLING,
        }
        return {key: why for key, why in found.items() if why}

    def read(self) -> Reading:
        throttles = self._count()
        more = None if throttles is None else max(0, throttles - (self._throttles or 0))
        self._throttles = throttles
        return Reading(self._busy(), self._hertz(), self._celsius(), more, self._slowed())

    def _busy(self) -> float | None:
        before, after = self._ticks, cpus.ticks(self._tree)
        self._ticks = after or before
        found = cpus.share_between(before, after)
        return None if found is None else found.busy

    def _count(self) -> int | None:
        found = [number for path in self._counters if (number := self._tree.number(path)) is not None]
        return sum(found) if found else None

    @property
    def _slows(self) -> bool:
        return bool(self._cooling) or self._tree.exists(RASPBERRY)

    def _slowed(self) -> int | None:
        steps = [step for path in self._cooling if (step := self._tree.number(path)) is not None]
        firmware = self._tree.text(RASPBERRY)
        if firmware and re.fullmatch(r"(0x)?[0-9a-f]{1,8}", firmware):
            steps.append(int(bool(int(firmware, 16) & _SLOWED)))
        return max(steps) if steps else None

    def _celsius(self) -> float | None:
        found = [number for path in self._temperatures if (number := self._tree.number(path)) is not None]
        sound = [number for number in found if number in _PLAUSIBLE]
        return max(sound) / 1000 if sound else None

    def _hertz(self) -> float | None:
        if not self._cpufreq and not self._cpuinfo:
            return None
        used = self._used().intersection(self._online) or set(self._online)
        of_each = self._by_cpufreq(used) if self._cpufreq else self._by_cpuinfo()
        found = [of_each[cpu] for cpu in used if cpu in of_each]
        return sum(found) / len(found) if found else None

    def _by_cpufreq(self, used: set[int]) -> dict[int, float]:
        found = {cpu: self._tree.number(f"{cpus.CPU}/cpu{cpu}/cpufreq/scaling_cur_freq") for cpu in used}
        return {cpu: khz * 1e3 for cpu, khz in found.items() if khz}

    def _by_cpuinfo(self) -> dict[int, float]:
        text = self._tree.text("proc/cpuinfo") or ""
        found = [decimal(mhz) for mhz in re.findall(r"^cpu MHz\s*: *(\S+)", text, re.MULTILINE)]
        return {cpu: mhz * 1e6 for cpu, mhz in zip(self._online, found, strict=False) if mhz}

    def _used(self) -> set[int]:
        """CPUs on which threads of this process were that have worked since this was asked last."""
        used = set()
        for thread in self._tree.names("proc/self/task"):
            # Behind the name in brackets: the 12th and 13th number are its CPU time, the 37th is its CPU.
            rest = (self._tree.text(f"proc/self/task/{thread}/stat") or "").rpartition(")")[2].split()
            if len(rest) < 37:
                continue
            spent = (integer(rest[11]) or 0) + (integer(rest[12]) or 0)
            cpu = integer(rest[36])
            if cpu is not None and spent > self._spent.get(thread, 0):
                used.add(cpu)
            self._spent[thread] = spent
        return used


def _temperatures(tree: Tree) -> list[str]:
    """Files of what is called after the CPU; where nothing is, of everything that has a temperature."""
    found = [
        (tree.text(f"{THERMAL}/{zone}/type") or "", f"{THERMAL}/{zone}/temp")
        for zone in tree.names(THERMAL)
        if zone.startswith("thermal_zone")
    ]
    for chip in tree.names(HWMON):
        name = tree.text(f"{HWMON}/{chip}/name") or ""
        inputs = [file for file in tree.names(f"{HWMON}/{chip}") if re.fullmatch(r"temp\d+_input", file)]
        found += [(name, f"{HWMON}/{chip}/{file}") for file in inputs]
    told = [(name, path) for name, path in found if tree.number(path) is not None]
    return [path for name, path in told if _OF_CPU.search(name)] or [path for _, path in told]
