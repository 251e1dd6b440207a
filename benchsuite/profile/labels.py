"""Labels: `new=software:/build/libcrypto.so.3` calls a backend `new`, wherever its figures are shown.

A label stands before a backend, with an equals sign between them. Settings have equals signs as well, but
only after the first colon, so `sim:dev,clock=real` has no label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from benchsuite.model import BenchsuiteError
from benchsuite.units import shown

_LABEL = re.compile(r"[A-Za-z0-9][\w.+-]{0,39}")


def split(text: str) -> tuple[str, str]:
    """The label ("" without one) and the backend. ValueError for a label that is none."""
    head, colon, setting = text.partition(":")
    label, equals, name = head.rpartition("=")
    if equals and not _LABEL.fullmatch(label):
        raise ValueError(
            f"{shown(label)} is no label of a backend: one has up to 40 letters, digits and . _ + -, and "
            "begins with a letter or digit, as in new=software:/build/libcrypto.so.3"
        )
    return label, name + colon + setting


class Named(NamedTuple):
    """A backend, and its label or ""."""

    label: str
    backend: str

    @classmethod
    def of(cls, text: str, known: Iterable[str], where: str) -> Named:
        """The backend that a text names. BenchsuiteError, beginning with `where`, for a label that is none,
        or the name of a backend."""
        try:
            found = cls(*split(text))
        except ValueError as error:
            raise BenchsuiteError(f"{where}: {error}") from None
        if found.label in known:
            raise BenchsuiteError(
                f"{where}: the label {found.label!r} is the name of a backend: choose another label"
            )
        return found


def named(texts: Iterable[str], known: Iterable[str], where: str) -> tuple[list[str], dict[str, str]]:
    """The backends without their labels, and labels by backend. BenchsuiteError, beginning with `where`, also
    for labels that do not tell one backend from another."""
    backends, labels = [], dict[str, str]()
    for text in texts:
        label, backend = Named.of(text, known, where)
        backends.append(backend)
        if label:
            check(label, backend, labels, where)
            labels[backend] = label
    return list(dict.fromkeys(backends)), labels


def check(label: str, backend: str, taken: dict[str, str], where: str) -> None:
    """Check a label: BenchsuiteError where it cannot be this backend's beside those taken, which are by
    backend."""
    if taken.get(backend, label) != label:
        raise BenchsuiteError(
            f"{where}: {shown(backend)} has two labels, {taken[backend]!r} and {label!r}: it is measured "
            "once, so give it one; --paired measures it twice"
        )
    for other, its in taken.items():
        if its == label and other != backend:
            raise BenchsuiteError(
                f"{where}: the label {label!r} is given to {shown(other)} and to {shown(backend)}: "
                "choose another for one of them"
            )
