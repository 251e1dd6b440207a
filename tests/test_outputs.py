"""Where results go: default names that nobody shares, and one refusal of what is there already."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from command import Cli
from compare_fixture import CBC, measured, result

from benchsuite import store
from benchsuite.cli import outputs
from benchsuite.model import BenchsuiteError

GATE = ("-o", "--junit", "--markdown", "--json")
LOG = "aes-128-cbc 1000 operations in 1 seconds (1000000 bytes)\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_default_names_of_one_second_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda _: "20261130-120000")
    found = [outputs.default("p") for _ in range(3)]
    assert [path.name for path in found] == [f"p-20261130-120000{end}.json" for end in ("", "-2", "-3")]
    for path in found:
        outputs.check(path, False)  # ours, though there is a file


def test_a_name_whose_journal_is_left_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda _: "20261130-120000")
    Path("results").mkdir()
    for name in ("p-20261130-120000.json.journal", "p-20261130-115959-11.json.journal", "p-x.json.journal"):
        Path("results", name).touch()
    assert outputs.default("p").name == "p-20261130-120000-2.json"
    assert outputs.cut_short("p").name == "p-20261130-120000.json"
    Path("results/p-20261130-120000-10.json.journal").touch()
    Path("results/p-20261130-120000-9.json.journal").touch()
    assert outputs.cut_short("p").name == "p-20261130-120000-10.json"
    with pytest.raises(BenchsuiteError, match="nothing to resume"):
        outputs.cut_short("q")


def test_commands_of_one_second_keep_all_results(cli: Cli) -> None:
    running = [cli.start("run", cli.profile(), "-q") for _ in range(3)]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    for process in running:
        process.communicate()
    kept = list((cli.directory / "results").iterdir())
    assert len(kept) == 3 and all(store.load(path).complete for path in kept)


def test_a_name_that_was_not_used_is_given_back(cli: Cli) -> None:
    cli.refuses("gate", "ci", "--paired", "null", "software:/nonesuch.so")
    assert list((cli.directory / "results").iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["export", "r.json", "-t", "csv", "-o"],
        ["report", "r.json", "-o"],
        ["import", "log.txt", "-o"],
        ["fit", "r.json", "-o"],
        ["run", "quick", "-o"],
        ["compare", "--paired", "null", "null", "-o"],
        *(["gate", "ci", "--paired", "null", "null", option] for option in GATE),
    ],
    ids=" ".join,
)
def test_nothing_is_overwritten_unasked(words: list[str], cli: Cli) -> None:
    store.save(result(measured(CBC, [1e-6])), cli.directory / "r.json")
    (cli.directory / "log.txt").write_text(LOG)
    there = cli.directory / "there.toml"
    there.write_text("mine")
    message = cli.refuses(*words, "there.toml")
    assert f"{words[-1]} there.toml: there is a file already" in message and "--overwrite" in message
    assert there.read_text() == "mine"


def test_overwrite_is_for_every_report(cli: Cli) -> None:
    reports = {"--junit": "j.xml", "--markdown": "c.md", "--json": "g.json"}
    for name in reports.values():
        (cli.directory / name).write_text("old")
    few = ["-s", "algorithm=sha256", "-s", "request_size=64", "-q"]
    few += ["--threshold", "900%", "--smallest", "800%"]
    words = [word for pair in reports.items() for word in pair]
    done = cli.run("gate", "ci", "--paired", "null", "null", *few, *words, "--overwrite")
    assert done.returncode == 0, done.stderr
    assert all((cli.directory / name).read_text() != "old" for name in reports.values())


# Results that nobody wants to keep, and what is no file

QUICKLY = ("-b", "null", "-s", "request_size=16", "-s", "processes=1", "-s", "values=2", "-q")


def test_nothing_is_kept_in_dev_null(cli: Cli) -> None:
    before = set(Path("/dev").iterdir())
    done = cli.run("run", cli.profile(), *QUICKLY, "-o", "/dev/null")
    assert done.returncode == 0 and "Mbps" in done.stdout and "kept in no file" in done.stderr
    assert set(Path("/dev").iterdir()) == before and Path("/dev/null").is_char_device()
    assert "so there is nothing to resume" in cli.refuses(
        "run", cli.profile(), *QUICKLY, "-o", "/dev/null", "--resume"
    )


def test_what_is_imported_need_not_be_kept(cli: Cli) -> None:
    log = cli.directory / "log.txt"
    log.write_text("Doing aes-128-cbc for 3s on 16 size blocks: 1000000 aes-128-cbc's in 3.00s\n")
    done = cli.run("import", log, "-o", "/dev/null")
    assert done.returncode == 0, done.stderr
    assert "kept in no file" in done.stderr and not (cli.directory / "results").exists()


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/full", "/dev/fd/1", "pipe"])
def test_what_is_no_file_is_refused_before_anything_is_measured(cli: Cli, name: str) -> None:
    os.mkfifo(cli.directory / "pipe")
    said = cli.refuses("run", cli.profile(), *QUICKLY, "-o", name)
    assert "replaced as a whole" in said and "choose another with -o" in said
