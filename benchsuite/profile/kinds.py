"""Kinds of values a key takes. `accept` turns a value as TOML has it into ours, or raises
ValueError with a sentence; `what` says what is expected."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, Protocol

from benchsuite import algorithms
from benchsuite.profile.labels import split
from benchsuite.units import format_duration, format_size, parse_duration, parse_size, shown

_BACKEND = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(:.+)?")


def show(value: Any) -> str:
    """A value of a user's as TOML would spell it, short enough for a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a number of more than 20 digits"
    if isinstance(value, float):
        return str(value)
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else "a date or time"


class Kind(Protocol):
    @property
    def what(self) -> str: ...
    def accept(self, value: Any) -> Any: ...


def _refuse(value: Any, kind: Kind) -> ValueError:
    return ValueError(f"{show(value)} is not {kind.what}")


@dataclass(frozen=True)
class Number:
    least: int
    most: int

    @property
    def what(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def accept(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise _refuse(value, self)
        return value


@dataclass(frozen=True)
class NumberOrFlag:
    """true and false are 1 and 0."""

    most: int

    @property
    def what(self) -> str:
        return "0 or 1, or false or true" if self.most == 1 else f"0 to {self.most}, or false or true"

    def accept(self, value: Any) -> int:
        if not isinstance(value, int) or not 0 <= value <= self.most:
            raise _refuse(value, self)
        return int(value)


@dataclass(frozen=True)
class Size:
    """Bytes, or text such as "64KiB"."""

    least: int
    most: int

    @property
    def what(self) -> str:
        return f"a size from {self.least} to {format_size(self.most)}"

    def accept(self, value: Any) -> int:
        size = parse_size(value) if isinstance(value, str) else value
        if isinstance(size, bool) or not isinstance(size, int) or not self.least <= size <= self.most:
            raise _refuse(value, self)
        return size


@dataclass(frozen=True)
class Duration:
    """Seconds, or text such as "20ms"."""

    least: float
    most: float

    @property
    def what(self) -> str:
        return f"a time from {format_duration(self.least)} to {self.most:g}s"

    def accept(self, value: Any) -> float:
        seconds = parse_duration(value) if isinstance(value, str) else value
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise _refuse(value, self)
        if not self.least <= seconds <= self.most:  # not a number is neither
            raise _refuse(value, self)
        return float(seconds)


@dataclass(frozen=True)
class Flag:
    what = "true or false"

    def accept(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise _refuse(value, self)
        return value


@dataclass(frozen=True)
class Choice:
    words: tuple[str, ...]

    @property
    def what(self) -> str:
        return " or ".join(f'"{word}"' for word in self.words)

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise _refuse(value, self)
        return value


@dataclass(frozen=True)
class Text:
    what = "a sentence or more of plain text"

    def accept(self, value: Any) -> str:
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if not text or not text.isprintable():
            raise _refuse(value, self)
        return text


@dataclass(frozen=True)
class AlgorithmName:
    what = "the name of an algorithm"

    def accept(self, value: Any) -> str:
        if not isinstance(value, str):
            raise _refuse(value, self)
        return algorithms.find(value).name


@dataclass(frozen=True)
class BackendName:
    """Whether there is such a backend is for the floor of backends to say."""

    what = "the name of a backend: NAME or NAME:SETTING, also after LABEL="

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or not value.isprintable() or not _BACKEND.fullmatch(split(value)[1]):
            raise _refuse(value, self)
        return value


@dataclass(frozen=True)
class Workers:
    """A number, or words that depend on the machine and are resolved when the profile is expanded."""

    most: int
    words = ("all", "1..all")

    @property
    def what(self) -> str:
        return f'a whole number from 1 to {self.most}, "all" or "1..all"'

    def accept(self, value: Any) -> int | str:
        if isinstance(value, str) and value in self.words:
            return value
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= self.most:
            raise _refuse(value, self)
        return value

    def resolve(self, value: int | str) -> list[int]:
        """1..all is the powers of two below the number of CPUs, and that number."""
        if isinstance(value, int):
            return [value]
        cpus = min(len(os.sched_getaffinity(0)), self.most)
        below = [1 << i for i in range(cpus.bit_length()) if 1 << i < cpus] if value == "1..all" else []
        return [*below, cpus]


@dataclass(frozen=True)
class Table:
    """`[measure]`, or with `several` `[[matrix]]`. What is in it is checked key by key."""

    several: bool

    @property
    def what(self) -> str:
        return "one or more tables, [[matrix]]" if self.several else "a table, [measure]"

    def accept(self, value: Any) -> Any:
        tables = value if self.several else [value]
        if not isinstance(tables, list) or not tables or not all(isinstance(each, dict) for each in tables):
            raise _refuse(value, self)
        return value
