"""The `auto` backend on a kernel with drivers of every class: run by `make lab`, in its machine."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import pytest
from command import Cli

from benchsuite import algorithms, store
from benchsuite.backends import proc_crypto
from benchsuite.backends.candidates import from_text
from benchsuite.model import Case, Failure
from benchsuite.runs import auto

ACCELERATOR = "afalg:virtio_crypto_aes_cbc"
AESNI = "afalg:cbc-aes-aesni"


def drivers() -> set[str]:
    return {each.driver for each in proc_crypto.read()}


pytestmark = [
    pytest.mark.skipif(platform.machine() != "x86_64", reason="names the drivers of an x86 kernel"),
    pytest.mark.usefixtures("one_cpu"),
]


def decide(case: Case) -> Any:
    (decided,) = auto.decide([case], deadline=120).values()
    return decided


CBC = {"algorithm": "aes-128-cbc", "request_size": 64}


@pytest.mark.parametrize(
    ("wish", "chosen"),
    [
        ("", ACCELERATOR),
        (":require=hardware", ACCELERATOR),
        (":require=accelerated", AESNI),
        (":require=software", "software"),
        (":prefer=accelerated", AESNI),
        (f":prefer={AESNI}", AESNI),
        (":prefer=software", "software"),
    ],
)
def test_each_class_is_taken_when_it_is_wished(wish: str, chosen: str) -> None:
    decided = decide(Case(f"auto{wish}", **CBC))
    assert decided["chosen"] == chosen
    told = {each.backend: each for each in from_text(decided["candidates"])}
    assert {ACCELERATOR, AESNI, "cryptodev", "software"} <= set(told)
    if not wish:
        assert told[ACCELERATOR].kind == "hardware" and told[AESNI].kind == "accelerated"


def test_without_a_device_accelerated_code_and_without_that_plain_code_is_taken() -> None:
    gcm = decide(Case("auto", "aes-128-gcm", request_size=64, aad_size=8))
    assert gcm["chosen_class"] == "accelerated" and gcm["chosen"].startswith("afalg:")
    md5 = decide(Case("auto", "md5", "digest", request_size=64))
    assert (md5["chosen"], md5["chosen_class"]) == ("afalg:md5-generic", "kernel")


def test_hardware_that_is_not_there_is_not_replaced() -> None:
    decided = decide(Case("auto:require=hardware", "sha256", "digest"))
    assert isinstance(decided, Failure) and decided.kind == "unavailable"
    assert "not hardware, which is required" in decided.reason and "software" in decided.reason


def test_asking_for_everything_makes_no_template() -> None:
    """What has a name with parentheses is an instance; asking may load modules, and make none of these."""
    before = {name for name in drivers() if "(" in name}
    cases = [
        Case("auto", algorithm.name, op, 4096, aad_size=algorithm.aad_size)
        for algorithm in algorithms.ALGORITHMS.values()
        for op in algorithm.ops
    ]
    found = auto.decide(cases, deadline=120)
    assert len(found) == len(cases)
    assert not [decided for decided in found.values() if isinstance(decided, Failure)]
    assert {name for name in drivers() if "(" in name} == before


def test_fips_is_off_and_said() -> None:
    assert decide(Case("auto", **CBC))["kernel_fips"] == "off"


PROFILE = """
why = "A test."
[measure]
processes = 2
values = 2
min_time = "2ms"
[[matrix]]
why = "One."
backend = "auto"
algorithm = "aes-128-cbc"
request_size = [64, 1024]
"""


def test_a_run_is_served_by_what_was_chosen(cli: Cli, tmp_path: Path) -> None:
    done = cli.run("run", cli.profile(PROFILE), "-o", "r.json")
    assert done.returncode == 0, done.stderr
    assert f"aes-128-cbc encrypt: {ACCELERATOR} (hardware)" in done.stderr
    assert f"would do as well: {AESNI} (accelerated)" in done.stderr
    assert f"auto chose {ACCELERATOR}" in done.stdout
    for case in store.load(tmp_path / "r.json").cases:
        assert case.case.backend == "auto" and len(case.runs) == 2
        for run in case.runs:
            assert run.facts["chosen"] == ACCELERATOR
            assert run.facts["kernel_driver"] == "virtio_crypto_aes_cbc"
            assert int(run.facts["verified"].split()[0]) > 0


def test_what_is_chosen_is_verified(cli: Cli) -> None:
    done = cli.run("verify", cli.profile(PROFILE), "-f", "json", "--deadline", "100s")
    assert done.returncode == 0, done.stdout
    (line,) = json.loads(done.stdout)["results"]
    assert line["chosen"] == ACCELERATOR and line["verdict"] == "ok"
