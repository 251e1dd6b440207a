"""Names of /proc/crypto, which may be templates: one for cipher and digest together."""

from __future__ import annotations

import re

from benchsuite.algorithms.names import Names

_CIPHERS = {
    "3des-cbc": "cbc(des3_ede)",
    "des-cbc": "cbc(des)",
    "chacha20-poly1305": "rfc7539(chacha20,poly1305)",
    "null": "ecb(cipher_null)",
}
_NO_DIGESTS = ("sha512-224", "sha512-256")  # the kernel has no SHA-512/t
_AES = re.compile(r"(rfc4106-)?aes-\d+-(\w+)")


def names(kind: str, cipher: str, digest: str) -> Names | None:
    if digest in _NO_DIGESTS:
        return None
    template = cipher and (_CIPHERS.get(cipher) or _aes(cipher))
    own = f"hmac({digest})" if kind in ("hmac", "authenc") else digest
    return f"authenc({own},{template})" if kind == "authenc" else template or own, None


def _aes(cipher: str) -> str:
    found = _AES.fullmatch(cipher)
    assert found, f"{cipher}: a cipher without a name in the kernel"
    return f"rfc4106({found[2]}(aes))" if found[1] else f"{found[2]}(aes)"
