"""The driver `afalg` on a real kernel."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from benchsuite import algorithms
from benchsuite.backends import MeasureError, open_case
from benchsuite.backends.driver import DriverBackend, driver_backend
from benchsuite.backends.findings import Wanted
from benchsuite.backends.native import NativeEngine
from benchsuite.backends.session import Params, Session
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT, Case
from benchsuite.native import ffi

VIRTIO = "virtio_crypto_aes_cbc"
# One of each kind and shape; test_stress.py goes through them all.
ALGORITHMS = (
    "aes-128-cbc",
    "aes-256-ctr",
    "aes-256-xts",
    "aes-128-ecb",
    "3des-cbc",
    "aes-128-gcm",
    "aes-256-ccm",
    "chacha20-poly1305",
    "rfc4106-aes-128-gcm",
    "sha256",
    "hmac-sha1",
    "aes-192-cbc+hmac-sha1",
    "null+hmac-md5",
)


def opened(backend: str, algorithm: str = "aes-128-cbc", **parameters: object) -> NativeEngine:
    op = DIGEST if algorithms.find(algorithm).ops == (DIGEST,) else ENCRYPT
    engine = open_case(Case(backend, algorithm, **({"op": op, "request_size": 256} | parameters)))  # type: ignore[arg-type]
    assert isinstance(engine, NativeEngine)
    return engine


def measured(
    backend: str, algorithm: str = "aes-128-cbc", requests: int = 64, **parameters: object
) -> dict[str, str]:
    """Facts of a verified run."""
    engine = opened(backend, algorithm, **parameters)
    assert engine.verify() > 0
    assert engine.run(requests).requests >= requests
    assert engine.verify_after() > 0
    facts = engine.facts()
    engine.close()
    return facts


def entries(folder: str) -> int:
    return len(list(Path("/proc/self", folder).iterdir()))


def proc_crypto() -> str:
    return Path("/proc/crypto").read_text()


def afalg() -> DriverBackend:
    found = driver_backend("afalg")
    assert found is not None
    return found


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_kind_is_right(algorithm: str) -> None:
    found = algorithms.find(algorithm)
    for op in found.ops:
        engine = opened("afalg", algorithm, op=op, request_size=1488, in_place=False, aad_size=found.aad_size)
        assert engine.verify() > 4
        engine.close()


@pytest.mark.parametrize("algorithm", ["aes-128-cbc", "aes-128-gcm", "aes-256-ccm", "sha256"])
def test_a_survey_finds_nothing_wrong(algorithm: str) -> None:
    found = afalg().survey(algorithms.find(algorithm), Wanted([16, 1488]), lambda phase: None)
    assert found.requests > 20, found


@pytest.mark.parametrize("q_len", [1, 16])
def test_the_kernel_driver_that_served_is_told(q_len: int) -> None:
    facts = measured("afalg", q_len=q_len)
    blocks = [block for block in proc_crypto().split("\n\n") if "name         : cbc(aes)\n" in block]
    best = max(blocks, key=lambda block: int(re.search(r"priority\s*: (\d+)", block)[1]))  # type: ignore[index]
    assert f": {facts['kernel_driver']}\n" in best
    assert re.search(rf"priority\s*: {facts['kernel_priority']}\n", best)
    assert re.search(rf"async\s*: {facts['kernel_async']}\n", best)


def test_a_driver_bound_by_name_serves() -> None:
    assert measured("afalg:cbc(aes-generic)")["kernel_driver"] == "cbc(aes-generic)"


def test_one_outstanding_is_synchronous_and_direct() -> None:
    facts = measured("afalg", q_len=1)
    assert (facts["way"], facts["in_flight"], facts["path"]) == ("sync", "1", "direct")


@pytest.mark.parametrize("way", ["aio", "threads", "sync"])
@pytest.mark.parametrize("algorithm", ["aes-128-cbc", "aes-128-gcm", "aes-128-cbc+hmac-sha1"])
@pytest.mark.parametrize(("batch", "cbimm"), [(0, 1), (1, 1), (4, 0)])
def test_every_way_computes_the_same(way: str, algorithm: str, batch: int, cbimm: int) -> None:
    facts = measured(f"afalg:way={way}", algorithm, q_len=12, batch=batch, cbimm=cbimm)
    assert facts["way"] == way
    assert 1 <= int(facts["in_flight"]) <= 12


def test_a_hash_has_no_aio() -> None:
    with pytest.raises(MeasureError, match="no AIO"):
        opened("afalg:way=aio", "sha256", q_len=4)
    assert measured("afalg", "sha256", q_len=4)["way"] == "threads"


def test_a_cpu_bound_driver_is_not_said_to_hold_more_than_there_are_cpus() -> None:
    facts = measured("afalg:cbc(aes-generic)", q_len=16)
    assert int(facts["in_flight"]) <= len(os.sched_getaffinity(0))


@pytest.mark.usefixtures("one_cpu")
def test_a_device_holds_several_at_once() -> None:
    """On one CPU the device may be done before the next caller runs, so it takes many requests to see it."""
    facts = measured(f"afalg:{VIRTIO}", q_len=16, requests=1000)
    assert facts["way"] in ("aio", "threads")
    assert 1 < int(facts["in_flight"]) <= 16


def test_a_driver_of_another_algorithm_is_refused() -> None:
    with pytest.raises(MeasureError, match=r"is for cbc\(aes\)"):
        opened(f"afalg:{VIRTIO}", "aes-128-ctr", request_size=256)


def test_an_unknown_driver_is_refused() -> None:
    with pytest.raises(MeasureError, match="has no skcipher no-such-driver"):
        opened("afalg:no-such-driver")


def test_probing_makes_no_template() -> None:
    name = "pcrypt(rfc4106(gcm(aes)))"
    assert "pcrypt(" not in proc_crypto()
    with pytest.raises(MeasureError, match="modprobe tcrypt"):
        opened(f"afalg:{name}", "rfc4106-aes-128-gcm", aad_size=8)
    assert "pcrypt(" not in proc_crypto()


def test_pcrypt_serves_once_it_exists() -> None:
    subprocess.run(["modprobe", "tcrypt", "alg=pcrypt(rfc4106(gcm(aes)))", "type=3"], capture_output=True)
    names = re.findall(r"driver\s*: (pcrypt\(rfc4106.*\))\n", proc_crypto())
    if not names:
        pytest.skip("this kernel made no instance of pcrypt(rfc4106(gcm(aes)))")
    facts = measured(f"afalg:{names[0]}", "rfc4106-aes-128-gcm", q_len=8, aad_size=8)
    assert facts["kernel_driver"] == names[0]


def test_a_forged_tag_is_bad_and_the_next_request_good() -> None:
    algorithm = algorithms.find("aes-128-gcm")
    seal = Session(Params(afalg(), algorithm, ENCRYPT, 8, 64))
    unseal = Session(Params(afalg(), algorithm, DECRYPT, 8, 64))
    memory = ffi.new("uint8_t[]", bytes(range(8 + 64 + 16)))
    iv = ffi.new("uint8_t[]", 12)
    request = ffi.new(
        "bs_request *",
        {
            "src": memory + 8,
            "dst": memory + 8,
            "aad": memory,
            "iv": iv,
            "tag": memory + 72,
            "size": 64,
            "aad_len": 8,
        },
    )
    assert seal.do(request) == 0
    sealed = bytes(ffi.buffer(memory))
    memory[72] ^= 1
    assert unseal.do(request) < 0
    ffi.memmove(memory, sealed, len(sealed))
    assert unseal.do(request) == 0
    assert bytes(ffi.buffer(memory))[8:72] == bytes(range(8, 72))
    seal.close()
    unseal.close()


@pytest.mark.parametrize(("algorithm", "count"), [("aes-128-cbc", 10_000), ("sha256", 2_000)])
def test_sessions_leak_neither_sockets_nor_references(algorithm: str, count: int) -> None:
    found = algorithms.find(algorithm)
    before, references = entries("fd"), None
    for i in range(count):
        Session(Params(afalg(), found, found.ops[0], 0, 64)).close()
        if i == 0:
            references = re.findall(r"refcnt\s*: (\d+)", proc_crypto())
    assert entries("fd") == before
    assert re.findall(r"refcnt\s*: (\d+)", proc_crypto()) == references


@pytest.mark.usefixtures("one_cpu")
def test_queues_leak_neither_sockets_nor_threads() -> None:
    before = entries("fd"), entries("task")
    for _ in range(20):
        for backend in ("afalg", "afalg:way=aio", f"afalg:{VIRTIO}"):
            engine = opened(backend, q_len=16)
            engine.run(16)
            engine.close()
    assert (entries("fd"), entries("task")) == before
