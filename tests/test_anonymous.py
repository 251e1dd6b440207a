"""Results without names: whatever is in them, nobody's host, user, home or MAC address is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import Cli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_strategies import real_result, results

from benchsuite import store
from benchsuite.anonymous import MAC, erased, result_without_names
from benchsuite.model import Result
from benchsuite.remarks import Remarks

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
LOG = """\
Nov 21 13:09:00 gateway kernel: Linux version 6.1.0 (alice@buildbox) (gcc)
Nov 21 13:09:00 gateway kernel: eth0: hw address 00:1b:44:11:3a:b7
alice@gateway:~$ openssl speed -evp aes-128-cbc
Doing aes-128-cbc for 3s on 16 size blocks: 1000000 aes-128-cbc's in 3.00s
a secret of alice's gateway
"""


def full_of_names() -> Result:
    result = real_result(failures=False)  # of the host "gateway"
    for case in result.cases:
        for run in case.runs:
            run.facts |= {"version": "built by alice on gateway", "path": "/home/alice/ssl/libcrypto.so"}
    result.environment["benchsuite_cc"] = "/home/alice/bin/cc, eth0 00:1B:44:11:3A:B7, of bob@buildbox"
    Remarks({"where": "on gateway"}, "alice did it", ("benchsuite run /home/alice/p.toml",)).put_on(result)
    return result


def test_no_name_is_left_anywhere(tmp_path: Path) -> None:
    found = result_without_names(full_of_names())
    store.save(found, tmp_path / "r.json")
    text = (tmp_path / "r.json").read_text()
    for name in ("alice", "gateway", "bob", "buildbox", "/home/", "00:1B", "hostname"):
        assert name not in text, name
    assert found.command == "benchsuite run ~/p.toml" and found.note == "user did it"
    assert found.tags == {"where": "on host"}
    assert found.environment["benchsuite_cc"] == f"~/bin/cc, eth0 {MAC}, of user@host"
    assert found.cases[0].runs[0].facts["path"] == "~/ssl/libcrypto.so"


def test_figures_stay_as_they_were_measured() -> None:
    before = full_of_names()
    after = result_without_names(before)
    assert [case.values for case in after.cases] == [case.values for case in before.cases]
    assert [case.case for case in after.cases] == [case.case for case in before.cases]


def test_what_names_told_apart_is_still_told_apart() -> None:
    said = erased({"hostname": "gateway", "a": ["/home/alice/x", "/home/bob/x", "on gateway"]})
    assert said == {"a": ["~/x", "~2/x", "on host"]}


@pytest.mark.parametrize("word", ["software", "root", "aes-128-cbc", "encrypt", "localhost", "3.0.19", "x"])
def test_a_word_of_ours_is_no_name(word: str) -> None:
    said = erased(
        {"hostname": word, "text": f"software, root, aes-128-cbc, encrypt, localhost, 3.0.19, {word}"}
    )
    assert word in said["text"] and "hostname" not in said


@relaxed
@given(results, st.sampled_from(["note", "command", "why", "profile"]))
def test_any_result_can_be_made_anonymous(result: Result, place: str) -> None:
    setattr(result, place, f"by zebedee42 in /home/zebedee42/x on {place}")
    result.environment["hostname"] = "florence77"
    result.environment["text"] = ["florence77 is", {"of": "zebedee42@florence77.example"}]
    found = result_without_names(result)
    text = repr(found)
    assert "zebedee42" not in text and "florence77" not in text
    assert [case.values for case in found.cases] == [case.values for case in result.cases]
    assert [case.tags for case in found.cases] == [case.tags for case in result.cases]


def test_an_imported_log_keeps_no_name(cli: Cli) -> None:
    (cli.directory / "alice-gateway.log").write_text(LOG)
    done = cli.run("import", "alice-gateway.log", "--anonymous", "-o", "r.json", "-q")
    assert done.returncode == 0, done.stderr
    text = (cli.directory / "r.json").read_text()
    for name in ("alice", "gateway", "buildbox", "00:1b", "secret"):
        assert name not in text, name
    source = json.loads(text)["benchsuite"]["environment"]["benchsuite_imported"][0]
    assert (source["file"], source["lines_not_understood"], source["not_understood"]) == ("log1.log", 2, [])


def test_a_run_and_its_journal_keep_no_name(cli: Cli) -> None:
    words = ("-b", "null", "-s", "request_size=16", "-s", "processes=1", "-s", "values=2", "-q")
    note = ("--note", "of zebedee42, in /home/zebedee42")
    done = cli.run("run", cli.profile(), *words, "--anonymous", *note, "-o", "r.json")
    assert done.returncode == 0, done.stderr
    result = store.load(cli.directory / "r.json")
    assert "hostname" not in result.environment and result.note == "of user, in ~"
    assert "zebedee42" not in (cli.directory / "r.json").read_text()


def test_there_already_is_a_result_with_names(cli: Cli) -> None:
    store.save(full_of_names(), cli.directory / "r.json")
    assert cli.run("edit", "r.json", "--anonymous", "-o", "s.json").returncode == 0
    assert "alice" in (cli.directory / "r.json").read_text()
    assert "alice" not in (cli.directory / "s.json").read_text()
    assert cli.run("show", "s.json").returncode == 0
