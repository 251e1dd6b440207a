"""The order in which `auto` takes what could do the work. Nothing is asked here: answers in, choice out.

OCF takes hardware, and only without any a software driver; of several, the one with the fewest sessions.
Openswan goes on where OCF ends: accelerated code in the kernel, then the kernel's plain code, then its
own in user space. A measurement must choose the same every time, so here the kernel's priority decides
within a class, then AF_ALG before /dev/crypto, then the name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from benchsuite.model import BenchsuiteError, driver_of
from benchsuite.units import nearest, shown

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
        """As the setting spells it."""
        return ",".join(f"{key}={value}" for key, value in asdict(self).items() if value)


def parse_wish(setting: str) -> Wish:
    """`require=CLASS`, `prefer=CLASS` or `prefer=BACKEND`, or one of each with a comma between. The
    names of kernel drivers may have commas as well."""
    given: dict[str, str] = {}
    for part in re.split(r",(?=[a-z]+=)", setting) if setting else ():
        key, equals, value = part.partition("=")
        if key not in ("require", "prefer") or not equals:
            raise BenchsuiteError(
                f"auto: {shown(part)} is no setting of it: it takes require=CLASS and prefer=CLASS "
                f"or prefer=BACKEND, with CLASS one of {', '.join(CLASSES)}"
            )
        if key in given:
            raise BenchsuiteError(f"auto: {key} is given twice, in {shown(setting)}")
        given[key] = value
    wish = Wish(**given)
    if "require" in given and wish.require not in CLASSES:
        raise _unknown("require", wish.require, CLASSES)
    if "prefer" in given and wish.prefer not in CLASSES and driver_of(wish.prefer) not in BACKENDS:
        raise _unknown("prefer", wish.prefer, dict.fromkeys((*CLASSES, *BACKENDS)))
    return wish


def _unknown(key: str, value: str, known: Iterable[str]) -> BenchsuiteError:
    near = nearest(value, known)
    hint = f"did you mean {near!r}?" if near else f"known: {', '.join(known)}"
    what = "class" if key == "require" else "class or candidate"
    return BenchsuiteError(f"auto: {key}={shown(value)[1:-1]}: there is no such {what}: {hint}")


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
        """With its class, where that says more than its name."""
        return self.backend if self.kind in ("", self.backend) else f"{self.backend} ({self.kind})"


def matches(prefer: str, candidate: Candidate) -> bool:
    """Whether a candidate is what `prefer` names: its class, its backend, or itself."""
    if prefer in CLASSES and prefer not in BACKENDS:
        return candidate.kind == prefer
    return candidate.backend == prefer or candidate.backend.startswith(f"{prefer}:")


def in_order(asked: Iterable[Candidate], wish: Wish) -> list[Candidate]:
    """Best first, those that refused last. Of another class than is required counts as refused."""
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
    """For a fact of the result: JSON."""
    return json.dumps([asdict(candidate) for candidate in asked], separators=(",", ":"))


def from_text(text: str) -> list[Candidate]:
    """What to_text() wrote; ValueError or TypeError for anything else."""
    return [Candidate(**item) for item in json.loads(text)]
