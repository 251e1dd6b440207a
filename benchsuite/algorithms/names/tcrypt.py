"""Names in the headers of tcrypt's reports, and the modes that time them. It times no pair."""

from __future__ import annotations

from typing import NamedTuple

from benchsuite.algorithms.names import Names, afalg


class Modes(NamedTuple):
    """tcrypt's `mode=`, None where it has none of the kind: one at a time with synchronous drivers only, one
    at a time with whatever driver the kernel prefers, and several at once."""

    sync: int | None
    any: int | None
    multibuffer: int | None


# Of CCM and ChaCha20-Poly1305 tcrypt times only the forms of ESP (RFC 4309, 7634), whose work is the same:
# the nonce is one byte shorter, or 4 of its 12 bytes come with the key. Of CCM it has only the short keys.
_OF_ESP = {"aes-128-ccm": "rfc4309(ccm(aes))", "chacha20-poly1305": "rfc7539esp(chacha20,poly1305)"}
_UNTIMED = ("aes-192-ccm", "aes-256-ccm")
_MODES = {
    "ecb(aes)": Modes(200, 500, 600),
    "cbc(aes)": Modes(200, 500, 600),
    "ctr(aes)": Modes(200, 500, 600),
    "xts(aes)": Modes(200, 500, 600),
    "cbc(des3_ede)": Modes(201, 501, 601),
    "cbc(des)": Modes(204, 502, 602),
    "gcm(aes)": Modes(None, 211, 215),
    "rfc4106(gcm(aes))": Modes(None, 211, 215),
    "rfc4309(ccm(aes))": Modes(None, 212, 216),
    "rfc7539esp(chacha20,poly1305)": Modes(None, 213, 217),
    "md5": Modes(302, 402, None),
    "sha1": Modes(303, 403, None),
    "sha224": Modes(313, 413, None),
    "sha256": Modes(304, 404, None),
    "sha384": Modes(305, 405, None),
    "sha512": Modes(306, 406, None),
    "sha3-256": Modes(323, 419, None),
}
_HMAC = Modes(300, 400, None)  # timed only when it is named: mode=300 alg="hmac(sha1)" klen=20


def names(kind: str, cipher: str, digest: str) -> Names | None:
    if kind == "authenc" or cipher in _UNTIMED:
        return None
    return (_OF_ESP[cipher], None) if cipher in _OF_ESP else afalg.names(kind, cipher, digest)


def modes(name: str | None) -> Modes | None:
    """Modes that time what tcrypt calls `name`; None without a name."""
    if name is None:
        return None
    return _HMAC if name.startswith("hmac(") else _MODES[name]
