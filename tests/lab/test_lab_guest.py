"""What the lab promises to whatever runs in it."""

from __future__ import annotations

import hashlib
import os
import platform
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import benchsuite
from benchsuite import host

SHARED = Path.cwd()


def entries() -> list[dict[str, str]]:
    """/proc/crypto: key to value, of each algorithm."""
    return [
        dict((part.strip() for part in line.split(":", 1)) for line in block.splitlines())  # type: ignore[misc]
        for block in Path("/proc/crypto").read_text().strip().split("\n\n")
    ]


def mount(path: Path) -> str:
    """Type of the file system a path is on."""
    path = path.resolve()
    lines = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    inside = [(len(line[1]), i, line[2]) for i, line in enumerate(lines) if path.is_relative_to(line[1])]
    return max(inside)[2]


def test_it_is_another_kernel_and_the_result_will_say_so() -> None:
    assert os.environ["BENCHSUITE_LAB"].endswith(f"kernel {platform.release()}")
    found = host.environment()
    assert found["benchsuite_lab"] == os.environ["BENCHSUITE_LAB"]
    assert found["benchsuite_kernel_release"] == platform.release()
    assert "QEMU" in str(found["benchsuite_hypervisor"])


@pytest.mark.parametrize("kind", ["hash", "skcipher", "aead", "rng"])
def test_af_alg_opens(kind: str) -> None:
    name = {"hash": "sha256", "skcipher": "cbc(aes)", "aead": "gcm(aes)", "rng": "stdrng"}[kind]
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) as opened:
        opened.bind((kind, name))


def test_af_alg_computes() -> None:
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) as opened:
        opened.bind(("hash", "sha256"))
        request, _ = opened.accept()
        with request:
            request.sendall(b"lab")
            assert request.recv(64) == hashlib.sha256(b"lab").digest()


def through(driver: str, key: bytes, iv: bytes, text: bytes) -> bytes:
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) as opened:
        opened.bind(("skcipher", driver))
        opened.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, key)
        request, _ = opened.accept()
        with request:
            request.sendmsg_afalg([text], op=socket.ALG_OP_ENCRYPT, iv=iv)
            return request.recv(len(text))


def test_the_accelerator_is_there_and_right() -> None:
    found = {entry["driver"]: entry for entry in entries()}
    entry = found["virtio_crypto_aes_cbc"]
    assert entry["name"] == "cbc(aes)" and entry["selftest"] == "passed" and entry["async"] == "yes"
    key, iv, text = bytes(range(16)), bytes(range(16, 32)), bytes(64)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    assert through("virtio_crypto_aes_cbc", key, iv, text) == encryptor.update(text) + encryptor.finalize()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names of x86 drivers")
def test_the_drivers_of_the_cpu_are_loaded() -> None:
    loaded = {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}
    assert {"af_alg", "algif_skcipher", "cryptd", "pcrypt", "cuse"} <= loaded
    assert any(entry["driver"] == "cbc-aes-aesni" for entry in entries())


def test_tcrypt_can_be_loaded() -> None:
    """It ends with an error on purpose; what it says first is that it was found."""
    done = subprocess.run(
        ["modprobe", "tcrypt", "mode=0", "alg=nosuch"], capture_output=True, text=True, timeout=120
    )
    assert "not found in directory" not in done.stderr, done.stderr


def test_cuse_is_a_device() -> None:
    assert stat.S_ISCHR(Path("/dev/cuse").stat().st_mode)


def test_the_kernels_own_modules_are_those_that_are_found() -> None:
    assert (Path("/lib/modules") / platform.release() / "modules.dep").is_file()


def test_it_is_root_with_the_users_python() -> None:
    assert os.geteuid() == 0
    assert Path(benchsuite.__file__).is_file()
    assert subprocess.run(["python", "-c", "import benchsuite"], timeout=120).returncode == 0


def test_what_is_written_here_is_with_the_host() -> None:
    assert mount(SHARED) == "9p"
    path = SHARED / f".lab-{os.getpid()}"
    try:
        with path.open("w") as file:
            file.write("kept")
            file.flush()
            os.fsync(file.fileno())
        # The host's clock stamped it: the guest's agrees.
        assert abs(path.stat().st_mtime - time.time()) < 30
    finally:
        path.unlink()


def test_what_is_written_elsewhere_stays_in_memory() -> None:
    assert mount(Path("/usr")) == "overlay"
    assert mount(Path(os.environ["TMPDIR"])) == mount(Path("/dev/shm")) == "tmpfs"
    path = Path("/usr/bin/benchsuite-lab-was-here")
    path.write_text("#!/bin/sh\n")
    path.unlink()


def test_the_network_is_lo() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=10).close()
    assert [path.name for path in Path("/sys/class/net").iterdir()] == ["lo"]


def test_output_is_a_pipe_that_can_be_opened_again() -> None:
    for name in ("stdout", "stderr"):
        done = subprocess.run(["sh", "-c", f"echo here >/dev/{name}"], capture_output=True, timeout=60)
        assert b"here" in done.stdout + done.stderr, done
    assert stat.S_ISFIFO(Path("/run/lab/out").stat().st_mode)


def test_the_clock_is_monotonic_across_cpus() -> None:
    """The emulated time-stamp counter is taken for reliable: a thread that moves sees no time go back."""
    cpus = sorted(os.sched_getaffinity(0))
    before = time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    try:
        for turn in range(200):
            os.sched_setaffinity(0, {cpus[turn % len(cpus)]})
            now = time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
            assert now >= before
            before = now
    finally:
        os.sched_setaffinity(0, cpus)


def test_descriptors_are_not_scarce() -> None:
    import resource

    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 100_000


def test_no_rules_of_the_host_about_modules() -> None:
    directory = Path("/etc/modprobe.d")
    assert not directory.exists() or list(directory.iterdir()) == []


def test_a_process_left_behind_does_not_hold_the_machine() -> None:
    """It holds the command's output open and is killed after it: `make lab` would not end otherwise."""
    out = os.open("/run/lab/out", os.O_WRONLY)
    assert os.posix_spawnp(
        "sleep", ["sleep", "100000"], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)]
    )
    os.close(out)
