from __future__ import annotations

import ctypes
import hashlib
import re
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.algorithms import ALGORITHMS, ALIASES, Algorithm, find, names
from benchsuite.algorithms.names.tcrypt import modes
from benchsuite.model import BenchsuiteError
from benchsuite.native import drivers

ALL = list(ALGORITHMS.values())
each = pytest.mark.parametrize("algorithm", ALL, ids=lambda algorithm: algorithm.name)


def expected_names() -> Iterator[str]:
    for mode in ("ecb", "cbc", "ctr", "gcm", "ccm"):
        yield from (f"aes-{bits}-{mode}" for bits in (128, 192, 256))
    yield from ("aes-128-xts", "aes-256-xts", "3des-cbc", "des-cbc", "chacha20-poly1305")
    yield from (f"rfc4106-aes-{bits}-gcm" for bits in (128, 192, 256))
    yield from ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-224", "sha512-256", "sha3-256")
    yield from (f"hmac-{digest}" for digest in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"))
    for cipher in ("aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "3des-cbc", "null"):
        yield from (f"{cipher}+hmac-{digest}" for digest in ("md5", "sha1", "sha256", "sha384", "sha512"))


def test_the_table_has_what_it_should():
    assert set(ALGORITHMS) == set(expected_names())
    assert all(name == algorithm.name for name, algorithm in ALGORITHMS.items())


@each
def test_sizes_agree_with_each_other(algorithm: Algorithm):
    kind = algorithm.kind
    assert (algorithm.key_size > 0) == (
        kind in ("cipher", "aead") or (kind == "authenc" and "null" not in algorithm.name)
    )
    assert (algorithm.mac_key_size > 0) == (kind in ("hmac", "authenc"))
    assert (algorithm.tag_size > 0) == (kind != "cipher")
    if algorithm.mac_key_size:
        assert algorithm.mac_key_size == algorithm.tag_size
    assert algorithm.min_size % algorithm.block == 0
    assert algorithm.aad_size == (8 if kind == "aead" else 0)
    assert algorithm.ops == (("digest",) if kind in ("digest", "hmac") else ("encrypt", "decrypt"))
    assert algorithm.authenticated == (kind in ("aead", "authenc"))
    assert algorithm.salt_size + algorithm.iv_size == (12 if kind == "aead" else algorithm.iv_size)


@pytest.mark.parametrize(
    ("name", "key", "block", "least", "iv", "tag"),
    [
        ("aes-192-cbc", 24, 16, 16, 16, 0),
        ("aes-256-ecb", 32, 16, 16, 0, 0),
        ("aes-128-ctr", 16, 1, 1, 16, 0),
        ("aes-128-xts", 32, 1, 16, 16, 0),
        ("aes-256-xts", 64, 1, 16, 16, 0),
        ("3des-cbc", 24, 8, 8, 8, 0),
        ("des-cbc", 8, 8, 8, 8, 0),
        ("rfc4106-aes-128-gcm", 20, 1, 1, 8, 16),
        ("aes-256-ccm", 32, 1, 1, 12, 16),
        ("chacha20-poly1305", 32, 1, 1, 12, 16),
        ("3des-cbc+hmac-sha1", 24, 8, 8, 8, 20),
        ("null+hmac-md5", 0, 1, 1, 0, 16),
        ("sha512-224", 0, 1, 1, 0, 28),
    ],
)
def test_sizes(name, key, block, least, iv, tag):
    found = find(name)
    assert (found.key_size, found.block, found.min_size, found.iv_size, found.tag_size) == (
        key,
        block,
        least,
        iv,
        tag,
    )


@each
def test_digest_sizes_are_those_of_hashlib(algorithm: Algorithm):
    if algorithm.kind in ("cipher", "aead"):
        return
    name = algorithm.name.rpartition("hmac-")[2].replace("sha512-", "sha512_").replace("sha3-", "sha3_")
    assert algorithm.tag_size == hashlib.new(name).digest_size


def test_what_can_be_chained():
    assert {algorithm.name for algorithm in ALL if algorithm.chainable} == {
        name for name in ALGORITHMS if re.fullmatch(r"(aes-\d+-(ecb|cbc|ctr|gcm)|3des-cbc|des-cbc)", name)
    }


@pytest.mark.parametrize(
    ("name", "column", "names"),
    [
        ("aes-192-cbc+hmac-sha1", "libcrypto", ("AES-192-CBC", "SHA1")),
        ("aes-192-cbc+hmac-sha1", "afalg", ("authenc(hmac(sha1),cbc(aes))", None)),
        ("aes-192-cbc+hmac-sha1", "cryptodev", ("CRYPTO_AES_CBC", "CRYPTO_SHA1_HMAC")),
        ("aes-192-cbc+hmac-sha1", "tcrypt", None),
        ("null+hmac-md5", "libcrypto", (None, "MD5")),
        ("null+hmac-md5", "afalg", ("authenc(hmac(md5),ecb(cipher_null))", None)),
        ("null+hmac-md5", "cryptodev", ("CRYPTO_NULL", "CRYPTO_MD5_HMAC")),
        ("rfc4106-aes-256-gcm", "libcrypto", ("AES-256-GCM", None)),
        ("rfc4106-aes-256-gcm", "afalg", ("rfc4106(gcm(aes))", None)),
        ("rfc4106-aes-256-gcm", "cryptodev", None),
        ("chacha20-poly1305", "afalg", ("rfc7539(chacha20,poly1305)", None)),
        ("3des-cbc", "afalg", ("cbc(des3_ede)", None)),
        ("3des-cbc", "cryptodev", ("CRYPTO_3DES_CBC", None)),
        ("sha256", "cryptodev", (None, "CRYPTO_SHA2_256")),
        ("hmac-sha384", "cryptodev", (None, "CRYPTO_SHA2_384_HMAC")),
        ("sha3-256", "afalg", ("sha3-256", None)),
        ("sha3-256", "cryptodev", None),
        ("sha512-256", "afalg", None),
        ("aes-128-xts", "tcrypt", ("xts(aes)", None)),
        ("aes-128-ccm", "cryptodev", None),
    ],
)
def test_names(name, column, names):
    assert find(name).names(column) == names


def test_every_driver_has_its_column():
    assert {"afalg", "cryptodev", "libcrypto", "tcrypt"} <= set(names.columns())
    assert {driver.names for driver in drivers() if driver.names} <= set(names.columns())


def test_a_driver_brings_its_own_column(monkeypatch):
    """A module with a function `names`, and no line elsewhere."""
    toy = ModuleType("toy")
    toy.names = lambda kind, cipher, digest: (f"{kind}:{cipher}", digest or None) if digest != "md5" else None
    monkeypatch.setitem(sys.modules, f"{names.__name__}.toy", toy)
    assert find("aes-128-cbc").names("toy") == ("cipher:aes-128-cbc", None)
    assert find("null+hmac-sha1").names("toy") == ("authenc:null", "sha1")
    assert find("hmac-sha1").names("toy") == ("hmac:", "sha1")
    assert find("md5").names("toy") is None and find("md5").name_in("toy") is None


# The constants of cryptodev-linux 1.14 that open a session. (It has CRYPTO_AES_CCM too, and refuses it.)
CRYPTODEV = {
    f"CRYPTO_{name}"
    for name in (
        "DES_CBC",
        "3DES_CBC",
        "AES_CBC",
        "AES_CTR",
        "AES_XTS",
        "AES_ECB",
        "AES_GCM",
        "NULL",
        "MD5",
        "SHA1",
        "SHA2_224",
        "SHA2_256",
        "SHA2_384",
        "SHA2_512",
        "MD5_HMAC",
        "SHA1_HMAC",
        "SHA2_224_HMAC",
        "SHA2_256_HMAC",
        "SHA2_384_HMAC",
        "SHA2_512_HMAC",
    )
}


@each
def test_every_cryptodev_name_is_a_constant(algorithm: Algorithm):
    names = algorithm.names("cryptodev") or ()
    assert {name for name in names if name} <= CRYPTODEV


@each
def test_kernel_names_are_a_name_or_a_template(algorithm: Algorithm):
    word = r"[a-z][a-z0-9_-]*"
    nested = rf"{word}(\({word}(\({word}\))?(,{word}(\({word}\))?)*\))?"
    for name in (algorithm.name_in("afalg"), algorithm.name_in("tcrypt")):
        assert name is None or re.fullmatch(nested, name)
    assert bool(modes(algorithm.name_in("tcrypt"))) == (algorithm.names("tcrypt") is not None)


class Libcrypto:
    """The system's, looked up as the driver does. Skips where there is none of OpenSSL 3."""

    def __init__(self) -> None:
        try:
            self.c = ctypes.CDLL("libcrypto.so.3")
        except OSError:
            pytest.skip("no libcrypto.so.3 here")
        for function in ("EVP_CIPHER_fetch", "EVP_MD_fetch", "OSSL_LIB_CTX_new", "OSSL_PROVIDER_load"):
            getattr(self.c, function).restype = ctypes.c_void_p
        for function in ("EVP_CIPHER_get_key_length", "EVP_CIPHER_get_iv_length", "EVP_MD_get_size"):
            getattr(self.c, function).argtypes = [ctypes.c_void_p]
        self.legacy = ctypes.c_void_p(self.c.OSSL_LIB_CTX_new())
        self.has_legacy = bool(self.c.OSSL_PROVIDER_load(self.legacy, b"legacy"))

    def cipher(self, name: str, context: ctypes.c_void_p | None = None) -> tuple[int, int] | None:
        """(key size, IV size), or None."""
        found = self.c.EVP_CIPHER_fetch(context, name.encode(), None)
        if not found:
            return None
        return self.c.EVP_CIPHER_get_key_length(found), self.c.EVP_CIPHER_get_iv_length(found)

    def digest(self, name: str) -> int | None:
        found = self.c.EVP_MD_fetch(None, name.encode(), None)
        return self.c.EVP_MD_get_size(found) if found else None


@pytest.fixture(scope="module")
def libcrypto() -> Libcrypto:
    return Libcrypto()


@each
def test_libcrypto_knows_the_names_and_agrees_on_the_sizes(algorithm: Algorithm, libcrypto: Libcrypto):
    names = algorithm.names("libcrypto")
    assert names is not None
    cipher, digest = names
    if cipher == "DES-CBC" and not libcrypto.has_legacy:
        pytest.skip("this libcrypto has no legacy provider, where DES-CBC is")
    if cipher:
        context = libcrypto.legacy if cipher == "DES-CBC" else None
        iv_size = algorithm.salt_size + algorithm.iv_size
        assert libcrypto.cipher(cipher, context) == (algorithm.key_size - algorithm.salt_size, iv_size)
    if digest:
        assert libcrypto.digest(digest) == algorithm.tag_size
    assert cipher or digest


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("3des-md5", "3des-cbc+hmac-md5"),
        ("3des-sha1", "3des-cbc+hmac-sha1"),
        ("aes-cbc-sha1", "aes-128-cbc+hmac-sha1"),
        ("aes-cbc-sha256", "aes-128-cbc+hmac-sha256"),
        ("aes-gcm", "rfc4106-aes-128-gcm"),
        ("null-md5", "null+hmac-md5"),
        ("null-sha1", "null+hmac-sha1"),
        ("aes-cbc-192+hmac-sha1", "aes-192-cbc+hmac-sha1"),
        ("aes-gcm-256", "aes-256-gcm"),
        ("des-ede3-cbc", "3des-cbc"),
        ("DES-EDE3-CBC", "3des-cbc"),
        ("AES-128-CBC", "aes-128-cbc"),
        ("ChaCha20-Poly1305", "chacha20-poly1305"),
        ("SHA-256", "sha256"),
        ("SHA2-384", "sha384"),
        ("SHA512/256", "sha512-256"),
        ("sha-1", "sha1"),
    ],
)
def test_find_takes_other_words_and_says_the_name(word, name):
    assert find(word).name == name


def test_aliases_lead_to_the_table_and_hide_nothing_of_it():
    assert set(ALIASES.values()) <= set(ALGORITHMS)
    assert not set(ALIASES) & set(ALGORITHMS)
    assert all(alias == alias.lower() for alias in ALIASES)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "aes-128-cbb",
            r"unknown algorithm 'aes-128-cbb': did you mean 'aes-128-cbc'\? `benchsuite list algorithms`",
        ),
        ("sha-257", "did you mean 'sha-256'"),
        ("rot13", "unknown algorithm 'rot13': `benchsuite list algorithms` shows all"),
        ("", "unknown algorithm ''"),
    ],
)
def test_find_suggests(word, message):
    with pytest.raises(BenchsuiteError, match=message):
        find(word)


@given(st.text(max_size=300))
def test_find_takes_any_text(text):
    try:
        assert find(text).name in ALGORITHMS
    except BenchsuiteError as error:
        assert str(error).isprintable()
