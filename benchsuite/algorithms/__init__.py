"""The algorithms: one table of sizes, and what each is called at every interface (names/).

Names are CIPHER-BITS-MODE as in OpenSSL, in lower case; an encrypt-then-MAC pair is CIPHER+hmac-DIGEST,
one request as in ESP. Results always carry these names; `find` also takes what else people call them.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchsuite.algorithms.table import ALGORITHMS, PAIR_DIGESTS, Algorithm
from benchsuite.model import BenchsuiteError
from benchsuite.units import nearest, shown

__all__ = ["ALGORITHMS", "ALIASES", "Algorithm", "find"]


def _other_words() -> Iterator[tuple[str, str]]:
    """Pairs of what else people write and the name it stands for."""
    for digest in PAIR_DIGESTS:  # the suites of ESP
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
