"""The independent reference: what the `cryptography` package computes for an algorithm of the table.

It carries its own libcrypto, so it shares no code with what is measured, except with the `python`
backend (which is therefore held against published vectors as well).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from benchsuite.algorithms import Algorithm

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha512-224": hashes.SHA512_224,
    "sha512-256": hashes.SHA512_256,
    "sha3-256": hashes.SHA3_256,
}


class WrongTag(Exception):
    """The text or its tag is not authentic."""


def hash_named(name: str) -> hashes.HashAlgorithm:
    return _HASHES[name]()


def block_cipher(name: str, key: bytes) -> Callable[[bytes], Cipher[Any]]:
    """`aes-128-cbc` and a key -> a function from an IV to a Cipher."""
    family, mode_name = name.split("-")[0], name.split("-")[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # DES and ECB are deprecated; being measured they must be checked
        if family == "aes":
            algorithm: Any = algorithms.AES(key)
        else:
            algorithm = TripleDES(key * 3 if family == "des" else key)
    mode: Any = {"ecb": lambda iv: modes.ECB(), "cbc": modes.CBC, "ctr": modes.CTR, "xts": modes.XTS}[
        mode_name
    ]
    return lambda iv: Cipher(algorithm, mode(iv))


def aead(algorithm: Algorithm, key: bytes, tag_size: int | None = None) -> Any:
    """An object with encrypt(nonce, data, aad) and decrypt, tag behind the text. CCM's tag has tag_size
    bytes, where that is given; the others are whole."""
    key = key[: len(key) - algorithm.salt_size]
    if algorithm.name.startswith("chacha20"):
        return ChaCha20Poly1305(key)
    if algorithm.name.endswith("-ccm"):
        return AESCCM(key, tag_length=algorithm.tag_size if tag_size is None else tag_size)
    return AESGCM(key)


class Keyed(Protocol):
    """What a reference is made from, as Params is: an algorithm, its keys, and the length of its tag."""

    algorithm: Algorithm
    key: bytes
    mac_key: bytes
    tag_size: int


class Reference:
    """One algorithm with its keys, to be made once for many requests. Texts, IVs, AAD and tags are bytes.
    tag_size: where less than the whole tag is wanted, as in ESP. A nonce may have any length of the
    algorithm's; of GCM, 8 to 128 bytes with its salt, which is what the `cryptography` package takes."""

    def __init__(self, algorithm: Algorithm, key: bytes, mac_key: bytes, tag_size: int | None = None) -> None:
        self.algorithm = algorithm
        self.tag_size = algorithm.tag_size if tag_size is None else tag_size
        self._key, self._mac_key = key, mac_key
        self._salt = key[len(key) - algorithm.salt_size :]
        self._cipher_name, _, mac_name = algorithm.name.partition("+")
        if algorithm.kind == "hmac":
            mac_name = algorithm.name
        self._hash_name = mac_name.removeprefix("hmac-") or algorithm.name

    @classmethod
    def of(cls, params: Keyed) -> Reference:
        """The reference for the requests of a session with these params."""
        return cls(params.algorithm, params.key, params.mac_key, params.tag_size)

    @cached_property
    def _cipher(self) -> Callable[[bytes], Cipher[Any]]:
        return block_cipher(self._cipher_name, self._key)

    @cached_property
    def _aead(self) -> Any:
        return aead(self.algorithm, self._key, self.tag_size)

    @cached_property
    def _keyed_mac(self) -> hmac.HMAC:
        return hmac.HMAC(self._mac_key, hash_named(self._hash_name))

    def _mac(self, text: bytes) -> bytes:
        mac = self._keyed_mac.copy()
        mac.update(text)
        return mac.finalize()[: self.tag_size]

    def _crypt(self, iv: bytes, data: bytes, encrypt: bool) -> bytes:
        if self._cipher_name == "null":
            return data
        cipher = self._cipher(iv)
        context = cipher.encryptor() if encrypt else cipher.decryptor()
        return context.update(data) + context.finalize()

    def encrypt(self, iv: bytes, aad: bytes, data: bytes) -> tuple[bytes, bytes]:
        """-> (text, tag). A digest or MAC leaves the text as it is."""
        kind = self.algorithm.kind
        if kind == "digest":
            digest = hashes.Hash(hash_named(self._hash_name))
            digest.update(data)
            return data, digest.finalize()
        if kind == "hmac":
            return data, self._mac(data)
        if kind == "aead":
            sealed: bytes = self._aead.encrypt(self._salt + iv, data, aad)
            return sealed[: len(data)], sealed[len(data) : len(data) + self.tag_size]
        text = self._crypt(iv, data, True)
        return text, self._mac(aad + text) if kind == "authenc" else b""

    def decrypt(self, iv: bytes, aad: bytes, text: bytes, tag: bytes) -> bytes:
        """-> data; WrongTag where the tag does not fit."""
        kind = self.algorithm.kind
        if kind == "aead":
            return self._open(self._salt + iv, aad, text, tag)
        if kind == "authenc" and self._mac(aad + text) != tag:
            raise WrongTag
        return self._crypt(iv, text, False)

    def _open(self, nonce: bytes, aad: bytes, text: bytes, tag: bytes) -> bytes:
        """Returns the data of an AEAD. The package opens no tag that was cut (CCM's is another one, not a cut
        one): then the data are what encryption makes of the text, by the same key stream, and their own tag
        says whether they are authentic."""
        if self.tag_size == self.algorithm.tag_size or self.algorithm.name.endswith("-ccm"):
            try:
                return bytes(self._aead.decrypt(nonce, text + tag, aad))
            except InvalidTag:
                raise WrongTag from None
        data: bytes = self._aead.encrypt(nonce, text, aad)[: len(text)]
        whole = self._aead.encrypt(nonce, data, aad)[len(text) :]
        if whole[: self.tag_size] != tag:
            raise WrongTag
        return data

    def chained(self, first_iv: bytes, offset: int, previous: bytes | None, encrypt: bool) -> Any:
        """A cipher context as a chained session has it after `offset` bytes, to be given the next
        text. `previous`: the ciphertext block before (CBC needs it; None at the start)."""
        mode = self._cipher_name.rsplit("-", 1)[-1]
        if mode not in ("ctr", "gcm"):
            cipher = self._cipher(previous or first_iv)
            return cipher.encryptor() if encrypt else cipher.decryptor()
        start = int.from_bytes(first_iv, "big")
        if mode == "gcm":  # the text of a message is CTR from counter block 2 on
            start = (start << 32) + 2
        counter = ((start + offset // 16) % 2**128).to_bytes(16, "big")
        context = Cipher(algorithms.AES(self._key), modes.CTR(counter)).encryptor()
        context.update(bytes(offset % 16))
        return context
