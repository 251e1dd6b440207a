"""What other programs call an algorithm, in our names; what we do not have keeps a name of its own.

A foreign name is made by our rule (CIPHER-BITS-MODE) where that is plain, so that two programs' figures
of an algorithm that benchsuite cannot run itself still meet.
"""

from __future__ import annotations

import re
from functools import lru_cache

from benchsuite.algorithms import ALGORITHMS, Algorithm
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT

LONGEST = 80
_kept = lru_cache(maxsize=10_000)  # a log has the same names thousands of times
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


@_kept
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


@_kept
def of_kernel(template: str, key_bits: int | None) -> str:
    """From /proc/crypto's name, or tcrypt's, and the bits of the key with whatever is appended to it."""
    matching = [
        each for each in ALGORITHMS.values() if template in (each.name_in("tcrypt"), each.name_in("afalg"))
    ]
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
    "des-ede3": "3des-cbc",
    "des-ede3-cbc": "3des-cbc",
    "des-cbc": "des-cbc",
    **{f"id-aes{bits}-{mode}": f"aes-{bits}-{mode}" for bits in (128, 192, 256) for mode in ("gcm", "ccm")},
}
_HMAC = re.compile(r"hmac\(([\w-]+)\)")


@_kept
def of_openssl(printed: str) -> str:
    """`AES-128-CBC`, `aes-128 cbc`, `des ede3`, `id-aes128-GCM`, `sha256`, `hmac(sha256)`."""
    word = foreign(printed)
    if word in _OPENSSL:
        return _OPENSSL[word]
    if match := _HMAC.fullmatch(word):
        return f"hmac-{match[1]}"
    for each in ALGORITHMS.values():  # RFC 4106 is no cipher of libcrypto's, and a pair no word of it
        if each.salt_size or each.kind not in ("cipher", "aead", "digest"):
            continue
        if word in [name.lower() for name in each.names("libcrypto") or () if name]:
            return each.name
    return word


# The benchmarks that crypto libraries bring. None writes as another does.
GENERATE = "generate"  # what a random generator does
_LIBRARY = {
    "sha": "sha1",
    "sha-160": "sha1",
    "cha-poly": "chacha20-poly1305",
    "chacha20poly1305": "chacha20-poly1305",
    "chacha": "chacha20",
    "chacha(20)": "chacha20",
    "ripemd": "ripemd-160",
    "ripemd160": "ripemd-160",
    "arc4": "rc4",
}
_SHA3 = re.compile(r"sha-?3[-(](\d{3})\)?")
_SHA2 = re.compile(r"sha-(\d{1,3}(?:-\d{3})?)")
_HMAC_OF = re.compile(r"hmac[-(](.+?)\)?")
_CMAC_OF = re.compile(r"(?:cmac[-(](\w+)-(\d+)(?:-cbc|\))?|(\w+)-(\d+)-cmac|(\w+)-cmac-(\d+))")
_MODE_BITS = re.compile(rf"(\w+)-({_MODES}|cfb128|cfb8)-(\d{{2,3}})")
_PADDING = "pkcs7|nopadding|oneandzeros|x9.23|esp|cts"
_BITS_MODE = re.compile(rf"(\w+(?:-\d{{2,3}})?)-({_MODES}|eax|ocb|siv)(?:\([\d,]+\)|-(?:{_PADDING}))?")
_STREAM = re.compile(r"(ctr-be|ofb)\((\w+-\d{2,3})\)")
_CURVE = re.compile(r"(?:p-?|secp|nistp|prime)(\d{3})(?:r1|v1)?")
_FAMILY = re.compile(r"(rsa(?:-fips)?|dsa|ecdsa|ecdhe?|ec|eckcdsa|ecgdsa|dhe?|ffdh|elgamal)[- ](.+)")
_KEYED = re.compile(
    r"(?:poly1305|siphash|gmac|kmac|aes-cmac|skein|keccak|tiger|ascon-hash|has-160|gost-34\.11|bmw)"
)


@_kept
def of_library(printed: str) -> str:
    """`SHA-1`, `AES-CBC-128`, `AES-128/GCM(16)`, `CTR-BE(AES-128)`, `HMAC(SHA-256)`, `AES-128-CMAC`."""
    word = foreign(printed)
    if word in _LIBRARY:
        return _LIBRARY[word]
    if match := _HMAC_OF.fullmatch(word):
        return f"hmac-{of_library(match[1])}"
    if match := _CMAC_OF.fullmatch(word):
        cipher, bits = (part for part in match.groups() if part)
        return f"cmac-{cipher}-{bits}"
    for pattern, made in ((_SHA3, r"sha3-\1"), (_SHA2, r"sha\1"), (_BITS_MODE, r"\1-\2")):
        if match := pattern.fullmatch(word):
            return match.expand(made)
    if match := _STREAM.fullmatch(word):
        return f"{match[2]}-{match[1].removesuffix('-be')}"
    if match := _MODE_BITS.fullmatch(word):
        return f"{match[1]}-{match[3]}-{'cfb' if match[2] == 'cfb128' else match[2]}"
    return of_openssl(printed)


@_kept
def curve(printed: str) -> str:
    """`P-256`, `secp256r1`, `SECP256R1`: nistp256, as openssl speed has it."""
    word = foreign(printed)
    if match := _CURVE.fullmatch(word):
        return f"nistp{match[1]}"
    word = re.sub(r"^(?:brainpool|bp)p?(\d+)r1$", r"brainpoolp\1r1", word)
    return re.sub(r"^curve(?=25519$|448$)", "x", word)


@_kept
def of_key(printed: str) -> str:
    """`RSA 2048`, `ECDSA-secp256r1`, `DH-2048`, `Curve25519`, `MLDSA65`: a key's algorithm and its kind."""
    word = foreign(printed)
    if match := _FAMILY.fullmatch(word):
        family = "ffdh" if match[1] == "dh" else match[1]
        return f"{family}-{curve(match[2])}"
    if match := re.fullmatch(r"ml-?(dsa|kem)-?(\d{2,4})", word):
        return f"ml-{match[1]}-{match[2]}"
    if match := re.fullmatch(r"(?:x|curve)(25519|448)", word):
        return f"ecdh-x{match[1]}"
    return word


@_kept
def work(name: str, direction: str = ENCRYPT) -> str:
    """What is done to a message under this name: a MAC and a digest have no direction."""
    return DIGEST if _KEYED.match(name) else operation(name, direction)
