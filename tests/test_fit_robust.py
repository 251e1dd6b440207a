"""A device fitted to a sweep in which single points were disturbed: recovered as well as without them."""

from __future__ import annotations

import random
from dataclasses import replace
from math import exp, log
from pathlib import Path
from typing import Any

import pytest
from command import Cli
from fit_fixture import swept
from simulated import device_text, write

from benchsuite import fit, sim, store
from benchsuite.fit.check import rms
from benchsuite.model import BenchsuiteError

ONE: dict[str, Any] = {"setup_us": 5.0, "rate_mbps": 800.0, "depth": 32, "bus": {"latency_us": 4.0}}
FOUR: dict[str, Any] = ONE | {"depth": 48, "units": {"count": 4}, "host": {"cpus": 2, "submit_us": 0.5}}
MANY: dict[str, Any] = {
    "setup_us": 8.0,
    "rate_mbps": 2000.0,
    "units": {"count": 16},
    "bus": {"latency_us": 4.0},
}
WITH_BUS: dict[str, Any] = ONE | {"bus": {"bandwidth_mbps": 6400.0, "full_duplex": True, "latency_us": 2.0}}
COALESCED: dict[str, Any] = {
    "setup_us": 40.0,
    "rate_mbps": 300.0,
    "units": {"count": 32},
    "host": {"cpus": 4},
    "completion": {"count": 8, "time_us": 10.0},
}
KNOWN = {"one unit": ONE, "four": FOUR, "sixteen": MANY, "with a bus": WITH_BUS, "coalesced": COALESCED}


def simulated(name: str, folder: Path) -> fit.Sweep:
    """As if it had been measured."""
    if name in KNOWN:
        return fit.sweep(swept(f"sim:{write(folder, device_text(**KNOWN[name]))}", simulated=False))
    if name == "waited for":
        return replace(fit.sweep(swept("sim:geode-lx")), simulated=False)
    return fit.sweep(swept("sim:pcrypt", algorithm="rfc4106-aes-128-gcm", simulated=False))


def disturbed(sweep: fit.Sweep, share: float, chance: random.Random) -> tuple[fit.Sweep, set[int]]:
    """So many points 1.5 to 10 times slower."""
    bad = set(chance.sample(range(len(sweep.points)), round(share * len(sweep.points))))
    points = list(sweep.points)
    for i in bad:
        points[i] = replace(points[i], us=points[i].us * exp(chance.uniform(log(1.5), log(10))))
    return replace(sweep, points=points), bad


@pytest.mark.parametrize("share", [0.05, 0.10, 0.15])
@pytest.mark.parametrize("name", [*KNOWN, "waited for", "one at a time"])
def test_it_is_recovered_as_without(name: str, share: float, tmp_path: Path) -> None:
    sweep = simulated(name, tmp_path)
    true = fit.fit(sweep)
    assert not fit.far(true, sweep)
    chance = random.Random(f"{name} {share}")
    for _ in range(3):
        spoiled, bad = disturbed(sweep, share, chance)
        found = fit.fit(spoiled)
        assert {i for i, weight in enumerate(found.weights) if weight < 0.5} == bad
        assert found.synchronous == true.synchronous and found.depth == true.depth
        for point in sweep.points:
            assert found.us(point.size, point.outstanding) == pytest.approx(
                true.us(point.size, point.outstanding), rel=0.01
            )
        assert found.rate_mbps * found.units == pytest.approx(true.rate_mbps * true.units, rel=0.02)
        if name != "coalesced":  # there what is waited for and what is worked are told apart by few points
            assert found.units == true.units
            assert found.setup_us == pytest.approx(true.setup_us, rel=0.03)


def test_noise_and_disturbance(tmp_path: Path) -> None:
    """Within what the noise alone makes of it; the same figures every time."""
    clean = simulated("four", tmp_path)
    chance = random.Random(5)
    noisy = replace(
        clean, points=[replace(p, us=p.us * chance.lognormvariate(0, 0.03)) for p in clean.points]
    )
    spoiled, bad = disturbed(noisy, 0.15, chance)
    found = fit.fit(spoiled)
    assert found == fit.fit(spoiled) and found.units == 4
    assert {i for i, weight in enumerate(found.weights) if weight < 0.5} == bad
    for name, true in (("setup_us", 5.0), ("per_byte_us", 0.01)):
        assert (
            0 < found.errors[name] < 0.2 * true and abs(getattr(found, name) - true) < 4 * found.errors[name]
        )


def test_most_points_against_the_model_are_not_thrown_away(tmp_path: Path) -> None:
    sweep = simulated("one unit", tmp_path)
    chance = random.Random(3)
    spoiled, _ = disturbed(sweep, 0.5, chance)
    found = fit.fit(spoiled)
    said = fit.warnings(found, spoiled)
    assert "does not fit well" in said[0] and not found.weights
    assert any("that is not chance, so all count alike" in text for text in said)
    spoiled, _ = disturbed(sweep, 0.35, random.Random(4))
    found = fit.fit(spoiled)
    assert not found.weights and "points lie far from the nearest model, which is more than a quarter" in (
        found.contradicted
    )


