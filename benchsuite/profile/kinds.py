"""Kinds of values that only a profile has: backends with their labels, workers, and its tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from benchsuite.keys import Duration, refused
from benchsuite.profile.labels import split

_BACKEND = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(:.+)?")


@dataclass(frozen=True)
class BackendName:
    """Name of a backend with its setting and label; whether there is one, the floor of backends says."""

    what = "the name of a backend: NAME or NAME:SETTING, also after LABEL="

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or not value.isprintable() or not _BACKEND.fullmatch(split(value)[1]):
            raise refused(value, self)
        return value


@dataclass(frozen=True)
class Workers:
    """Number of workers, or words that depend on the CPUs and are resolved when the profile is expanded."""

    most: int
    words = ("all", "1..all")

    @property
    def what(self) -> str:
        return f'a whole number from 1 to {self.most}, "all" or "1..all"'

    def accept(self, value: Any) -> int | str:
        if isinstance(value, str) and value in self.words:
            return value
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= self.most:
            raise refused(value, self)
        return value

    def resolve(self, value: int | str, cpus: int) -> list[int]:
        """Numbers that a value stands for, where so many CPUs may be used: 1..all is the powers of two below
        that, and that."""
        if isinstance(value, int):
            return [value]
        cpus = min(cpus, self.most)
        below = [1 << i for i in range(cpus.bit_length()) if 1 << i < cpus] if value == "1..all" else []
        return [*below, cpus]


class TimeOrNone(Duration):
    """Time within bounds, or 0 for what there is not to be."""

    @property
    def what(self) -> str:
        return f"{super().what}, or 0 for none"

    def accept(self, value: Any) -> float:
        return 0.0 if value == 0 and not isinstance(value, bool) else super().accept(value)


@dataclass(frozen=True)
class Table:
    """Table `[measure]`, or with `several` tables `[[matrix]]`. What is in it is checked key by key."""

    several: bool

    @property
    def what(self) -> str:
        return "one or more tables, [[matrix]]" if self.several else "a table, [measure]"

    def accept(self, value: Any) -> Any:
        tables = value if self.several else [value]
        if not isinstance(tables, list) or not tables or not all(isinstance(each, dict) for each in tables):
            raise refused(value, self)
        return value
