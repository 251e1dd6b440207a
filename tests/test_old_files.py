"""What version 0.1.0 wrote is read, compared, gated, gone on with and simulated (tests/samples/0.1.0)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import Cli

from benchsuite import sim, store
from benchsuite.host.files import boot_id

OLD = Path(__file__).parent / "samples" / "0.1.0"
RESULTS = ["result.json", "paired.json", "baseline.json"]


@pytest.mark.parametrize("name", RESULTS)
def test_results_load_and_are_shown(name: str, cli: Cli) -> None:
    result = store.load(OLD / name)
    assert result.environment["benchsuite_version"] == "0.1.0"
    assert all(case.measured and case.runs for case in result.cases)
    shown = cli.run("show", OLD / name)
    assert shown.returncode == 0
    assert "aes-128-cbc" in shown.stdout


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_saved_again_without_loss(name: str, tmp_path: Path) -> None:
    first = store.load(OLD / name)
    store.save(first, tmp_path / name)
    assert store.load(tmp_path / name) == first


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_compared_and_reported(name: str, cli: Cli, tmp_path: Path) -> None:
    compared = cli.run("compare", OLD / name, OLD / name, "-f", "json")
    assert compared.returncode == 0
    assert [line["ratio"] for line in json.loads(compared.stdout)["comparisons"][0]["lines"]]
    assert cli.run("report", OLD / name, "-o", tmp_path / "report.html").returncode == 0
    assert "aes-128-cbc" in (tmp_path / "report.html").read_text()


def test_rounds_of_pairs_are_compared_again(cli: Cli) -> None:
    data = json.loads(cli.run("compare", OLD / "paired.json", "-f", "json").stdout)
    assert [each["paired"] for each in data["comparisons"]] == [True]
    assert [line["verdict"] for line in data["comparisons"][0]["lines"]] == ["same"]


def test_results_are_exported(cli: Cli) -> None:
    for name in ("pytest-benchmark", "csv", "csv-values", "openmetrics"):
        done = cli.run("export", OLD / "result.json", "--to", name)
        assert done.returncode == 0
        assert "hifn7956" in done.stdout
    assert 'version="0.1.0"' in done.stdout  # openmetrics: of what measured, not of what exports


def test_a_baseline_is_gated_with(cli: Cli, tmp_path: Path) -> None:
    """Whether it passes is the machine's business: that it could be compared with is asked."""
    told = tmp_path / "gate.json"
    words = (
        "--any-machine",
        "--budget",
        "1s",
        "--usual-priority",
        "-q",
        "-o",
        tmp_path / "now.json",
        "--json",
        told,
    )
    done = cli.run("gate", OLD / "pair.toml", "--baseline", OLD / "baseline.json", *words)
    assert done.returncode in (0, 1, 4)
    now, old = json.loads(told.read_text()), json.loads((OLD / "gate.json").read_text())
    for data in (now, old):
        assert [line["name"] for line in data["comparisons"][0]["lines"]] == [
            "software/aes-128-cbc/encrypt/request_size=1488,q_len=1,batch=0,cbimm=1"
        ]
    assert set(old) <= set(now)
    assert set(old["comparisons"][0]) <= set(now["comparisons"][0])
    assert set(old["comparisons"][0]["lines"][0]) <= set(now["comparisons"][0]["lines"][0])


def test_a_run_that_was_cut_short_goes_on(cli: Cli, tmp_path: Path) -> None:
    """On a machine that has not been booted since: else the case under way is taken to have crashed it."""
    journal = tmp_path / "cut.json.journal"
    text = (OLD / "cut.json.journal").read_text()
    journal.write_text(text.replace(json.loads(text.splitlines()[0])["boot"], boot_id()))
    kept = [json.loads(line)["run"] for line in journal.read_text().splitlines() if '{"run"' in line[:6]]
    assert len(kept) == 6
    done = cli.run("run", OLD / "own.toml", "-q", "-o", tmp_path / "cut.json", "--resume")
    assert done.returncode == 0
    assert not journal.exists()
    result = store.load(tmp_path / "cut.json")
    assert result.complete
    assert [len(case.runs) for case in result.cases] == [2] * 8
    for case, old in zip(result.cases, kept, strict=False):
        assert [value.requests for value in case.runs[0].values] == old["values"]["requests"]


def test_a_fitted_device_is_simulated_with_the_same_figures(cli: Cli, tmp_path: Path) -> None:
    device = sim.load(str(OLD / "device.toml"))
    assert device.algorithms == ["aes-128-cbc"]
    output = tmp_path / "sweep.json"
    words = [word for key in ("request_size=1024", "q_len=1") for word in ("--set", key)]
    assert (
        cli.run(
            "run", OLD / "pair.toml", "-b", f"sim:{OLD / 'device.toml'}", *words, "-q", "-o", output
        ).returncode
        == 0
    )
    assert (
        cli.run(
            "run", OLD / "pair.toml", "-b", "sim:hifn7956", *words, "-q", "-o", tmp_path / "its.json"
        ).returncode
        == 0
    )
    fitted, origin = (store.load(path).cases[0].runs[0].values[0] for path in (output, tmp_path / "its.json"))
    assert fitted.wall / fitted.requests == pytest.approx(origin.wall / origin.requests, rel=0.02)
