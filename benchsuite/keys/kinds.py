"""Kinds of values that a key takes. `accept` turns a value as TOML has it into ours, or raises ValueError
with a sentence; `what` says what is expected."""

from __future__ import annotations

import math
from typing import Any, Protocol

from benchsuite import algorithms
from benchsuite.units import format_duration, format_size, parse_duration, parse_size, shown


def show(value: Any) -> str:
    """Spell a value of a user's as TOML would, short enough for a message."""
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
    """Kind of a value: what one is, and how one is taken."""

    @property
    def what(self) -> str: ...
    def accept(self, value: Any) -> Any: ...


def refused(value: Any, kind: Kind) -> ValueError:
    """Error for a value that is not of its kind."""
    return ValueError(f"{show(value)} is not {kind.what}")


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


class Between:
    """Kind with a least and a most value. A plain class, as all here: a worker's start-up is waited for."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most


class Number(Between):
    """Whole number within bounds."""

    @property
    def what(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def accept(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise refused(value, self)
        return value


class Real(Between):
    """Number within bounds, whole or not."""

    @property
    def what(self) -> str:
        return f"a number from {_plain(self.least)} to {_plain(self.most)}"

    def accept(self, value: Any) -> float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not self.least <= value <= self.most:
            raise refused(value, self)
        return float(value)


class NumberOrFlag:
    """Whole number from 0, where true and false are 1 and 0."""

    def __init__(self, most: int) -> None:
        self.most = most

    @property
    def what(self) -> str:
        return "0 or 1, or false or true" if self.most == 1 else f"0 to {self.most}, or false or true"

    def accept(self, value: Any) -> int:
        if not isinstance(value, int) or not 0 <= value <= self.most:
            raise refused(value, self)
        return int(value)


class Size(Between):
    """Number of bytes, or text such as "64KiB"."""

    least: int
    most: int

    @property
    def what(self) -> str:
        return f"a size from {self.least} to {format_size(self.most)}"

    def accept(self, value: Any) -> int:
        size = parse_size(value) if isinstance(value, str) else value
        if isinstance(size, bool) or not isinstance(size, int) or not self.least <= size <= self.most:
            raise refused(value, self)
        return size


class Duration(Between):
    """Number of seconds, or text such as "20ms"."""

    @property
    def what(self) -> str:
        return f"a time from {format_duration(self.least)} to {format_duration(self.most)}"

    def accept(self, value: Any) -> float:
        seconds = parse_duration(value) if isinstance(value, str) else value
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise refused(value, self)
        if not self.least <= seconds <= self.most:  # not a number is neither
            raise refused(value, self)
        return float(seconds)


class Flag:
    """Yes or no."""

    what = "true or false"

    def accept(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise refused(value, self)
        return value


class Choice:
    """One of a few words."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    @property
    def what(self) -> str:
        return " or ".join(f'"{word}"' for word in self.words)

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise refused(value, self)
        return value


class Text:
    """Text in sentences, its blanks and line ends made single blanks."""

    what = "a sentence or more of plain text"

    def accept(self, value: Any) -> str:
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if not text or not text.isprintable():
            raise refused(value, self)
        return text


class AlgorithmName:
    """Name or alias of an algorithm of the table."""

    what = "the name of an algorithm"

    def accept(self, value: Any) -> str:
        if not isinstance(value, str):
            raise refused(value, self)
        return algorithms.find(value).name
