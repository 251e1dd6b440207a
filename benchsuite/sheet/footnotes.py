"""Foot-notes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Footnotes:
    """Numbers texts in the order they come; the same text has the same number."""

    texts: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        return self.texts.setdefault(text, len(self.texts) + 1)
