"""A page to be read: tables, and what is said around them. Built once, written as text and as Markdown.

A part of a page has versions, the fullest first: a writer without limits takes that, one for a terminal the
first that fits. The last version needs no table.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchsuite.sheet.footnotes import Footnotes

LEFT, RIGHT, DECIMAL = "left", "right", "decimal"


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column. header: its lines, the unit last. name: the same in one line, where it is not
    these lines with blanks between. margin: of notes, and words that matter as much: Markdown has these bold,
    and the numbers without brackets."""

    header: str
    align: str = LEFT
    name: str = ""
    margin: bool = False

    @property
    def one_line(self) -> str:
        return self.name or " ".join(self.header.split())


@dataclass(frozen=True, slots=True)
class Noted:
    """A cell with texts that become foot-notes: their numbers stand after its own."""

    text: str
    notes: Sequence[str]


Cell = str | Noted


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row. title: above it, "" where it needs none."""

    columns: list[Column]
    rows: Sequence[Sequence[Cell]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph, the foot-notes to it, and how far the lines are indented in which it goes on."""

    text: str
    indent: int = 0
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One way to show a part of a page: tables, or paragraphs. legend: how to read it, for above all parts.
    remark: what was left out or abbreviated. titles_fit: a title must not be broken."""

    tables: list[Table] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    legend: str = ""
    remark: str = ""
    titles_fit: bool = False


def paragraphs(texts: Iterable[str], indent: int = 0) -> list[Version]:
    """A part of a page without a table; empty texts are left out."""
    return [Version(said=[Said(text, indent) for text in texts if text])]


Part = Iterable[Version]


@dataclass(frozen=True, slots=True)
class Page:
    """top: lines, going on indented by `indent`. parts stand above the foot-notes, below what comes after
    them. footnotes: what is in them before anything is written."""

    top: list[str]
    parts: Iterable[Part]
    below: Iterable[Part] = ()
    indent: int = 0
    footnotes: Footnotes = field(default_factory=Footnotes)


class Sheet(ABC):
    """The answer to one question about results, for people and for programs."""

    @abstractmethod
    def page(self, document: bool) -> Page:
        """The page that people read. document: not on a terminal, so that there is room for everything."""

    @abstractmethod
    def table(self) -> Iterator[Sequence[Any]]:
        """The figures as rows in base units, the names of their columns first."""

    @abstractmethod
    def data(self) -> dict[str, Any]:
        """The figures as nested data."""
