"""`benchsuite verify --stress`: drivers that are right when they are asked one by one, and wrong in traffic.

Drivers with queues are in tests/native/test_stress.c; here it is the whole way from the command, with a
libcrypto that has a fault.
"""

from __future__ import annotations

import errno
import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import PATIENCE, Cli
from zoo.library import build_faulty

from benchsuite import backends
from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends import MeasureError
from benchsuite.backends.driver import driver_backend
from benchsuite.backends.findings import Stressed, StressLoad
from benchsuite.backends.reference import WrongTag
from benchsuite.backends.session import Params
from benchsuite.backends.stress_run import MOST_FAULTS
from benchsuite.backends.stress_tables import LARGEST_RANDOM, Tables
from benchsuite.runner import calls

SHORT = ("--stress", "--time", "200ms")
SOFTWARE = driver_backend("software")
LOAD = StressLoad(workers=2, sessions=4, q_len=4, seconds=0.1, seed=11)


def lines_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Those of one algorithm each."""
    return [line for line in json.loads(done.stdout)["results"] if line["algorithm"] != "mixed"]


def line_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    (line,) = lines_of(done)
    return line


def mixed_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    (line,) = [line for line in json.loads(done.stdout)["results"] if line["algorithm"] == "mixed"]
    return line


def tables_of(name: str, load: StressLoad = LOAD, more: tuple[int, ...] = ()) -> Tables:
    assert SOFTWARE
    return Tables(SOFTWARE, ALGORITHMS[name], replace(load, sizes=more))


# ---- a driver that is right ----


def test_one_algorithm_of_every_kind_stands_it(cli: Cli) -> None:
    kinds = {algorithm.kind: name for name, algorithm in ALGORITHMS.items()}
    names = [argument for name in kinds.values() for argument in ("-a", name)]
    done = cli.run("verify", *SHORT, "-b", "software", "-f", "json", "--seed", "3", *names)
    document = json.loads(done.stdout)
    assert done.returncode == document["status"] == 0, done.stdout
    assert document["load"]["seed"] == 3 and document["load"]["seconds"] == 0.2
    lines = lines_of(done)
    assert len(lines) == len(kinds) and mixed_of(done)["stressed"]["algorithms"] == list(kinds.values())
    for line in lines:
        found = line["stressed"]
        assert found["faults"] == 0 and found["told"] == []
        assert found["requests"] > 100 and found["bytes"] > found["requests"] and found["seconds"] >= 0.2
        assert (found["forged"] > 0) == ALGORITHMS[line["algorithm"]].authenticated
        assert found["sessions"] >= document["load"]["workers"] * document["load"]["sessions"]


def test_the_table_says_what_the_load_was_and_how_to_repeat_it(cli: Cli) -> None:
    done = cli.run("verify", *SHORT, "-b", "software", "-a", "sha256", "--workers", "1", "--q-len", "3")
    first, _, row, mixed, last, excluded = done.stdout.splitlines()
    assert done.returncode == 0
    assert first.startswith(
        "under load: 1 worker with 4 sessions of up to 3 requests each, 200ms per algorithm"
    )
    assert first.split("--seed ")[1].split()[0].isdigit()
    assert row.split()[2] == "ok" and "; under load " in row
    assert mixed.split()[1:3] == ["mixed", "ok"] and " algorithms at once: under load " in mixed
    assert last.startswith("all right: 2 ok (") and last.endswith(" requests under load)")
    assert excluded.startswith("under load, if each request fails independently, fewer than 1 in ")


def test_a_profile_says_which_algorithms(cli: Cli) -> None:
    profile = cli.profile("""
