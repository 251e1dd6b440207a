"""`benchsuite verify` on backends that are right, wrong in every way a driver can be, or not there."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import Cli
from zoo.library import build_faulty

from benchsuite import algorithms, backends
from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends import MeasureError, survey, survey_plan, vectors
from benchsuite.backends.check import Checked, check
from benchsuite.backends.findings import Wanted
from benchsuite.backends.known_requests import Known, Table
from benchsuite.backends.session import Params, Session
from benchsuite.backends.survey_sizes import SIZES, usable
from benchsuite.model import Case, Failure
from benchsuite.runner.calls import verify

SOFTWARE_ONLY = ("-b", "software")


def words(output: str, algorithm: str) -> list[str]:
    """The columns of an algorithm's line."""
    (line,) = [line for line in output.splitlines() if algorithm in line.split()[1:2]]
    return [column.strip() for column in line.split("  ") if column.strip()]


def test_one_algorithm_of_every_kind_is_verified_on_every_backend(cli: Cli) -> None:
    kinds = {algorithm.kind: name for name, algorithm in ALGORITHMS.items()}
    done = cli.run("verify", *(argument for name in kinds.values() for argument in ("-a", name)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].split("  ")[0] == "null" and "nothing to verify" in lines[0]
    assert any(line.startswith("software: ") for line in lines)  # its version
    verified = [line for line in lines if line.startswith(("software  ", "python  "))]
    assert len(verified) == 2 * len(kinds)
    assert all(line.split()[2] == "ok" for line in verified)
    assert lines[-1].startswith(f"all right: {2 * len(kinds)} ok (")


def test_json_says_what_was_checked(cli: Cli) -> None:
    done = cli.run("verify", *SOFTWARE_ONLY, "-a", "aes-cbc-128", "-a", "AES-128-GCM", "--format", "json")
    document = json.loads(done.stdout)
    assert done.returncode == document["status"] == 0
    assert document["versions"]["software"]
    assert [line["algorithm"] for line in document["results"]] == ["aes-128-cbc", "aes-128-gcm"]
    for line in document["results"]:
        assert (line["backend"], line["verdict"], line["refused"]) == ("software", "ok", [])
        assert line["vectors"] == len(vectors.of(line["algorithm"]))
        ops, places = 2, 2
        assert line["requests"] > len(usable(ALGORITHMS[line["algorithm"]], SIZES)) * ops * places


def test_a_profile_says_which_algorithms_and_sizes(cli: Cli) -> None:
    profile = cli.profile("""
why = "A test."
[[matrix]]
why = "One."
backend = ["software", "null"]
algorithm = ["sha256", "aes-128-cbc"]
request_size = [64, 1488]
""")
    done = cli.run("verify", profile, "--format", "json")
    results = {(line["backend"], line["algorithm"]): line for line in json.loads(done.stdout)["results"]}
    assert done.returncode == 0
    assert set(results) == {("software", "sha256"), ("software", "aes-128-cbc"), ("null", "")}
    everything = json.loads(cli.run("verify", *SOFTWARE_ONLY, "-a", "sha256", "-f", "json").stdout)
    assert 0 < results["software", "sha256"]["requests"] < everything["results"][0]["requests"]

    other = cli.run("verify", profile, "-b", "python", "-a", "sha256", "--format", "json")
    assert [(line["backend"], line["algorithm"]) for line in json.loads(other.stdout)["results"]] == [
        ("python", "sha256")
    ]


# fault, algorithm -> (what the line says, part of its reason, exit status)
FAULTS = [
    ("wrong-byte", "aes-128-cbc", "WRONG", "aes-128-cbc encrypt, 16 bytes, in place", 1),
    ("wrong-byte", "sha256", "WRONG", "tag: byte 16 of 32 is", 1),
    ("wrong-byte", "hmac-sha1", "WRONG", "tag: byte 10 of 20 is", 1),
    ("beyond", "aes-128-cbc", "WRONG", "byte 1 behind the output was overwritten", 1),
    ("beyond", "sha256", "WRONG", "byte 1 behind the output was overwritten", 1),
    ("input", "aes-128-ctr", "WRONG", "byte 0 of the input was overwritten", 1),
    ("accepts-forgery", "aes-128-gcm", "WRONG", "aes-128-gcm decrypt, 100 bytes", 1),
    ("accepts-forgery", "aes-128-ccm", "WRONG", "was accepted", 1),
    ("accepts-forgery", "null+hmac-sha1", "WRONG", "was accepted", 1),
    ("accepts-forgery", "aes-128-cbc", "ok", "", 0),  # it has no tag
    (
        "crash",
        "aes-128-cbc",
        "NOT CHECKED",
        "crash: the worker crashed (SIGSEGV) while verifying encrypt of 16 to ",
        3,
    ),
    ("abort", "aes-128-cbc", "NOT CHECKED", "crash: the worker crashed (SIGABRT)", 3),
    ("kill", "aes-128-cbc", "NOT CHECKED", "killed: the worker was killed with SIGKILL", 3),
    ("hang", "aes-128-cbc", "NOT CHECKED", "hang: no answer within 2 s", 3),
]


@pytest.mark.parametrize(("fault", "algorithm", "verdict", "reason", "status"), FAULTS)
def test_a_fault_is_reported_as_what_it_is(
    cli: Cli, tmp_path: Path, fault: str, algorithm: str, verdict: str, reason: str, status: int
) -> None:
    backend = f"software:{build_faulty(tmp_path, fault)}"
    done = cli.run("verify", "-b", backend, "-a", algorithm, "--deadline", "2s" if fault == "hang" else "60s")
    columns = words(done.stdout, algorithm)
    assert done.returncode == status, done.stdout
    assert columns[:3] == [backend, algorithm, verdict]
    assert reason in columns[3]
    assert "Traceback" not in done.stderr


def test_a_request_that_fails_is_a_failed_verification(cli: Cli, tmp_path: Path) -> None:
    backend = f"software:{build_faulty(tmp_path, 'fail-later', at=10)}"
    done = cli.run("verify", "-b", backend, "-a", "aes-128-cbc")
    assert done.returncode == 1
    assert words(done.stdout, "aes-128-cbc")[2] == "FAILED"
    assert "EIO" in done.stdout


def test_a_byte_that_goes_wrong_only_under_load_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an operation on that comes in a loaded queue, behind those that are made one by one."""
    monkeypatch.setattr(survey_plan, "LIVES", (10,))
    sound = backends.of("software").survey(algorithms.find("sha256"), Wanted([64]), lambda phase: None)
    faulty = backends.of(f"software:{build_faulty(tmp_path, 'wrong-byte-later', at=sound.requests + 100)}")
    with pytest.raises(MeasureError, match="after timing, worker 0, slot") as caught:
        faulty.survey(algorithms.find("sha256"), Wanted([64]), lambda phase: None)
    assert caught.value.kind == "wrong-bytes"


def test_one_crash_does_not_keep_the_rest_from_being_checked(cli: Cli, tmp_path: Path) -> None:
    backend = f"software:{build_faulty(tmp_path, 'crash')}"
    done = cli.run("verify", "-b", backend, "-b", "software", "-a", "md5", "-a", "sha1")
    lines = done.stdout.splitlines()
    assert done.returncode == 3
    assert [line.split()[1:3] for line in lines if line.startswith("software  ")] == [
        ["md5", "ok"],
        ["sha1", "ok"],
    ]
    assert lines[-1].startswith("not all checked: 2 NOT CHECKED; 2 ok (")


def test_wrong_bytes_outweigh_what_could_not_be_checked(cli: Cli, tmp_path: Path) -> None:
    backends = [f"software:{build_faulty(tmp_path, fault)}" for fault in ("crash", "wrong-byte")]
    done = cli.run("verify", "-b", backends[0], "-b", backends[1], "-a", "md5")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("not right: 1 NOT CHECKED; 1 WRONG")


@pytest.mark.parametrize("setting", ["/nowhere/libcrypto.so.3", "empty"])
def test_a_backend_that_was_named_and_cannot_run_is_a_mistake(cli: Cli, tmp_path: Path, setting: str) -> None:
    path = build_faulty(tmp_path, "version-empty") if setting == "empty" else setting
    done = cli.run("verify", "-b", f"software:{path}", "-a", "md5")
    assert done.returncode == 2 and done.stdout == ""
    assert str(path) in done.stderr and "Traceback" not in done.stderr


def test_null_alone_is_nothing_to_verify(cli: Cli) -> None:
    done = cli.run("verify", "-b", "null")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "nothing to verify"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-b", "sofware"], "did you mean 'software'?"),
        (["-a", "aes-128-cbd"], "did you mean 'aes-128-cbc'?"),
        (["no-such-profile"], "no-such-profile"),
        (["quick", "-a", "md5"], "profile quick has no case of md5"),
        (["quick", "-b", "sofware"], "sofware"),
    ],
)
def test_mistakes_are_a_message(cli: Cli, arguments: list[str], message: str) -> None:
    assert message in cli.refuses("verify", *arguments)


def test_what_a_backend_does_not_have_is_no_failure(tmp_path: Path) -> None:
    """Every algorithm is verified or refused with a reason: none is left out in silence."""
    for name in ("des-cbc", "aes-256-xts", "sha3-256"):
        outcome = verify("software", name, Wanted([64]))
        if isinstance(outcome, Failure):
            assert outcome.kind == "unsupported" and outcome.reason
        else:
            assert outcome.requests > 0 and outcome.vectors == len(vectors.of(name))


@pytest.mark.parametrize("backend", ["software", "python"])
@pytest.mark.parametrize(
    ("algorithm", "part"),
    [("aes-128-cbc", "text"), ("sha256", "tag"), ("aes-128-gcm", "tag"), ("hmac-md5", "tag")],
)
def test_a_backend_that_differs_from_a_vector_is_told_which(
    monkeypatch: pytest.MonkeyPatch, backend: str, algorithm: str, part: str
) -> None:
    vector = vectors.of(algorithm)[0]
    other = bytes([*getattr(vector, part)[:-1], getattr(vector, part)[-1] ^ 1])
    monkeypatch.setattr(vectors, "of", lambda name: [replace(vector, **{part: other})])
    with pytest.raises(MeasureError) as caught:
        backends.of(backend).survey(algorithms.find(algorithm), Wanted([64]), lambda phase: None)
    assert caught.value.kind == "wrong-bytes"
    assert vector.source in str(caught.value)
    assert f"is {getattr(vector, part)[-1]:02x}, should be {other[-1]:02x}" in str(caught.value)


def refuse(monkeypatch: pytest.MonkeyPatch, unserved: Callable[[Known], bool]) -> None:
    """Makes the driver one that says of such requests that it does not serve them."""

    def check_the_others(table: Table, layouts: int, seed: int) -> Checked:
        served = [i for i, known in enumerate(table.known) if not unserved(known)]
        others = [i for i, known in enumerate(table.known) if unserved(known)]
        if not served:
            return Checked(0, others, 0, [], [], None)
        checked = check(replace(table, known=[table.known[i] for i in served]), layouts, seed)
        return replace(checked, refused=others)

    monkeypatch.setattr(survey, "check", check_the_others)


def test_what_a_driver_refuses_beyond_the_algorithm_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    check = Params.check

    def refuse(params: Params) -> None:
        if params.chained:
            raise MeasureError("unsupported", "no chains here")
        check(params)

    monkeypatch.setattr(Params, "check", refuse)
    found = backends.of("software").survey(algorithms.find("aes-128-cbc"), Wanted([64]), lambda phase: None)
    assert found.refused == ["encrypt and decrypt chained: no chains here"]
    assert found.requests > 0 and found.vectors == len(vectors.of("aes-128-cbc"))


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_the_sizes_are_what_the_algorithm_takes(name: str) -> None:
    algorithm = ALGORITHMS[name]
    sizes = usable(algorithm, SIZES)
    assert len(sizes) > 10 and len(set(sizes)) == len(sizes)
    assert all(size >= algorithm.min_size and size % algorithm.block == 0 for size in sizes)
    assert sizes[-1] >= SIZES[-1] - algorithm.block


def test_sizes_that_a_driver_does_not_serve_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, lambda known: len(known.source) % 16 != 0)
    do = Session.do

    def whole_blocks(session: Session, request: Any) -> int:
        return -errno.EOPNOTSUPP if request.size % 16 else do(session, request)

    monkeypatch.setattr(Session, "do", whole_blocks)
    found = backends.of("software").survey(algorithms.find("aes-128-xts"), Wanted([64]), lambda phase: None)
    assert "encrypt of sizes that are no multiple of 16: not served" in found.refused
    assert found.requests > 0
    for size, served in ((64, True), (72, False)):
        engine = backends.open_case(Case("software", "aes-128-xts", request_size=size))
        if served:
            assert engine.verify() > 0
        else:
            with pytest.raises(MeasureError) as caught:
                engine.verify()
            assert caught.value.kind == "unsupported"
        engine.close()


def test_a_driver_that_serves_no_size_at_all_is_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, lambda known: True)
    with pytest.raises(MeasureError) as caught:
        backends.of("software").survey(algorithms.find("aes-128-cbc"), Wanted([64]), lambda phase: None)
    assert caught.value.kind == "unsupported"
