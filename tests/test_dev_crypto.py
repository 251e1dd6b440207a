"""The driver `cryptodev` where there is no such device: what it says, and what it refuses before it asks one.
With a device: tests/lab/test_cryptodev.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchsuite import algorithms, backends
from benchsuite.backends import MeasureError
from benchsuite.backends.driver import DriverBackend, driver_backend
from benchsuite.backends.session import Params, Session
from benchsuite.model import DECRYPT, ENCRYPT
from benchsuite.native import lib


def cryptodev(path: str = "") -> DriverBackend:
    found = driver_backend(f"cryptodev:{path}")
    assert found is not None
    return found


def refused(algorithm: str, setting: str = "", **parameters: object) -> str:
    """Why, as probe and newsession say alike."""
    given = {"op": ENCRYPT, "aad_size": 0, "max_size": 256, **parameters}
    params = Params(cryptodev(setting), algorithms.find(algorithm), **given)  # type: ignore[arg-type]
    with pytest.raises(MeasureError) as probed:
        params.check()
    with pytest.raises(MeasureError) as opened:
        Session(params)
    assert str(probed.value) == str(opened.value)
    assert probed.value.kind == "unsupported"
    return str(probed.value)


def test_it_is_synchronous_only_alone() -> None:
    assert cryptodev().driver.flags == lib.BS_FLAG_SYNC_ALONE | lib.BS_FLAG_PIECES
    assert cryptodev().driver.names == "cryptodev"


def test_a_kernel_without_it_is_unavailable_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match=r"is not there: build cryptodev-linux .* modprobe") as error:
        backends.of(f"cryptodev:{tmp_path}/crypto").version()
    assert error.value.kind == "unavailable"
    assert str(tmp_path) in str(error.value)


@pytest.mark.skipif(Path("/dev/crypto").exists(), reason="there is a /dev/crypto")
def test_dev_crypto_is_what_is_meant_without_a_setting() -> None:
    with pytest.raises(MeasureError, match=r"^/dev/crypto is not there"):
        backends.of("cryptodev").version()


@pytest.mark.parametrize(
    "path, said", [("/dev/null", "is no device of cryptodev's"), ("/proc/version", "is no device")]
)
def test_another_file_is_told_from_a_device(path: str, said: str) -> None:
    with pytest.raises(MeasureError, match=said) as error:
        backends.of(f"cryptodev:{path}").version()
    assert path in str(error.value) and "/dev/crypto" in str(error.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MeasureError, match="is no device"):
        backends.of(f"cryptodev:{tmp_path}/pipe").version()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open anything")
def test_a_forbidden_device_is_told() -> None:
    with pytest.raises(MeasureError, match="may not be opened"):
        backends.of("cryptodev:/dev/mem").version()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("/dev/crypto,fast", r"'fast' is no setting of it: it takes PATH, way=async\|threads"),
        (",x", "'x' is no setting of it"),
        ("/dev/crypto,way=", 'not "async" or "threads"'),
        ("/dev/crypto,way=sync", 'not "async" or "threads"'),
        ("/" + "x" * 5000, "not text of fewer than 4096 characters"),
    ],
)
def test_an_unknown_setting_is_refused(setting: str, said: str) -> None:
    for ask in (
        backends.of(f"cryptodev:{setting}").version,
        lambda: Params(cryptodev(setting), algorithms.find("aes-128-cbc"), ENCRYPT, 0, 256),
    ):
        with pytest.raises(MeasureError, match=said) as error:
            ask()
        assert error.value.kind == "unavailable"


def test_an_algorithm_that_has_no_name_there_is_refused() -> None:
    with pytest.raises(MeasureError, match="chacha20-poly1305 has no name in cryptodev"):
        Params(cryptodev(), algorithms.find("chacha20-poly1305"), ENCRYPT, 8, 256)


def test_every_name_of_the_table_is_known() -> None:
    """What is missing is the device, never the algorithm."""
    for algorithm in algorithms.ALGORITHMS.values():
        if algorithm.names("cryptodev"):
            for op in algorithm.ops:
                assert "is not there" in refused(algorithm.name, "/nonexistent/crypto", op=op)


def test_chained_requests_are_those_whose_iv_can_be_handed_on() -> None:
    missing = "/nonexistent/crypto"
    assert "is not there" in refused("aes-128-cbc", missing, chained=True)
    assert "is not there" in refused("aes-128-ctr", missing, chained=True, max_size=64)
    assert "multiple of 16 bytes" in refused("aes-128-ctr", missing, chained=True, max_size=65)
    assert "hands the IV on for" in refused("aes-128-xts", missing, chained=True)
    assert "hands the IV on for" in refused("aes-128-gcm", missing, chained=True)


@pytest.mark.parametrize(
    "algorithm, size", [("aes-128-gcm", 8), ("hmac-sha1", 12), ("aes-128-cbc+hmac-sha1", 12), ("hmac-md5", 1)]
)
def test_a_tag_can_be_cut(algorithm: str, size: int) -> None:
    params = Params(
        cryptodev("/nonexistent/crypto"), algorithms.find(algorithm), ENCRYPT, 0, 256, tag_size=size
    )
    with pytest.raises(MeasureError, match="is not there"):
        params.check()


def test_more_aad_than_a_page_is_refused() -> None:
    missing = "/nonexistent/crypto"
    assert "is not there" in refused("aes-128-gcm", missing, op=DECRYPT, aad_size=4096)
    assert "at most a page" in refused("aes-128-gcm", missing, op=DECRYPT, aad_size=65537)
    assert "is not there" in refused("aes-128-cbc+hmac-sha1", missing, aad_size=65537)


@pytest.mark.parametrize(
    "algorithm, change, said",
    [
        ("aes-128-cbc", {"iv_len": 12}, "takes 16 bytes of salt and IV, not 12"),
        ("aes-128-ecb", {"iv_len": 16}, "takes 0 bytes of salt and IV, not 16"),
        ("aes-128-gcm", {"iv_len": 8}, "takes 12 bytes of salt and IV, not 8"),
        ("aes-128-gcm", {"tag_len": 17}, "has no tag of 17 bytes"),
        ("aes-128-gcm", {"tag_len": 0}, "has no tag of 0 bytes"),
        ("sha256", {"tag_len": 20}, "has no tag of 20 bytes"),
        ("hmac-sha1", {"tag_len": 21}, "has no tag of 21 bytes"),
        ("hmac-sha1", {"tag_len": 0}, "has no tag of 0 bytes"),
        ("aes-128-gcm", {"tag_len": 10}, "has no tag of 10 bytes"),
        ("aes-128-cbc", {"salt_len": 4}, "a salt of 4 bytes needs an AEAD"),
        ("sha256", {"op": lib.BS_DECRYPT}, "computed, not decrypted"),
        ("sha256", {"kind": 9}, "name no algorithm"),
    ],
)
def test_lengths_that_the_device_takes_for_granted_are_checked(
    algorithm: str, change: dict[str, int], said: str
) -> None:
    """It reads a whole IV and writes a whole digest, whatever room there is."""
    params = Params(cryptodev("/nonexistent/crypto"), algorithms.find(algorithm), ENCRYPT, 0, 256)
    for key, value in change.items():
        setattr(params.c, key, value)
    with pytest.raises(MeasureError, match=said):
        params.check()
    with pytest.raises(MeasureError, match=said):
        Session(params)
