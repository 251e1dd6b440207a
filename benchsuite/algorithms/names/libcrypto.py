"""Names that OpenSSL 1.1.1 and 3 share, as EVP_get_cipherbyname and EVP_get_digestbyname take them."""

from __future__ import annotations

from benchsuite.algorithms.names import Names

_CIPHERS = {"3des-cbc": "DES-EDE3-CBC", "chacha20-poly1305": "ChaCha20-Poly1305", "null": None, "": None}


def names(kind: str, cipher: str, digest: str) -> Names | None:
    """Names of every algorithm; RFC 4106 is GCM whose nonce is put together, and an HMAC is named by its
    digest."""
    return _CIPHERS.get(cipher, cipher.removeprefix("rfc4106-").upper()), digest.upper() or None
