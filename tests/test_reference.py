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
    tag_size: int

    @property
    def reference(self) -> Reference:
        return Reference(self.algorithm, self.key, self.mac, self.tag_size)


def exactly(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


def nonce_sizes(algorithm: Algorithm) -> st.SearchStrategy[int]:
    """The lengths of IV that libcrypto and the reference both take, the usual one first."""
    if algorithm.name.endswith("-ccm"):
        return st.sampled_from([12, 7, 8, 11, 13])
    if algorithm.kind == "aead" and algorithm.name.endswith("-gcm") and not algorithm.salt_size:
        return st.sampled_from([12, 8, 13, 16, 63, 64])
    return st.just(algorithm.iv_size)


def tag_sizes(algorithm: Algorithm) -> st.SearchStrategy[int]:
    if algorithm.name.endswith("-ccm"):
        return st.sampled_from([16, 4, 6, 8, 10, 12, 14])
    if algorithm.kind in ("aead", "hmac", "authenc"):
        return st.just(algorithm.tag_size) | st.integers(4, algorithm.tag_size)
    return st.just(algorithm.tag_size)


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
        draw(exactly(draw(nonce_sizes(algorithm)))),
        draw(st.binary(max_size=100)) if algorithm.authenticated else b"",
        pattern(size, draw(st.integers(0, 2**31))),
        draw(tag_sizes(algorithm)),
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
            iv_size=len(sealing.iv),
            tag_size=sealing.tag_size,
        )
        session = Session(params)
        try:
            Checker(params).check(session, sealing.iv, sealing.aad, sealing.data, in_place)
        finally:
            session.close()


@given(sealings(kinds=("cipher", "aead", "authenc")))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_decrypt_undoes_encrypt(sealing: Sealing) -> None:
    reference = sealing.reference
    text, tag = reference.encrypt(sealing.iv, sealing.aad, sealing.data)
    assert len(text) == len(sealing.data) and len(tag) == sealing.tag_size
    assert reference.decrypt(sealing.iv, sealing.aad, text, tag) == sealing.data


@given(sealings(kinds=("aead", "authenc")), st.data())
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_one_changed_bit_anywhere_is_a_wrong_tag(sealing: Sealing, data: st.DataObject) -> None:
    reference = sealing.reference
    text, tag = reference.encrypt(sealing.iv, sealing.aad, sealing.data)
    whole = bytearray(sealing.aad + text + tag)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    aad, rest = bytes(whole[: len(sealing.aad)]), bytes(whole[len(sealing.aad) :])
    with pytest.raises(WrongTag):
        reference.decrypt(sealing.iv, aad, rest[: len(text)], rest[len(text) :])


@pytest.mark.parametrize("name", ["hmac-sha256", "aes-128-cbc+hmac-sha1", "aes-128-gcm", "chacha20-poly1305"])
def test_a_cut_tag_is_the_beginning_of_the_whole_one(name: str) -> None:
    algorithm = ALGORITHMS[name]
    keys = algorithm, bytes(range(algorithm.key_size)), bytes(range(algorithm.mac_key_size))
    request = bytes(algorithm.iv_size), b"", bytes(48)
    whole = Reference(*keys).encrypt(*request)
    assert Reference(*keys, 8).encrypt(*request) == (whole[0], whole[1][:8])


def test_a_whole_tag_does_not_open_what_a_cut_one_seals() -> None:
    algorithm = ALGORITHMS["aes-128-gcm"]
    text, tag = Reference(algorithm, bytes(16), b"").encrypt(bytes(12), b"", b"text")
    with pytest.raises(WrongTag):
        Reference(algorithm, bytes(16), b"", 8).decrypt(bytes(12), b"", text, tag)


# NIST SP 800-38C, examples 1 and 2, and test case 6 of the GCM specification: nonces of 7, 8 and 60 bytes.
PUBLISHED = """
aes-128-ccm 404142434445464748494a4b4c4d4e4f 10111213141516 0001020304050607 20212223 7162015b 4dac255d

aes-128-ccm 404142434445464748494a4b4c4d4e4f 1011121314151617 000102030405060708090a0b0c0d0e0f
202122232425262728292a2b2c2d2e2f d2a1f0e051ea5f62081a7792073d593d 1fc64fbfaccd

aes-128-gcm feffe9928665731c6d6a8f9467308308
9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728\
c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b
feedfacedeadbeeffeedfacedeadbeefabaddad2
d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca7\
01e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5
619cc5aefffe0bfa462af43c1699d050
"""


@pytest.mark.parametrize("published", PUBLISHED.split("\n\n"))
def test_published_vectors_of_other_nonces_and_tags(published: str) -> None:
    """The reference has them, and so has libcrypto, both ways."""
    name, *known = published.split()
    algorithm, backend = ALGORITHMS[name], driver_backend("software")
    key, iv, aad, data, text, tag = map(bytes.fromhex, known)
    assert backend and Reference(algorithm, key, b"", len(tag)).encrypt(iv, aad, data) == (text, tag)
    for op in algorithm.ops:
        params = Params(
            backend, algorithm, op, len(aad), len(data), key=key, iv_size=len(iv), tag_size=len(tag)
        )
        session = Session(params)
        Checker(params).check(session, iv, aad, data, in_place=True)
        session.close()


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
