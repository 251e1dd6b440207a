"""Texts handed over in several updates: the same bytes as whole ones, or a refusal that says why."""

from __future__ import annotations

import pytest

from benchsuite import backends
from benchsuite.algorithms import ALGORITHMS, Algorithm
from benchsuite.backends import MeasureError
from benchsuite.backends.driver import DriverBackend
from benchsuite.backends.session import Params, Session
from benchsuite.backends.verify import Checker

SIZES = [16, 48, 64, 256, 1488, 4096]
WHOLE = ("-ccm", "-xts")  # of libcrypto


def in_pieces(backend: str, algorithm: Algorithm, piece: int) -> str:
    """Verified: "". Else the sentence of the refusal."""
    found = backends.of(backend)
    assert isinstance(found, DriverBackend)
    for op in algorithm.ops:
        params = Params(found, algorithm, op, algorithm.aad_size, SIZES[-1], piece=piece)
        try:
            params.check()
            session = Session(params)
        except MeasureError as error:
            assert error.kind == "unsupported"
            return str(error)
        Checker(params).session(session, SIZES)
        session.close()
    return ""


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
def test_libcrypto_computes_the_same_in_updates(algorithm: Algorithm) -> None:
    for piece in (1, 24, 1000):
        why = in_pieces("software", algorithm, piece)
        assert (not why) or (algorithm.name.endswith(WHOLE) and "takes its text whole" in why)


def test_a_simulated_device_in_real_time_has_libcryptos() -> None:
    assert in_pieces("sim:geode-lx,clock=real", ALGORITHMS["aes-128-cbc"], 20) == ""


@pytest.mark.parametrize("backend", ["null", "sim:hifn7956"])
def test_a_driver_without_them_says_so(backend: str) -> None:
    assert "takes a text whole" in in_pieces(backend, ALGORITHMS["aes-128-cbc"], 16)
