"""Parsing of a TOML table to a Profile: keys known, values of their kind and range. What values mean together
is checked when the profile is expanded, because overrides come between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchsuite.keys import REQUIRED, accept, check_names, unknown
from benchsuite.model import BenchsuiteError
from benchsuite.profile.table import FILE, MATRIX, MEASURE, Key

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Matrix:
    where: str  # file and number, for messages
    why: str
    values: dict[str, Values]  # of the keys that are there


@dataclass(frozen=True)
class Profile:
    name: str
    where: str  # the file, for messages
    why: str
    measure: dict[str, Values]
    matrices: tuple[Matrix, ...]


def parse(data: dict[str, Any], where: str, name: str) -> Profile:
    """Parse the table of a file. BenchsuiteError names `where`, the matrix and the key."""
    for key in data:
        if key in FILE:
            continue
        if key in MEASURE:
            raise BenchsuiteError(f"{where}: {key} belongs into [measure] or a [[matrix]]")
        if key in MATRIX:
            raise BenchsuiteError(f"{where}: {key} belongs into a [[matrix]]")
        raise unknown(key, FILE, where)
    top = accept_all(data, FILE, where)
    measure = accept_all(top.get("measure", ({},))[0], MEASURE, f"{where}: [measure]")
    matrices = [
        _matrix(table, f"{where}: matrix {number}") for number, table in enumerate(top["matrix"][0], start=1)
    ]
    return Profile(name, where, _why(top), measure, tuple(matrices))


def _matrix(table: dict[str, Any], where: str) -> Matrix:
    values = accept_all(table, MATRIX | MEASURE, where)
    why = _why(values)
    return Matrix(where, why, {key: each for key, each in values.items() if key != "why"})


def _why(values: dict[str, Values]) -> str:
    """The question that is answered; "" where a user did not say one."""
    return str(values["why"][0]) if "why" in values else ""


def accept_all(table: dict[str, Any], keys: dict[str, Key], where: str) -> dict[str, Values]:
    """Accept every value of a table by its key; BenchsuiteError for one that is not, for a key that is not
    known, and for one that is missing."""
    values = {}
    for name, value in table.items():
        check_names([name], keys, where)
        swept = isinstance(value, list) and keys[name].sweeps
        values[name] = accept_values(keys[name], value if swept else [value], f"{where}: {name}")
    for key in keys.values():
        if key.default is REQUIRED and key.name not in values:
            raise BenchsuiteError(f"{where}: {key.name} is missing: {key.kind.what}, {key.doc}")
    return values


def accept_values(key: Key, values: list[Any], where: str) -> Values:
    """Accept the values of a key, without repetitions. BenchsuiteError says where, what was found and what
    was expected."""
    if not values:
        raise BenchsuiteError(f"{where}: an empty list makes an empty matrix: give at least one value")
    accepted = tuple(accept(key.kind, value, where) for value in values)
    return tuple(dict.fromkeys(accepted)) if key.sweeps else accepted
