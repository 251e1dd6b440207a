"""Energy: sensors of made-up machines, counters that wrap or begin anew, and what a result says of joules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from report_fixture import measured

from benchsuite import model, records, stats
from benchsuite.api import Result
from benchsuite.facts import Environment
from benchsuite.host import capabilities, energy
from benchsuite.host.energy import Meter, Sensor, sensors
from benchsuite.host.files import Tree
from benchsuite.model import Case, Energy
from benchsuite.report import render

POWERCAP, HWMON = "sys/class/powercap", "sys/class/hwmon"


def machine(root: Path, files: dict[str, object]) -> Tree:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    return Tree(root)


def rapl(zone: str, name: str, microjoules: int, most: int = 262_143_328_850) -> dict[str, object]:
    folder = f"{POWERCAP}/{zone}"
    return {f"{folder}/name": name, f"{folder}/energy_uj": microjoules, f"{folder}/max_energy_range_uj": most}


XEON = {
    **rapl("intel-rapl:0", "package-0", 1_000_000),
    **rapl("intel-rapl:0:0", "core", 1_000_000),
    **rapl("intel-rapl:0:1", "dram", 500_000, 65_712_999_613),
    **rapl("intel-rapl-mmio:0", "package-0", 1_000_000),
    f"{POWERCAP}/intel-rapl/enabled": 1,
}
JETSON = {
    f"{HWMON}/hwmon0/name": "ina3221",
    f"{HWMON}/hwmon0/in1_label": "VDD_IN",
    f"{HWMON}/hwmon0/in1_input": 5000,
    f"{HWMON}/hwmon0/curr1_input": 1200,
    f"{HWMON}/hwmon0/in2_label": "VDD_CPU",
    f"{HWMON}/hwmon0/in2_input": 5000,
    f"{HWMON}/hwmon0/curr2_input": 400,
    f"{HWMON}/hwmon0/update_interval": 10,
}
BOARD = {
    f"{HWMON}/hwmon1/name": "ina226",
    f"{HWMON}/hwmon1/in0_input": 2,
    f"{HWMON}/hwmon1/in1_input": 12000,
    f"{HWMON}/hwmon1/curr1_input": 500,
    f"{HWMON}/hwmon1/power1_input": 6_000_000,
    f"{HWMON}/hwmon1/update_interval": 35,
}


def test_the_packages_and_their_memory_are_what_counts(tmp_path: Path) -> None:
    found = sensors(machine(tmp_path, XEON))
    assert [(each.name, each.counts, each.period) for each in found] == [
        ("package-0", True, 0.001),
        ("dram-0", True, 0.001),
    ]
    assert [each.read(Tree(tmp_path)) for each in found] == [1.0, 0.5]


def test_ina_sensors_tell_watts(tmp_path: Path) -> None:
    found = sensors(machine(tmp_path, JETSON | BOARD))
    tree = Tree(tmp_path)
    assert {each.name: each.read(tree) for each in found} == {
        "ina3221 VDD_IN": pytest.approx(6.0),
        "ina3221 VDD_CPU": pytest.approx(2.0),
        "ina226 power1": pytest.approx(6.0),
    }


def test_a_chip_without_power_is_voltage_times_current(tmp_path: Path) -> None:
    files = {name: text for name, text in BOARD.items() if "power1" not in name}
    (found,) = sensors(machine(tmp_path, files))
    assert found.read(Tree(tmp_path)) == pytest.approx(6.0)  # of the bus, and not over the shunt


@pytest.mark.parametrize("chip", ["amdgpu", "i915", "nvme"])
def test_other_parts_of_the_machine_do_not_count(tmp_path: Path, chip: str) -> None:
    files = {f"{HWMON}/hwmon0/name": chip, f"{HWMON}/hwmon0/power1_average": 9_000_000}
    assert sensors(machine(tmp_path, files)) == []


def test_an_average_has_its_interval(tmp_path: Path) -> None:
    files = {
        f"{HWMON}/hwmon0/name": "power_meter",
        f"{HWMON}/hwmon0/power1_average": 90_000_000,
        f"{HWMON}/hwmon0/power1_average_interval": 1000,
    }
    (found,) = sensors(machine(tmp_path, files))
    assert (found.read(Tree(tmp_path)), found.period, found.counts) == (90.0, 1.0, False)


COUNTER = Sensor("package-0", "RAPL", ("x",), True, 1e-6, 65_000.0, 0.001)


@pytest.mark.parametrize(
    ("before", "after", "seconds", "joules"),
    [
        (10.0, 14.0, 0.2, 4.0),
        (64_998.0, 2.0, 0.2, 4.0),  # it has come round
        (200.0, 1.0, 0.2, None),  # it has begun anew: a module was loaded again, say
        (10.0, 40_000.0, 0.2, None),  # more than any machine takes
        (10.0, 14.0, 70.0, None),  # it may have come round unseen
        (10.0, 10.0, 0.2, 0.0),
    ],
)
def test_a_counter_wraps_or_begins_anew(
    before: float, after: float, seconds: float, joules: float | None
) -> None:
    assert COUNTER.added(before, after, seconds) == (None if joules is None else pytest.approx(joules))


def test_a_counter_of_unknown_range_that_falls_tells_nothing() -> None:
    assert replace(COUNTER, wraps=None).added(10.0, 2.0, 0.2) is None


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def metered(
    tree: Tree, steps: list[Callable[[], object]], step: float, requests: int = 1000
) -> Energy | None:
    """What a meter says of these steps, so many seconds apart."""
    found, clock = Meter.of(tree), Clock()
    assert found is not None
    found.clock = clock
    found.begin()
    for each in steps:
        each()
        clock.now += step
        found.look()
    return found.end(1000)


def test_joules_of_a_package_and_its_memory_are_added_up_over_a_wrap(tmp_path: Path) -> None:
    most = 262_143_328_850
    tree = machine(tmp_path, XEON | rapl("intel-rapl:0", "package-0", most - 3_000_000))
    package, dram = (tmp_path / f"{POWERCAP}/{zone}/energy_uj" for zone in ("intel-rapl:0", "intel-rapl:0:1"))

    def step() -> None:
        package.write_text(str((int(package.read_text()) + 2_000_000) % most))
        dram.write_text(str(int(dram.read_text()) + 200_000))

    found = metered(tree, [step] * 5, 0.04)
    assert found == Energy(
        {"package-0": pytest.approx(10.0), "dram-0": pytest.approx(1.0)},  # type: ignore[dict-item]
        "package-0 + dram-0 (RAPL)",
        1000,
        pytest.approx(0.2),  # type: ignore[arg-type]
    )
    assert found.total == pytest.approx(11.0)


def test_a_counter_that_was_reset_leaves_no_figure(tmp_path: Path) -> None:
    tree = machine(tmp_path, XEON)
    counter = tmp_path / f"{POWERCAP}/intel-rapl:0/energy_uj"
    assert (
        metered(tree, [lambda: counter.write_text("1"), lambda: counter.write_text("2000000")], 0.1) is None
    )


def test_a_counter_that_stands_still_leaves_no_figure(tmp_path: Path) -> None:
    assert metered(machine(tmp_path, XEON), [lambda: None] * 10, 0.1) is None


def test_power_is_integrated_over_the_values(tmp_path: Path) -> None:
    tree = machine(tmp_path, JETSON)
    current = tmp_path / f"{HWMON}/hwmon0/curr1_input"
    steps = [lambda: current.write_text("1200"), lambda: current.write_text("2400")] * 5
    found = metered(tree, steps, 0.1)
    assert found is not None and found.of == "VDD_IN (ina3221)"  # the supply, and not what is behind it
    assert found.total == pytest.approx(8.7)  # 0.6, then nine times 0.9


def test_a_sensor_that_is_slower_than_the_values_leaves_no_figure(tmp_path: Path) -> None:
    tree = machine(tmp_path, BOARD)
    assert metered(tree, [lambda: None] * 10, 0.02) is None  # 0.2 s are six updates
    assert metered(tree, [lambda: None] * 10, 0.05) is not None


def test_a_sensor_of_unknown_period_must_be_seen_to_change(tmp_path: Path) -> None:
    files = {name: text for name, text in BOARD.items() if "interval" not in name}
    tree = machine(tmp_path, files)
    power = tmp_path / f"{HWMON}/hwmon1/power1_input"
    assert metered(tree, [lambda: None] * 20, 0.1) is None
    assert metered(tree, [lambda: power.write_text(str(int(power.read_text()) + 1))] * 20, 0.1) is not None


def test_idle_watts(tmp_path: Path) -> None:
    tree = machine(tmp_path, XEON)
    assert energy.idle_watts(tree, lambda seconds: None) is None  # stands still
    assert energy.idle_watts(Tree(tmp_path / "nothing")) is None


def test_doctor_says_which_sensors_there_are(tmp_path: Path) -> None:
    check = capabilities.energy(machine(tmp_path, XEON))
    assert (check.status, check.found) == ("ok", "package-0, dram-0")
    nothing = capabilities.energy(Tree(tmp_path / "nothing"))
    assert nothing.status == "note" and nothing.found.startswith("no sensor") and not nothing.cure


def test_doctor_says_how_to_let_others_read(tmp_path: Path) -> None:
    machine(tmp_path, XEON)
    for zone in ("intel-rapl:0", "intel-rapl:0:1"):
        counter = tmp_path / POWERCAP / zone / "energy_uj"
        counter.unlink()
        counter.mkdir()  # root reads whatever is a file
    check = capabilities.energy(Tree(tmp_path))
    assert check.status == "note" and "only root may read them" in check.found
    assert check.cure == "sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj"


def with_energy(case: Case, joules: float) -> Result:
    """A result whose workers took so many joules for each of 1000 requests."""
    result = model.Result("test", "", {}, [measured(case, 1e-5)])
    for run in result.cases[0].runs:
        run.energy = Energy({"package-0": joules * 1000}, "package-0 (RAPL)", 1000, 0.2)
    result.environment[Environment.IDLE_WATTS] = 4.125
    return Result.of(result, None)


def test_a_result_tells_joules_per_gbit() -> None:
    result = with_energy(Case("software", "aes-128-cbc", request_size=1250), 2e-5)
    figures = stats.summary(result.cases[0])
    assert figures.joules_per_gbit == pytest.approx(2.0)  # 10,000 bits
    assert figures.joules_per_operation is None
    text = render(result, "table", 200)
    assert " /Gbit" in text and " 2.00 " in text
    assert "energy is that of package-0 (RAPL), the idle machine's share included" in text
    assert "Idle before the run: 4.12 W, by the sensors of the energy." in text
    assert result.rows()[0]["joules_per_request"] == pytest.approx(2e-5)


def test_what_has_no_size_tells_joules_per_operation() -> None:
    result = with_energy(Case("imported", "x25519", "derive", request_size=0), 3e-5)
    assert stats.summary(result.cases[0]).joules_per_operation == pytest.approx(3e-5)
    assert " /op" in render(result, "table", 200)


def test_there_is_no_column_where_one_worker_was_not_told() -> None:
    result = with_energy(Case("software", "aes-128-cbc", request_size=1250), 2e-5)
    result.cases[0].runs[-1].energy = None
    assert stats.summary(result.cases[0]).joules is None
    text = render(result, "table", 200)
    assert "/Gbit" not in text and "energy" not in text and "Idle" not in text


def test_energy_is_kept_in_a_run() -> None:
    (run, *_) = with_energy(Case("software", "aes-128-cbc", request_size=1250), 2e-5).cases[0].runs
    assert records.run_from(records.run_to(run), "run").energy == run.energy
    run.energy = None
    assert "energy" not in records.run_to(run)
