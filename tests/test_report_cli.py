"""`benchsuite report` from the outside: files, what it says, what it refuses."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from by_backend_fixture import paths
from command import PATIENCE, Cli
from page_reading import read, rows
from report_fixture import everything, sizes
from report_page_fixture import depths
from series_fixture import logged, steady
from series_fixture import result as course

from benchsuite import store
from benchsuite.model import Case, CaseResult, Failure, Result


@pytest.fixture
def saved(cli: Cli) -> Cli:
    for name, result in (("sizes", sizes()), ("paths", paths()), ("depths", depths()), ("all", everything())):
        store.save(result, cli.directory / f"{name}.json")
    return cli


def test_a_page(saved: Cli) -> None:
    done = saved.run("report", "sizes.json", "-o", "out.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "report: out.html\n")
    root = read((saved.directory / "out.html").read_text("utf-8"))
    assert len(rows(root.one("table", data_csv="cases"))) == 10


def test_what_was_noted_until_a_case_was_cut_short_is_something_to_plot(saved: Cli) -> None:
    case = logged(steady())
    for run in case.runs:
        run.values, run.warmups = [], []
    store.save(replace(course(case), complete=False), saved.directory / "short.json")
    done = saved.run("report", "short.json", "-o", "out.html")
    assert done.returncode == 0 and "what was noted until they were cut short is drawn" in done.stderr
    page = read((saved.directory / "out.html").read_text("utf-8"))
    assert page.one("section", id="time").all("svg")
    said = page.one("section", id="glance").text
    assert said.lower().count("incomplete") == 1  # once is enough


def test_the_page_has_a_default_name(saved: Cli) -> None:
    assert saved.run("report", "paths.json").returncode == 0
    assert (saved.directory / "report.html").exists()


def test_a_page_needs_no_matplotlib(saved: Cli) -> None:
    """It takes most of a second to load."""
    code = (
        "import sys; from benchsuite.cli import cli; cli(['report', 'sizes.json'], standalone_mode=False); "
        "sys.exit('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=saved.directory, timeout=PATIENCE)
    assert done.returncode == 0


def test_two_results_and_a_title(saved: Cli) -> None:
    done = saved.run("report", "sizes.json", "paths.json", "-o", "out.html", "--title", "Before <after>")
    assert done.returncode == 0, done.stderr
    root = read((saved.directory / "out.html").read_text("utf-8"))
    assert root.one("h1").text == "Before <after>"
    assert {row["result"] for row in rows(root.one("table", data_csv="cases"))} == {"sizes", "paths"}


def test_nothing_is_replaced_unless_asked(saved: Cli) -> None:
    page = saved.directory / "out.html"
    page.write_text("mine")
    said = saved.refuses("report", "sizes.json", "-o", "out.html")
    assert "there is a file already" in said and "--overwrite" in said
    assert page.read_text() == "mine"
    assert saved.run("report", "sizes.json", "-o", "out.html", "--overwrite").returncode == 0
    assert page.read_text() != "mine"


def test_plots(saved: Cli) -> None:
    done = saved.run("report", "depths.json", "--png", "figures", "--svg", "papers/figures")
    assert done.returncode == 0, done.stderr
    # Before them matplotlib may say that it builds its cache of fonts.
    assert done.stderr.splitlines()[-2:] == ["4 plots: figures/*.png", "4 plots: papers/figures/*.svg"]
    kinds = ("mbps-by-q_len", "cpu-per-gbit-by-q_len", "host-cpu-freed-by-q_len", "latency")
    names = {f"{kind}-aes-128-cbc-encrypt" for kind in kinds}
    for kind, folder in (("png", "figures"), ("svg", "papers/figures")):
        assert {path.name for path in (saved.directory / folder).iterdir()} == {f"{n}.{kind}" for n in names}
    assert not (saved.directory / "report.html").exists()
    said = saved.refuses("report", "depths.json", "--svg", "papers/figures")
    assert "4 plots would be replaced" in said and "--overwrite" in said
    assert saved.run("report", "depths.json", "--svg", "papers/figures", "--overwrite").returncode == 0


def test_a_filter_and_a_base(saved: Cli) -> None:
    arguments = ("report", "paths.json", "-o", "out.html", "--filter", "q_len=16", "--base", "afalg")
    assert saved.run(*arguments).returncode == 0
    root = read((saved.directory / "out.html").read_text("utf-8"))
    assert {row["base"] for row in rows(root.one("table", data_csv="verdicts"))} == {"afalg"}
    assert "algorithm=aes-128-cbc" not in root.one("section", id="cases").text
    assert "q_len=16" in root.one("section", id="cases").text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"{", "cut short"),
        (b"[" * 100_000, ""),
        (b'{"version": "1.0", "benchmarks": []}', ""),
        (b"<script>alert(1)</script>", "JSON"),
        (b"\xff\xfe\x00", ""),
    ],
    ids=["empty", "cut off", "deep", "not ours", "no json", "no text"],
)
def test_a_bad_result_is_a_clear_line(cli: Cli, content: bytes, expected: str) -> None:
    (cli.directory / "bad.json").write_bytes(content)
    said = cli.refuses("report", "bad.json", "-o", "out.html")
    assert "bad.json" in said and expected in said
    assert not (cli.directory / "out.html").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("missing.json",), "missing.json"),
        ((), "RESULT"),
        (("sizes.json", "-o", "no/such/dir/out.html"), "mkdir -p"),
        (("sizes.json", "-o", "."), "directory"),
        (("sizes.json", "--base", "sofware"), "did you mean 'software'?"),
        (("sizes.json", "--filter", "algorithm=nothing"), "no case of the results fits"),
        (("sizes.json", "--filter", "nonsense"), "--filter"),
        (("sizes.json", "--png", "sizes.json"), "--png sizes.json"),
    ],
)
def test_mistakes(saved: Cli, arguments: tuple[str, ...], expected: str) -> None:
    assert expected in saved.refuses("report", *arguments)
    assert not (saved.directory / "report.html").exists()


def test_a_result_without_any_figure_is_a_page_all_the_same(cli: Cli) -> None:
    failed = CaseResult(Case("afalg", "aes-128-cbc"), [], Failure("unavailable", "no AF_ALG"))
    store.save(Result("p", "", {}, [failed]), cli.directory / "failed.json")
    done = cli.run("report", "failed.json", "-o", "out.html")
    assert done.returncode == 3 and "no case has a figure" in done.stderr
    assert "no AF_ALG" in (cli.directory / "out.html").read_text("utf-8")


def test_what_was_imported_is_reported(cli: Cli) -> None:
    sample = Path(__file__).parent / "samples" / "tcrypt" / "6.1-hash-seconds-mode303.log"
    assert cli.run("import", sample, "-o", "tcrypt.json").returncode == 0
    done = cli.run("report", "tcrypt.json", "-o", "out.html", "--svg", "plots")
    assert done.returncode == 0, done.stderr
    root = read((cli.directory / "out.html").read_text("utf-8"))
    assert root.one("section", id="mbps-by-size").all("svg", class_="plot")
    assert list((cli.directory / "plots").glob("mbps-by-size-*.svg"))
