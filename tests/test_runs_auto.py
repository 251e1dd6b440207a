"""What a run makes of the `auto` backend: asked once, in a process of its own, told, kept, and obeyed."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import Cli

from benchsuite import host, native, profile, store
from benchsuite.backends.candidates import from_text
from benchsuite.model import BenchsuiteError, Case, CouldNotMeasure, Failure
from benchsuite.runner import calls
from benchsuite.runs.auto import decide, question
from benchsuite.runs.plan import wishing
from benchsuite.store.journal import Journal, journal_path, resume

CBC = Case("auto", "aes-128-cbc", request_size=64)

# Asked in a process of its own, on this machine


def test_equal_questions_have_one_decision() -> None:
    cases = [replace(CBC, backend="auto:require=software", q_len=q, batch=b) for q in (1, 8) for b in (0, 1)]
    found = decide([*cases, Case("null", "aes-128-cbc")])
    assert len(found) == 1
    assert found[question(cases[3])]["chosen"] == "software"


@pytest.mark.parametrize("how", ["abort();", "for (;;) pause();", "_exit(7);"])
def test_a_library_that_dies_when_it_is_asked_is_a_reason(how: str, tmp_path: Path) -> None:
    source, library = tmp_path / "l.c", tmp_path / "l.so"
    source.write_text(
        "#include <stdlib.h>\n#include <unistd.h>\n"
        f"__attribute__((constructor)) static void at_once(void) {{ {how} }}\n"
    )
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    case = replace(CBC, backend=f"auto:prefer=software:{library},require=software")
    (decided,) = decide([case], deadline=5.0).values()
    assert decided["chosen"] == "software"
    refused = {each.backend: each.refused for each in from_text(decided["candidates"])}
    assert re.search("crashed|ended with status 7|no answer within 5 s", refused[f"software:{library}"])


def test_nothing_will_do_is_a_failure_with_every_reason() -> None:
    (decided,) = decide([Case("auto:require=hardware", "sha512-224", "digest")]).values()
    assert isinstance(decided, Failure) and decided.kind == "unavailable"
    assert "afalg: " in decided.reason and "cryptodev: " in decided.reason
    assert "software: not hardware, which is required" in decided.reason


def test_a_case_by_itself_is_decided_where_it_is_opened() -> None:
    run = calls.measure(
        replace(CBC, backend="auto:require=software"), profile.expand(_plan(), cpus=2).measures[0], 0, None
    )
    assert not isinstance(run, Failure) and "OpenSSL" in run.facts["version"]


def test_libcryptos_fips_mode_is_part_of_what_is_measured(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "fips.cnf").write_text(
        "openssl_conf = init\n[init]\nalg_section = evp\n[evp]\ndefault_properties = fips=yes\n"
    )
    plain = calls.describe("software")
    if "OpenSSL 1." in str(plain):
        pytest.skip("its FIPS mode is not in the configuration file")
    monkeypatch.setenv("OPENSSL_CONF", str(tmp_path / "fips.cnf"))
    assert calls.describe("software") == f"{plain}, FIPS mode"


# The journal


def _plan() -> profile.Profile:
    matrix = {"why": "x", "backend": ["auto"], "algorithm": ["aes-128-cbc"], "request_size": [64]}
    how = {"processes": 2, "values": 3, "min_time": "1ms"}
    return profile.parse({"why": "A test.", "measure": how, "matrix": [matrix]}, "test", "test")


def test_a_decision_holds_after_a_resume(tmp_path: Path) -> None:
    plan = profile.expand(_plan(), cpus=2)
    with Journal.create(tmp_path / "r.json", plan, {}) as journal:
        journal.decided(0, {"chosen": "null", "candidates": "[]"})
    resumed = resume(tmp_path / "r.json", plan)
    resumed.journal.close()
    assert resumed.decided == {0: {"chosen": "null", "candidates": "[]"}}


@pytest.mark.parametrize(
    "record", [{"decided": [], "case": 0}, {"decided": {"chosen": 1}, "case": 0}, {"decided": {}, "case": 7}]
)
def test_a_damaged_decision_is_not_taken(record: dict[str, Any], tmp_path: Path) -> None:
    plan = profile.expand(_plan(), cpus=2)
    Journal.create(tmp_path / "r.json", plan, {}).close()
    with journal_path(tmp_path / "r.json").open("a") as file:
        file.write(json.dumps(record) + '\n{"stop": true}\n')
    with pytest.raises(BenchsuiteError, match="line 2 of 3 is damaged"):
        resume(tmp_path / "r.json", plan)


# The command

PROFILE = """
why = "A test."
[measure]
processes = 2
values = 3
min_time = "1ms"
[[matrix]]
why = "One."
backend = "auto"
algorithm = ["aes-128-cbc", "sha256"]
request_size = [64, 256]
"""


def test_a_run_says_what_it_took_and_keeps_it(cli: Cli, tmp_path: Path) -> None:
    done = cli.run("run", cli.profile(PROFILE), "-o", "r.json", "--require", "software")
    assert done.returncode == 0, done.stderr
    assert "auto chooses (FIPS mode of the kernel: " in done.stderr
    assert "  auto:require=software, aes-128-cbc encrypt, sha256: software\n" in done.stderr
    assert done.stderr.count("    refused: ") >= 1
    assert "auto chose software" in done.stdout
    result = store.load(tmp_path / "r.json")
    assert {case.case.backend for case in result.cases} == {"auto:require=software"}
    for case in result.cases:
        chosen = {(run.facts["chosen"], run.facts["chosen_class"]) for run in case.runs}
        assert chosen == {("software", "software")} and len(case.runs) == 2
        assert case.runs[0].facts["candidates"] == case.runs[1].facts["candidates"]
        candidates = from_text(case.runs[0].facts["candidates"])
        assert candidates[0].backend == "software" and not candidates[0].refused
        assert all(each.refused for each in candidates[1:])
        assert "OpenSSL" in case.runs[0].facts["version"]
    shown = json.loads(cli.run("show", "r.json", "-f", "json").stdout)
    assert [case["chosen"] for case in shown["cases"]] == [["software"]] * 4


def test_every_candidate_is_listed_on_request(cli: Cli) -> None:
    done = cli.run("run", cli.profile(PROFILE), "-n", "-v", "--require", "software")
    assert re.search(r"^ +software +software +- +chosen$", done.stderr, re.MULTILINE)
    assert re.search(r"^ +cryptodev +", done.stderr, re.MULTILINE)
    assert done.stdout.count("auto:require=software/") == 4


def test_a_resumed_run_keeps_its_choice(cli: Cli, tmp_path: Path) -> None:
    """Nothing but the journal says `null`, which auto never takes."""
    path = cli.profile(PROFILE)
    plan = profile.expand(profile.load(tmp_path / path), cpus=2)
    environment = host.environment(native.compiler())
    with Journal.create(tmp_path / "r.json", plan, environment) as journal:
        journal.decided(0, {"chosen": "null", "chosen_class": "software", "candidates": "[]"})
    done = cli.run("run", path, "-o", "r.json", "--resume")
    assert done.returncode == 0, done.stderr
    first, *others = store.load(tmp_path / "r.json").cases
    assert {run.facts["chosen"] for run in first.runs} == {"null"}
    assert first.runs[0].facts["version"] == "null driver"
    assert all(run.facts["chosen"] != "null" for case in others for run in case.runs)


def test_required_and_not_there_is_a_row_with_every_reason(cli: Cli, tmp_path: Path) -> None:
    done = cli.run(
        "run", cli.profile(PROFILE), "-o", "r.json", "--require", "hardware", "-s", "algorithm=sha512-224"
    )
    assert done.returncode == 3
    assert "auto chooses" not in done.stderr  # it has nothing to say that the rows do not
    for case in store.load(tmp_path / "r.json").cases:
        assert case.failure and case.failure.kind == "unavailable" and not case.runs
        assert "software: not hardware" in case.failure.reason
    assert not journal_path(tmp_path / "r.json").exists()


def test_quiet_is_quiet(cli: Cli) -> None:
    done = cli.run("run", cli.profile(PROFILE), "-o", "r.json", "-q", "--require", "software")
    assert done.returncode == 0 and "auto chooses" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--require", "hardware", "-b", "software"), "--require is for the auto backend"),
        (("--prefer", "afalg", "-b", "null"), "--prefer is for the auto backend"),
        (("--require", "fast"), "require=fast: there is no such class"),
        (("--prefer", "null"), "prefer=null: there is no such class or candidate"),
        (("-b", "auto:fast"), "'fast' is no setting of it"),
        (("-b", "auto:require=fast", "-n"), "require=fast"),
    ],
)
def test_mistakes_are_messages(arguments: tuple[str, ...], message: str, cli: Cli) -> None:
    assert message in cli.refuses("run", cli.profile(PROFILE), *arguments)
    if "-n" not in arguments:
        assert message in cli.refuses("verify", cli.profile(PROFILE), *arguments)


def test_options_stand_in_for_a_backends_own_wishes() -> None:
    wish = "auto:require=kernel,prefer=afalg"
    assert wishing(wish, "hardware", "") == "auto:require=hardware,prefer=afalg"
    assert wishing(wish, "", "cryptodev") == "auto:require=kernel,prefer=cryptodev"
    assert wishing("software:require=x", "hardware", "") == "software:require=x"


def test_verify_checks_what_would_be_taken(cli: Cli) -> None:
    done = cli.run("verify", "-b", "auto", "--require", "software", "-a", "sha256", "-f", "json")
    assert done.returncode == 0, done.stderr
    (line,) = json.loads(done.stdout)["results"]
    assert (line["backend"], line["verdict"], line["chosen"]) == ("auto:require=software", "ok", "software")
    assert line["requests"] > 50 and line["vectors"] >= 1


def test_verify_of_what_is_not_there_is_not_checked(cli: Cli) -> None:
    done = cli.run("verify", "-b", "auto", "--require", "hardware", "-a", "sha512-224")
    assert done.returncode == CouldNotMeasure.exit_status
    assert "NOT CHECKED" in done.stdout and "not hardware, which is required" in done.stdout
