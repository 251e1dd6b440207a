"""What Botan calls algorithms and operations."""

from __future__ import annotations

import re

from benchsuite.formats import naming
from benchsuite.model import DIGEST, Case

NAME = "botan-speed"
CALL, DERIVE = "call", "derive"

_OPS = {
    "hash": DIGEST,
    "mac": DIGEST,
    "batch_hash": DIGEST,
    "generate": naming.GENERATE,
    "key agreements": DERIVE,
    "key exchange": DERIVE,
    "KEM encrypt": "encaps",
    "KEM decrypt": "decaps",
    "signature": "sign",
    "key schedule": "setup",
}
KEY_OPS = (
    "sign",
    "signature",
    "verify",
    "keygen",
    "encrypt",
    "decrypt",
    "key agreements",
    "key exchange",
    "KEM encrypt",
    "KEM decrypt",
)
_BLOCK_CIPHERS = {"TripleDES": "3des-ecb", "DES": "des-ecb"} | {
    f"AES-{bits}": f"aes-{bits}-ecb" for bits in (128, 192, 256)
}  # many blocks, each by itself
_PASSWORD = re.compile(r"(?:scrypt|PBKDF2|Argon2|bcrypt|passhash9)", re.IGNORECASE)


def algorithm_of(name: str, op: str, size: int) -> str:
    """`AES-128/GCM(16)`, `SHA-256`; `RSA-2048 EMSA-PKCS1-v1_5(SHA-1)`, of which the padding is left out."""
    if size and name in _BLOCK_CIPHERS:
        return _BLOCK_CIPHERS[name]
    if not size and op in KEY_OPS and (match := re.match(r"[\w.+-]+", name)) and not name.startswith("RFC"):
        return naming.of_key(match[0])
    return naming.of_library(name)


def case_of(name: str, op: str, size: int) -> Case:
    """A name may end in the provider, which is the backend's setting: `AES-128 [openssl]`."""
    match = re.fullmatch(r"(.*?) \[([\w.-]{1,30})\]", name)
    name, backend = (match[1], f"{NAME}:{match[2]}") if match else (name, NAME)
    if op in _OPS:
        done = _OPS[op]
    elif op:
        done = naming.foreign(op)
    else:
        done = DERIVE if _PASSWORD.match(name) else CALL
    return Case(backend, algorithm_of(name, op, size), done, size)
