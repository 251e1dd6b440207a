"""Backends side by side: against golden files (UPDATE_GOLDEN=1 writes them anew: read the difference), and
what readers and programs rely on."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from by_backend_fixture import ACCELERATOR, paths, way
from command import Cli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_fixture import everything, measured, sizes

from benchsuite import stats, store
from benchsuite.model import BenchsuiteError, Case, CaseResult, Failure, Result
from benchsuite.report import WRITERS, render
from benchsuite.view.by_backend import by_backend

GOLDEN = Path(__file__).parent / "golden"
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def side_by_side(result: Result, format: str = "table", width: int | None = None) -> str:
    return render(result, format, width, across="backend")


def result_of(*cases: CaseResult) -> Result:
    return Result("p", "", {}, list(cases))


def check_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("result", [paths(), everything()], ids=lambda result: result.profile)
def test_golden_table(result: Result, width: int) -> None:
    check_golden(f"across-{result.profile}-{width}.txt", side_by_side(result, width=width))


@pytest.mark.parametrize("format", [name for name in WRITERS if name != "table"])
def test_golden_others(format: str) -> None:
    check_golden(f"across-{format}-paths.txt", side_by_side(paths(), format))


@pytest.mark.parametrize("result", [paths(), everything(), sizes()], ids=lambda result: result.profile)
@pytest.mark.parametrize("width", [20, 30, 47, 64, 72, 80, 81, 99, 100, 117, 132, 181, 240])
def test_no_line_is_wider_than_the_terminal(result: Result, width: int) -> None:
    assert max(map(len, side_by_side(result, width=width).splitlines())) <= width


def test_what_has_no_room_is_named() -> None:
    assert "Too narrow for the crossing (" in side_by_side(paths(), width=80)
    assert "Too narrow for the crossing and the ratio (" in side_by_side(paths(), width=60)
    assert "Too narrow" not in side_by_side(paths(), width=200)


def test_a_format_of_one_case_a_line_is_refused_with_what_there_is() -> None:
    with pytest.raises(BenchsuiteError, match=r"ocf-bench has one case a line; take one of table, json, csv"):
        side_by_side(paths(), "ocf-bench")


@pytest.mark.parametrize("format", WRITERS)
def test_a_result_without_cases(format: str) -> None:
    text = side_by_side(result_of(), format, 80)
    assert format in ("csv", "json") or "No case" in text


# What stands in a cell


def test_the_first_backend_is_what_the_others_are_held_against() -> None:
    found = by_backend(paths())
    assert found.base == "software"
    for line in found.workloads:
        base = line.cells["software"]
        assert base.ratio is None and base.row.figures
        for backend, cell in line.cells.items():
            if backend != "software" and cell.row.figures:
                assert cell.ratio == base.row.figures.seconds / cell.row.figures.seconds


def test_every_case_stands_once_beside_the_same_work() -> None:
    result = paths()
    cells = [
        (line.case, name, cell) for line in by_backend(result).workloads for name, cell in line.cells.items()
    ]
    assert len(cells) == len(result.cases)
    for case, name, cell in cells:
        assert replace(cell.row.result.case, backend="") == case and cell.row.result.case.backend == name


def test_request_num_does_not_set_the_same_work_apart() -> None:
    case = Case("software", "sha256", "digest")
    other = replace(case, backend="python", request_num=1000)
    (line,) = by_backend(result_of(measured(case, 1e-6), measured(other, 2e-6))).workloads
    assert line.cells["python"].ratio == pytest.approx(0.5)


def test_crossing_stands_where_the_same_kernel_driver_did_the_work() -> None:
    crossing = {
        (name, line.case.request_size, line.case.q_len): cell.kernel_seconds
        for line in by_backend(paths()).workloads
        for name, cell in line.cells.items()
        if cell.kernel_seconds is not None
    }
    assert {name for name, _, _ in crossing} == {"afalg"}  # the accelerator is another driver
    assert {q_len for _, _, q_len in crossing} == {1} and len(crossing) == 5
    assert crossing["afalg", 16, 1] == pytest.approx(3.1e-5 - 1.9e-6 + 16 * 0.1e-9)
    text = side_by_side(paths())
    assert "+29.10 µs" in text and "crossing into the kernel" in text
    assert "crossing" not in side_by_side(sizes())


def test_a_backend_without_any_figure_is_a_column_and_a_reason() -> None:
    text = side_by_side(paths(), width=200)
    assert text.count("cryptodev: unavailable: there is no /dev/crypto: sudo modprobe cryptodev.") == 1
    header = next(line for line in text.splitlines() if line.startswith("algorithm"))
    assert "cryptodev" in header


def test_what_some_cases_have_is_a_foot_note_that_names_the_backend() -> None:
    text = side_by_side(paths(), width=200)
    (number,) = re.findall(r"^\[(\d+)\] tcrypt: unsupported: tcrypt keeps", text, re.MULTILINE)
    rows = [
        line
        for line in text.splitlines()
        if line.startswith("aes-128-cbc  encrypt") and f"[{number}]" in line
    ]
    assert len(rows) == 6 and all(re.search(r"encrypt +\d+ +16 ", row) for row in rows)


def test_what_auto_chose_is_said() -> None:
    case = measured(Case("auto", "sha256", "digest"), 1e-6, facts={"chosen": "afalg:sha256-ni"})
    other = measured(Case("software", "sha256", "digest"), 2e-6)
    for width in (40, 200):
        text = " ".join(side_by_side(result_of(other, case), width=width).split())
        assert "auto: auto chose afalg:sha256-ni" in text


# Crossovers


def test_the_crossover_is_printed() -> None:
    text = side_by_side(paths())
    (line,) = re.findall(rf"^aes-128-cbc encrypt, q_len 16: {ACCELERATOR}.*$", text, re.MULTILINE)
    assert line.endswith("is faster than software from 4096 B on, interpolated at 3.9 KiB")
    assert f"aes-128-cbc encrypt, q_len 1: {ACCELERATOR} is never faster than software up to 16384 B" in text
    assert "sha256, q_len 1: afalg is never faster than software up to 16384 B" in text
    assert "cryptodev is" not in text.partition("Crossover")[2]  # nothing to say without figures


def test_an_overlap_is_undecided() -> None:
    cases = [way("software", "sha256", size, 1) for size in (64, 256)]
    cases += [replace_backend(way("software", "sha256", size, 1, 1.001), "python") for size in (64, 256)]
    assert "python against software: undecided at every size measured" in side_by_side(result_of(*cases))


def replace_backend(case: CaseResult, backend: str) -> CaseResult:
    return CaseResult(replace(case.case, backend=backend), case.runs)


def test_a_simulated_device_says_so_in_its_crossover() -> None:
    cases = [way("software", "aes-128-cbc", size, 1) for size in (64, 256)]
    cases += [replace_backend(way("afalg", "aes-128-cbc", size, 1), "sim:x") for size in (64, 256)]
    (line,) = [line for line in side_by_side(result_of(*cases)).splitlines() if "sim:x is never" in line]
    assert line.endswith("(simulated, how sure is not said)")
    found = json.loads(side_by_side(result_of(*cases), "json"))["crossovers"]
    assert [(each["simulated"], each["confidence"]) for each in found] == [(True, "unsaid")]


def test_a_single_backend_has_none() -> None:
    text = side_by_side(result_of(*(way("software", "sha256", size, 1) for size in (64, 256))))
    assert "Crossover" not in text and "relative" not in text


# Programs


def test_json_has_the_figures_to_the_last_bit() -> None:
    result = paths()
    data = json.loads(side_by_side(result, "json"))
    assert data["benchsuite_across"] == 1 and data["base"] == "software"
    by_name = {case.case.name: case for case in result.cases}
    seen = 0
    for line in data["lines"]:
        said = {key: told for key, told in line["parameters"].items() if told is not None}
        for backend, cell in line["cells"].items():
            case = by_name[Case(backend=backend, **said).name]
            seen += 1
            if not case.measured:
                assert cell["status"] == case.failure.kind and cell["seconds_per_request"] is None
                continue
            assert cell["seconds_per_request"] == stats.summary(case).seconds
            assert cell["low_seconds_per_request"] <= cell["seconds_per_request"]
            assert cell["seconds_per_request"] <= cell["high_seconds_per_request"]
    assert seen == len(result.cases)
    device = [each for each in data["crossovers"] if each["start_bytes"]]
    assert [(each["challenger"], each["start_bytes"]) for each in device] == [(ACCELERATOR, 4096)]
    assert 1024 < device[0]["interpolated_bytes"] < 4096


def test_csv_has_a_row_for_each_workload_and_columns_for_each_backend() -> None:
    text = side_by_side(paths(), "csv")
    lines = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert len(lines) == 18 and text.count("\n") == text.count("\r\n") == 19
    assert float(lines[0]["afalg ratio"]) == pytest.approx(0.008, rel=0.01)
    assert lines[0]["cryptodev status"] == "unavailable" and not lines[0]["cryptodev ratio"]
    assert lines[-1]["tcrypt status"] == ""  # there is no such case


def test_markdown_rows_have_as_many_cells_as_the_header() -> None:
    lines = [line for line in side_by_side(paths(), "markdown").splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 18
    assert len({line.count("|") for line in lines}) == 1


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=ANY_TEXT.filter(bool), format=st.sampled_from(list(WRITERS)), width=st.integers(20, 120))
def test_no_text_of_a_result_reaches_the_terminal_as_control(text: str, format: str, width: int) -> None:
    good = measured(Case("software", "des-cbc"), 1e-6)
    case = measured(Case(f"software:{text}", "des-cbc"), 2e-6, facts={"version": text, "chosen": text})
    failed = CaseResult(replace(case.case, algorithm=text), [], Failure("error", text))
    environment = {"cpu_model_name": text, "benchsuite_kernel_release": text}
    printed = side_by_side(Result(text, text, environment, [good, case, failed]), format, width)
    assert not [char for char in printed if unicodedata.category(char)[0] == "C" and char not in "\r\n"]
    printed.encode()
    if format == "table":
        assert max(map(len, printed.splitlines())) <= width


# The command


def test_show_and_run_put_backends_side_by_side(cli: Cli, tmp_path: Path) -> None:
    store.save(paths(), tmp_path / "paths.json")
    done = cli.run("show", "paths.json", "--across", "backend")
    assert done.returncode == 0, done.stderr
    assert done.stdout == side_by_side(paths())
    assert "one case a line" in cli.refuses("show", "paths.json", "--across", "backend", "-f", "ocf-bench")
    assert "by backend or tag.KEY" in cli.refuses("show", "paths.json", "--across", "size")
    profile = cli.profile()
    done = cli.run("run", profile, "-b", "null", "-b", "software", "--across", "backend", "-o", "r.json")
    assert done.returncode == 0, done.stderr
    assert "software is never faster than null up to 64 B" in done.stdout
    refused = cli.refuses("run", profile, "--across", "backend", "-f", "ocf-bench", "-o", "s.json")
    assert "one case a line" in refused and not (tmp_path / "s.json").exists()
