"""Tags and notes: what a user says of a result, held to a form that every table and format can carry.

A key may stand in `--filter tag.KEY=...`, over a column and in a label of a metric. A tag is one printable
line; a note may have several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from benchsuite.model import BenchsuiteError, CaseResult, Result, spelled
from benchsuite.units import shown

TAG = "tag."  # before the key of a tag, where parameters of cases may be named, too
LONGEST_KEY, LONGEST_TAG, LONGEST_NOTE = 60, 200, 10_000  # characters

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LINES = "\n\t"  # what a note may have beside printable characters


@dataclass(frozen=True, slots=True)
class Remarks:
    """What is said of a result beside its figures: by the user (tags, note), and by what was called
    (commands: command lines for a shell; of a run that was resumed the first and the last). anonymous: it
    says no name of a host or user."""

    tags: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    commands: tuple[str, ...] = ()
    anonymous: bool = False

    @property
    def command(self) -> str:
        """The commands, a line each."""
        return "\n".join(dict.fromkeys(self.commands))

    def tag(self, cases: Iterable[CaseResult]) -> None:
        """Gives cases the tags."""
        for case in cases:
            case.tags = {**case.tags, **self.tags}

    def put_on(self, result: Result) -> None:
        """Has a result say this."""
        self.tag(result.cases)
        result.note, result.command = self.note, self.command

    def resumed(self, again: Remarks) -> Remarks:
        """These remarks after another attempt: its note replaces ours."""
        last = again.commands[-1:] or self.commands[1:]
        anonymous = self.anonymous or again.anonymous
        return Remarks(self.tags, again.note or self.note, self.commands[:1] + last, anonymous)

    def to_dict(self) -> dict[str, object]:
        """What is said as plain data, without what is not."""
        found = {
            "tags": dict(self.tags),
            "note": self.note,
            "command": self.command,
            "anonymous": self.anonymous,
        }
        return {key: value for key, value in found.items() if value}


NO_REMARKS = Remarks()


def parse_tag(text: str, option: str = "--tag") -> tuple[str, str]:
    """Key and value of `KEY=VALUE`. BenchsuiteError, which names the option, for what is no tag."""
    key, equals, value = text.partition("=")
    if not equals:
        raise BenchsuiteError(f"{option} {shown(text)}: expected KEY=VALUE, as {option} kernel=6.12")
    return _tag(key.strip(), value.strip(), f"{option} {shown(text)}")


def parse_tags(texts: Iterable[str], option: str = "--tag") -> dict[str, str]:
    """Tags of several `KEY=VALUE`. BenchsuiteError where a key is given two values."""
    found: dict[str, str] = {}
    for text in texts:
        key, value = parse_tag(text, option)
        if found.setdefault(key, value) != value:
            raise BenchsuiteError(
                f"{option} {shown(text)}: {key} is {found[key]!r} already: a result has one value of each key"
            )
    return found


def check_tags(tags: Mapping[str, object], where: str) -> dict[str, str]:
    """The same tags as text; numbers may be given as such. BenchsuiteError, beginning with `where`, for what
    is no tag."""
    return dict(_tag(key, value, f"{where}: {shown(str(key))}") for key, value in tags.items())


def is_tag(key: object, value: object) -> bool:
    """Whether a key and a value are a tag, however long."""
    sound = isinstance(key, str) and bool(_KEY.fullmatch(key))
    return sound and isinstance(value, str) and value.isprintable() and bool(value.strip())


def _tag(key: object, value: object, where: str) -> tuple[str, str]:
    if not isinstance(key, str) or not _KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        raise BenchsuiteError(
            f"{where}: a key is a letter, then letters, digits and _ - . (at most {LONGEST_KEY} characters), "
            "as kernel or board.rev"
        )
    if not isinstance(value, str | int | float):
        raise BenchsuiteError(f"{where}: the value must be text, as {key}=6.12")
    value = spelled(value).strip()
    if not value:
        raise BenchsuiteError(f"{where}: the value is empty; say one, as {key}=6.12")
    if not value.isprintable():
        raise BenchsuiteError(f"{where}: the value must be printable and on one line; --note takes more")
    if len(value) > LONGEST_TAG:
        raise BenchsuiteError(
            f"{where}: the value has {len(value)} characters, at most {LONGEST_TAG} are kept; "
            "--note takes more"
        )
    return key, value


def check_note(text: str, option: str = "--note") -> str:
    """A note without blanks around it. BenchsuiteError for one that cannot be kept."""
    if not isinstance(text, str):
        raise BenchsuiteError(f"{option}: {shown(str(text))} is no text")
    text = text.replace("\r\n", "\n").strip()
    odd = next((char for char in text if not (char.isprintable() or char in _LINES)), "")
    if odd:
        raise BenchsuiteError(
            f"{option}: character {text.index(odd) + 1} is not printable ({odd!r}): leave it out"
        )
    if len(text) > LONGEST_NOTE:
        raise BenchsuiteError(
            f"{option}: it has {len(text)} characters, at most {LONGEST_NOTE} are kept: shorten it"
        )
    return text


def tag_of(key: str) -> str | None:
    """The key of a tag, where `tag.KEY` is named; None for anything else."""
    return key.removeprefix(TAG) if key.startswith(TAG) else None


def in_words(tags: Mapping[str, str]) -> str:
    """Tags for people: `board=espressobin, kernel=6.12`."""
    return ", ".join(f"{key}={value}" for key, value in tags.items())
