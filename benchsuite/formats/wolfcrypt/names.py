"""What wolfCrypt's benchmark calls what it measures, and what that is: algorithm, operation, size.

Source: wolfcrypt/benchmark/benchmark.c of wolfSSL 3 to 5.9, ctaocrypt/benchmark of CyaSSL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchsuite.formats import naming
from benchsuite.model import CHAINED, DECRYPT, ENCRYPT, PER_REQUEST

AAD = 13  # bytes that GCM and CCM get unless the name or -no_aad says none
BLOCK = 16  # bytes: ECB is called for each block
DERIVED = 32  # bytes of PBKDF2 that are a request
NO_PAYLOAD = 0
DERIVE = "derive"

_DIRECTION = re.compile(
    r"(?P<base>.+?)(?P<stream>-STREAM)?-(?P<way>enc|dec)(?P<rest>-[\w-]+)?", re.IGNORECASE
)
_WAYS = {"enc": ENCRYPT, "dec": DECRYPT}
_USUAL = {  # where a name does not say all
    "aes": "aes-128-cbc",
    "aes-gcm": "aes-128-gcm",
    "aes-ctr": "aes-128-ctr",
    "aes-ccm": "aes-128-ccm",
    "aes-xts": "aes-128-xts",
    "3des": "3des-cbc",
    "des": "des-cbc",
    "camellia": "camellia-128-cbc",
    "aes-siv": "aes-128-siv",
}
_CHAINED = re.compile(r".+-(?:cbc|cfb|ofb|ctr)")
_WITH_AAD = re.compile(r"aes-\d{3}-(?:gcm|ccm)")
_KEY = re.compile(r"(?P<algorithm>\S.*?) +(?P<bits>\d{1,6})(?: +(?P<op>[^\d\s].*?))?")
_CURVED = re.compile(
    r"(?P<family>ECC|ECDHE|ECDSA|EC-DHE|EC-DSA|ECCSI|SM2|SAKKE)(?: *\[ *(?P<curve>[\w-]+) *\])?"
)
_OPS = {
    "public": ENCRYPT,
    "private": DECRYPT,
    "key gen": "keygen",
    "agree": DERIVE,
    "encryption": ENCRYPT,
    "decryption": DECRYPT,
    "encap": "encaps",
    "decap": "decaps",
    "key generation": "keygen",
    "key agreement": DERIVE,
    "sign time": "sign",
    "verify time": "verify",
    "signature time": "sign",
    "公開鍵": ENCRYPT,
    "秘密鍵": DECRYPT,
    "鍵生成": "keygen",
    "鍵共有": DERIVE,
    "署名": "sign",
    "検証": "verify",
    "暗号化": ENCRYPT,
    "復号化": DECRYPT,
}
_FAMILIES = {"ECC": "EC", "ECDHE": "ECDH", "EC-DHE": "ECDH", "EC-DSA": "ECDSA"}  # ECDHE agrees with kept keys
_CURVE_25519 = {"CURVE": "X", "ED": "Ed"}


@dataclass(frozen=True, slots=True)
class Work:
    algorithm: str
    op: str
    size: int | None = None  # None: the size of a block
    iv: str = PER_REQUEST
    aad_size: int = 0
    way: str = ""  # what else the name says: a setting of the backend


def of_message(label: str, no_aad: bool) -> Work:
    """`AES-128-CBC-enc`, `AES-256-GCM-dec-no_AAD`, `SHA-256`, `RNG`, `GMAC Table 4-bit`."""
    match = _DIRECTION.fullmatch(label)
    base, direction = (match["base"], _WAYS[match["way"].lower()]) if match else (label, ENCRYPT)
    if base == "RNG" or base.startswith("RNG "):
        return Work(naming.foreign(base), naming.GENERATE)
    if base.startswith("PBKDF2"):
        return Work(naming.foreign(base), DERIVE, DERIVED)
    if base.startswith("GMAC"):
        return Work("gmac", naming.work("gmac"), way=naming.foreign(base[4:]) if base[4:] else "")
    algorithm = _USUAL.get(base.lower()) or naming.of_library(base)
    rest = (match["rest"] or "").lstrip("-") if match else ""
    aad = AAD if _WITH_AAD.fullmatch(algorithm) and not no_aad and rest != "no_AAD" else 0
    way = "-".join(part for part in ("stream" if match and match["stream"] else "", rest) if part)
    return Work(
        algorithm,
        naming.work(algorithm, direction),
        BLOCK if algorithm.endswith("-ecb") else None,
        CHAINED if _CHAINED.fullmatch(algorithm) else PER_REQUEST,
        0 if rest == "custom" else aad,
        "" if way == "no_AAD" else way,
    )


def of_key(label: str, op: str = "") -> Work:
    """`RSA     2048   public`, `ECDSA [      SECP256R1]   256     sign`, `ED 25519  key gen`, `scrypt 17`."""
    match, op = _KEY.fullmatch(label), " ".join(op.split())
    if match:
        return _of_key(match["algorithm"], match["bits"], op or match["op"] or "")
    return _of_key(label, "", op)


def _of_key(name: str, bits: str, op: str) -> Work:
    done = _OPS.get(op, naming.foreign(op) if op else DERIVE)
    if match := _CURVED.fullmatch(name):
        family = _FAMILIES.get(match["family"], match["family"])
        kind = match["curve"] or (f"P-{bits}" if bits else "")
        return Work(naming.of_key(f"{family} {kind}" if kind else family), done, NO_PAYLOAD)
    if name in _CURVE_25519:
        return Work(naming.of_key(f"{_CURVE_25519[name]}{bits}"), done, NO_PAYLOAD)
    kind = "" if name[-1:].isdigit() or not bits else f"-{bits}"  # `ML-KEM 512  128`: what it is worth
    return Work(naming.of_key(f"{' '.join(name.split())}{kind}"), done, NO_PAYLOAD)
