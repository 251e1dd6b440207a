"""The algorithms: one table, with what each is called at every interface.

Names are CIPHER-BITS-MODE as in OpenSSL, in lower case; an encrypt-then-MAC pair is CIPHER+hmac-DIGEST,
one request as in ESP. Results always carry these names; `find` also takes what else people call them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from benchsuite.model import DECRYPT, DIGEST, ENCRYPT, BenchsuiteError
from benchsuite.units import nearest, shown

Names = tuple[str | None, str | None]  # (cipher, digest or MAC)

ESP_HEADER = 8  # SPI and sequence number: what ESP authenticates and does not encrypt
RFC4106_SALT = 4
AES_BITS = (128, 192, 256)


class TcryptModes(NamedTuple):
    """tcrypt's `mode=`, None where it has none of the kind: one at a time with synchronous drivers only, one
    at a time with whatever driver the kernel prefers, and several at once."""

    sync: int | None
    any: int | None
    multibuffer: int | None


@dataclass(frozen=True, slots=True)
class Algorithm:
    """Sizes are bytes. The names are None where the interface does not have the algorithm."""

    name: str
    kind: str  # "cipher", "aead", "digest", "hmac" or "authenc"
    libcrypto: Names | None
    afalg: str | None  # /proc/crypto's name, which may be a template
    cryptodev: Names | None  # constants of <crypto/cryptodev.h>
    tcrypt: str | None  # in the headers of tcrypt's reports
    tcrypt_modes: TcryptModes | None = None
    key_size: int = 0  # of the cipher; XTS: both keys; RFC 4106: with the salt, which comes last
    salt_size: int = 0
    mac_key_size: int = 0  # as long as the digest, as OCF's 160 bits for SHA-1
    block: int = 1  # a payload is a multiple of it
    min_size: int = 1  # and at least so long
    iv_size: int = 0
    tag_size: int = 0  # of an AEAD; of a digest or MAC its whole length
    aad_size: int = 0  # unless a profile says otherwise
    chainable: bool = False  # iv = "chained": one message goes on from request to request

    @property
    def ops(self) -> tuple[str, ...]:
        return (DIGEST,) if self.kind in ("digest", "hmac") else (ENCRYPT, DECRYPT)

    @property
    def authenticated(self) -> bool:
        """Decryption checks a tag, so it needs the same input again every time."""
        return self.kind in ("aead", "authenc")

    def names(self, column: str) -> Names | None:
        """(cipher, digest) at "libcrypto", "afalg", "cryptodev" or "tcrypt"; the latter name a pair as
        one. None: not there. (None, digest) may be a pair with the NULL cipher."""
        if column in ("afalg", "tcrypt"):
            name: str | None = getattr(self, column)
            return None if name is None else (name, None)
        if column not in ("libcrypto", "cryptodev"):
            raise ValueError(f"no column {column!r}: libcrypto, afalg, cryptodev, tcrypt")
        names: Names | None = getattr(self, column)
        return names


_AES_MODES = TcryptModes(200, 500, 600)
_GCM_MODES = TcryptModes(None, 211, 215)
_CCM_MODES = TcryptModes(None, 212, 216)


def _ciphers() -> Iterator[Algorithm]:
    for mode, bits, iv_size in (("ecb", AES_BITS, 0), ("cbc", AES_BITS, 16), ("ctr", AES_BITS, 16)):
        for size in bits:
            block = 1 if mode == "ctr" else 16
            yield Algorithm(
                f"aes-{size}-{mode}",
                "cipher",
                (f"AES-{size}-{mode.upper()}", None),
                f"{mode}(aes)",
                (f"CRYPTO_AES_{mode.upper()}", None),
                f"{mode}(aes)",
                _AES_MODES,
                key_size=size // 8,
                block=block,
                min_size=block,
                iv_size=iv_size,
                chainable=True,
            )
    for size in (128, 256):  # ciphertext stealing takes any size from one block up
        yield Algorithm(
            f"aes-{size}-xts",
            "cipher",
            (f"AES-{size}-XTS", None),
            "xts(aes)",
            ("CRYPTO_AES_XTS", None),
            "xts(aes)",
            _AES_MODES,
            key_size=size // 4,
            min_size=16,
            iv_size=16,
        )
    for name, libcrypto, kernel, constant, modes, key_size in (
        ("3des-cbc", "DES-EDE3-CBC", "cbc(des3_ede)", "CRYPTO_3DES_CBC", (201, 501, 601), 24),
        ("des-cbc", "DES-CBC", "cbc(des)", "CRYPTO_DES_CBC", (204, 502, 602), 8),
    ):
        yield Algorithm(
            name,
            "cipher",
            (libcrypto, None),
            kernel,
            (constant, None),
            kernel,
            TcryptModes(*modes),
            key_size=key_size,
            block=8,
            min_size=8,
            iv_size=8,
            chainable=True,
        )


def _aeads() -> Iterator[Algorithm]:
    for size in AES_BITS:
        yield Algorithm(
            f"aes-{size}-gcm",
            "aead",
            (f"AES-{size}-GCM", None),
            "gcm(aes)",
            ("CRYPTO_AES_GCM", None),
            "gcm(aes)",
            _GCM_MODES,
            key_size=size // 8,
            iv_size=12,
            tag_size=16,
            aad_size=ESP_HEADER,
            chainable=True,
        )
    for size in AES_BITS:
        # A nonce of 12 bytes is RFC 5116's; it leaves 3 bytes for the length, so texts stay below 16 MiB.
        # cryptodev-linux has a constant for CCM and refuses its sessions. tcrypt times only the form of
        # ESP (RFC 4309), whose nonce is one byte shorter and whose work is the same, with keys of 128 bits.
        yield Algorithm(
            f"aes-{size}-ccm",
            "aead",
            (f"AES-{size}-CCM", None),
            "ccm(aes)",
            None,
            "rfc4309(ccm(aes))" if size == 128 else None,
            _CCM_MODES if size == 128 else None,
            key_size=size // 8,
            iv_size=12,
            tag_size=16,
            aad_size=ESP_HEADER,
        )
    # Here, too, tcrypt times the form of ESP (RFC 7634): 4 of the nonce's 12 bytes come with the key.
    yield Algorithm(
        "chacha20-poly1305",
        "aead",
        ("ChaCha20-Poly1305", None),
        "rfc7539(chacha20,poly1305)",
        None,
        "rfc7539esp(chacha20,poly1305)",
        TcryptModes(None, 213, 217),
        key_size=32,
        iv_size=12,
        tag_size=16,
        aad_size=ESP_HEADER,
    )
    # ESP's GCM: the nonce is the key's salt and the request's IV. In Linux 6.1 tcrypt has only the short key.
    for size in AES_BITS:
        yield Algorithm(
            f"rfc4106-aes-{size}-gcm",
            "aead",
            (f"AES-{size}-GCM", None),
            "rfc4106(gcm(aes))",
            None,
            "rfc4106(gcm(aes))",
            _GCM_MODES,
            key_size=size // 8 + RFC4106_SALT,
            salt_size=RFC4106_SALT,
            iv_size=8,
            tag_size=16,
            aad_size=ESP_HEADER,
        )


# name -> (size, libcrypto, kernel, cryptodev, tcrypt modes: sync and any). libcrypto's names are those that
# OpenSSL 1.1.1 and 3 share. The kernel has no SHA-512/t.
_DIGESTS: dict[str, tuple[int, str, str | None, str | None, tuple[int, int] | None]] = {
    "md5": (16, "MD5", "md5", "CRYPTO_MD5", (302, 402)),
    "sha1": (20, "SHA1", "sha1", "CRYPTO_SHA1", (303, 403)),
    "sha224": (28, "SHA224", "sha224", "CRYPTO_SHA2_224", (313, 413)),
    "sha256": (32, "SHA256", "sha256", "CRYPTO_SHA2_256", (304, 404)),
    "sha384": (48, "SHA384", "sha384", "CRYPTO_SHA2_384", (305, 405)),
    "sha512": (64, "SHA512", "sha512", "CRYPTO_SHA2_512", (306, 406)),
    "sha512-224": (28, "SHA512-224", None, None, None),
    "sha512-256": (32, "SHA512-256", None, None, None),
    "sha3-256": (32, "SHA3-256", "sha3-256", None, (323, 419)),
}
_HMAC_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_PAIR_DIGESTS = ("md5", "sha1", "sha256", "sha384", "sha512")


def _digests() -> Iterator[Algorithm]:
    for name, (size, libcrypto, kernel, constant, modes) in _DIGESTS.items():
        yield Algorithm(
            name,
            "digest",
            (None, libcrypto),
            kernel,
            (None, constant) if constant else None,
            kernel,
            TcryptModes(*modes, None) if modes else None,
            tag_size=size,
        )


def _hmacs() -> Iterator[Algorithm]:
    for digest in _HMAC_DIGESTS:
        size, libcrypto, kernel, constant, _ = _DIGESTS[digest]
        # tcrypt times an HMAC only when it is named: mode=300 alg="hmac(sha1)" klen=20.
        yield Algorithm(
            f"hmac-{digest}",
            "hmac",
            (None, libcrypto),
            f"hmac({kernel})",
            (None, f"{constant}_HMAC"),
            f"hmac({kernel})",
            TcryptModes(300, 400, None),
            mac_key_size=size,
            tag_size=size,
        )


def _pairs(ciphers: dict[str, Algorithm]) -> Iterator[Algorithm]:
    """ocf-bench's workload and its relatives. tcrypt times none of them. cryptodev would authenticate
    the plain text when given both in one session; its driver must open two."""
    null = Algorithm("null", "cipher", (None, None), "ecb(cipher_null)", ("CRYPTO_NULL", None), None)
    for cipher in (*(ciphers[f"aes-{size}-cbc"] for size in AES_BITS), ciphers["3des-cbc"], null):
        for digest in _PAIR_DIGESTS:
            size, libcrypto, kernel, constant, _ = _DIGESTS[digest]
            assert cipher.libcrypto and cipher.cryptodev
            yield Algorithm(
                f"{cipher.name}+hmac-{digest}",
                "authenc",
                (cipher.libcrypto[0], libcrypto),
                f"authenc(hmac({kernel}),{cipher.afalg})",
                (cipher.cryptodev[0], f"{constant}_HMAC"),
                None,
                key_size=cipher.key_size,
                mac_key_size=size,
                block=cipher.block,
                min_size=cipher.min_size,
                iv_size=cipher.iv_size,
                tag_size=size,
            )


def _table() -> dict[str, Algorithm]:
    ciphers = {algorithm.name: algorithm for algorithm in _ciphers()}
    rest = (*_aeads(), *_digests(), *_hmacs(), *_pairs(ciphers))
    return ciphers | {algorithm.name: algorithm for algorithm in rest}


def _other_words() -> Iterator[tuple[str, str]]:
    """(what else people write, the name it stands for)."""
    for digest in _PAIR_DIGESTS:  # the suites of ESP
        yield f"3des-{digest}", f"3des-cbc+hmac-{digest}"
        yield f"aes-cbc-{digest}", f"aes-128-cbc+hmac-{digest}"
        yield f"null-{digest}", f"null+hmac-{digest}"
    yield "aes-gcm", "rfc4106-aes-128-gcm"  # a suite of ESP as well: with salt, not plain GCM
    for name in ALGORITHMS:  # aes-cbc-192+hmac-sha1, as FreeBSD and OCF spell it
        cipher, plus, mac = name.partition("+")
        family, _, rest = cipher.partition("-")
        if family == "aes":
            bits, _, mode = rest.partition("-")
            yield f"aes-{mode}-{bits}{plus}{mac}", name
        if cipher == "3des-cbc":  # OpenSSL
            yield f"des-ede3-cbc{plus}{mac}", name
    for digest in ("sha1", "sha224", "sha256", "sha384", "sha512"):
        yield f"sha-{digest[3:]}", digest
    for digest in ("sha224", "sha256", "sha384", "sha512"):  # OpenSSL 3
        yield f"sha2-{digest[3:]}", digest
    yield "sha512/224", "sha512-224"
    yield "sha512/256", "sha512-256"


ALGORITHMS: dict[str, Algorithm] = _table()
ALIASES: dict[str, str] = dict(_other_words())


def find(name: str) -> Algorithm:
    """The algorithm of a name or alias, in upper or lower case. BenchsuiteError for any other."""
    lower = name.lower()
    found = ALGORITHMS.get(ALIASES.get(lower, lower))
    if found is not None:
        return found
    near = nearest(lower, [*ALGORITHMS, *ALIASES])
    hint = f"did you mean {near!r}? " if near else ""
    raise BenchsuiteError(f"unknown algorithm {shown(name)}: {hint}`benchsuite list algorithms` shows all")
