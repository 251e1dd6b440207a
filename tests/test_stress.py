"""`benchsuite verify --stress`: drivers that are right when they are asked one by one, and wrong in traffic.

Drivers with queues are in tests/native/test_stress.c; here it is the whole way from the command, with a
libcrypto that has a fault.
"""

from __future__ import annotations

import json
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
from benchsuite.backends.stress_tables import Tables
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
        algorithm = ALGORITHMS[line["algorithm"]]
        refuses = algorithm.authenticated or algorithm.block > 1 or algorithm.min_size > 1
        assert (found["refused"] > 0) == refuses
        assert found["sessions"] >= document["load"]["workers"] * document["load"]["sessions"]


def test_the_table_says_what_the_load_was_and_how_to_repeat_it(cli: Cli) -> None:
    done = cli.run("verify", *SHORT, "-b", "software", "-a", "sha256", "--workers", "1", "--q-len", "3")
    first, _, row, mixed, last, excluded = done.stdout.splitlines()
    assert done.returncode == 0
    assert first.startswith(
        "under load: 1 worker with 4 sessions of up to 3 requests each, 200ms per algorithm, then all at once"
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
    assert done.stdout.startswith("unavailable under load: ") and "memory" in done.stdout, done.stderr


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
BEHIND_SURVEY = 150_000  # operations: more than the ordinary verification of one algorithm makes
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
    assert any(
        "as with the IV of another session's request (key " in told
        or "as if the IV of the request before, of another session, had been used" in told
        for told in found.told
    ), found.told


def test_every_further_fault_has_a_line_of_its_own(cli: Cli, tmp_path: Path) -> None:
    backend = f"software:{build_faulty(tmp_path, 'middle')}"
    done = cli.run("verify", *SHORT, "--no-narrow", "-b", backend, "-a", "aes-128-cbc")
    further = [line for line in done.stdout.splitlines() if line.startswith("    ")]
    assert all("aes-128-cbc" in line for line in further[:3])
    assert further[3].endswith(" more: --format json tells all")
    assert done.stdout.splitlines()[-1].startswith("not right: 1 WRONG")


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
        "python",
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
