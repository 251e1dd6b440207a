"""What other programs call an algorithm, in our names; what we do not have keeps a name of its own.

A foreign name is made by our rule (CIPHER-BITS-MODE) where that is plain, so that two programs' figures
of an algorithm that benchsuite cannot run itself still meet.
"""

from __future__ import annotations

import re

from benchsuite.algorithms import ALGORITHMS, Algorithm
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT

LONGEST = 80
GENERATE = "generate"
_MODES = "ecb|cbc|ctr|xts|lrw|cfb|ofb|pcbc|gcm|ccm"
_TEMPLATE = re.compile(rf"({_MODES})\((\w+)\)")
_MOST_SALT = 4  # bytes that a kernel appends to a key: the salt of RFC 4106, 4309 or 7634


def foreign(text: str) -> str:
    """A printed name as one word, in lower case: it may hold anything."""
    word = "".join(char if char.isprintable() and char != "/" else "-" for char in text.strip().lower())
    return re.sub(r"\s+", "-", word)[:LONGEST] or "unknown"


def ours(name: str) -> Algorithm | None:
    return ALGORITHMS.get(name)


_DIGEST = re.compile(
    r"(?:md[245]|mdc2|md_|md-|sha(?!cal)|shake|keccak|rmd|ripemd|whirlpool|wp\d|sm3|blake|streebog|tiger|tgr|gost-?mac|"
    r"hmac|cmac|kmac|gmac|vmac|umac|xcbc|cbcmac|ghash|polyval|n?h?poly1305|siphash|siphash|michael|crc|xxhash|adler)"
)
_GENERATOR = re.compile(r"(?:rand|.*drbg|stdrng|jitterentropy|ansi_cprng)")


def operation(name: str, direction: str = ENCRYPT) -> str:
    """A digest or a MAC has no direction, and a generator of random numbers nothing to encrypt."""
    known = ours(name)
    if known is None:
        if _GENERATOR.match(name):
            return GENERATE
        return DIGEST if _DIGEST.match(name) else direction
    return DIGEST if known.ops == (DIGEST,) else direction


def direction(letter: str) -> str:
    return DECRYPT if letter == "d" else ENCRYPT


def of_kernel(template: str, key_bits: int | None) -> str:
    """From /proc/crypto's name, or tcrypt's, and the bits of the key with whatever is appended to it."""
    matching = [each for each in ALGORITHMS.values() if template in (each.tcrypt, each.afalg)]
    if key_bits is None:
        return matching[0].name if len(matching) == 1 else foreign(template)
    for each in sorted(matching, key=lambda one: -one.key_size):
        if each.key_size and 0 <= key_bits / 8 - each.key_size <= _MOST_SALT:
            return each.name
    if match := _TEMPLATE.fullmatch(template):
        mode, cipher = match.groups()
        return foreign(f"{cipher}-{key_bits // 2 if mode == 'xts' else key_bits}-{mode}")
    return foreign(f"{template}-{key_bits}")


_OPENSSL = {
    "des-ede3": "3des-cbc", "des-ede3-cbc": "3des-cbc", "des-cbc": "des-cbc",
    **{f"id-aes{bits}-{mode}": f"aes-{bits}-{mode}" for bits in (128, 192, 256) for mode in ("gcm", "ccm")},
}  # fmt: skip
_HMAC = re.compile(r"hmac\(([\w-]+)\)")


def of_openssl(printed: str) -> str:
    """`AES-128-CBC`, `aes-128 cbc`, `des ede3`, `id-aes128-GCM`, `sha256`, `hmac(sha256)`."""
    word = foreign(printed)
    if word in _OPENSSL:
        return _OPENSSL[word]
    if match := _HMAC.fullmatch(word):
        return f"hmac-{match[1]}"
    for each in ALGORITHMS.values():  # RFC 4106 is no cipher of libcrypto's, and a pair no word of it
        if each.libcrypto and each.salt_size == 0 and each.kind in ("cipher", "aead", "digest"):
            names = [name.lower() for name in each.libcrypto if name]
            if word in names:
                return each.name
    return word
