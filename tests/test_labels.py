"""Labels of backends: which are taken, what is shown in place of a path, and what belongs together by it."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from command import SMALL, Cli
from compare_fixture import CBC, failed, measured, paired, result
from test_ci_docs import library

from benchsuite import profile, store
from benchsuite.backends import known
from benchsuite.compare.labels import label_of, short, shown
from benchsuite.compare.matching import of_two
from benchsuite.compare.warnings import warnings
from benchsuite.exports import render as export
from benchsuite.model import BenchsuiteError, Case, CaseResult, Result
from benchsuite.profile import Named
from benchsuite.report import render
from benchsuite.report.charts.compared import compared
from benchsuite.report.charts.entries import collect
from benchsuite.runs.plan import make_plan
from benchsuite.selection.filters import fits, parse

OTHER = {"version": "OpenSSL 4.0.1 1 Oct 2026"}


def on(backend: str, label: str = "", **facts: str) -> CaseResult:
    return replace(measured(replace(CBC, backend=backend), [1e-6] * 3, **facts), label=label)


def names(*results: Result) -> list[list[str]]:
    return [list(dict.fromkeys(case.case.backend for case in each.cases)) for each in shown(*results)]


# What is a label


@pytest.mark.parametrize(
    ("text", "label", "backend"),
    [
        ("new=software:/x/libcrypto.so.3", "new", "software:/x/libcrypto.so.3"),
        ("3.0-rc1+fix_2=null", "3.0-rc1+fix_2", "null"),
        ("sim:dev,clock=real", "", "sim:dev,clock=real"),
        ("dev=sim:./a=b.toml,clock=real", "dev", "sim:./a=b.toml,clock=real"),
        ("software", "", "software"),
    ],
)
def test_a_label_stands_before_a_backend(text: str, label: str, backend: str) -> None:
    assert Named.of(text, known(), "-b") == (label, backend)


@pytest.mark.parametrize("bad", ["", " ", "a b", "a,b", "a/b", "a=b", "-a", ".a", "null", "x" * 41])
def test_what_is_no_label_is_said(bad: str) -> None:
    with pytest.raises(BenchsuiteError, match="label"):
        make_plan("ci", (), (f"{bad}=software",))


@pytest.mark.parametrize("pair", [("x=null", "x=python"), ("x=null", "y=null")])
def test_labels_tell_backends_apart(pair: tuple[str, str]) -> None:
    with pytest.raises(BenchsuiteError, match="'x'"):
        make_plan("ci", (), pair)


def test_a_profile_gives_labels_as_well(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(SMALL + 'backend = ["null", "new=software"]\n')
    plan = make_plan(str(path), (), ())
    assert plan.labels == {"software": "new"} and [case.backend for case in plan.cases] == [
        "null",
        "software",
    ]
    assert [plan.name(case).partition("/")[0] for case in plan.cases] == ["null", "new"]
    path.write_text(
        path.read_text() + '[[matrix]]\nwhy = "Two."\nalgorithm = "sha256"\nbackend = "new=python"\n'
    )
    with pytest.raises(BenchsuiteError, match=r"matrix 2.*'new' is given"):
        profile.expand(profile.load(path), known_backends=known(), cpus=2)


def test_a_filter_takes_the_label_and_what_is_measured() -> None:
    case = on("software:/x.so", "new")
    for text, expected in (("new", True), ("software*", True), ("old", False)):
        for each in (case, shown(result(case))[0].cases[0]):
            assert fits(each, [parse(f"backend={text}")]) is expected
            assert fits(each, [parse(f"backend!={text}")]) is not expected


# What is shown


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("OpenSSL 3.0.19 27 Jan 2026", "3.0.19"),
        ("OpenSSL 1.1.1w  11 Sep 2023", "1.1.1w"),
        ("OpenSSL 3.5.0-dev , FIPS mode", "3.5.0-dev"),
        ("LibreSSL 4.0.0", "LibreSSL-4.0.0"),
        ("BoringSSL", "BoringSSL"),
        ("\x1b[31m", "-31m"),
        ("", "\u2026"),
    ],
)
def test_a_version_is_shortened(version: str, expected: str) -> None:
    assert short(version) == expected


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ([on("software"), on("null"), on("cryptodev:/dev/c")], ["software", "null", "cryptodev:/dev/c"]),
        ([on("software:/a.so"), on("software:/b.so", **OTHER)], ["software:3.0.19", "software:4.0.1"]),
        ([on("software:/a.so", "new"), on("software", "old")], ["new", "old"]),
        (
            [on("software:/j/base/lib.so"), on("software:/j/new/lib.so")],
            ["software:3.0.19@base", "software:3.0.19@new"],
        ),
        ([on("software:/a/b/x.so"), on("software:/b/a/x.so")], ["software:3.0.19@b", "software:3.0.19@a"]),
        (
            [on("software:/a/1/x.so"), on("software:/a/2/x.so"), on("software:/a/2/y.so")],
            ["software:3.0.19#1", "software:3.0.19#2", "software:3.0.19#3"],
        ),
        ([failed(Case("software:/a/x.so", "sha256"))], ["software:\u2026/x.so"]),
        ([on("sim:./mine.toml,clock=real"), on("sim:hifn7956")], ["sim:mine,clock=real", "sim:hifn7956"]),
        ([on("sim:./hifn7956.toml"), on("sim:hifn7956")], ["sim:./hifn7956.toml", "sim:hifn7956"]),
    ],
)
def test_what_a_backend_is_called(cases: list[CaseResult], expected: list[str]) -> None:
    original = result(*cases)
    assert names(original) == [expected]
    again = shown(*shown(original))[0]
    assert [case.case.backend for case in again.cases] == expected
    assert [case.backend for case in again.cases] == [case.case.backend for case in cases]


def test_one_library_has_one_name_whatever_became_of_its_cases() -> None:
    broken = failed(Case("software:/a/x.so", "sha256", "digest"))
    assert names(result(broken, on("software:/a/x.so"))) == [["software:3.0.19"]]


@pytest.mark.parametrize("format", ["table", "csv", "json", "markdown"])
def test_every_format_shows_the_label(format: str) -> None:
    text = render(result(on("software:/build/42/x.so", "new"), on("software:/build/43/x.so")), format, None)
    assert "new" in text and "software:3.0.19" in text
    assert ("build/42" in text) == (format != "csv")  # where it says what the label stands for


@pytest.mark.parametrize("name", ["openmetrics", "pytest-benchmark", "csv", "csv-values"])
def test_a_history_of_exports_has_no_path_of_a_build(name: str) -> None:
    here, there = (
        export(
            result(on(f"software:/build/{job}/x.so", "new"), on(f"software:/build/{job}/y.so", **OTHER)), name
        )
        for job in (42, 43)
    )
    if name == "pytest-benchmark":
        here, there = (
            str([each["name"] for each in json.loads(text)["benchmarks"]]) for text in (here, there)
        )
    assert here == there and "new" in here and "software:4.0.1" in here


def test_a_legend_has_labels_and_the_base_is_found_by_them() -> None:
    data = collect([("r.json", result(on("null"), on("software:/x.so", "old"), on("software:/y.so", "new")))])
    assert (
        sorted(contender.label for contender in data.contenders) == ["new", "null", "old"]
        and data.base == "old"
    )


def test_a_report_of_pairs_says_the_labels() -> None:
    pairs = paired([(CBC, 1e-6, 1e-6)])
    for case, label in zip(pairs.cases, ("old", "new"), strict=True):
        case.label = label
    assert [each.title for each in compared(collect([("r.json", pairs)]))] == ["new against old"]


# What belongs together


def test_a_label_pairs_yesterday_with_today() -> None:
    base, other = shown(
        result(on("software:/job/1/x.so", "new"), on("software:/job/1/y.so", "old")),
        result(on("software:/elsewhere/y.so", "new"), on("software:/job/1/x.so", "third")),
    )
    found = of_two(base, other)
    assert [couple.case.backend for couple in found.couples] == ["new"]
    assert not any("taken for the same" in text for text in warnings(base, other, found.couples))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["/a/x.so"], ["/b/y.so"], {"/a/x.so": "/b/y.so"}),
        (
            ["/1/base/x.so", "/1/new/x.so"],
            ["/2/new/x.so", "/2/base/x.so"],
            {"/1/base/x.so": "/2/base/x.so", "/1/new/x.so": "/2/new/x.so"},
        ),
        (["/a/x.so", "/b/x.so"], ["/b/x.so", "/c/x.so"], {"/a/x.so": "/c/x.so", "/b/x.so": "/b/x.so"}),
        (["/a/x.so", "/b/x.so"], ["/c/x.so"], {}),
    ],
)
def test_a_library_of_another_folder_has_the_same_role(
    before: list[str], after: list[str], expected: dict[str, str]
) -> None:
    base, other = shown(
        result(*(on(f"software:{path}") for path in before)),
        result(*(on(f"software:{path}", **OTHER) for path in after)),
    )
    found = of_two(base, other)
    pairs = {each.base.backend: each.other.backend for each in found.couples}
    assert pairs == {f"software:{a}": f"software:{b}" for a, b in expected.items()}
    said = [text for text in warnings(base, other, found.couples) if "taken for the same" in text]
    assert len(said) == sum(a != b for a, b in expected.items())


def test_in_pairs_the_side_is_the_role() -> None:
    before, after = (
        paired([(CBC, 1e-6, 1e-6)], (f"software:/{job}/{a}.so", f"software:/{job}/{b}.so"))
        for job, a, b in ((1, "p", "q"), (2, "r", "s"))
    )
    found = of_two(*shown(before, after))
    assert [couple.other.backend for couple in found.couples] == ["software:/2/s.so"]
    assert found.couples[0].anchors and found.couples[0].anchors[1].backend == "software:/2/r.so"


def test_a_user_names_a_backend_as_it_was_given() -> None:
    labelled = shown(result(on("software:/x.so", "new"), on("software:/y.so")))
    assert label_of("software:/x.so", labelled) == "new"
    assert label_of("software:/y.so", labelled) == "software:3.0.19"
    assert label_of("nonesuch", labelled) == "nonesuch"


# Files


def test_a_result_keeps_what_was_measured_beside_the_label(tmp_path: Path) -> None:
    original = result(on("software:/x.so", "new"), replace(failed(Case("null", "sha256")), label="none"))
    store.save(original, tmp_path / "r.json")
    assert store.load(tmp_path / "r.json") == original
    data = json.loads((tmp_path / "r.json").read_text())
    assert data["benchmarks"][0]["metadata"]["name"].startswith("new/")  # pyperf pairs by it


@pytest.mark.parametrize("bad", [1, None, ["new"]])
def test_a_label_in_a_file_is_text(tmp_path: Path, bad: object) -> None:
    path = tmp_path / "r.json"
    store.save(result(on("software:/x.so", "new")), path)
    path.write_text(path.read_text().replace('"label":"new"', f'"label":{json.dumps(bad)}'))
    with pytest.raises(BenchsuiteError, match=r"cases\[0\].label: expected text"):
        store.load(path)


# The commands


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Two folders with the system's library each."""
    for name in ("base", "proposed", "elsewhere"):
        (tmp_path / name).mkdir()
        shutil.copy(library(), tmp_path / name / "libcrypto.so")
    return tmp_path


