"""The table of algorithms: of what kind each is, and how long what belongs to it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchsuite.algorithms.names import Names, names
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An algorithm of the table. Sizes are bytes."""

    name: str
    kind: str  # "cipher", "aead", "digest", "hmac" or "authenc"
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
    def cipher(self) -> str:
        """The name of its cipher or AEAD, "" without one."""
        return "" if DIGEST in self.ops else self.name.partition("+")[0]

    @property
    def digest(self) -> str:
        """The name of its digest, also of the one that its HMAC has; "" without one."""
        own = self.name if DIGEST in self.ops else self.name.partition("+")[2]
        return own.removeprefix("hmac-")

    @property
    def ops(self) -> tuple[str, ...]:
        """Operations that are cases of their own."""
        return (DIGEST,) if self.kind in ("digest", "hmac") else (ENCRYPT, DECRYPT)

    @property
    def tag_sizes(self) -> tuple[int, ...]:
        """The lengths its tag may have, the shortest first: a MAC can be cut, GCM and CCM have several, and a
        digest is whole."""
        if self.kind in ("hmac", "authenc"):
            return tuple(range(1, self.tag_size + 1))
        if self.name.startswith("rfc4106-"):
            return (8, 12, 16)
        if self.name.endswith("-gcm"):
            return (4, 8, *range(12, 17))
        if self.name.endswith("-ccm"):
            return tuple(range(4, 17, 2))
        return (self.tag_size,) if self.tag_size else ()

    def cut_to(self, tag_size: int) -> int:
        """The tag_size of a case: 0 where it is the usual one."""
        return 0 if tag_size == self.tag_size else tag_size

    @property
    def authenticated(self) -> bool:
        """Whether decryption checks a tag, and so needs the same input again every time."""
        return self.kind in ("aead", "authenc")

    def names(self, column: str) -> Names | None:
        """What it is called in a column of names/, as (cipher, digest), where some have one name for both.
        None: not there."""
        return names(column, self.kind, self.cipher, self.digest)

    def name_in(self, column: str) -> str | None:
        """Its name in a column whose names are single."""
        return (self.names(column) or (None, None))[0]


# XTS takes any size from one block up, by ciphertext stealing. A nonce of 12 bytes for CCM is RFC 5116's; it
# leaves 3 bytes for the length, so texts stay below 16 MiB. The nonce of rfc4106, which is ESP's GCM, is the
# key's salt and the request's IV. The 8 bytes of AAD are ESP's header, SPI and sequence number.
_TABLE = """
name                  kind    key_size  salt_size  block  min_size  iv_size  tag_size  aad_size  chainable
aes-128-ecb           cipher        16          -     16        16        -         -         -        yes
aes-192-ecb           cipher        24          -     16        16        -         -         -        yes
aes-256-ecb           cipher        32          -     16        16        -         -         -        yes
aes-128-cbc           cipher        16          -     16        16       16         -         -        yes
aes-192-cbc           cipher        24          -     16        16       16         -         -        yes
aes-256-cbc           cipher        32          -     16        16       16         -         -        yes
aes-128-ctr           cipher        16          -      1         1       16         -         -        yes
aes-192-ctr           cipher        24          -      1         1       16         -         -        yes
aes-256-ctr           cipher        32          -      1         1       16         -         -        yes
aes-128-xts           cipher        32          -      1        16       16         -         -          -
aes-256-xts           cipher        64          -      1        16       16         -         -          -
3des-cbc              cipher        24          -      8         8        8         -         -        yes
des-cbc               cipher         8          -      8         8        8         -         -        yes
aes-128-gcm           aead          16          -      1         1       12        16         8        yes
aes-192-gcm           aead          24          -      1         1       12        16         8        yes
aes-256-gcm           aead          32          -      1         1       12        16         8        yes
aes-128-ccm           aead          16          -      1         1       12        16         8          -
aes-192-ccm           aead          24          -      1         1       12        16         8          -
aes-256-ccm           aead          32          -      1         1       12        16         8          -
chacha20-poly1305     aead          32          -      1         1       12        16         8          -
rfc4106-aes-128-gcm   aead          20          4      1         1        8        16         8          -
rfc4106-aes-192-gcm   aead          28          4      1         1        8        16         8          -
rfc4106-aes-256-gcm   aead          36          4      1         1        8        16         8          -
md5                   digest         -          -      1         1        -        16         -          -
sha1                  digest         -          -      1         1        -        20         -          -
sha224                digest         -          -      1         1        -        28         -          -
sha256                digest         -          -      1         1        -        32         -          -
sha384                digest         -          -      1         1        -        48         -          -
sha512                digest         -          -      1         1        -        64         -          -
sha512-224            digest         -          -      1         1        -        28         -          -
sha512-256            digest         -          -      1         1        -        32         -          -
sha3-256              digest         -          -      1         1        -        32         -          -
"""
_HMAC_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
PAIR_DIGESTS = ("md5", "sha1", "sha256", "sha384", "sha512")
_PAIR_CIPHERS = ("aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "3des-cbc")


def _rows() -> Iterator[Algorithm]:
    header, *lines = _TABLE.split("\n")[1:-1]
    keys = header.split()[2:]
    for line in lines:
        name, kind, *texts = line.split()
        sizes: dict[str, Any] = {
            key: int(text) for key, text in zip(keys, texts, strict=True) if text.isdigit()
        }
        yield Algorithm(name, kind, **sizes, chainable=texts[-1] == "yes")


def _hmac(digest: Algorithm) -> Algorithm:
    return Algorithm(f"hmac-{digest.name}", "hmac", mac_key_size=digest.tag_size, tag_size=digest.tag_size)


def _pair(cipher: Algorithm, digest: Algorithm) -> Algorithm:
    """The pair of a cipher and a digest: ocf-bench's work, and its relatives."""
    return Algorithm(
        f"{cipher.name}+hmac-{digest.name}",
        "authenc",
        key_size=cipher.key_size,
        mac_key_size=digest.tag_size,
        block=cipher.block,
        min_size=cipher.min_size,
        iv_size=cipher.iv_size,
        tag_size=digest.tag_size,
    )


def _all() -> Iterator[Algorithm]:
    found = {each.name: each for each in _rows()}
    yield from found.values()
    yield from (_hmac(found[digest]) for digest in _HMAC_DIGESTS)
    for cipher in (*map(found.__getitem__, _PAIR_CIPHERS), Algorithm("null", "cipher")):
        yield from (_pair(cipher, found[digest]) for digest in PAIR_DIGESTS)


ALGORITHMS = {algorithm.name: algorithm for algorithm in _all()}
