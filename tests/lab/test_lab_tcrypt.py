"""The `tcrypt` backend on a real kernel: figures equal to the digit what another reading of dmesg finds."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import COMMAND, Cli

from benchsuite import backends, store
from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends import MeasureError, proc_crypto
from benchsuite.backends.tcrypt import module
from benchsuite.model import Case, CaseResult, Measure

PATIENCE = 300.0  # seconds for what the kernel has begun, in a machine that is emulated
SECONDS = """
why = "A test."
[measure]
processes = 1
[[matrix]]
why = "A hash and an AEAD."
backend = "tcrypt"
algorithm = ["sha256", "aes-128-ccm"]
request_size = [16, 1024, 8192]
[[matrix]]
why = "Several at once."
backend = "tcrypt"
algorithm = "aes-128-ccm"
op = "decrypt"
request_size = [64, 512]
q_len = 4
[[matrix]]
why = "A cipher, synchronous drivers only."
backend = "tcrypt:sync"
algorithm = "des-cbc"
op = ["encrypt", "decrypt"]
request_size = [16, 4096]
"""


@pytest.fixture(autouse=True)
def nothing_at_work() -> Iterator[None]:
    gone()
    yield
    gone()


def gone() -> None:
    """Waits until no tcrypt is at work."""
    until = time.monotonic() + PATIENCE
    while module.at_work():
        assert time.monotonic() < until, "tcrypt does not end"
        time.sleep(0.2)


def dmesg() -> list[str]:
    return subprocess.run(["dmesg"], capture_output=True, text=True, check=True).stdout.splitlines()


def loads(lines: list[str]) -> dict[str, list[str]]:
    """Our mark's parameters -> the lines that follow, of the last load with them."""
    found: dict[str, list[str]] = {}
    now: list[str] = []
    for line in lines:
        if match := re.search(r"benchsuite: tcrypt (.*) \(mark [0-9a-f]+\)", line):
            now = found[match[1]] = []
        else:
            now.append(line)
    return found


def numbers(lines: list[str], case: Case, driver: str) -> list[int]:
    """What dmesg has for a case, found without the parser: the header with its driver and direction, then
    the line with its key and size, then the integers of the result."""
    direction = {"encrypt": "encryption", "decrypt": "decryption"}.get(case.op, "")
    text = "\n".join(re.sub(r"^\[ *[\d.]+\] *|^ {5,}", "", line).removeprefix("tcrypt: ") for line in lines)
    (section,) = [
        part
        for part in text.split("testing speed of ")[1:]
        if part.split("\n")[0].endswith(f"({driver}) {direction}".rstrip())
    ]
    if case.op == "digest":
        item = rf"\( *{case.request_size} byte blocks, *{case.request_size} bytes per update, *1 updates\):"
    else:
        algorithm = ALGORITHMS[case.algorithm]
        salt = {"aes-128-ccm": 3, "chacha20-poly1305": 4}.get(
            case.algorithm, 0
        )  # which RFC 4106 has in its key
        bits = 8 * (algorithm.key_size + salt)
        item = rf"\({bits} bit key, {case.request_size} byte blocks\):"
    (result,) = re.findall(item + r"\s*(.*)", section)
    return [int(number) for number in re.findall(r"\d+", result)]


def measured(case: Case, folder: Path, **how: Any) -> tuple[Any, dict[str, str]]:
    """In this process: a value and the facts."""
    engine: Any = backends.open_case(case)
    engine.verify()
    engine.prepare(0, Measure(values=1, warmups=0, **how), folder)
    value, facts = engine.run(1), engine.facts()
    engine.close()
    return value, facts


CYCLES = [
    Case("tcrypt:cycles", "aes-128-cbc", request_size=1024),
    Case("tcrypt:cycles", "aes-256-cbc", "decrypt", request_size=1424),
    Case("tcrypt:cycles,whole", "aes-192-ctr", request_size=1420),
    Case("tcrypt:cycles,sync", "aes-128-xts", "decrypt", request_size=4096),
    Case("tcrypt:cycles", "aes-128-cbc", request_size=64, q_len=8),
    Case("tcrypt:cycles", "des-cbc", "decrypt", request_size=1424, q_len=2),
    Case("tcrypt:cycles", "aes-256-gcm", request_size=1420, aad_size=8),
    Case("tcrypt:cycles", "rfc4106-aes-128-gcm", "decrypt", request_size=8192, aad_size=8),
    Case("tcrypt:cycles", "aes-128-gcm", request_size=512, aad_size=8, q_len=4),
    Case("tcrypt:cycles", "chacha20-poly1305", request_size=256),
    Case("tcrypt:cycles", "sha512", "digest", request_size=8192),
    Case("tcrypt:cycles,sync", "sha3-256", "digest", request_size=64),
    Case("tcrypt:cycles", "hmac-sha1", "digest", request_size=2048),
]


