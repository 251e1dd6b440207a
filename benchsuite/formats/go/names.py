"""What a benchmark of Go's measures, by the names of its package and its own: `crypto/cipher`,
`AESGCM/Seal-128-1350`.

What is not understood of a name becomes a setting of the backend, so that two benchmarks stay two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchsuite.formats import naming
from benchsuite.model import DECRYPT, DIGEST, ENCRYPT

CALL, DERIVE = "call", "derive"
OWN_KEY = "key=128: Go's own benchmarks of a cipher whose name has no key's length"
OWN_AAD = "aad_size=13: as in TLS 1.2, in Go's own benchmarks of an AEAD"
_AAD = 13

_CIPHER = re.compile(
    r"(?P<cipher>aes|sm4)[-_/]?(?P<bits>128|192|256)?[-_/]?(?P<mode>gcm|ccm|cbc|ctr|cfb|ofb|ecb|xts|siv)"
)
_GCM = re.compile(r"gcm(?![a-z])")  # of AES, unless a name says another
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # `4kDecGoGCM` has Dec, Go, GCM
_DECRYPTS = {"dec", "decr", "decryption", "descrypt"}
_BITS = re.compile(r"(?<!\d)(?:aes-?)?(128|192|256)(?![\dk])")
_AEAD = re.compile(r"(x?)chacha20[-_]?poly1305")
_HMAC = re.compile(r"hmac[-_/]?(sha\d{1,3}|md5)")
_SUM = re.compile(r"(?:sum|new)[-_]?(\d{3})(?:[-_](\d{3}))?")
_DIGEST = re.compile(
    r"sha3[-_](?P<three>\d{3})|shake[-_]?(?P<shake>128|256)|sha-?(?P<two>1|224|256|384|512)(?:[-_](?P<short>224|256))?"
    r"|(?P<plain>md[245]|blake2[bs]|blake3|sm3|ripemd160|whirlpool|poly1305|ghash|polyval)"
)
_STREAM = re.compile(r"x?chacha20|salsa20|rc4")
_BLOCK = re.compile(
    r"(?P<triple>t|3|triple)?des(?![a-z])(?:ede)?|(?P<triple2>t)des|(?<![a-z])(?P<aes>aes|sm4)"
)
_POST = re.compile(r"ml[-_]?(?P<family>kem|dsa)[-_]?(?P<set>\d{2,4})?")
_RSA = re.compile(r"rsa")
_RSA_BITS = re.compile(r"(?<!\d)(1024|1536|2048|3072|4096|8192)(?!\d)")
_CURVES = re.compile(r"(?<![a-z0-9])p-?(224|256|384|521)(?!\d)|(?P<other>x25519|curve25519|x448|secp256k1)")
_EDWARDS = re.compile(r"ed25519|ed448")

_OPS = (
    ("encaps", re.compile(r"encaps(?:ulat\w*)?")),
    ("decaps", re.compile(r"decaps(?:ulat\w*)?")),
    ("keygen", re.compile(r"keygen(?:eration)?|generate[-_]?key|key[-_]?generation")),
    (ENCRYPT, re.compile(r"seal|encrypt(?:ion(?![a-z]))?")),
    (DECRYPT, re.compile(r"open|decrypt(?:ion(?![a-z]))?")),
    ("verify", re.compile(r"verif(?:y|ication)")),
    ("sign", re.compile(r"sign(?:ing|ature)?")),
    (DERIVE, re.compile(r"ecdh|scalar[-_]?mult|shared[-_]?(?:key|secret)|derive")),
    (DIGEST, re.compile(r"hash|digest")),
)
_CRYPTIC = re.compile(
    r"encrypt|decrypt|cipher|aead|hmac|crypto|seal(?:ed|ing)?(?![a-z])|handshake|pbkdf|scrypt|argon"
)
_OWN = re.compile(r"(?:golang\.org/x/)?crypto(?:/|$)")


@dataclass(frozen=True, slots=True)
class Meant:
    algorithm: str
    op: str
    setting: str  # of the name, what is not understood
    aad: int = 0
    assumed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Name:
    """A name with what is still to be understood of it."""

    rest: str

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.search(self.rest)
        if match:
            self.rest = f"{self.rest[: match.start()]}/{self.rest[match.end() :]}"
        return match


def meant(package: str, name: str, size_text: str) -> Meant | None:
    """The work that a benchmark's name means, without `Benchmark` and GOMAXPROCS; None for what has nothing
    to do with cryptography by its names. `size_text`: what of the name is the size."""
    text = _Name(_without(name, size_text))
    own = bool(_OWN.match(package))
    last = package.rpartition("/")[2].lower()
    found = _algorithm(text, last, own)
    if found is None:
        if not own and "crypto" not in package.lower() and not _CRYPTIC.search(name.lower()):
            return None
        word = naming.foreign(".".join(filter(None, (last, _slug(name)))))
        return Meant(word, CALL, "")
    algorithm, usual, assumed = found
    if algorithm.endswith("-gcm") and usual == ENCRYPT and text.take(re.compile(r"sign")):
        return Meant(f"{algorithm.removesuffix('-gcm')}-gmac", DIGEST, _slug(text.rest), assumed=assumed)
    op = usual
    for word, pattern in _OPS:
        if (usual != DIGEST or word == DIGEST) and text.take(pattern):
            op = word
            break
    if op == ENCRYPT and _DECRYPTS & {word.lower() for word in _WORDS.findall(name)}:
        op = DECRYPT
    aead = algorithm.endswith(("-gcm", "-poly1305")) and own
    return Meant(
        algorithm, op, _slug(text.rest), _AAD if aead else 0, (*assumed, *([OWN_AAD] if aead else []))
    )


def _without(name: str, size_text: str) -> str:
    lower = name.lower()
    at = lower.rfind(size_text.lower()) if size_text else -1
    return lower if at < 0 else f"{lower[:at]}/{lower[at + len(size_text) :]}"


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:60]


def _algorithm(text: _Name, package: str, own: bool) -> tuple[str, str, tuple[str, ...]] | None:
    """(name, what it usually does, what is assumed)."""
    for find in (_cipher, _symmetric, _public):
        if found := find(text, package, own):
            return found
    return None


def _cipher(text: _Name, package: str, own: bool) -> tuple[str, str, tuple[str, ...]] | None:
    if match := text.take(_CIPHER):
        if match["cipher"] == "sm4":
            return f"sm4-{match['mode']}", ENCRYPT, ()
        bits = match["bits"] or (found[1] if (found := text.take(_BITS)) else None)
        if bits:
            return f"aes-{bits}-{match['mode']}", ENCRYPT, ()
        return (
            (f"aes-128-{match['mode']}", ENCRYPT, (OWN_KEY,))
            if own
            else (f"aes-{match['mode']}", ENCRYPT, ())
        )
    if (match := text.take(_AEAD)) or package == "chacha20poly1305":
        extended = (match and match[1]) or text.take(re.compile(r"(?<![a-z])x(?![a-z0-9])"))
        return f"{'x' if extended else ''}chacha20-poly1305", ENCRYPT, ()
    if text.take(_GCM):
        bits = text.take(_BITS)
        return f"aes-{bits[1]}-gcm" if bits else "aes-gcm", ENCRYPT, ()
    return None


def _symmetric(text: _Name, package: str, own: bool) -> tuple[str, str, tuple[str, ...]] | None:
    if match := text.take(_HMAC):
        return f"hmac-{match[1]}", DIGEST, ()
    if package == "hmac":
        return "hmac", DIGEST, ()
    if package in ("sha256", "sha512") and (match := text.take(_SUM)):
        return f"sha{match[1]}" + (f"-{match[2]}" if match[2] else ""), DIGEST, ()
    if (match := text.take(_DIGEST)) or (match := _DIGEST.fullmatch(package)):
        if match["three"]:
            return f"sha3-{match['three']}", DIGEST, ()
        if match["shake"]:
            return f"shake{match['shake']}", DIGEST, ()
        if match["two"]:
            return f"sha{match['two']}" + (f"-{match['short']}" if match["short"] else ""), DIGEST, ()
        return match["plain"], DIGEST, ()
    if match := text.take(_STREAM):
        return match[0], ENCRYPT, ()
    if package in ("chacha20", "salsa20", "rc4"):
        return package, ENCRYPT, ()
    return None


def _public(text: _Name, package: str, own: bool) -> tuple[str, str, tuple[str, ...]] | None:
    if (match := text.take(_POST)) or (match := _POST.fullmatch(package)):
        number = match["set"] or (found[0] if (found := text.take(re.compile(r"\d{2,4}"))) else "")
        return "-".join(filter(None, ("ml", match["family"], number))), CALL, ()
    if (match := text.take(_EDWARDS)) or (match := _EDWARDS.fullmatch(package)):
        return match[0], CALL, ()
    if text.take(_RSA) or package == "rsa":
        bits = text.take(_RSA_BITS)
        return f"rsa-{bits[1]}" if bits else "rsa", CALL, ()
    ecdsa = text.take(re.compile(r"ecdsa")) or package == "ecdsa"
    ecdh = text.take(re.compile(r"ecdh")) or package in ("ecdh", "curve25519")
    if curve := text.take(_CURVES):
        name = curve["other"] or f"nistp{curve[1]}"
        name = "x25519" if name == "curve25519" else name
        if ecdsa or ecdh or curve["other"]:
            return f"{'ecdsa' if ecdsa else 'ecdh'}-{name}", CALL if ecdsa else DERIVE, ()
        return f"ec-{name}", CALL, ()
    if ecdsa or ecdh:
        return (
            ("ecdsa", CALL, ())
            if ecdsa
            else ("ecdh-x25519" if package == "curve25519" else "ecdh", DERIVE, ())
        )
    if (match := text.take(_BLOCK)) or package in ("aes", "des"):
        aes = match["aes"] if match else package == "aes" and "aes"
        if aes:
            bits = text.take(_BITS)
            return (
                (f"{aes}-{bits[1]}", ENCRYPT, ())
                if bits
                else (f"{aes}-128", ENCRYPT, (OWN_KEY,))
                if own
                else (aes, ENCRYPT, ())
            )
        return "3des" if match and (match["triple"] or match["triple2"]) else "des", ENCRYPT, ()
    return None
