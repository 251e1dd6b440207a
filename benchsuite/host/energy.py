"""What the machine's sensors say of energy: RAPL of x86 CPUs, and hwmon's sensors of power or energy (INA2xx
of boards, power meters of servers). What cannot be known well is None, never a guess."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchsuite.host.files import ROOT, Tree
from benchsuite.model import Energy

POWERCAP, HWMON = "sys/class/powercap", "sys/class/hwmon"
FEWEST_UPDATES = 10  # of a sensor, in what is measured: then the first and the last weigh little
MOST_WATTS = 5000.0  # of one sensor: what seems to be more was a counter that began anew
FASTEST_WRAP = 1000.0  # watts at which a counter would come round between two looks unseen
_RAPL_PERIOD = 0.001  # seconds, of its counters
_NOT_OURS = {
    "amdgpu",
    "radeon",
    "nouveau",
    "i915",
    "xe",
    "nvme",
    "drivetemp",
}  # of other parts than CPU and board


@dataclass(frozen=True, slots=True)
class Sensor:
    """One figure that can be read. kind: "RAPL", or the chip's name. paths: of a counter its file; of power
    its file, or those of voltage and current. scale: joules or watts of what is read. wraps: joules at which
    a counter begins anew; None: not told. period: seconds between updates; None: not told."""

    name: str
    kind: str
    paths: tuple[str, ...]
    counts: bool
    scale: float
    wraps: float | None = None
    period: float | None = None

    def read(self, tree: Tree) -> float | None:
        """Joules or watts; None where it cannot be read now."""
        product = self.scale
        for path in self.paths:
            number = tree.number(path)
            if number is None or number < 0:
                return None
            product *= number
        return product

    def added(self, before: float, after: float, seconds: float) -> float | None:
        """Joules between two readings; None where they do not tell."""
        if not self.counts:
            return (before + after) / 2 * seconds
        if self.wraps is not None and seconds * FASTEST_WRAP > self.wraps:
            return None  # it may have come round more than once
        joules = after - before
        if joules < 0 and self.wraps is not None:
            joules += self.wraps
        return joules if 0 <= joules <= MOST_WATTS * max(seconds, _RAPL_PERIOD) else None


def sensors(tree: Tree | None = None) -> list[Sensor]:
    """All that there are, also those that only root may read."""
    tree = tree or Tree(ROOT)
    return [*_rapl(tree), *_hwmon(tree)]


def _rapl(tree: Tree) -> list[Sensor]:
    found = []
    for zone in tree.names(POWERCAP):
        match = re.fullmatch(r"intel-rapl:([0-9]+)(:[0-9]+)?", zone)
        name = tree.text(f"{POWERCAP}/{zone}/name") or ""
        # Cores and graphics are part of their package.
        if not match or not re.fullmatch(r"package-[0-9]+(-die-[0-9]+)?|dram", name):
            continue
        wraps = tree.number(f"{POWERCAP}/{zone}/max_energy_range_uj")
        called = f"dram-{match[1]}" if name == "dram" else name
        limit = wraps * 1e-6 if wraps else None
        path = f"{POWERCAP}/{zone}/energy_uj"
        found.append(Sensor(called, "RAPL", (path,), True, 1e-6, limit, _RAPL_PERIOD))
    return found


def _hwmon(tree: Tree) -> list[Sensor]:
    return [
        each
        for folder in tree.names(HWMON)
        if (chip := tree.text(f"{HWMON}/{folder}/name") or "") and chip not in _NOT_OURS
        for each in _of_chip(tree, f"{HWMON}/{folder}", chip)
    ]


def _of_chip(tree: Tree, folder: str, chip: str) -> list[Sensor]:
    files = tree.names(folder)
    period = _milliseconds(tree, f"{folder}/update_interval")

    def channels(kind: str) -> list[str]:
        found = (re.fullmatch(kind, name) for name in files)
        return [match[1] for match in found if match]

    def called(*labels: str) -> str:
        said = (tree.text(f"{folder}/{label}") for label in labels)
        return f"{chip} {next(filter(None, said), labels[0].removesuffix('_label'))}"

    counters = [
        Sensor(called(f"energy{n}_label"), chip, (f"{folder}/energy{n}_input",), True, 1e-6, None, period)
        for n in channels(r"energy([0-9]+)_input")
    ]
    if counters:
        return counters
    average = [
        Sensor(
            called(f"power{n}_label"),
            chip,
            (f"{folder}/power{n}_average",),
            False,
            1e-6,
            None,
            _milliseconds(tree, f"{folder}/power{n}_average_interval") or period,
        )
        for n in channels(r"power([0-9]+)_average")
    ]
    taken = {sensor.paths[0].removesuffix("_average") for sensor in average}
    power = [
        Sensor(called(f"power{n}_label"), chip, (f"{folder}/power{n}_input",), False, 1e-6, None, period)
        for n in channels(r"power([0-9]+)_input")
        if f"{folder}/power{n}" not in taken
    ]
    return average + power or [
        Sensor(
            called(f"curr{n}_label", f"in{bus}_label"),
            chip,
            (f"{folder}/in{bus}_input", f"{folder}/curr{n}_input"),
            False,
            1e-6,  # millivolts times milliamperes
            None,
            period,
        )
        for n in channels(r"curr([0-9]+)_input")
        if f"in{(bus := _bus(chip, n))}_input" in files
    ]


def _bus(chip: str, channel: str) -> str:
    """The channel of the voltage that belongs to a current. The INA chips with one channel have the voltage
    over their shunt as in0 and that of the bus as in1."""
    return "1" if chip.startswith(("ina2", "ina3")) and channel == "1" else channel


def _milliseconds(tree: Tree, path: str) -> float | None:
    number = tree.number(path)
    return number / 1000 if number else None


@dataclass(slots=True)
class _Sum:
    joules: float | None = 0.0
    changes: int = 0
    before: float | None = None


@dataclass(slots=True)
class Meter:
    """Sensors over a time: begin(), look() as often as there is a moment for it, end()."""

    sensors: Sequence[Sensor]
    tree: Tree = field(default_factory=lambda: Tree(ROOT))
    clock: Callable[[], float] = time.monotonic
    _sums: list[_Sum] = field(default_factory=list)
    _began: float = 0.0
    _at: float = 0.0

    @classmethod
    def of(cls, tree: Tree | None = None) -> Meter | None:
        """A meter of what can be read; None where there is nothing."""
        tree = tree or Tree(ROOT)
        found = [each for each in sensors(tree) if each.read(tree) is not None]
        return cls(_best(found, tree), tree) if found else None

    def begin(self) -> None:
        self._sums = [_Sum(before=each.read(self.tree)) for each in self.sensors]
        self._began = self._at = self.clock()

    def look(self) -> None:
        now = self.clock()
        for sensor, so_far in zip(self.sensors, self._sums, strict=True):
            reading, before = sensor.read(self.tree), so_far.before
            added = None
            if reading is not None and before is not None:
                added = sensor.added(before, reading, now - self._at)
            so_far.joules = None if so_far.joules is None or added is None else so_far.joules + added
            so_far.changes += reading != before
            so_far.before = reading
        self._at = now

    def end(self, requests: int) -> Energy | None:
        """What there was since begin(), up to the last look; None where a sensor did not tell, or is too slow
        for the time."""
        seconds = self._at - self._began
        joules: dict[str, float] = {}
        for sensor, found in zip(self.sensors, self._sums, strict=True):
            updates = seconds / sensor.period if sensor.period else found.changes
            if found.joules is None or updates < FEWEST_UPDATES or (sensor.counts and not found.joules):
                return None
            joules[sensor.name] = found.joules
        return Energy(joules, _said(self.sensors), requests, seconds)


def _best(found: list[Sensor], tree: Tree) -> list[Sensor]:
    """Sensors that together are the machine's, as far as can be told: RAPL's; or else one sensor, that of the
    supply where it is called so, or the one with the most power, which has the others behind it."""
    if rapl := [each for each in found if each.kind == "RAPL"]:
        return rapl
    supply = re.compile(r"vdd_in|vin|input|total|supply|socket|system", re.IGNORECASE)
    named = [each for each in found if supply.search(each.name.partition(" ")[2])]
    return [max(named or found, key=lambda each: 0.0 if each.counts else each.read(tree) or 0.0)]


def _said(used: Sequence[Sensor]) -> str:
    """`package-0 + dram-0 (RAPL)`."""
    names = " + ".join(each.name.removeprefix(f"{each.kind} ") for each in used)
    return f"{names} ({used[0].kind})"


def idle_watts(tree: Tree | None = None, pause: Callable[[float], None] = time.sleep) -> float | None:
    """Watts while nothing is measured yet; None without a sensor, or of one that is too slow. Takes a third
    of a second where there is one."""
    meter = Meter.of(tree)
    if meter is None:
        return None
    meter.begin()
    for _ in range(FEWEST_UPDATES + 1):
        pause(0.03)
        meter.look()
    found = meter.end(0)
    return found.total / found.seconds if found else None
