"""The case that a row of a table is of, from the cells of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from benchsuite.algorithms import ALGORITHMS, ALIASES
from benchsuite.formats import naming
from benchsuite.formats.csv_table.columns import Columns
from benchsuite.model import CHAINED, DECRYPT, DIGEST, ENCRYPT, PARAMETERS, PER_REQUEST, Case
from benchsuite.profile.rates import Arrival
from benchsuite.units import parse_size, shown

NAME = "csv"
UNKNOWN = "unknown"
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")

_OPS = {
    "e": ENCRYPT,
    "enc": ENCRYPT,
    "encryption": ENCRYPT,
    "d": DECRYPT,
    "dec": DECRYPT,
    "decryption": DECRYPT,
    "hash": DIGEST,
    "mac": DIGEST,
}
_DEFAULTS = {each.name: each.default for each in fields(Case)} | {"backend": NAME, "algorithm": UNKNOWN}
_SAID = (*(key for key, each in PARAMETERS.items() if each.head or each.named), "workers")
_LONGEST = 200  # characters of a backend


def case_of(cells: Sequence[str], columns: Columns, exact: bool) -> tuple[Case, list[str]]:
    """The case, and the parameters that no cell says. `exact`: benchsuite wrote the names. Raises ValueError,
    naming the column, for what no case has."""
    found: dict[str, Any] = {}
    assumed = []
    for each in fields(Case):
        text = parameter(cells, columns, each.name)
        if text:
            try:
                found[each.name] = _READ[str(each.type)](text, each.name)
            except ValueError as error:
                place = columns.parameters[each.name]
                raise ValueError(f"column {columns.names[place]}: {error}") from None
        else:
            assumed.append(each.name)
    if exact:
        found |= {key: parameter(cells, columns, key) for key in ("algorithm", "op") if key in found}
    algorithm = found.setdefault("algorithm", UNKNOWN)
    if "op" in assumed:
        found["op"] = naming.operation(algorithm)
    elif "request_size" in assumed and found["op"] not in (ENCRYPT, DECRYPT, DIGEST):
        found["request_size"] = 0  # what signs has no payload
    if not exact and "tag_size" in found and algorithm in ALGORITHMS:
        found["tag_size"] = ALGORITHMS[algorithm].cut_to(found["tag_size"])
    case = Case(**{**_DEFAULTS, **found})
    return case, [f"{key}={getattr(case, key)}" for key in _SAID if key in assumed]


def parameter(cells: Sequence[str], columns: Columns, key: str) -> str:
    place = columns.parameters.get(key)
    return one_line(cells[place]) if place is not None and place < len(cells) else ""


def one_line(text: str) -> str:
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _count(text: str, key: str) -> int:
    of = PARAMETERS.get(key)
    if of and of.unit:
        found = parse_size(text)
    elif key in ("batch", "cbimm") and text.lower() in (*YES, *NO):
        found = int(text.lower() in YES)
    elif text.isascii() and text.isdecimal() and len(text) <= 10:
        found = int(text)
    else:
        raise ValueError(f"{shown(text, 30)} is no whole number")
    low, high = (of.least, of.most or 2**31) if of else (1, 2**31)
    if not low <= found <= high:
        raise ValueError(f"{shown(text, 30)} is not from {low} to {high}")
    return found


def _yes(text: str, key: str) -> bool:
    if text.lower() not in (*YES, *NO):
        raise ValueError(f"{shown(text, 30)} is neither true nor false")
    return text.lower() in YES


def _word(text: str, key: str) -> str:
    if key == "backend":
        return text[:_LONGEST]
    if key == "iv":
        if text not in (PER_REQUEST, CHAINED):
            raise ValueError(f"{shown(text, 30)} is neither {PER_REQUEST} nor {CHAINED}")
        return text
    if key == "arrival":
        return Arrival().accept(text)
    if key == "op":
        return _OPS.get(text.lower(), naming.foreign(text))
    return algorithm_of(text)


_READ: dict[str, Callable[[str, str], Any]] = {"str": _word, "bool": _yes, "int": _count}


@cache
def algorithm_of(text: str) -> str:
    """`aes-128-cbc`, `AES-128-CBC`, `aes-cbc-128`. `aes-gcm` without a key's length stays what it is: only a
    profile takes it for that of ESP."""
    word = naming.of_openssl(text)
    return ALIASES.get(word, word) if any(char.isdecimal() for char in word) else word
