"""Foot-notes: texts below a table, each with the number that stands in its cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace


@dataclass(slots=True)
class Footnotes:
    """Numbers texts in the order they come; the same text has the same number. ascending: several numbers
    stand in their own order, not in that of the texts."""

    texts: dict[str, int] = field(default_factory=dict)
    ascending: bool = False

    def copy(self) -> Footnotes:
        return replace(self, texts=dict(self.texts))

    def number(self, text: str) -> int:
        return self.texts.setdefault(text, len(self.texts) + 1)

    def numbers(self, texts: Iterable[str], between: str = ",") -> str:
        found = [self.number(text) for text in texts]
        return between.join(map(str, sorted(found) if self.ascending else found))
