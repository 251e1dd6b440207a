"""What has no size (a signature, a key agreement) is told in operations per second, in every format, and
nothing divides by its size."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from command import Cli
from import_fixture import read as import_text
from page_reading import Element, read, rows
from report_fixture import measured, sizes
from sizeless_fixture import DEVICE, NEW, WORK, depths_of_keys, keys, mixed
from test_report import check_golden

from benchsuite import stats, store
from benchsuite.compare import crossovers
from benchsuite.compare.comparison import Comparison, Party, judged
from benchsuite.compare.labels import shown
from benchsuite.compare.matching import across, of_two
from benchsuite.compare.outcome import outcome
from benchsuite.compare.verdicts import Rule
from benchsuite.exports import render as export
from benchsuite.fit.sweep import sweep
from benchsuite.model import MBPS, REQUESTS, BenchsuiteError, Case, Result
from benchsuite.report import FORMATS, WRITERS, junit, pull_request, render, render_comparisons
from benchsuite.report.charts.entries import collect
from benchsuite.report.charts.ladders import MOST_SPOTS, ladders
from benchsuite.report.html.page import render as page
from benchsuite.report.plots.images import images
from benchsuite.report.plots.plan import plans

RATES = [1667, 50000, 40000, 12500, 25000, 100000, 80000]  # of software, as tables have them
NOTHING = re.compile(r"\b0\.000 (?:Mbps|cycles/B)|request_size=[0-]|\b0 B\b|\binf\b|\bnan\b")


def compared(base: Result, other: Result) -> Comparison:
    (found,) = judged([(Party("a"), Party("b"), of_two(*shown(base, other)))], Rule(alpha=0.05), None, None)
    return found


def tree(*results: Result) -> Element:
    return read(page(collect([(f"{number}.json", each) for number, each in enumerate(results)])))


def figures(text: str, rates: list[int]) -> bool:
    return all(re.search(rf"(?<![\d.]){rate}(?:\.0)?(?![\d.])", text) for rate in rates)


def test_a_case_says_what_its_rate_is_told_in() -> None:
    sized, sizeless = Case("b", "a", request_size=125), Case("b", "a", "sign", request_size=0)
    assert (sized.rate_unit, sized.rate_of(1e-6), sized.bits_per_second(1e-6)) == (MBPS, 1000, 1e9)
    assert (sizeless.rate_unit, sizeless.rate_of(1e-3), sizeless.bits_per_second(1e-3)) == (
        REQUESTS,
        1000,
        None,
    )
    found = stats.summary(measured(sizeless, 1e-3))
    assert found.mbps is found.bits_per_second is found.cycles_per_byte is None
    assert found.rate == found.requests_per_second and found.cycles_per_operation == found.cycles_per_request
    assert stats.summary(measured(sized, 1e-3)).cycles_per_operation is None


# show


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("result", [keys(), mixed()], ids=lambda result: result.profile)
def test_golden(result: Result, width: int) -> None:
    check_golden(f"table-{result.profile}-{width}.txt", render(result, "table", width))
    check_golden(f"across-{result.profile}-{width}.txt", render(result, "table", width, across="backend"))


@pytest.mark.parametrize("result", [keys(), mixed()], ids=lambda result: result.profile)
@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200, None])
@pytest.mark.parametrize("aside", [False, True], ids=["cases", "across"])
def test_every_table_has_the_rates(result: Result, width: int | None, aside: bool) -> None:
    text = render(result, "table", width, across="backend" if aside else None)
    assert figures(text, RATES) and not NOTHING.search(text)
    assert "requests" in text and "/s" in text
    assert ("Mbps" in text) == (result.profile == "mixed")
    assert aside or width is None or max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("result", [keys(), mixed()], ids=lambda result: result.profile)
def test_every_format_has_them(result: Result, format: str) -> None:
    text = render(result, format, None)
    assert format in ("csv", "json") or figures(text, RATES)
    assert "0.000 Mbps" not in text and "of 0 bytes" not in text


@pytest.mark.parametrize("format", ["markdown", "json", "csv"])
def test_data_of_it_have_no_bits(format: str) -> None:
    text = render(keys(), format, None)
    if format == "csv":
        (row, *_) = csv.DictReader(io.StringIO(text, newline=""))
        assert row["bits_per_second"] == row["cycles_per_byte"] == ""
        assert float(row["requests_per_second"]) == pytest.approx(1 / 6e-4)
    elif format == "json":
        found = json.loads(text)["cases"][0]["figures"]
        assert found["bits_per_second"] is None and found["cycles_per_byte"] is None
        assert found["requests_per_second"] == pytest.approx(1 / 6e-4)
    else:
        assert "| backend | algorithm | op | requests /s |" in text
        assert "Mbps" not in text and "cycles /B" not in text and "cycles /op" in text


@pytest.mark.parametrize("format", WRITERS)
def test_backends_side_by_side(format: str) -> None:
    text = render(mixed(), format, None, across="backend")
    if format == "csv":
        found = [row for row in csv.DictReader(io.StringIO(text, newline="")) if row["op"] == "sign"]
        assert float(found[0][f"{DEVICE} requests_per_second"]) == pytest.approx(20 / 6e-4)
        assert found[0][f"{DEVICE} bits_per_second"] == "" and float(found[0][f"{DEVICE} ratio"]) == 20
    elif format == "json":
        cell = json.loads(text)["lines"][-1]["cells"]["software"]
        assert (cell["bits_per_second"], cell["requests_per_second"]) == (None, pytest.approx(8e4))
    else:
        assert "33333 ×20.00" in text and "Cells: Mbps or requests/s" in text


def test_there_is_no_crossover_without_a_size() -> None:
    """Two backends at the one size of 0 never meet, neither for show nor for compare."""
    text = render(mixed(), "json", None, across="backend")
    assert {each["parameters"]["algorithm"] for each in json.loads(text)["crossovers"]} == {"aes-cbc-128"}
    assert {each.case.algorithm for each in crossovers.meetings(mixed().cases)} == {"aes-cbc-128"}


def test_a_device_is_not_fitted_to_it() -> None:
    with pytest.raises(BenchsuiteError, match="no case of the result has a size"):
        sweep(keys())


def test_pyperf_is_told_no_rate_of_bits(tmp_path: Path) -> None:
    store.save(keys(), tmp_path / "keys.json")
    text = (tmp_path / "keys.json").read_text()
    assert "benchsuite_mbps" not in text
    assert '"benchsuite_requests_per_second":1666.667' in text.replace(": ", ":")


# compare


def test_a_comparison_of_imported_logs(cli: Cli, tmp_path: Path) -> None:
    """As a maintainer has them: two tables of openssl speed."""
    for name, sign, verify in (("a", "500.0", "9000.0"), ("b", "550.0", "9900.0")):
        rate, other = float(sign), float(verify)
        table = f"rsa 2048 bits {1 / rate:.6f}s {1 / other:.6f}s {sign:>8} {verify:>8}\n"
        head = "OpenSSL 3.0.2 15 Mar 2022\n                  sign    verify    sign/s verify/s\n"
        store.save(import_text(head + table).result, tmp_path / f"{name}.json")
    done = cli.run("compare", "a.json", "b.json")
    assert re.search(r"sign +500\.0 +550\.0 +1\.100 ", done.stdout)
    assert re.search(r"verify +9000 +9900 +1\.100 ", done.stdout)
    assert "Mbps" not in done.stdout and "requests/s" in done.stdout and "request_size" not in done.stdout


@pytest.mark.parametrize("width", [40, 80, 200, None])
def test_a_comparison_as_a_table(width: int | None) -> None:
    text = render_comparisons([compared(mixed(), mixed(1.25))], "table", width, ["op"])
    assert not NOTHING.search(text) and "0.800" in text
    if width in (200, None):
        assert re.search(r"ecdh-x25519 +derive +25100 +20080 +0\.800", text)
    else:
        assert "Too narrow for" in text or width == 40
    if width is not None:
        assert max(map(len, text.splitlines())) <= width


def test_a_comparison_of_one_backend_fits_80_columns() -> None:
    base, other = (replace(each, cases=each.cases[: 10 + len(WORK)]) for each in (mixed(), mixed(1.25)))
    text = render_comparisons([compared(base, other)], "table", 80, ())
    assert re.search(r"ecdh-x25519 +derive +25100 +20080 +0\.800", text) and "Base  Other" in text
    assert re.search(r"Cases without a size, in operations \(requests\) per second: backend=software\n", text)


def test_a_comparison_in_markdown_and_in_a_comment() -> None:
    comparison = compared(mixed(), mixed(1.25))
    text = render_comparisons([comparison], "markdown", None, ())
    assert "| Base Mbps | Other Mbps |" in text and "| Base requests/s | Other requests/s |" in text
    assert "| ecdh-x25519 | derive | 25100 | 20080 |" in text
    comment = pull_request.render(comparison, outcome(comparison), "keys")
    assert "| ecdh-x25519 | derive | 25100 | 20080 |" in comment and "0.000" not in comment
    ET.fromstring(junit.render(comparison, outcome(comparison), "keys"))


def test_a_comparison_as_data() -> None:
    comparison = compared(keys(), keys(1.25))
    text = render_comparisons([comparison], "csv", None, ())
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert row["base_bits_per_second"] == row["other_bits_per_second"] == ""
    rates = float(row["base_requests_per_second"]), float(row["other_requests_per_second"])
    assert rates[1] / rates[0] == pytest.approx(0.8) and float(row["ratio"]) == pytest.approx(0.8)
    line = json.loads(render_comparisons([comparison], "json", None, ()))["comparisons"][0]["lines"][0]
    assert line["base_bits_per_second"] is None
    assert line["base_requests_per_second"] == rates[0]


def test_backends_of_one_result_compared() -> None:
    found = across(keys(), "backend", None)[NEW]
    (comparison,) = judged([(Party("software"), Party(NEW), found)], Rule(alpha=0.05), None, None)
    text = render_comparisons([comparison], "table", 80, ["algorithm"])
    assert re.search(r"keygen +100402 +125502 +1\.250", text)


# export


def test_openmetrics_has_requests_and_no_bits() -> None:
    lines = export(mixed(), "openmetrics").splitlines()
    bits = [line for line in lines if line.startswith("benchsuite_throughput_bits_per_second{")]
    requests = [line for line in lines if line.startswith("benchsuite_requests_per_second{")]
    assert len(bits) == 10 and not any('op="sign"' in line for line in bits)
    assert len(requests) == 10 + 2 * len(WORK) + 2
    (sign,) = [line for line in requests if 'backend="software",algorithm="rsa-2048",op="sign"' in line]
    assert float(sign.split()[1]) == pytest.approx(1 / 6e-4)


def test_pytest_benchmark_has_requests_and_no_mbps() -> None:
    extra = json.loads(export(keys(), "pytest-benchmark"))["benchmarks"][0]["extra_info"]
    assert "Mbps" not in extra and "cycles_per_byte" not in extra
    assert extra["requests_per_second"] == pytest.approx(1 / 6e-4)


# report


def test_the_page_has_a_plot_of_it() -> None:
    root = tree(mixed())
    section = root.one("section", id="operations")
    assert section.one("h2").text == "Operations per second"
    (data,) = section.all("pre")
    found = {(row["case"], row["line"]): row for row in rows(data)}
    assert len(found) == 2 * len(WORK) + 2
    row = found["rsa-2048 sign", DEVICE]
    assert float(row["requests/s"]) == pytest.approx(20 / 6e-4, rel=1e-4)
    assert float(row["low"]) < float(row["requests/s"]) < float(row["high"])
    tips = [
        mark.attributes["data-t"] for mark in section.all("path", class_="m") if "data-t" in mark.attributes
    ]
    assert "rsa-2048 sign, qat: 33333 requests/s (33201 to 33467)" in tips
    assert {"rsa-2048 sign", "ml-kem-768 encaps"} <= {
        text.text for text in section.all("text", class_="rowname")
    }


def test_nothing_else_on_the_page_is_of_a_size_it_has_not() -> None:
    for result in (keys(), mixed()):
        root = tree(result)
        assert not NOTHING.search(root.one("main").text)
        data = [row for each in root.all("pre") for row in rows(each) if "request_size (B)" in row]
        assert all(int(row["request_size (B)"]) > 0 for row in data)
    assert not tree(keys()).all("section", id="mbps-by-size")
    assert not tree(keys()).all("section", id="single")


def test_tables_of_the_page() -> None:
    cases = rows(tree(keys()).one("table", data_csv="cases"))
    assert cases[0]["requests/s"] == "1667" and cases[0]["cycles/op"]
    assert not {"Mbps", "cycles/B", "CPU s/Gbit", "size (B)"} & set(cases[0])
    both = rows(tree(mixed()).one("table", data_csv="cases"))
    assert (both[-1]["size (B)"], both[-1]["Mbps"], both[0]["cycles/op"]) == ("-", "-", "-")
    verdicts = rows(tree(keys(), keys(1.25)).one("table", data_csv="verdicts"))
    assert (verdicts[1]["other requests/s"], verdicts[1]["base requests/s"]) == ("40161", "50201")
    assert "other Mbps" not in verdicts[0]
    both = rows(tree(mixed(), mixed(1.25)).one("table", data_csv="verdicts"))
    assert (both[0]["other requests/s"], both[-1]["other Mbps"]) == ("-", "-")


def test_a_map_has_operations_beside_each_other() -> None:
    section = tree(keys()).one("section", id="ratio")
    (of_new, of_device) = section.all("table")
    assert rows(of_new)[0] == {
        "workload": "rsa-2048",
        "sign": "1.25 ▲faster",
        "verify": "1.25 ▲faster",
        "derive": "",
        "keygen": "",
        "encaps": "",
    }
    assert set(rows(of_device)[0]) == {"workload", "sign", "verify"}
    titles = [title.text for title in tree(mixed(), mixed()).one("section", id="ratio").all("h3")]
    assert titles[:2] == ["1 against 0", "1 against 0, without a size"]


def test_depths_have_a_plot_with_its_knee() -> None:
    section = tree(depths_of_keys()).one("section", id="operations-per-second-by-q_len")
    assert "knee at q_len 8" in section.one("ul", class_="legend").text
    (row, *_) = rows(section.one("pre"))
    assert float(row["requests/s"]) == pytest.approx(2500, rel=1e-3)


def test_latencies_have_no_size_in_their_names() -> None:
    section = tree(keys()).one("section", id="latency")
    names = {row["case"] for each in section.all("pre") for row in rows(each)}
    assert f"rsa-2048 sign: {DEVICE}" in names and not any(" B" in name for name in names)


def test_many_rows_are_several_plots_with_one_axis() -> None:
    cases = [measured(Case("software", f"rsa-{n}", "sign", request_size=0), 1e-6 * n) for n in range(1, 101)]
    found = ladders(collect([("a.json", Result("many", "", {}, cases))]))
    assert len(found) == 3 and sum(len(each.rungs) for each in found) == 100
    assert all(len(each.rungs) <= MOST_SPOTS for each in found)
    assert len({each.reach for each in found}) == 1
    assert found[0].heading == "Work without a size (1 of 3)"


def test_the_same_case_twice_is_drawn_once_and_said() -> None:
    result = keys()
    again = replace(result, cases=[*result.cases, result.cases[0]])
    (found,) = ladders(collect([("a.json", again)]))
    assert found.left_out == 1 and len(found.rungs) == len(WORK)


def test_plots_on_paper() -> None:
    found = {plan.name: plan for plan in plans(collect([("a.json", mixed()), ("b.json", depths_of_keys())]))}
    assert {"operations-per-second", "operations-per-second-by-q_len-rsa-2048-sign"} <= set(found)
    ((_, content),) = images(found["operations-per-second"], ["svg"])
    drawn = [each for each in ET.fromstring(content).iter() if each.tag.endswith("text")]
    text = " ".join("".join(each.itertext()) for each in drawn)
    for said in ("rsa-2048 sign", "requests/s", "33333", "qat", "Operations per second: Work without a size"):
        assert said in text, said
    ((_, png),) = images(found["operations-per-second"], ["png"])
    assert png.startswith(b"\x89PNG")


def test_sizes_alone_look_as_ever() -> None:
    assert ladders(collect([("a.json", sizes())])) == []
    root = tree(sizes())
    assert not root.all("section", id="operations")
    (row, *_) = rows(root.one("table", data_csv="cases"))
    assert "cycles/op" not in row and {"Mbps", "cycles/B", "CPU s/Gbit"} <= set(row)