def test_run_resume_and_compare_by_label(cli: Cli, build: Path) -> None:
    run = ["run", cli.profile(), "-q", "-o", "a.json"]
    labelled = ["-b", f"new=software:{build / 'base' / 'libcrypto.so'}"]
    done = cli.run(*run, *labelled)
    assert done.returncode == 0 and "backend=new" not in done.stdout and "\nnew " in done.stdout, done.stdout
    kept = store.load(cli.directory / "a.json").cases[0]
    assert (kept.case.backend, kept.label) == (labelled[1].partition("=")[2], "new")
    run[-1] = "b.json"
    assert cli.run(*run, "-b", f"new=software:{build / 'elsewhere' / 'libcrypto.so'}").returncode == 0
    done = cli.run("compare", "a.json", "b.json", "-f", "json")
    (line,) = json.loads(done.stdout)["comparisons"][0]["lines"]
    assert done.returncode == 0 and line["name"] == line["base_name"] and line["name"].startswith("new/")


def test_another_label_does_not_resume(cli: Cli) -> None:
    plan = make_plan("ci", ("algorithm=sha256",), ("x=null",))
    store.Journal.create(cli.directory / "r.json", plan, {}).close()
    again = ["run", "ci", "-s", "algorithm=sha256", "-o", "r.json", "--resume", "-q"]
    assert "label of null was 'x' then, is None now" in cli.refuses(*again, "-b", "null").replace("\n", " ")
    resumed = store.resume(cli.directory / "r.json", plan)
    resumed.journal.close()
    assert {case.label for case in resumed.cases} == {"x"}


