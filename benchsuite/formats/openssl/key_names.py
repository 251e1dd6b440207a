"""What `openssl speed` calls signatures, key exchanges and key encapsulation, in our names.

Names are made of what is printed: rsa-2048, ecdsa-nistp256 (ecdsa-256 where no table names the curve),
ed25519, x25519; LibreSSL's `mlkem 768` is the ml-kem-768 of OpenSSL.
"""

from __future__ import annotations

import re

from benchsuite.formats import naming

DERIVE = "derive"
_OPS = (
    {"sign": "sign", "signs": "sign", "op": DERIVE, "encap": "encaps", "decap": "decaps"}
    | {word: word for word in ("verify", "keygen", "encaps", "decaps", "encrypt", "decrypt")}
    | {"keygens": "keygen"}
)
OPS = frozenset(_OPS.values())
_RATES = {f"{word}/s" for word in _OPS} | {"encr./s", "decr./s"}
_SIDES = {"private": "sign", "public": "verify"}  # of RSA, where nothing else is said
_WITH_BITS = ("rsa", "dsa", "ecdsa", "ecdh", "ffdh", "mlkem")
_NAME = re.compile(
    r"(?P<family>rsa|dsa) +(?P<bits>\d{1,6}) bits?"
    r"|(?P<bits2>\d{1,6})[ -]bits? (?P<family2>\w+)(?: \((?P<curve>\S{1,40})\))?"
    r"|(?P<family3>mlkem) ?(?P<bits3>\d{3,4})"
)
_BEGINS = re.compile(
    r"(?:[rd]sa +\d{3,6} bits?|\d{3,6} bits? (?:ecdsa|ecdh|EdDSA|SM2|ffdh)(?: \(\w{2,30}\))?) +\d"
)
_ENCAPSULATES = re.compile(r"(?:ml-?kem|kyber|x25519$|x448$|ec[-p]|.*(?:kem|kyber|frodo|bike|hqc|ntru))")
_SIGNS = re.compile(r"(?:ml-?dsa|slh-?dsa|ed25519|ed448|.*(?:dsa|falcon|dilithium|sphincs|mayo))")


def of_header(text: str) -> tuple[str, ...]:
    """What a table's columns are of, of its header; () for another line. `op` and `op/s`: each once."""
    words = text.split()
    if not any(word in _RATES for word in words) or not all(word in _OPS or word in _RATES for word in words):
        return ()
    return tuple(_OPS[word] for word in words if word in _OPS)


def of_words(text: str) -> tuple[str, str]:
    """(name, what is done) of `2048 bits private rsa's`, `253 bits  ecdh`, `X25519 keygen ops`, as they stand
    before a count."""
    words = [word.removesuffix("'s") for word in text.split()]
    words = [word for word in words if word not in ("ops", "signature", "KEM")]
    bits = words[0] if words[1:2] in (["bits"], ["bit"]) else ""
    rest = words[2 if bits else 0 :]
    ops = [_OPS[word] for word in rest if word in _OPS]
    sides = [_SIDES[word] for word in rest if word in _SIDES]
    family = naming.foreign(" ".join(word for word in rest if word not in _OPS and word not in _SIDES))
    return _named(family, bits), (ops + sides + [DERIVE])[0]


def of_row(text: str) -> tuple[str, str]:
    """(name, name that a count has) of `rsa 2048 bits`, `256 bits ecdsa (nistp256)`, `X25519`."""
    match = _NAME.fullmatch(" ".join(text.split()))
    if not match:
        return naming.foreign(text), naming.foreign(text)
    family = (match["family"] or match["family2"] or match["family3"]).lower()
    bits, curve = match["bits"] or match["bits2"] or match["bits3"], match["curve"]
    if family in _WITH_BITS:
        counted = _named(family, bits)
        return naming.foreign(f"{family}-{curve}") if curve else counted, counted
    return naming.foreign(curve or family), naming.foreign(curve or family)


def is_row(text: str) -> bool:
    """Whether only a table's row begins so."""
    return bool(_NAME.fullmatch(" ".join(text.split())))


def begins_row(text: str) -> bool:
    """Whether it is a table's row, or what is left of one."""
    return bool(_BEGINS.match(text))


def ops_of(name: str, columns: int) -> tuple[str, ...]:
    """What the columns are of, where no header says it; () where the name does not say it either."""
    family = name.partition("-")[0]
    if columns == 1:
        return (DERIVE,) if family in ("ecdh", "ffdh") else ()
    if columns == 3:
        if _ENCAPSULATES.match(name):
            return "keygen", "encaps", "decaps"
        return ("keygen", "sign", "verify") if _SIGNS.match(name) else ()
    signs = family == "rsa" or (columns == 2 and bool(_SIGNS.match(name) or family in ("sm2", "curvesm2")))
    return ("sign", "verify", "encrypt", "decrypt")[:columns] if signs and columns in (2, 4) else ()


def _named(family: str, bits: str) -> str:
    if not bits or family not in _WITH_BITS:
        return family
    return f"{'ml-kem' if family == 'mlkem' else family}-{bits}"
