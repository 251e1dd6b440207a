"""Texts in several updates and scattered buffers through the kernel's interfaces."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cuse_device import Device, build, why_not
from test_pieces import in_pieces

from benchsuite.algorithms import ALGORITHMS

KERNELS = [name for name, algorithm in ALGORITHMS.items() if algorithm.names("afalg")]


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    if reason := why_not():
        pytest.skip(reason)
    with Device(build(tmp_path_factory.mktemp("cuse"))) as device:
        yield device


@pytest.mark.parametrize("piece", [7, 300])
@pytest.mark.parametrize("algorithm", KERNELS)
def test_the_kernel_computes_the_same_over_segments_and_sends(algorithm: str, piece: int) -> None:
    why = in_pieces("afalg", ALGORITHMS[algorithm], piece)
    if why.startswith("the kernel has no "):
        pytest.skip(why)
    assert why == ""


@pytest.mark.parametrize("algorithm", ["sha256", "hmac-sha1"])
def test_cryptodev_computes_a_hash_in_updates(device: Device, algorithm: str) -> None:
    assert in_pieces(device.backend, ALGORITHMS[algorithm], 100) == ""


@pytest.mark.parametrize("algorithm", ["aes-128-cbc", "aes-128-gcm", "aes-192-cbc+hmac-sha1"])
def test_cryptodev_has_no_other_texts_in_pieces(device: Device, algorithm: str) -> None:
    assert "several updates" in in_pieces(device.backend, ALGORITHMS[algorithm], 100)
