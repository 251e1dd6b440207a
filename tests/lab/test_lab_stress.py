"""Real kernel paths in traffic: AF_ALG on the kernel's own drivers and on a device, /dev/crypto through a
device node, rightly and with faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command import Cli
from cuse_device import Device

from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends import MeasureError
from benchsuite.backends.driver import driver_backend
from benchsuite.backends.findings import Stressed, StressLoad

VIRTIO = "virtio_crypto_aes_cbc"
KINDS = ("aes-128-cbc", "aes-128-gcm", "sha256", "hmac-sha1", "aes-192-cbc+hmac-sha1", "null+hmac-md5")
# An emulated CPU is slow, and takes long to open a session, and seconds for a hash in 1500 updates.
LOAD = StressLoad(workers=2, sessions=2, q_len=8, seconds=0.5, seed=20051114, patience=60.0)
# Linux 6.1's virtio-crypto never answers a request of 124 KiB (METHODOLOGY.md, "Measured in the lab").
WITHOUT_LARGE = replace(LOAD, only_sizes=(16, 64, 1488, 4096, 16384, 65536))


def loaded(backend: str, algorithm: str | tuple[str, ...], load: StressLoad = LOAD) -> Stressed:
    """Several algorithms: beside each other."""
    found = driver_backend(backend)
    if found is None:
        pytest.skip(f"this build has no {backend}")
    try:
        if isinstance(algorithm, str):
            algorithm = (algorithm,)
        chosen = [ALGORITHMS[name] for name in algorithm]
        return found.stress(chosen, load, lambda phase: None, mixed=len(chosen) > 1)
    except MeasureError as error:
        if error.kind != "unsupported":
            raise
        pytest.skip(f"{backend} has no {algorithm} here: {error}")


def assert_stood(found: Stressed, algorithm: str) -> None:
    assert found.faults == 0, found.told
    assert found.requests >= LOAD.workers * LOAD.sessions
    assert found.high_water > 1 or found.facts.get("way") == "sync"  # two workers may have missed each other
    assert found.refused > 0 or not ALGORITHMS[algorithm].authenticated or found.requests < 100


# ---- AF_ALG ----


@pytest.mark.parametrize("algorithm", [*KINDS, "aes-256-ccm", "aes-128-xts", "3des-cbc"])
def test_afalg_stands_it(algorithm: str) -> None:
    assert_stood(loaded("afalg", algorithm), algorithm)


@pytest.mark.parametrize("way", ["aio", "threads", "sync"])
@pytest.mark.parametrize("algorithm", ["aes-128-cbc", "aes-128-gcm"])
def test_every_way_into_the_kernel_stands_it(way: str, algorithm: str) -> None:
    assert_stood(loaded(f"afalg:way={way}", algorithm), algorithm)


@pytest.mark.parametrize("kernel_driver", ["cbc(aes-generic)", "cryptd(cbc(aes-generic))", VIRTIO])
def test_a_kernel_driver_bound_by_name_stands_it(kernel_driver: str, request: pytest.FixtureRequest) -> None:
    if kernel_driver == VIRTIO:
        request.getfixturevalue("one_cpu")
    load = WITHOUT_LARGE if kernel_driver == VIRTIO else LOAD
    found = loaded(f"afalg:{kernel_driver}", "aes-128-cbc", load)
    assert_stood(found, "aes-128-cbc")
    assert found.facts["kernel_driver"] == kernel_driver


def test_nothing_is_left_open() -> None:
    def entries() -> list[int]:
        return [len(list(Path("/proc/self", folder).iterdir())) for folder in ("fd", "task")]

    loaded("afalg", "aes-128-cbc")
    before = entries()
    found = loaded("afalg", "aes-128-cbc", StressLoad(workers=2, sessions=4, q_len=4, seconds=3.0))
    assert found.faults == 0, found.told
    assert entries() == before


def test_the_command_verifies_and_loads(cli: Cli) -> None:
    done = cli.run(
        "verify",
        "--stress",
        "--time",
        "2s",
        "--sessions",
        "2",
        "--q-len",
        "8",
        "--deadline",
        "100s",
        "-b",
        "afalg",
        "-a",
        "aes-128-cbc",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "; under load " in done.stdout


# ---- /dev/crypto ----


@pytest.fixture
def device(program: Path) -> Iterator[Device]:
    """One per test: what it lost it keeps."""
    with Device(program) as device:
        yield device


@pytest.mark.parametrize("algorithm", KINDS)
def test_cryptodev_stands_it(device: Device, algorithm: str) -> None:
    assert_stood(loaded(device.backend, algorithm), algorithm)
    assert device.counts().sessions_made > LOAD.workers * LOAD.sessions


def test_cryptodev_stands_it_where_alignment_matters(program: Path) -> None:
    with Device(program, "--alignmask=63") as device:
        assert_stood(loaded(device.backend, "aes-128-cbc"), "aes-128-cbc")
        assert device.counts().copied > 0


@pytest.mark.parametrize(("fault", "every"), [("busy", 3), ("intr", 3), ("late", 5)])
def test_what_is_no_fault_of_the_bytes_is_stood(device: Device, fault: str, every: int) -> None:
    device.fault(fault, every=every, after=20, ms=5)
    assert_stood(loaded(device.backend, "aes-128-cbc"), "aes-128-cbc")
    assert device.counts().faults > 0


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [("wrong", "wrong-bytes", "should be "), ("eio", "error", "EIO"), ("lost", "lost", "it never came back")],
)
def test_a_fault_is_told_as_what_it_is(device: Device, fault: str, kind: str, sentence: str) -> None:
    device.fault(fault, every=50, after=3000)  # what comes before a load is asked with nobody to watch it
    load = StressLoad(workers=2, sessions=2, q_len=8, seconds=60.0)
    found = loaded(device.backend, "aes-128-cbc", load)
    assert found.faults > 0 and found.kind == kind, found.told
    assert sentence in found.told[0]
    assert device.counts().faults > 0
