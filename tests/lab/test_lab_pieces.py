"""Texts in several updates and scattered buffers through the kernel's interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cuse_device import Device
from test_pieces import in_pieces

from benchsuite.algorithms import ALGORITHMS

KERNELS = [name for name, algorithm in ALGORITHMS.items() if algorithm.names("afalg")]


@pytest.fixture(scope="module")
def device(program: Path) -> Iterator[Device]:
    with Device(program) as device:
        yield device


@pytest.mark.parametrize("algorithm", KERNELS)
def test_the_kernel_computes_the_same_over_segments_and_sends(algorithm: str) -> None:
    """Small ones for one algorithm, larger ones for the next: an emulated CPU is slow."""
    why = in_pieces("afalg", ALGORITHMS[algorithm], 300 if KERNELS.index(algorithm) % 2 else 7)
    if why.startswith("the kernel has no "):
        pytest.skip(why)
    assert why == ""


@pytest.mark.parametrize("algorithm", ["sha256", "hmac-sha1"])
def test_cryptodev_computes_a_hash_in_updates(device: Device, algorithm: str) -> None:
    assert in_pieces(device.backend, ALGORITHMS[algorithm], 100) == ""


@pytest.mark.parametrize("algorithm", ["aes-128-cbc", "aes-128-gcm", "aes-192-cbc+hmac-sha1"])
def test_cryptodev_has_no_other_texts_in_pieces(device: Device, algorithm: str) -> None:
    assert "several updates" in in_pieces(device.backend, ALGORITHMS[algorithm], 100)
