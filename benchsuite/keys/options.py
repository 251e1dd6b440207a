"""Options of a setting, which users write after the colon of a backend: `afalg:DRIVER,way=aio`. One table for
each backend, one grammar for all of them.

A setting is options with commas between them: `KEY=VALUE`, the bare name of a flag, and at the beginning,
without its key, the value of the option that stands first. Where a value may have commas, one of them ends it
only if an option follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchsuite.keys.key import REQUIRED, Key, accept
from benchsuite.keys.kinds import Choice, Flag, refused
from benchsuite.keys.text import from_text
from benchsuite.model import BenchsuiteError
from benchsuite.units import nearest, shown

_KEYED = re.compile(r"[a-z_]+=")


class Word:
    """Text as it stands, as a driver's name. commas: it may have some. file: it may be the path of one."""

    def __init__(self, room: int = 4096, commas: bool = False, file: bool = False) -> None:
        self.room, self.commas, self.file = room, commas, file

    @property
    def what(self) -> str:
        return f"text of fewer than {self.room} characters"

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or not value.isprintable() or not 0 < len(value.encode()) < self.room:
            raise refused(value, self)
        return value


@dataclass(frozen=True, slots=True)
class Option(Key):
    """Key of a setting."""

    metavar: str = ""  # what users call its value
    first: bool = False  # it stands at the beginning, without its name

    @property
    def usage(self) -> str:
        """The option as users write it: `DRIVER`, `way=sync|aio|threads`, `cycles`."""
        if isinstance(self.kind, Flag):
            return self.name
        value = "|".join(self.kind.words) if isinstance(self.kind, Choice) else self.metavar
        return value if self.first else f"{self.name}={value}"

    def read(self, text: str, where: str) -> Any:
        verbatim = isinstance(self.kind, (Word, Choice))
        return accept(self.kind, text if verbatim else from_text(text), f"{where}={shown(text)[1:-1]}")


class OptionTable:
    """All options of a backend."""

    def __init__(self, *options: Option) -> None:
        self._by_name = {option.name: option for option in options}
        self._first = next((option for option in options if option.first), None)

    def __iter__(self) -> Iterator[Option]:
        return iter(self._by_name.values())

    def split(self, setting: str) -> list[str]:
        """The setting in pieces, each of which should be an option. Nothing is checked."""
        if not setting:
            return []
        if all(option.first for option in self):
            return [setting]
        pieces: list[str] = []
        for word in setting.split(","):
            if pieces and not self._begins(word) and self._may_have_commas(pieces[-1], len(pieces) == 1):
                pieces[-1] += f",{word}"
            else:
                pieces.append(word)
        return pieces

    def _begins(self, word: str) -> bool:
        option = self._by_name.get(word)
        return bool(_KEYED.match(word)) or (option is not None and isinstance(option.kind, Flag))

    def _may_have_commas(self, piece: str, at_the_beginning: bool) -> bool:
        option, _ = self._find(piece, at_the_beginning)
        return option is not None and isinstance(option.kind, Word) and option.kind.commas

    def _find(self, piece: str, at_the_beginning: bool) -> tuple[Option | None, str]:
        """-> (option, the text of its value)."""
        key, equals, text = piece.partition("=")
        option = self._by_name.get(key)
        if option and equals:
            return option, text
        if option and isinstance(option.kind, Flag):
            return option, "true"
        alone = all(option.first for option in self)
        first = at_the_beginning and (alone or not _KEYED.match(piece))
        return (self._first if first else None), piece

    def file(self, setting: str) -> str:
        """The path that the setting begins with; "" where it names no file."""
        kind = self._first.kind if self._first else None
        pieces = self.split(setting)
        if not isinstance(kind, Word) or not kind.file or not pieces or "/" not in pieces[0]:
            return ""
        return pieces[0] if self._find(pieces[0], True) == (self._first, pieces[0]) else ""

    def given(self, backend: str, setting: str) -> dict[str, Any]:
        """The values of the options that a setting has. BenchsuiteError for what is none, or given twice, and
        for one that is missing. backend: its name, for messages."""
        if setting and not self._by_name:
            raise BenchsuiteError(
                f"{backend} takes no setting, so not {shown(f'{backend}:{setting}')}: say {shown(backend)}"
            )
        found: dict[str, Any] = {}
        for index, piece in enumerate(self.split(setting)):
            if not piece and index == 0 and self._first:
                continue
            option, text = self._find(piece, index == 0)
            if option is None:
                raise self._unknown(backend, piece)
            if option.name in found:
                raise BenchsuiteError(f"{backend}: {option.name} is given twice, in {shown(setting)}")
            found[option.name] = option.read(text, f"{backend}: {option.name}")
        for option in self:
            if option.default is REQUIRED and option.name not in found:
                raise BenchsuiteError(
                    f"{backend}: which {option.name}? Write {backend}:{option.metavar}, with {option.doc}"
                )
        return found

    def parse(self, backend: str, setting: str) -> dict[str, Any]:
        """The values of all options: see given()."""
        defaults = {option.name: option.default for option in self}
        return defaults | self.given(backend, setting)

    def _unknown(self, backend: str, piece: str) -> BenchsuiteError:
        key, equals, _ = piece.partition("=")
        near = self._by_name.get(nearest(key, list(self._by_name)) or "")
        hint = f"it takes {', '.join(option.usage for option in self)}"
        if near:
            hint = f"did you mean {near.name if equals else near.usage!r}?"
        return BenchsuiteError(f"{backend}: {shown(piece)} is no setting of it: {hint}")
