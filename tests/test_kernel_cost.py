"""The cost of crossing into the kernel: what is subtracted from what, and when nothing is."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from report_fixture import BOOT, measured
from test_report import check_golden, result_of

from benchsuite.kernel_cost import kernel_costs
from benchsuite.model import Case, CaseResult, Failure, Result
from benchsuite.report import render
from benchsuite.view.rows import rows

AESNI, VIRTIO = "cbc-aes-aesni", "virtio_crypto_aes_cbc"


def served(backend: str, seconds: float, driver: str = AESNI, **case: Any) -> CaseResult:
    facts = {"version": f"{backend} of Linux 6.1", "kernel_driver": driver} if driver else {}
    what = Case(backend, "aes-128-cbc", **({"request_size": 1024} | case))
    result = measured(what, seconds, facts=facts, requests=25_000)
    return as_tcrypt_does(result) if backend.startswith("tcrypt") else result


def as_tcrypt_does(result: CaseResult) -> CaseResult:
    """Which counts operations in seconds, and nothing else."""
    for run in result.runs:
        run.latency = {}
        run.values = [replace(v, user=None, system=None, cycles=None, timestamps=0.0) for v in run.values]
    return result


def paths() -> Result:
    cases = []
    for size, inside, afalg, cryptodev in ((16, 3.1e-7, 9.06e-7, 7.2e-7), (4096, 1.9e-6, 2.85e-6, 2.5e-6)):
        cases += [
            served("software", inside / 2, "", request_size=size),
            served("afalg", afalg, request_size=size),
            served("cryptodev", cryptodev, request_size=size),
            served("afalg:virtio_crypto_aes_cbc", 1.4e-4, VIRTIO, request_size=size),
            served("tcrypt", inside, request_size=size),
        ]
    environment = {"cpu_model_name": "Example CPU @ 2.80GHz", "benchsuite_boot_time": BOOT}
    return Result("paths", "what each way into the kernel costs", environment, cases)


def of(*cases: CaseResult) -> list[Any]:
    return [row.kernel_cost for row in rows(result_of(*cases))]


def test_the_time_of_the_path_less_that_of_the_kernel_alone() -> None:
    through, inside = of(served("afalg", 3e-6), served("tcrypt", 1e-6))
    assert inside is None
    assert through.seconds == pytest.approx(2e-6) and through.fraction == pytest.approx(2 / 3)
    assert through.note == ""


def test_another_driver_is_no_cost_of_crossing() -> None:
    (crossing, _) = of(served("afalg", 3e-6, VIRTIO), served("tcrypt", 1e-6))
    assert crossing.seconds is None and crossing.fraction is None
    assert AESNI in crossing.note and VIRTIO in crossing.note


def test_of_several_inside_the_one_with_the_same_driver() -> None:
    bound = served(f"tcrypt:driver={VIRTIO}", 2e-6, VIRTIO)
    through, _, _ = of(served("afalg", 3e-6, VIRTIO), served("tcrypt", 1e-6), bound)
    assert through.seconds == pytest.approx(1e-6)


def test_whole_seconds_before_the_cycles_of_a_few() -> None:
    counted = served("tcrypt:cycles", 5e-7)
    for run in counted.runs:
        run.values = [replace(value, requests=1, wall=5e-7) for value in run.values]
    through, *_ = of(served("afalg", 3e-6), counted, served("tcrypt", 1e-6))
    assert through.seconds == pytest.approx(2e-6)
    (through, _) = of(served("afalg", 3e-6), counted)
    assert through.seconds == pytest.approx(2.5e-6)


@pytest.mark.parametrize(
    "path",
    [
        served("afalg", 3e-6, q_len=4),
        served("afalg", 3e-6, batch=1),
        served("afalg", 3e-6, workers=2),
        served("afalg", 3e-6, request_size=512),
        served("afalg", 3e-6, op="decrypt"),
        served("afalg", 3e-6, iv="chained"),
        served("afalg", 3e-6, aad_size=8),
        served("software", 3e-6, ""),
        CaseResult(Case("afalg", "aes-128-cbc", request_size=1024), [], Failure("error", "for the test")),
    ],
    ids=["q_len", "batch", "workers", "size", "op", "iv", "aad", "no-kernel", "failed"],
)
def test_only_the_same_work_one_at_a_time(path: CaseResult) -> None:
    assert of(path, served("tcrypt", 1e-6)) == [None, None]


def test_several_at_once_inside_is_nothing_to_hold_one_against() -> None:
    assert of(served("afalg", 3e-6), served("tcrypt", 1e-6, q_len=8)) == [None, None]


def test_workers_that_were_served_by_two_drivers() -> None:
    one, two = served("afalg", 3e-6), served("afalg", 3e-6, VIRTIO)
    mixed = CaseResult(one.case, [*one.runs, *two.runs])
    (crossing, _) = of(mixed, served("tcrypt", 1e-6))
    assert crossing.seconds is None and f"{AESNI} and {VIRTIO}" in crossing.note


def test_without_cases_there_are_none() -> None:
    assert kernel_costs([]) == []


@pytest.mark.parametrize("width", [60, 80, 120])
def test_golden_table(width: int) -> None:
    text = render(paths(), "table", width)
    check_golden(f"table-crossing-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


def test_golden_markdown() -> None:
    check_golden("markdown-crossing.txt", render(paths(), "markdown", None))


def test_the_column_is_there_only_where_it_has_something_to_say() -> None:
    without = result_of(served("afalg", 3e-6), served("software", 1e-6, ""))
    for format in ("table", "markdown"):
        assert "crossing" not in render(without, format, 200)
        assert "crossing" in render(paths(), format, 200)


def test_programs_get_seconds_and_a_fraction() -> None:
    by_json = [case["figures"] for case in json.loads(render(paths(), "json", None))["cases"]]
    by_csv = list(csv.DictReader(io.StringIO(render(paths(), "csv", None), newline="")))
    expected = [row.kernel_cost for row in rows(paths())]
    for figures, line, crossing in zip(by_json, by_csv, expected, strict=True):
        seconds = crossing.seconds if crossing else None
        assert figures["crossing_seconds"] == seconds
        assert line["crossing_seconds"] == ("" if seconds is None else repr(seconds))
        assert figures["crossing_fraction"] == (crossing.fraction if crossing else None)