why = "A test."
[[matrix]]
why = "One."
backend = ["software", "null", "python"]
algorithm = ["sha256", "aes-128-cbc"]
request_size = [64, 1600, 131072]
""")
    done = cli.run("verify", profile, *SHORT, "--format", "json")
    lines = {(line["backend"], line["algorithm"]): line for line in lines_of(done)}
    assert done.returncode == 0
    assert set(lines) == {(b, a) for b in ("software", "python") for a in ("sha256", "aes-128-cbc")} | {
        ("null", "")
    }
    assert lines["software", "sha256"]["stressed"]["requests"] > 0


def test_a_backend_without_a_driver_says_so(cli: Cli) -> None:
    done = cli.run("verify", *SHORT, "-b", "python", "-b", "null", "-a", "sha256", "-f", "json")
    python, null = json.loads(done.stdout)["results"]
    assert done.returncode == 0
    assert python["verdict"] == "ok" and python["stressed"] is None
    assert "under load: it has no driver that takes several" in python["refused"][0]
    assert null["verdict"] == "skipped" and null["stressed"] is None


@pytest.mark.parametrize("backend", ["python", "null"])
def test_nothing_to_load_is_unsupported(backend: str) -> None:
    with pytest.raises(MeasureError) as caught:
        backends.of(backend).stress([ALGORITHMS["sha256"]], LOAD, lambda phase: None)
    assert caught.value.kind == "unsupported"


def test_more_than_the_memory_is_refused_before_it_is_taken(cli: Cli) -> None:
    done = cli.run(
        "verify",
        *SHORT,
        "-b",
        "software",
        "-a",
        "md5",
        "--sessions",
        "10000",
        "--q-len",
        "100000",
        "-f",
        "json",
    )
    line = line_of(done)
    assert (done.returncode, line["verdict"], line["stressed"]) == (3, "NOT CHECKED", None)
    assert "under load: " in line["reason"] and "GB" in line["reason"] and "--q-len" in line["reason"]


def test_a_load_that_cannot_be_had_is_unavailable() -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\n"
        "from benchsuite.backends import MeasureError, findings, memory, of\n"
        "from benchsuite.algorithms import find\n"
        "memory.available = lambda: None\n"
        "load = findings.StressLoad(64, sessions=64, q_len=16)\n"
        "try:\n"
        "    of('software').stress([find('md5')], load, lambda phase: None)\n"
        "except MeasureError as error:\n"
        "    print(error.kind, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == "unavailable under load: out of memory\n", done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--time", "5s"], "--time says how to --stress: give both"),
        (["--q-len", "5"], "--q-len says how to --stress: give both"),
        (["--stress", "--workers", "0"], "--workers"),
        (["--stress", "--time", "soon"], "--time"),
        (["--stress", "--seed", "-1"], "--seed"),
    ],
)
def test_mistakes_are_a_message(cli: Cli, arguments: list[str], message: str) -> None:
    assert message in cli.refuses("verify", *arguments, "-b", "software")


# ---- drivers that are wrong only under load ----

LATER = 3000  # operations: the load is in full swing
BEHIND_SURVEY = 100_000  # operations: more than the ordinary verification of one algorithm makes
# fault, from which operation on, algorithm, failure kind, what the sentence says
FAULTS = [
    ("shared-iv", 1, "aes-128-cbc", "wrong-bytes", "should be"),
    ("race", 1, "aes-128-ctr", "wrong-bytes", "aes-128-ctr"),
    ("crowded", 1, "aes-128-cbc", "wrong-bytes", "aes-128-cbc"),
    ("middle", 1, "aes-128-cbc", "wrong-bytes", "aes-128-cbc"),
    ("unaligned", 1, "aes-128-cbc", "wrong-bytes", "page offset"),
    ("wrong-byte", LATER, "sha256", "wrong-bytes", "sha256 digest, "),
    ("wrong-byte", LATER, "hmac-sha1", "wrong-bytes", "tag: byte 10 of 20 is "),
    ("beyond", LATER, "aes-128-cbc", "wrong-bytes", "byte 1 behind the output was overwritten"),
    ("input", LATER, "aes-128-ctr", "wrong-bytes", "byte 0 of the input was overwritten"),
    ("accepts-forgery", LATER, "aes-128-gcm", "wrong-bytes", "a forgery was accepted"),
    ("fail-later", LATER, "aes-128-cbc", "error", "EIO"),
]


@pytest.mark.parametrize(("fault", "at", "algorithm", "kind", "sentence"), FAULTS)
def test_what_only_traffic_brings_out_is_found(
    tmp_path: Path, fault: str, at: int, algorithm: str, kind: str, sentence: str
) -> None:
    backend = f"software:{build_faulty(tmp_path, fault, at)}"
    found = calls.stress(backend, [algorithm], StressLoad(workers=2, seconds=20, seed=1))
    assert isinstance(found, Stressed) and found.kind == kind
    assert 1 <= len(found.told) <= found.faults
    assert any(sentence in told for told in found.told), found.told
    assert all("(worker " in told and ", session " in told for told in found.told)


def test_what_only_traffic_brings_out_is_a_line(cli: Cli, tmp_path: Path) -> None:
    backend = f"software:{build_faulty(tmp_path, 'race')}"
    ordinary = cli.run("verify", "-b", backend, "-a", "aes-128-ctr", "-f", "json")
    assert (ordinary.returncode, line_of(ordinary)["verdict"]) == (0, "ok"), "it is seen without load"
    done = cli.run(
        "verify",
        "--stress",
        "--no-narrow",
        "--time",
        "20s",
        "--seed",
        "1",
        "-b",
        backend,
        "-a",
        "aes-128-ctr",
        "-f",
        "json",
    )
    line = line_of(done)
    assert (done.returncode, line["verdict"]) == (1, "WRONG"), line
    assert line["reason"].startswith("under load, ")


def test_an_iv_of_another_session_is_recognised(tmp_path: Path) -> None:
    backend = backends.of(f"software:{build_faulty(tmp_path, 'shared-iv')}")
    found = backend.stress([ALGORITHMS["aes-128-cbc"]], LOAD, lambda phase: None)
    assert found.kind == "wrong-bytes"
    assert any("as with the IV of another session's request (key " in told for told in found.told), found.told


def test_every_further_fault_has_a_line_of_its_own(cli: Cli, tmp_path: Path) -> None:
    backend = f"software:{build_faulty(tmp_path, 'middle')}"
    done = cli.run("verify", *SHORT, "-b", backend, "-a", "aes-128-cbc")
    further = [line for line in done.stdout.splitlines() if line.startswith("    aes-128-cbc ")]
    assert len(further) == MOST_FAULTS - 1
    assert done.stdout.splitlines()[-1].startswith("not right: 1 WRONG (")


def test_the_seed_repeats_a_fault(tmp_path: Path) -> None:
    """One thread and a driver without queue: nothing but the seed has a say."""
    backend = f"software:{build_faulty(tmp_path, 'wrong-byte', LATER)}"
    told = []
    for seed in (1, 1, 2):
        program = (
            "from benchsuite.algorithms import find\n"
            "from benchsuite.backends import findings, of\n"
            f"load = findings.StressLoad(workers=1, seconds=20, seed={seed})\n"
            f"found = of({backend!r}).stress([find('aes-128-cbc')], load, lambda phase: None)\n"
            "print(found.told[0])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize(
    ("fault", "kind"), [("crash", "SIGSEGV"), ("hang", "no answer within 3 s, while under load")]
)
def test_a_driver_that_dies_under_load_is_a_line(cli: Cli, tmp_path: Path, fault: str, kind: str) -> None:
    backend = f"software:{build_faulty(tmp_path, fault, BEHIND_SURVEY)}"
    limit = "60s" if fault == "crash" else "3s"
    done = cli.run(
        "verify",
        "--stress",
        "--time",
        "20s",
        "--deadline",
        limit,
        "-b",
        backend,
        "-b",
        "software",
        "-a",
        "md5",
        "-f",
        "json",
    )
    first, second = lines_of(done)
    assert done.returncode == 3
    assert first["verdict"] == "NOT CHECKED" and first["kind"] == fault and kind in first["reason"]
    assert second["verdict"] == "ok"


# ---- interrupted ----


def test_ctrl_c_ends_it(cli: Cli) -> None:
    started = cli.start("verify", "--stress", "--time", "10m", "-b", "software", "-a", "md5")
    assert started.stdout and started.stdout.readline().startswith("under load: ")
    time.sleep(1)  # in the midst of it, or of what comes before: both must end
    started.send_signal(signal.SIGINT)
    _, errors = started.communicate(timeout=PATIENCE)
    assert started.returncode == 130 and errors.endswith("benchsuite: interrupted\n")


def test_an_interrupt_reaches_the_native_core(cli: Cli) -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from benchsuite.algorithms import find\n"
        "from benchsuite.backends import findings, of\n"
        "load = findings.StressLoad(2, seconds=600)\n"
        "try:\n"
        "    of('software').stress([find('md5')], load, lambda phase: print(phase, flush=True))\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    started = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert started.stdout
    while started.stdout.readline() != "under load\n":
        assert started.poll() is None
    time.sleep(0.2)
    started.send_signal(signal.SIGINT)
    out, _ = started.communicate(timeout=PATIENCE)
    assert out == "interrupted\n"


# ---- the requests ----


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_the_requests_are_mixed_and_their_outcome_is_the_references(name: str) -> None:
    algorithm = ALGORITHMS[name]
    try:
        made = tables_of(name, more=(1234,))
    except MeasureError as error:  # the legacy provider is not everywhere
        pytest.skip(str(error))
    assert len(made.tables) == LOAD.workers * LOAD.sessions
    assert {table.params.op for table in made.tables} == set(algorithm.ops)
    keys = {(table.params.key, table.params.mac_key) for table in made.tables}
    assert len(keys) == (1 if algorithm.kind == "digest" else len(made.tables))
    if algorithm.authenticated:
        assert len({table.params.aad_size for table in made.tables}) > 1
    sources = [known.source for table in made.tables for known in table.known if len(known.source) >= 8]
    assert len(set(sources)) == len(sources)
    for table in made.tables:
        sizes = [len(known.source) for known in table.known]
        assert min(sizes) <= max(16, algorithm.min_size) and max(sizes) == 65536 and len(set(sizes)) > 15
        assert 1234 // algorithm.block * algorithm.block in sizes
        assert all(size >= algorithm.min_size and size % algorithm.block == 0 for size in sizes)
        refused = 0
        for known in table.known:
            if table.params.op != "decrypt":
                assert known.status == 0
                assert table.reference.encrypt(known.iv, known.aad, known.source) == (known.result, known.tag)
                continue
            try:
                plain = table.reference.decrypt(known.iv, known.aad, known.source, known.tag)
                assert known.status == 0 and plain == known.result
            except WrongTag:
                assert known.status == -errno.EBADMSG
                refused += 1
        assert (refused > 3) == (algorithm.authenticated and table.params.op == "decrypt")


def test_some_ivs_are_about_to_overflow() -> None:
    ivs = [known.iv for table in tables_of("aes-128-ctr").tables for known in table.known]
    assert {iv for iv in ivs if iv == b"\xff" * 16}
    assert {iv for iv in ivs if iv[8:] == b"\xff" * 8 and iv != b"\xff" * 16}
    assert {iv for iv in ivs if iv[12:] == b"\xff" * 4 and iv[8:12] != b"\xff" * 4}


def test_the_seed_makes_the_requests() -> None:
    def made(seed: int) -> list[Any]:
        tables = tables_of("aes-128-gcm", StressLoad(workers=1, sessions=2, seed=seed)).tables
        return [(table.params.key, table.known) for table in tables]

    assert made(1) == made(1) != made(2)


def test_lengths_of_aad_that_a_driver_refuses_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    check = Params.check

    def refuse(params: Any) -> None:
        if params.aad_size not in (8, 12):
            raise MeasureError("unsupported", "only those of ESP")
        check(params)

    monkeypatch.setattr(Params, "check", refuse)
    assert {table.params.aad_size for table in tables_of("aes-128-gcm").tables} == {8, 12}


def test_random_sizes_are_spread() -> None:
    chance = random.Random(1)
    drawn = [round(LARGEST_RANDOM ** chance.random()) for _ in range(1000)]
    assert min(drawn) >= 1 and max(drawn) <= LARGEST_RANDOM
    assert sum(size < 256 for size in drawn) > 400 and sum(size > 4096 for size in drawn) > 50
