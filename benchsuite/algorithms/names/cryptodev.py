"""Constants of <crypto/cryptodev.h>. /dev/crypto would authenticate the plain text of a pair that is given to
one session, so its driver opens two."""

from __future__ import annotations

from benchsuite.algorithms.names import Names

# cryptodev-linux has a constant for CCM as well, and refuses its sessions.
_CIPHERS = {
    **{
        f"aes-{bits}-{mode}": f"AES_{mode.upper()}"
        for bits in (128, 192, 256)
        for mode in ("ecb", "cbc", "ctr", "xts", "gcm")
    },
    "3des-cbc": "3DES_CBC",
    "des-cbc": "DES_CBC",
    "null": "NULL",
}
_DIGESTS = {"md5": "MD5", "sha1": "SHA1"} | {f"sha{bits}": f"SHA2_{bits}" for bits in (224, 256, 384, 512)}


def names(kind: str, cipher: str, digest: str) -> Names | None:
    if (cipher and cipher not in _CIPHERS) or (digest and digest not in _DIGESTS):
        return None
    hmac = "_HMAC" if kind in ("hmac", "authenc") else ""
    return (
        f"CRYPTO_{_CIPHERS[cipher]}" if cipher else None,
        f"CRYPTO_{_DIGESTS[digest]}{hmac}" if digest else None,
    )
