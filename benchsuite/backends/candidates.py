"""The order in which `auto` takes what could do the work. Nothing is asked here: answers in, choice out.

OCF takes hardware, and only without any a software driver; of several, the one with the fewest sessions.
Openswan goes on where OCF ends: accelerated code in the kernel, then the kernel's plain code, then its
own in user space. A measurement must choose the same every time, so here the kernel's priority decides
within a class, then AF_ALG before /dev/crypto, then the name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from benchsuite.keys import Option, OptionTable, Word
from benchsuite.model import driver_of
from benchsuite.units import nearest

# In the order in which they are taken.
CLASSES = {
    "hardware": "a kernel driver with a device behind it",
    "accelerated": "a kernel driver that uses instructions made for the work",
    "kernel": "plain code in the kernel",
    "software": "user-space code: libcrypto",
}
KERNEL = ("afalg", "cryptodev")  # ways into the kernel, the first one preferred
USER_SPACE = "software"
BACKENDS = (*KERNEL, USER_SPACE)


@dataclass(frozen=True, slots=True)
class Wish:
    """The setting of the backend. require: a class, and nothing else will do. prefer: a class or a backend
    (all candidates of `afalg`, or `afalg:DRIVER` alone) that comes first. "" for either: none."""

    require: str = ""
    prefer: str = ""

    def __str__(self) -> str:
        """The candidate as the setting spells it."""
        return ",".join(f"{key}={value}" for key, value in asdict(self).items() if value)


def _unknown(value: str, what: str, known: Iterable[str]) -> ValueError:
    near = nearest(value, known)
    hint = f"did you mean {near!r}?" if near else f"known: {', '.join(known)}"
    return ValueError(f"there is no such {what}: {hint}")


class _Class(Word):
    what = f"one of {', '.join(CLASSES)}"

    def accept(self, value: Any) -> str:
        if value not in CLASSES:
            raise _unknown(value, "class", CLASSES)
        return str(value)


class _ClassOrBackend(Word):
    what = f"one of {', '.join(CLASSES)}, or one of {', '.join(BACKENDS)}"

    def accept(self, value: Any) -> str:
        if value not in CLASSES and driver_of(value) not in BACKENDS:
            raise _unknown(value, "class or candidate", dict.fromkeys((*CLASSES, *BACKENDS)))
        return str(value)


OPTIONS = OptionTable(
    Option("require", _Class(), "", f"nothing but that class: {', '.join(CLASSES)}", "CLASS"),
    Option(
        "prefer",
        _ClassOrBackend(commas=True),  # names of kernel drivers may have some
        "",
        f"a class comes first, or a backend: {', '.join(BACKENDS)}, afalg:DRIVER",
        "CLASS|BACKEND",
    ),
)


def parse_wish(setting: str) -> Wish:
    """What a setting wishes. BenchsuiteError for one that makes no sense."""
    return Wish(**OPTIONS.parse("auto", setting))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A backend that was asked about one case. `kind` is of CLASSES, or "" where it gave none."""

    backend: str
    kind: str = ""
    priority: int = 0  # the kernel's
    refused: str = ""  # a sentence why it will not do, its own or ours; "" where it would do

    def refuses(self, reason: str) -> Candidate:
        return replace(self, refused=reason)

    @property
    def shown(self) -> str:
        """Its name with its class, where that says more than its name."""
        return self.backend if self.kind in ("", self.backend) else f"{self.backend} ({self.kind})"


def matches(prefer: str, candidate: Candidate) -> bool:
    """Whether a candidate is what `prefer` names: its class, its backend, or itself."""
    if prefer in CLASSES and prefer not in BACKENDS:
        return candidate.kind == prefer
    return candidate.backend == prefer or candidate.backend.startswith(f"{prefer}:")


def in_order(asked: Iterable[Candidate], wish: Wish) -> list[Candidate]:
    """The candidates, best first, those that refused last. Of another class than is required counts as
    refused."""
    classes = list(CLASSES)

    def rank(candidate: Candidate) -> tuple[bool, bool, int, int, int, str]:
        name = driver_of(candidate.backend)
        return (
            bool(candidate.refused),
            not (wish.prefer and matches(wish.prefer, candidate)),
            classes.index(candidate.kind) if candidate.kind in classes else len(classes),
            -candidate.priority,
            BACKENDS.index(name) if name in BACKENDS else len(BACKENDS),
            candidate.backend,
        )

    return sorted((_required(candidate, wish) for candidate in asked), key=rank)


def _required(candidate: Candidate, wish: Wish) -> Candidate:
    if candidate.refused or wish.require in ("", candidate.kind):
        return candidate
    return candidate.refuses(f"not {wish.require}, which is required")


def reasons(refused: Iterable[Candidate]) -> list[str]:
    """Why each of them will not do; those with the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for candidate in refused:
        if candidate.refused:
            by_reason.setdefault(candidate.refused, []).append(candidate.backend)
    return [f"{', '.join(names)}: {reason}" for reason, names in by_reason.items()]


def to_text(asked: Iterable[Candidate]) -> str:
    """The candidates as a fact of the result has them: JSON."""
    return json.dumps([asdict(candidate) for candidate in asked], separators=(",", ":"))


def from_text(text: str) -> list[Candidate]:
    """What to_text() wrote; ValueError or TypeError for anything else."""
    return [Candidate(**item) for item in json.loads(text)]
