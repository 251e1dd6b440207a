"""One finding, as it is printed and as programs read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer. text: whole sentences with their doubts, "simulated" and "on this emulated CPU" included.
    figures: what it rests on, for programs, in base units that the names say. cases: how many of the result
    it tells of."""

    kind: str
    text: str
    figures: dict[str, float | int | str]
    simulated: bool
    cases: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "simulated": self.simulated,
            "cases": self.cases,
            "figures": self.figures,
        }
