"""A device fitted to a sweep: of a device that is known, of one with noise, and of results nothing fits."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import Cli
from fit_fixture import DEPTHS, SIZES, swept
from simulated import ALGORITHM, device_text, mbps_of, write

from benchsuite import fit, sim, store
from benchsuite.fit.bounds import SERIAL, UNITS
from benchsuite.fit.check import rms
from benchsuite.least_squares import errors, solve
from benchsuite.model import BenchsuiteError, Case, CaseResult, Failure, Result

ONE = {
    "setup_us": 5.0,
    "rate_mbps": 800.0,
    "depth": 32,
    "bus": {"latency_us": 4.0},
    "host": {"submit_us": 1.0, "completion_us": 0.5},
}
FOUR = ONE | {"depth": 48, "units": {"count": 4}, "host": {"cpus": 2, "submit_us": 0.5, "completion_us": 0.5}}
MANY = {"setup_us": 8.0, "rate_mbps": 2000.0, "units": {"count": 16}, "bus": {"latency_us": 4.0}}
WITH_BUS = ONE | {"bus": {"bandwidth_mbps": 6400.0, "full_duplex": True, "latency_us": 2.0}}


def backend(folder: Path, **device: Any) -> str:
    return f"sim:{write(folder, device_text(**device))}"


def written(found: fit.Fit, sweep: fit.Sweep, folder: Path) -> tuple[Path, sim.Device]:
    path = write(folder, fit.device_file(found, sweep, "r.json"))
    return path, sim.load(str(path))


@pytest.mark.parametrize(
    "known", [ONE, FOUR, MANY, WITH_BUS], ids=["one unit", "four", "sixteen", "with a bus"]
)
def test_a_known_device_is_recovered(known: dict[str, Any], tmp_path: Path) -> None:
    sweep = fit.sweep(swept(backend(tmp_path, **known)))
    found = fit.fit(sweep)
    assert found.setup_us == pytest.approx(known["setup_us"], rel=0.03)
    assert found.rate_mbps == pytest.approx(known["rate_mbps"], rel=0.01)
    assert found.units == known.get("units", {"count": 1})["count"]
    outside = 2 * known["bus"]["latency_us"] + sum(
        value for key, value in known.get("host", {}).items() if key != "cpus"
    )
    assert found.latency_us == pytest.approx(outside, rel=0.03)
    assert found.depth == known.get("depth") and found.rms < 0.005
    bandwidth = known["bus"].get("bandwidth_mbps")
    assert found.outside_us == (pytest.approx(16 / bandwidth, rel=0.03) if bandwidth else 0)

    path, device = written(found, sweep, tmp_path)
    residuals = fit.residuals(path, sweep.points)
    assert len(residuals) == len(SIZES) * len(DEPTHS) and rms(residuals) < 0.005
    assert device.value("units", "count") == found.units
    assert device.value("ring", "depth") == (found.depth or max(DEPTHS))


def test_noise_is_averaged(tmp_path: Path) -> None:
    chance = random.Random(1)
    result = swept(backend(tmp_path, **FOUR), changed=lambda case, s: s * chance.lognormvariate(0, 0.03))
    sweep = fit.sweep(result)
    found = fit.fit(sweep)
    assert found.units == 4 and found.depth == 48 and found.rms == pytest.approx(0.03, rel=0.4)
    for name, true in (("setup_us", 5.0), ("per_byte_us", 0.01), ("latency_us", 9.0)):
        error = found.errors[name]
        assert 0 < error < 0.2 * true and abs(getattr(found, name) - true) < 4 * error
    path, _ = written(found, sweep, tmp_path)
    assert rms(fit.residuals(path, sweep.points)) == pytest.approx(found.rms, rel=0.2)


def test_a_synchronous_one_is_seen(tmp_path: Path) -> None:
    sweep = fit.sweep(swept("sim:geode-lx"))
    found = fit.fit(sweep)
    assert found.synchronous and found.setup_us == pytest.approx(27.366, rel=1e-3)
    path, device = written(found, sweep, tmp_path)
    assert device.value("completion", "mode") == "sync" and rms(fit.residuals(path, sweep.points)) < 0.001
    assert fit.warnings(found, sweep) == []


def test_a_stage_that_takes_one_at_a_time_is_seen(tmp_path: Path) -> None:
    sweep = fit.sweep(swept("sim:pcrypt", algorithm="rfc4106-aes-128-gcm"))
    found = fit.fit(sweep)
    assert SERIAL in found.full and found.serial_us == pytest.approx(2.342, rel=0.01)
    path, device = written(found, sweep, tmp_path)
    assert rms(fit.residuals(path, sweep.points)) < 0.005
    assert device.value("completion", "serial_us") == pytest.approx(2.342, rel=0.01)


def test_many_units_and_interrupts_by_count_are_recovered(tmp_path: Path) -> None:
    known = {
        "setup_us": 40.0,
        "rate_mbps": 300.0,
        "units": {"count": 200},
        "host": {"cpus": 4},
        "bus": {"latency_us": 2.0},
        "completion": {"count": 8, "time_us": 10.0},
    }
    sweep = fit.sweep(swept(backend(tmp_path, **known), depths=(1, 2, 4, 8, 16, 64, 128, 256, 512)))
    found = fit.fit(sweep)
    assert found.units == pytest.approx(200, rel=0.02) and found.shape.enough == 8
    assert found.setup_us == pytest.approx(40, rel=0.03) and found.rate_mbps == pytest.approx(300, rel=0.03)
    assert found.waiting_us == pytest.approx(10, rel=0.05)
    path, _ = written(found, sweep, tmp_path)
    assert rms(fit.residuals(path, sweep.points)) < 0.01


@pytest.mark.parametrize("name, pair", [("qat-8970", "aes-128-cbc+hmac-sha1"), ("qat-gen4", "aes-128-xts")])
def test_interrupts_that_are_waited_for_are_seen(name: str, pair: str, tmp_path: Path) -> None:
    """Alone a request waits for the interrupt, and among many the host finds it without one."""
    sweep = fit.sweep(swept(f"sim:{name}", algorithm=pair))
    found = fit.fit(sweep)
    assert found.waiting_us > 2 and found.rms < 0.02
    path, device = written(found, sweep, tmp_path)
    assert rms(fit.residuals(path, sweep.points)) < 0.03
    assert device.value("completion", "time_us") == pytest.approx(found.waiting_us, rel=1e-4)


def test_a_driver_that_says_it_is_synchronous_is_believed() -> None:
    """Also where the figures are noisy: a queue seems to gain something."""
    chance = random.Random(2)
    result = swept("sim:geode-lx", changed=lambda case, s: s * chance.lognormvariate(0, 0.1), simulated=False)
    assert not fit.fit(fit.sweep(result)).synchronous
    for case in result.cases:
        case.runs[0].facts["driver"] = "synchronous"
    found = fit.fit(fit.sweep(result))
    assert found.synchronous and found.setup_us == pytest.approx(27.4, rel=0.1)


def test_a_host_that_is_full_is_the_hosts(tmp_path: Path) -> None:
    """A CPU which does nothing else: not a stage of the device."""
    sweep = fit.sweep(swept(backend(tmp_path, setup_us=20.0, units={"count": 64}, host={"submit_us": 3.0})))
    found = fit.fit(sweep)
    _, device = written(found, sweep, tmp_path)
    assert device.value("host", "submit_us") == pytest.approx(3.0, rel=0.01)
    assert not device.value("completion", "serial_us") and UNITS not in found.full


def test_what_the_sweep_does_not_tell_is_said(tmp_path: Path) -> None:
    name = backend(tmp_path, **MANY)
    for depths, said in (
        ((1,), "only 1 outstanding was measured: units and ring depth are assumed"),
        (
            (1, 2, 4),
            "throughput still rises at 4 outstanding: measure a larger q_len; that there are 4 units",
        ),
        (DEPTHS, "a queue that holds 16 requests, and says nothing when it is full, would look the same"),
    ):
        sweep = fit.sweep(swept(name, depths=depths))
        found = fit.fit(sweep)
        assert any(text.startswith(said) for text in fit.warnings(found, sweep))
        path, device = written(found, sweep, tmp_path)
        assert rms(fit.residuals(path, sweep.points)) < 0.005
        assert device.quantities["ring"]["depth"].confidence == "assumption"
    two = fit.sweep(swept(name, sizes=(64, 4096)))
    assert any("two sizes only" in text for text in fit.warnings(fit.fit(two), two))


def test_two_regimes_are_found_and_can_be_fitted_apart() -> None:
    result = swept("sim:am37x", sizes=(64, 128, 256, 1024, 4096, 8192), depths=(1, 2))
    whole = fit.sweep(result)
    warnings = fit.warnings(fit.fit(whole), whole)
    assert warnings[0].startswith("the model does not fit well")
    assert "two regimes" in warnings[1] and "up to 128 bytes 27." in warnings[1]
    assert "from 256 bytes 190 us" in warnings[1]
    large = fit.sweep(result, from_size=256)
    assert fit.fit(large).rms < 0.01 and not any("regimes" in w for w in fit.warnings(fit.fit(large), large))
    assert "from_size = 256" in fit.device_file(fit.fit(large), large, "r.json")


def test_what_was_measured_is_called_measured(tmp_path: Path) -> None:
    name = backend(tmp_path, **ONE)
    for simulated, known in ((True, "assumption"), (False, "measured")):
        sweep = fit.sweep(swept(name, simulated=simulated))
        _, device = written(fit.fit(sweep), sweep, tmp_path)
        assert device.confidences == {known: [ALGORITHM]}
        assert ("simulated" in device.title) == simulated


def test_one_way_of_dispatching_is_fitted(tmp_path: Path) -> None:
    name = backend(tmp_path, **ONE)
    result = swept(name)
    result.cases += swept(name, depths=(1, 2), batch=1).cases
    sweep = fit.sweep(result)
    assert {point.case.batch for point in sweep.points} == {0}
    assert sweep.left_out == [
        "10 cases are not used, which differ from batch=0, cbimm=1, workers=1 in how they dispatch"
    ]


def test_open_loops_are_not_fitted(tmp_path: Path) -> None:
    result = swept(backend(tmp_path, **ONE))
    points = fit.sweep(result).points
    opened = [replace(each, case=replace(each.case, rate=1000)) for each in result.cases]
    result.cases += opened
    found = fit.sweep(result)
    assert found.points == points and f"{len(opened)} open loops: not used" in found.left_out[0]
    result.cases = opened
    with pytest.raises(BenchsuiteError, match="all cases are open loops"):
        fit.sweep(result)


# ---- what cannot be fitted ----


def failed(case: Case) -> CaseResult:
    return CaseResult(case, failure=Failure("unavailable", "not here"))


def test_nothing_to_fit(tmp_path: Path) -> None:
    name = backend(tmp_path, **ONE)
    two = swept(name, depths=(1,))
    two.cases += swept(name, depths=(1,), op="decrypt").cases
    other = swept("sim:geode-lx", depths=(1,))
    other.cases += swept(name, depths=(1,)).cases
    for result, asked, said in (
        (Result("x", "y", {}, []), {}, "there is nothing to fit: no case"),
        (Result("x", "y", {}, [failed(Case("null", ALGORITHM))]), {}, "no case of the result was measured"),
        (swept(name, sizes=(64,)), {}, "all points have 64 bytes: set-up and rate"),
        (two, {}, "more than one .*'encrypt', 'decrypt'; choose by --op"),
        (other, {}, "choose by --backend"),
        (two, {"algorithm": "aes-256-cbc"}, "--algorithm 'aes-256-cbc': no measured case .*'aes-128-cbc'"),
        (two, {"op": "decrypt", "from_size": 65536}, "no point from 65536 to 16384 bytes"),
        (two, {"op": "decrypt", "to_size": 64}, "all points have 64 bytes"),
    ):
        with pytest.raises(BenchsuiteError, match=said) as caught:
            fit.sweep(result, **asked)  # type: ignore[arg-type]
        assert len(str(caught.value).splitlines()) == 1


def test_bytes_that_take_no_time_have_no_rate(tmp_path: Path) -> None:
    sweep = fit.sweep(swept(backend(tmp_path, setup_us=5.0), sizes=(16, 32), changed=lambda case, s: 1e-3))
    with pytest.raises(BenchsuiteError, match="from 16 to 32 bytes a request takes no more time"):
        fit.fit(sweep)


def test_failed_cases_are_counted(tmp_path: Path) -> None:
    result = swept(name := backend(tmp_path, **ONE))
    result.cases.append(failed(Case(name, ALGORITHM)))
    assert fit.sweep(result).left_out == ["1 of its cases have no figure and are not used"]


# ---- the command ----


def test_the_command(tmp_path: Path) -> None:
    store.save(swept(backend(tmp_path, **FOUR)), tmp_path / "r.json")
    cli = Cli(tmp_path)
    done = cli.run("fit", "r.json", "-o", "mine.toml")
    assert done.returncode == 0 and done.stderr == ""
    text = done.stdout
    assert "A simulated device, fitted to 35 simulated points" in text and "RMS residual 0." in text
    lines = [line.split() for line in text.splitlines()]
    assert ["units", "4"] in lines and ["ring", "depth", "48", "BUSY", "beyond"] in lines
    rows = [line for line in lines if len(line) == 5 and line[0].isdigit() and line[-1][0] in "+-"]
    assert len(rows) == 35
    for size, q_len, _, simulated, residual in rows[::6]:
        again = mbps_of(f"sim:{tmp_path}/mine.toml", request_size=int(size), q_len=int(q_len))
        assert again == pytest.approx(float(simulated), rel=0.01) and abs(float(residual)) < 1
    assert "-b sim:./mine.toml" in text
    off = re.search(r"RMS residual ([0-9.]+%)", text)
    assert off and f"it is {off[1]} off them" in (tmp_path / "mine.toml").read_text()

    ran = cli.run(
        "run",
        "quick",
        "-b",
        "sim:./mine.toml",
        "-o",
        "s.json",
        "-f",
        "json",
        "--set",
        f"algorithm={ALGORITHM}",
        "--set",
        "request_size=1024",
        "--set",
        "q_len=8",
    )
    shown = json.loads(ran.stdout)["cases"]
    assert shown and all(case["simulated"] for case in shown)
    assert "--overwrite" in cli.refuses("fit", "r.json", "-o", "mine.toml")
    assert cli.run("fit", "r.json", "-o", "mine.toml", "--overwrite").returncode == 0


def test_one_depth_tells_no_units(tmp_path: Path) -> None:
    store.save(swept(backend(tmp_path, **FOUR), depths=(8,), simulated=False), tmp_path / "r.json")
    text = Cli(tmp_path).run("fit", "r.json", "-o", "mine.toml").stdout
    assert re.search(r"^units +[0-9]+ +assumed: only one q_len was measured$", text, re.MULTILINE)
    device = (tmp_path / "mine.toml").read_text()
    assert re.search(r'^count = \{ value = [0-9]+, confidence = "assumption"', device, re.MULTILINE)


def test_the_commands_refusals(tmp_path: Path) -> None:
    cli = Cli(tmp_path)
    store.save(swept("sim:geode-lx", sizes=(64,), depths=(1,)), tmp_path / "one.json")
    (tmp_path / "d.toml").write_text(device_text())
    (tmp_path / "j.json").write_text("{}")
    out = ("-o", "x.toml")
    assert "no such result file" in cli.refuses("fit", "none.json", *out)
    assert "d.toml" in cli.refuses("fit", "d.toml", *out)
    assert "no benchsuite result" in cli.refuses("fit", "j.json", *out)
    assert "two sizes" in cli.refuses("fit", "one.json", *out)
    assert "ends in .toml" in cli.refuses("fit", "one.json", "-o", "x.json")
    assert "-o" in cli.refuses("fit", "one.json")
    assert "no directory" in cli.refuses("fit", "one.json", "-o", "none/x.toml")
    assert "unknown algorithm" in cli.refuses("fit", "one.json", *out, "-a", "rot13")
    assert "from-size" in cli.refuses("fit", "one.json", *out, "--from-size", "many")
    assert not (tmp_path / "x.toml").exists()


# ---- least squares ----


def test_least_squares() -> None:
    rows = [[1.0, x, 1.0] for x in (0.0, 1.0, 2.0, 3.0)]  # the last tells what the first does
    assert solve(rows, [2.0, 5.0, 8.0, 11.0]) == pytest.approx([2, 3, 0])
    assert solve([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]], [-1.0, 0.0, 1.0]) == pytest.approx([0.0, 2 / 14])
    assert solve([[0.0, 0.0]], [1.0]) == [0.0, 0.0]


def test_standard_errors_are_those_of_a_line() -> None:
    xs = (0.0, 1.0, 2.0, 3.0)
    found = errors([[1.0, x] for x in xs], variance=0.04)
    spread = sum((x - 1.5) ** 2 for x in xs)
    assert found == pytest.approx([0.2 * (1 / 4 + 1.5**2 / spread) ** 0.5, 0.2 / spread**0.5])