def test_a_gate_names_its_sides_in_every_report(cli: Cli, build: Path) -> None:
    sides = [f"{name}=software:{build / name / 'libcrypto.so'}" for name in ("base", "proposed")]
    few = [
        "-s",
        "algorithm=sha256",
        "-s",
        "request_size=1024",
        "--threshold",
        "900%",
        "--smallest",
        "800%",
        "-q",
    ]
    reports = ["--junit", "j.xml", "--markdown", "c.md", "--json", "g.json"]
    done = cli.run("gate", "ci", "--paired", *sides, *few, *reports, "-o", "r.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Base: base (software:{build}/base/libcrypto.so, OpenSSL")
    test = ET.parse(cli.directory / "j.xml").find("testsuite/testcase")
    assert test is not None and test.get("classname") == "proposed.sha256"
    assert (test.get("name") or "").startswith("proposed/sha256/")
    (line,) = json.loads((cli.directory / "g.json").read_text())["comparisons"][0]["lines"]
    assert line["base_name"].startswith("base/")
    assert [case.label for case in store.load(cli.directory / "r.json").cases] == ["base", "proposed"]
    again = cli.run("compare", "r.json")
    assert again.returncode == 0 and "Other: proposed (" in again.stdout


def test_a_gate_is_filtered_by_a_label(cli: Cli) -> None:
    few = ["-s", "algorithm=aes-128-cbc", "-s", "request_size=64", "-s", "op=encrypt", "-q"]
    sides = ["--paired", "old=python", "new=null"]
    assert cli.run("gate", "ci", *sides, *few, "--filter", "backend=new").returncode == 0
    assert "no case of the profile" in cli.refuses("gate", "ci", *sides, *few, "--filter", "backend=old")


