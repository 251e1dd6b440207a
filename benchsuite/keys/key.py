"""Keys: one with its kind, default and meaning, and what is wrong with a table by its keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchsuite.keys.kinds import Kind
from benchsuite.model import BenchsuiteError
from benchsuite.units import nearest, shown

REQUIRED: Any = object()  # the default of a key that must be there


@dataclass(frozen=True, slots=True)
class Key:
    """Key of a table or of a setting."""

    name: str
    kind: Kind
    default: Any  # REQUIRED; None: there is no such thing, or something else decides
    doc: str


def accept(kind: Kind, value: Any, where: str) -> Any:
    """Take a value as its kind does. BenchsuiteError, beginning with `where`, for one that is not of it."""
    try:
        return kind.accept(value)
    except (ValueError, BenchsuiteError) as error:
        raise BenchsuiteError(f"{where}: {error}") from None


def check_names(found: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise BenchsuiteError for the first name that no key has."""
    known = tuple(known)
    for name in found:
        if name not in known:
            raise unknown(name, known, where)


def unknown(name: str, known: Iterable[str], where: str, what: str = "key") -> BenchsuiteError:
    """Error for a name that no key has, with the key that was probably meant."""
    known = tuple(known)
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"known: {', '.join(known)}"
    return BenchsuiteError(f"{where}: unknown {what} {shown(name)}: {hint}")