@pytest.mark.parametrize("case", CYCLES, ids=lambda case: f"{case.backend}-{case.algorithm}-{case.q_len}")
def test_cycles_are_those_of_dmesg(case: Case, tmp_path: Path) -> None:
    value, facts = measured(case, tmp_path, min_time=0.0)
    found = numbers(loads(dmesg())[facts["tcrypt_parameters"]], case, facts["kernel_driver"])
    if case.op == "digest":
        assert [value.cycles, value.cycles // case.request_size] == found
    else:
        assert [1, value.cycles, case.request_size] == found
    assert value.requests == 1 and value.wall > 0
    assert (value.user, value.system) == (None, None)
    assert "sec=0" in facts["tcrypt_parameters"] and str(value.cycles) in facts["tcrypt_line"]
    (driver,) = [each for each in proc_crypto.read() if each.driver == facts["kernel_driver"]]
    assert int(facts["kernel_priority"]) == driver.priority
    assert "self-test" in facts["verified"]


def by_case(path: Path) -> dict[Case, CaseResult]:
    return {result.case: result for result in store.load(path).cases}


def test_seconds_are_those_of_dmesg_and_one_load_answers_all(cli: Cli, tmp_path: Path) -> None:
    done = subprocess.run(
        [COMMAND, "run", cli.profile(SECONDS), "-o", "r.json", "-q"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    log = loads(dmesg())
    results = store.load(tmp_path / "r.json").cases
    assert len(results) == 12
    for result in results:
        (run,) = result.runs
        (value,) = run.values
        found = numbers(log[run.facts["tcrypt_parameters"]], result.case, run.facts["kernel_driver"])
        if result.case.op == "digest":
            assert [value.requests, value.requests * result.case.request_size] == found
        else:
            assert [value.requests, int(value.wall), value.requests * result.case.request_size] == found
        assert value.wall == 1.0 and value.cycles is None
    marks = [line for line in dmesg() if "benchsuite: tcrypt" in line and "sec=1" in line]
    assert len(marks) >= 4
    assert len(log) >= 8  # four loads, each tried with the cycle counter before


def test_a_driver_by_its_name(tmp_path: Path) -> None:
    case = Case("tcrypt:cycles,driver=sha256-generic", "sha256", "digest", request_size=1024)
    _, facts = measured(case, tmp_path, min_time=0.0)
    assert facts["kernel_driver"] == "sha256-generic"
    case = Case("tcrypt:cycles,driver=no-such-driver", "sha256", "digest", request_size=1024)
    with pytest.raises(MeasureError, match="failed to load transform for no-such-driver: -2") as caught:
        measured(case, tmp_path, min_time=0.0)
    assert caught.value.kind == "unsupported"


def test_a_cipher_by_its_name_needs_a_kernel_that_takes_it(tmp_path: Path) -> None:
    release = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])
    case = Case("tcrypt:cycles,driver=cbc(aes-generic)", "aes-128-cbc", request_size=1024)
    if release >= (6, 11):
        _, facts = measured(case, tmp_path, min_time=0.0)
        assert facts["kernel_driver"] == "cbc(aes-generic)"
        return
    with pytest.raises(MeasureError, match=r"Linux 6\.11 and later do"):
        measured(case, tmp_path, min_time=0.0)


def test_what_there_is_instead_costs_no_seconds(tmp_path: Path) -> None:
    begin = time.monotonic()
    with pytest.raises(MeasureError, match="the nearest are 512 and 1024"):
        measured(Case("tcrypt", "aes-128-ccm", request_size=1000, aad_size=8), tmp_path, min_time=1.0)
    assert "sec=1" not in " ".join(loads(dmesg()[-40:])), time.monotonic() - begin


def test_the_deadline_leaves_tcrypt_behind_and_says_so(cli: Cli) -> None:
    arguments = ("run", cli.profile(SECONDS), "-s", "algorithm=aes-128-ccm", "-s", "request_size=16", "-q")
    done = cli.run(
        *arguments,
        "-s",
        "op=encrypt",
        "-s",
        "q_len=1",
        "-b",
        "tcrypt",
        "-s",
        "min_time=4s",
        "--deadline",
        "35s",
        "-o",
        "r.json",
    )
    assert done.returncode == 3, done.stdout + done.stderr
    (result,) = store.load(cli.directory / "r.json").cases
    assert result.failure is not None and result.failure.kind == "hang"
    assert "nothing can stop it before its 64 s are over" in result.failure.reason
    assert "tcrypt is still measuring in the kernel" in done.stderr
    with pytest.raises(MeasureError, match="wait until it has gone"):
        module.load(["mode=404", "sec=0"])
    assert processes("modprobe") <= 1  # it waits inside the kernel, killed


def processes(name: str) -> int:
    found = 0
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            found += comm.read_text().strip() == name
        except OSError:
            continue
    return found


def test_an_interrupt_says_what_goes_on(cli: Cli) -> None:
    arguments = ("-s", "algorithm=aes-128-ccm", "-s", "request_size=16", "-s", "op=encrypt", "-s", "q_len=1")
    run = cli.start(
        "run", cli.profile(SECONDS), *arguments, "-b", "tcrypt", "-s", "min_time=2s", "-o", "i.json"
    )
    until = time.monotonic() + PATIENCE
    while not any("benchsuite: tcrypt mode=212 sec=2" in line for line in dmesg()[-30:]):
        assert time.monotonic() < until and run.poll() is None
        time.sleep(0.5)
    time.sleep(1)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "tcrypt is still measuring in the kernel" in said and "--resume" in said


def test_without_root_it_says_so(tmp_path: Path) -> None:
    setpriv = shutil.which("setpriv")
    if not setpriv:
        pytest.skip("no setpriv (Debian: util-linux)")
    program = "from benchsuite.backends import of; of('tcrypt').version()"
    done = subprocess.run(
        [setpriv, "--reuid=65534", "--clear-groups", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd="/",
    )
    assert "MeasureError: loading a kernel module takes root (CAP_SYS_MODULE)" in done.stderr


def test_a_kernel_log_that_is_too_small_is_told() -> None:
    limit = Path("/proc/sys/kernel/printk_devkmsg")
    before = limit.read_text()
    limit.write_text("on\n")
    try:
        log = module.KernelLog("a test")
        log.read()
        with Path(module.KMSG).open("wb", buffering=0) as kmsg:
            for number in range(40_000):
                kmsg.write(f"filling the kernel log, line {number}\n".encode())
        log.read()
        text = log.text()
        log.close()
    finally:
        limit.write_text(before)
    assert "printk messages dropped" in text
    assert "filling the kernel log, line 39999" in text
