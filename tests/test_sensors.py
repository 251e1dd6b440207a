"""What a machine tells while something is measured: planted in a tree of files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchsuite.host.files import Tree
from benchsuite.host.sensors import NO_FREQUENCY, NO_TEMPERATURE, NO_THROTTLING, RASPBERRY, Reading, Sensors

CPU, THERMAL, HWMON = "sys/devices/system/cpu", "sys/class/thermal", "sys/class/hwmon"
STAT = "cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\n"

BOARD = {
    f"{CPU}/online": "0-3\n",
    "proc/stat": STAT.format(busy=100, idle=300),
    "proc/self/task/11/stat": f"11 (a ) b) S {' '.join('0' * 10)} 5 1 {' '.join('0' * 23)} 2 0 0\n",
    "proc/self/task/12/stat": f"12 (sleeps) S {' '.join('0' * 10)} 0 0 {' '.join('0' * 23)} 0 0 0\n",
    **{f"{CPU}/cpu{cpu}/cpufreq/scaling_cur_freq": f"{1000 + 100 * cpu}000\n" for cpu in range(4)},
    f"{THERMAL}/thermal_zone0/type": "gpu-thermal\n",
    f"{THERMAL}/thermal_zone0/temp": "91000\n",
    f"{THERMAL}/thermal_zone1/type": "cpu-thermal\n",
    f"{THERMAL}/thermal_zone1/temp": "62500\n",
    f"{THERMAL}/cooling_device0/type": "cpufreq-cpu0\n",
    f"{THERMAL}/cooling_device0/cur_state": "0\n",
    f"{THERMAL}/cooling_device1/type": "fan\n",
    f"{THERMAL}/cooling_device1/cur_state": "4\n",
}
SERVER = {
    f"{CPU}/online": "0-1\n",
    "proc/stat": STAT.format(busy=1, idle=1),
    "proc/cpuinfo": "cpu MHz : 3600.5\nflags : fpu aperfmperf\ncpu MHz : 1200\nflags : fpu aperfmperf\n",
    f"{HWMON}/hwmon0/name": "nvme\n",
    f"{HWMON}/hwmon0/temp1_input": "70000\n",
    f"{HWMON}/hwmon1/name": "coretemp\n",
    f"{HWMON}/hwmon1/temp1_input": "55000\n",
    f"{HWMON}/hwmon1/temp2_input": "58000\n",
    f"{HWMON}/hwmon1/temp2_max": "100000\n",
    f"{CPU}/cpu0/thermal_throttle/core_throttle_count": "7\n",
    f"{CPU}/cpu1/thermal_throttle/core_throttle_count": "7\n",
    f"{CPU}/cpu0/thermal_throttle/package_throttle_count": "9\n",
}


def plant(root: Path, files: dict[str, str]) -> Tree:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Tree(root)


def test_a_board(tmp_path: Path) -> None:
    """Of its CPUs the one counts that a thread has worked on; of its temperatures, the CPU's."""
    sensors = Sensors(plant(tmp_path, BOARD))
    plant(tmp_path, {"proc/stat": STAT.format(busy=130, idle=370)})
    found = sensors.read()
    assert found.busy == pytest.approx(0.3)
    assert replace(found, busy=None) == Reading(hertz=1.2e9, celsius=62.5, throttles=None, slowed=0)
    assert sensors.untold == {"throttles": NO_THROTTLING}
    plant(tmp_path, {f"{THERMAL}/cooling_device0/cur_state": "3\n", f"{THERMAL}/thermal_zone1/temp": "-2500"})
    again = sensors.read()
    assert (again.slowed, again.celsius, again.busy) == (3, -2.5, None)  # no tick has passed
    assert again.hertz == pytest.approx(1.15e9)  # no thread has worked: the mean of all


def test_a_server(tmp_path: Path) -> None:
    sensors = Sensors(plant(tmp_path, SERVER))
    plant(tmp_path, {f"{CPU}/cpu1/thermal_throttle/core_throttle_count": "12\n"})
    found = sensors.read()
    assert found.hertz == pytest.approx(2400.25e6)
    assert (found.celsius, found.throttles, found.slowed) == (58.0, 5, None)
    assert sensors.read().throttles == 0


def test_a_raspberry_says_that_it_is_slowed(tmp_path: Path) -> None:
    sensors = Sensors(plant(tmp_path, BOARD | {RASPBERRY: "0\n"}))
    assert sensors.read().slowed == 0
    plant(tmp_path, {RASPBERRY: "50005\n"})  # it was, and is: throttled
    assert sensors.read().slowed == 1
    plant(tmp_path, {RASPBERRY: "50000\n"})  # it was
    assert sensors.read().slowed == 0


def test_what_is_not_told_is_none_with_a_reason(tmp_path: Path) -> None:
    bare = {"proc/stat": STAT.format(busy=1, idle=1), f"{CPU}/online": "0\n"}
    sensors = Sensors(plant(tmp_path, bare))
    assert sensors.read() == Reading()
    assert sensors.untold == {
        "hertz": NO_FREQUENCY,
        "celsius": NO_TEMPERATURE,
        "throttles": NO_THROTTLING,
        "slowed": NO_THROTTLING,
    }
    assert "/proc/stat" in Sensors(plant(tmp_path / "none", {})).untold["busy"]


@pytest.mark.parametrize("flags", ["fpu", "fpu aperfmperf hypervisor"])
def test_a_nominal_frequency_is_none(tmp_path: Path, flags: str) -> None:
    """A virtual machine's /proc/cpuinfo has the same figure whatever the CPU does."""
    told = f"processor : 0\ncpu MHz : 2596.152\nflags : {flags}\n"
    sensors = Sensors(plant(tmp_path, {f"{CPU}/online": "0\n", "proc/cpuinfo": told}))
    assert sensors.read().hertz is None and "hertz" in sensors.untold


def test_what_goes_away_is_not_told_any_more(tmp_path: Path) -> None:
    sensors = Sensors(plant(tmp_path, BOARD))
    (tmp_path / f"{THERMAL}/thermal_zone1/temp").write_text("nonsense")
    (tmp_path / f"{THERMAL}/cooling_device0/cur_state").unlink()
    found = sensors.read()
    assert found.celsius is None and found.slowed is None
    plant(tmp_path, {f"{THERMAL}/thermal_zone1/temp": "9000000"})  # 9000 degrees
    assert sensors.read().celsius is None
