"""Where the driver `afalg` says no: settings, kernels without it. What it can do: lab/test_lab_afalg.py."""

from __future__ import annotations

import socket

import pytest

from benchsuite.backends import MeasureError, of, open_case
from benchsuite.model import Case


def sockets() -> bool:
    try:
        socket.socket(getattr(socket, "AF_ALG", 38), socket.SOCK_SEQPACKET).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("way=fast", 'not "sync" or "aio" or "threads"'),
        ("cbc-aes-aesni,way=", 'not "sync" or "aio" or "threads"'),
        ("way=aio,way=sync", "way is given twice"),
        ("cbc-aes-aesni,wey=aio", "'wey=aio' is no setting of it: did you mean 'way'"),
    ],
)
def test_an_unknown_way_is_told(setting: str, said: str) -> None:
    with pytest.raises(MeasureError, match=said) as caught:
        of(f"afalg:{setting}").version()
    assert caught.value.kind == "unavailable"


def test_a_name_longer_than_the_kernel_takes() -> None:
    with pytest.raises(MeasureError, match="fewer than 128 characters"):
        of("afalg:" + "x" * 200).version()


@pytest.mark.skipif(sockets(), reason="this kernel has AF_ALG")
def test_a_kernel_without_it_says_what_to_do() -> None:
    with pytest.raises(MeasureError, match="benchsuite lab run") as caught:
        open_case(Case("afalg", "aes-128-cbc"))
    assert caught.value.kind == "unavailable"