def test_a_whole_size_that_is_slow_is_no_disturbance(tmp_path: Path) -> None:
    sweep = simulated("one unit", tmp_path)
    points = [replace(p, us=p.us * 3) if p.size == 1024 else p for p in sweep.points]
    found = fit.fit(sweep := replace(sweep, points=points))
    assert found.contradicted == "all 7 points with 1024 bytes are far slower than the nearest model"
    assert not found.weights and any(found.contradicted in text for text in fit.warnings(found, sweep))


def test_a_point_that_is_too_fast_is_no_disturbance(tmp_path: Path) -> None:
    sweep = simulated("four", tmp_path)
    sweep.points[10] = replace(sweep.points[10], us=sweep.points[10].us / 3)
    found = fit.fit(sweep)
    assert found.contradicted == "1 of 35 points is far faster than the nearest model" and not found.weights


def test_what_is_simulated_was_not_disturbed(tmp_path: Path) -> None:
    sweep, _ = disturbed(simulated("four", tmp_path), 0.1, random.Random(1))
    assert fit.fit(sweep).weights
    found = fit.fit(replace(sweep, simulated=True))
    assert not found.weights and not found.contradicted


def test_of_few_points_none_is_called_disturbed(tmp_path: Path) -> None:
    sweep = fit.sweep(swept(f"sim:{write(tmp_path, device_text(**ONE))}", depths=(1,)))
    points = [replace(sweep.points[0], us=sweep.points[0].us * 5), *sweep.points[1:]]
    found = fit.fit(replace(sweep, points=points))
    assert len(points) == 5 and not found.weights and found.rms > 0.05


def test_one_side_of_pairs_is_fitted(tmp_path: Path) -> None:
    name = f"sim:{write(tmp_path, device_text(**ONE))}"
    result = swept(name, depths=(1, 4))
    other = swept(name, depths=(1, 4), changed=lambda case, seconds: 2 * seconds)
    with pytest.raises(BenchsuiteError, match="--side A: the result has no sides"):
        fit.sweep(result, side="A")
    for which, cases in (("A", result.cases), ("B", other.cases)):
        for case in cases:
            case.runs[0].facts["side"] = which
    result.cases += other.cases
    with pytest.raises(BenchsuiteError, match=r"in pairs, .* choose by --side A or --side B"):
        fit.sweep(result)
    a, b = (fit.sweep(result, side=side) for side in "AB")
    assert [p.us for p in b.points] == pytest.approx([2 * p.us for p in a.points])
    store.save(result, tmp_path / "p.json")
    cli = Cli(tmp_path)
    assert "choose by --side" in cli.refuses("fit", "p.json", "-o", "x.toml")
    assert cli.run("fit", "p.json", "-o", "x.toml", "--side", "b").returncode == 0


def test_a_side_says_which_backend(tmp_path: Path) -> None:
    first, other = "sim:geode-lx", f"sim:{write(tmp_path, device_text(**ONE))}"
    result = swept(first, depths=(1,))
    result.cases += swept(other, depths=(1,)).cases
    for case in result.cases:
        case.runs[0].facts["side"] = "A" if case.case.backend == first else "B"
    assert [fit.sweep(result, side=side).case.backend for side in "AB"] == [first, other]
    with pytest.raises(BenchsuiteError, match=r"more than one backend, and .* choose by --backend"):
        fit.sweep(result)
    with pytest.raises(BenchsuiteError, match=r"--backend 'sim:geode-lx': no measured case .* has it"):
        fit.sweep(result, first, side="B")


def test_they_are_said_in_table_notes_and_file(tmp_path: Path) -> None:
    times = {(256, 1): 6.0, (16384, 64): 1.6}

    def changed(case: Any, seconds: float) -> float:
        return seconds * times.get((case.request_size, case.q_len), 1)

    result = swept(f"sim:{write(tmp_path, device_text(**FOUR))}", simulated=False, changed=changed)
    store.save(result, tmp_path / "r.json")
    text = Cli(tmp_path).run("fit", "r.json", "-o", "mine.toml").stdout
    said = (
        "2 of 35 points lie far from the model and were given little weight: 256 bytes at q_len 1 (6 times "
        "slower); 16384 bytes at q_len 64 (1.6 times slower); measure them again"
    )
    assert f"note: {said}" in text and "RMS residual of the 33 points that count 0." in text
    rows = [line.split() for line in text.splitlines()]
    assert [row[:2] for row in rows if len(row) == 6 and row[-1] == "0"] == [["256", "1"], ["16384", "64"]]
    lines = (tmp_path / "mine.toml").read_text().splitlines()
    assert lines[0] == f"# {said}" and lines.count("# far from the model, and given little weight") == 2
    assert sim.load(str(tmp_path / "mine.toml")).value("units", "count") == 4
    sweep = fit.sweep(result)
    found = fit.fit(sweep)
    weighed = fit.weighed(sweep, found.weights)
    assert rms(fit.residuals(tmp_path / "mine.toml", weighed.points)) < 0.005
