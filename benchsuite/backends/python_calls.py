"""A request as a Python program writes it with the `cryptography` package, as its documentation shows it: a
context is made for every request, and the result is a new object."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives import constant_time, hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from benchsuite import algorithms
from benchsuite.backends.fixed_keys import cipher_key, mac_key
from benchsuite.backends.reference import aead, block_cipher, hash_named
from benchsuite.model import DECRYPT

Perform = Callable[[bytes, bytes, bytes], bytes]


def _digest(name: str) -> Perform:
    algorithm = hash_named(name)

    def perform(iv: bytes, aad: bytes, data: bytes) -> bytes:
        context = hashes.Hash(algorithm)
        context.update(data)
        return context.finalize()

    return perform


def _hmac(name: str, key: bytes, tag_size: int) -> Perform:
    algorithm = hash_named(name)

    def perform(iv: bytes, aad: bytes, data: bytes) -> bytes:
        context = hmac.HMAC(key, algorithm)
        context.update(data)
        return context.finalize()[:tag_size]

    return perform


def _cipher(name: str, key: bytes, decrypt: bool) -> Perform:
    make = block_cipher(name, key)

    def encrypt_request(iv: bytes, aad: bytes, data: bytes) -> bytes:
        context = make(iv).encryptor()
        return context.update(data) + context.finalize()

    def decrypt_request(iv: bytes, aad: bytes, data: bytes) -> bytes:
        context = make(iv).decryptor()
        return context.update(data) + context.finalize()

    return decrypt_request if decrypt else encrypt_request


def _authenc(cipher: Perform, mac_name: str, key: bytes, tag_size: int, decrypt: bool) -> Perform:
    mac = _hmac(mac_name, key, tag_size)

    def seal(iv: bytes, aad: bytes, data: bytes) -> bytes:
        text = cipher(iv, aad, data)
        return text + mac(iv, aad, aad + text)

    def open_(iv: bytes, aad: bytes, data: bytes) -> bytes:
        text = data[:-tag_size]
        if not constant_time.bytes_eq(mac(iv, aad, aad + text), data[-tag_size:]):
            raise ValueError("wrong tag")
        return cipher(iv, aad, text)

    return open_ if decrypt else seal


def _gcm_cut(key: bytes, salt: bytes, tag_size: int, decrypt: bool) -> Perform:
    """GCM with a tag that is not whole: AESGCM has no other."""
    cipher = AES(key)

    def seal(iv: bytes, aad: bytes, data: bytes) -> bytes:
        context = Cipher(cipher, GCM(salt + iv)).encryptor()
        context.authenticate_additional_data(aad)
        return context.update(data) + context.finalize() + context.tag[:tag_size]

    def open_(iv: bytes, aad: bytes, data: bytes) -> bytes:
        context = Cipher(cipher, GCM(salt + iv, data[-tag_size:], tag_size)).decryptor()
        context.authenticate_additional_data(aad)
        return context.update(data[:-tag_size]) + context.finalize()

    return open_ if decrypt else seal


def performer(
    algorithm: algorithms.Algorithm,
    op: str,
    key: bytes | None = None,
    mac: bytes | None = None,
    tag_size: int = 0,
) -> Perform:
    """A function (iv, aad, data) -> result; data is text + tag when decrypting with a tag. tag_size: 0 is the
    algorithm's own."""
    tag_size = tag_size or algorithm.tag_size
    decrypt = op == DECRYPT
    key = cipher_key(algorithm) if key is None else key
    mac = mac_key(algorithm) if mac is None else mac
    if algorithm.kind == "digest":
        return _digest(algorithm.name)
    if algorithm.kind == "hmac":
        return _hmac(algorithm.name.removeprefix("hmac-"), mac, tag_size)
    if algorithm.kind == "aead":
        key, salt = key[: len(key) - algorithm.salt_size], key[len(key) - algorithm.salt_size :]
        if algorithm.name.endswith("-gcm") and tag_size != algorithm.tag_size:
            return _gcm_cut(key, salt, tag_size, decrypt)
        box = aead(algorithm, key + salt, tag_size)
        call = box.decrypt if decrypt else box.encrypt
        return lambda iv, aad, data: call(salt + iv, data, aad)
    cipher_name, _, mac_name = algorithm.name.partition("+")
    cipher: Perform = lambda iv, aad, data: data  # noqa: E731 - the NULL cipher
    if cipher_name != "null":
        cipher = _cipher(cipher_name, key, decrypt)
    if not mac_name:
        return cipher
    return _authenc(cipher, mac_name.removeprefix("hmac-"), mac, tag_size, decrypt)
