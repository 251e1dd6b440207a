"""The reference against itself, against the cryptography package's own streams, and against libcrypto."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from benchsuite.algorithms import ALGORITHMS, Algorithm
from benchsuite.backends.driver import driver_backend
from benchsuite.backends.fixed_keys import pattern
from benchsuite.backends.reference import Reference, WrongTag, block_cipher
from benchsuite.backends.session import Params, Session
from benchsuite.backends.verify import Checker
from benchsuite.model import DECRYPT, ENCRYPT

LARGEST = 5000
CHAINED = sorted(name for name, algorithm in ALGORITHMS.items() if algorithm.chainable)


@dataclass(frozen=True)
class Sealing:
    """One message for one algorithm."""

    algorithm: Algorithm
    key: bytes
    mac: bytes
    iv: bytes
    aad: bytes
    data: bytes


def exactly(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


@st.composite
def sealings(
    draw: st.DrawFn, kinds: tuple[str, ...] = ("cipher", "aead", "digest", "hmac", "authenc")
) -> Sealing:
    algorithm = draw(st.sampled_from([a for a in ALGORITHMS.values() if a.kind in kinds]))
    key = draw(exactly(algorithm.key_size))
    half = len(key) // 2
    assume(not algorithm.name.endswith("-xts") or key[:half] != key[half:])  # XTS forbids equal halves
    blocks = draw(st.integers(1, LARGEST // algorithm.block))
    size = max(blocks * algorithm.block, algorithm.min_size)
    return Sealing(
        algorithm,
        key,
        draw(st.binary(min_size=1, max_size=200)) if algorithm.mac_key_size else b"",
        draw(exactly(algorithm.iv_size)),
        draw(st.binary(max_size=100)) if algorithm.authenticated else b"",
        pattern(size, draw(st.integers(0, 2**31))),
    )


@given(sealings(), st.booleans())
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_libcrypto_computes_what_the_reference_does(sealing: Sealing, in_place: bool) -> None:
    backend = driver_backend("software")
    assert backend
    for op in sealing.algorithm.ops:
        params = Params(
            backend,
            sealing.algorithm,
            op,
            len(sealing.aad),
            len(sealing.data),
            key=sealing.key,
            mac=sealing.mac,
        )
        session = Session(params)
        try:
            Checker(params).check(session, sealing.iv, sealing.aad, sealing.data, in_place)
        finally:
            session.close()


@given(sealings(kinds=("cipher", "aead", "authenc")))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_decrypt_undoes_encrypt(sealing: Sealing) -> None:
    reference = Reference(sealing.algorithm, sealing.key, sealing.mac)
    text, tag = reference.encrypt(sealing.iv, sealing.aad, sealing.data)
    assert len(text) == len(sealing.data) and len(tag) == sealing.algorithm.tag_size
    assert reference.decrypt(sealing.iv, sealing.aad, text, tag) == sealing.data


@given(sealings(kinds=("aead", "authenc")), st.data())
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_one_changed_bit_anywhere_is_a_wrong_tag(sealing: Sealing, data: st.DataObject) -> None:
    reference = Reference(sealing.algorithm, sealing.key, sealing.mac)
    text, tag = reference.encrypt(sealing.iv, sealing.aad, sealing.data)
    whole = bytearray(sealing.aad + text + tag)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    aad, rest = bytes(whole[: len(sealing.aad)]), bytes(whole[len(sealing.aad) :])
    with pytest.raises(WrongTag):
        reference.decrypt(sealing.iv, aad, rest[: len(text)], rest[len(text) :])


def stream(name: str, key: bytes, iv: bytes) -> Any:
    """The cryptography package's own context for a whole message."""
    if name.endswith("-gcm"):
        return Cipher(algorithms.AES(key), modes.GCM(iv)).encryptor()
    return block_cipher(name, key)(iv).encryptor()


@pytest.mark.parametrize("name", CHAINED)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_a_chain_goes_on_where_the_stream_is(name: str, data: st.DataObject) -> None:
    algorithm = ALGORITHMS[name]
    key, iv = data.draw(exactly(algorithm.key_size)), data.draw(exactly(algorithm.iv_size))
    before = data.draw(st.integers(0, 600 // algorithm.block)) * algorithm.block
    size = data.draw(st.integers(1, 300 // algorithm.block)) * algorithm.block
    message = pattern(before + size, data.draw(st.integers(0, 2**31)))
    text = stream(name, key, iv).update(message)
    reference = Reference(algorithm, key, b"")
    previous = text[before - algorithm.block : before] if before else None

    here = reference.chained(iv, before, previous, True)
    assert here.update(message[before:]) == text[before:]
    there = reference.chained(iv, before, previous, False)
    assert there.update(text[before:]) == message[before:]


def test_a_ctr_chain_carries_into_every_byte_of_the_counter() -> None:
    algorithm, iv = ALGORITHMS["aes-128-ctr"], b"\xff" * 16
    message = bytes(64)
    text = stream(algorithm.name, bytes(16), iv).update(message)
    assert Reference(algorithm, bytes(16), b"").chained(iv, 16, None, True).update(message[16:]) == text[16:]


@pytest.mark.parametrize("op", [ENCRYPT, DECRYPT])
@pytest.mark.parametrize("name", CHAINED)
def test_a_chained_session_of_libcrypto_is_that_stream(name: str, op: str) -> None:
    algorithm, backend = ALGORITHMS[name], driver_backend("software")
    if algorithm.authenticated and op == DECRYPT:
        return  # there is no such session: the tag comes at the end of the message
    assert backend
    for size in (algorithm.block, 5 * algorithm.block, 1024):
        params = Params(backend, algorithm, op, 0, size, chained=True)
        session = Session(params)
        assert Checker(params).chain(session, size) == 3
        session.close()