def test_a_baseline_knows_the_label_of_another_build(cli: Cli, build: Path) -> None:
    few = ["-s", "algorithm=sha256", "-s", "request_size=1024", "--baseline", "b.json", "-q"]
    backend = "new=software:{}/libcrypto.so"
    done = cli.run("gate", "ci", *few, "-b", backend.format(build / "base"), "--accept", "first")
    assert done.returncode == 0, done.stderr
    limits = ["--threshold", "900%", "--smallest", "800%"]
    done = cli.run("gate", "ci", *few, "-b", backend.format(build / "elsewhere"), *limits)
    assert done.returncode == 0 and "only in" not in done.stdout, done.stdout + done.stderr
    message = cli.refuses("gate", "ci", *few, "-b", backend.replace("new=", "newer=").format(build / "base"))
    assert "has the same work by new, not by newer" in message and "-b LABEL=" in message


def test_verify_and_a_dry_run_say_the_label(cli: Cli) -> None:
    done = cli.run("verify", "-b", "sys=software", "-a", "sha256")
    assert done.returncode == 0 and "\nsys  sha256  ok" in done.stdout, done.stdout + done.stderr
    done = cli.run("run", cli.profile(), "-n", "-b", "sys=software")
    assert done.stdout.startswith("sys/aes-128-cbc/")
