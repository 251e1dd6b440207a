"""A parameter of a case: what it may be, and how it is shown wherever cases are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BYTES = "bytes"  # a unit
CROSSOVER, KNEE, SCALING = "crossover", "knee", "scaling"  # what is looked for along a parameter


def spelled(value: Any) -> str:
    """A parameter's value as a profile spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameter:
    """A parameter of a case, and how it is shown wherever cases are. What goes over PARAMETERS, as files,
    tables and charts do, has every one, also those that are still to come."""

    key: str  # the field of Case
    usual: Any  # its value where nobody says another
    title: str  # over a column, in one line or two
    unit: str = ""  # BYTES
    letter: str = ""  # where one narrow column holds several
    head: bool = False  # says what it is by itself, so that its key is not said
    named: bool = False  # is in the name of a case, even with its usual value
    neutral: bool = False  # does not change what is measured, so that cases which differ in it are the same
    least: int = 1  # of a number
    most: int | None = None
    none_at_0: bool = False  # 0 stands for what has none, which is no point on an axis
    words: Mapping[Any, str] = field(default_factory=dict)  # for values that are no points on an axis
    # What follows is of its axis, where cases go along it.
    axis: str = ""  # its title, where that is not what it is called
    about: str = ""  # a sentence, for whoever sees it for the first time
    linear: bool = False  # else logarithmic
    looked_for: str = ""  # CROSSOVER, KNEE or SCALING; or nothing
    phrase: str = ""  # a value in words, "{} B"; or else its key and the value

    @property
    def called(self) -> str:
        """Its short name, without a line break: a word that names of files and links can have."""
        name = self.title.replace("\n", "_")
        return name if name.isidentifier() else self.key

    def at(self, value: Any) -> str:
        """A value in words, where there is no header: `64 B`, `q_len 4`."""
        return (self.phrase or f"{self.key} {{}}").format(self.spelled(value))

    def spelled(self, value: Any) -> str:
        """A value as a profile spells it: `true`, `unlimited`."""
        return self.words.get(value) or spelled(value)

    def on_axis(self, value: Any) -> bool:
        """Whether a value has a place on an axis: work without a size has none on that of sizes."""
        return value not in self.words and (bool(value) or not self.none_at_0)

    @property
    def blank(self) -> Any:
        """What stands for it in a case of which it is no part."""
        return "" if isinstance(self.usual, str) else 0

    @property
    def number(self) -> bool:
        return isinstance(self.usual, int) and not isinstance(self.usual, bool)

    @property
    def sweepable(self) -> bool:
        """Whether cases may go along it: a number that is more than a switch."""
        return self.number and (self.most is None or self.most - self.least > 1)
