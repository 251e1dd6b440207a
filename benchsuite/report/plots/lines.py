"""The lines that a text takes on paper, broken where it is read best."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Width = Callable[[str], float]
# After a mark, or before a parenthesis, but not within one.
_PARTS = re.compile(r"(?<=[,;:]) +(?![^()]*\))| +(?=\()")


def lines(text: str, room: float, width: Width) -> list[str]:
    """The text in lines that are no wider than `room`: broken between its parts as far as these fit, else
    between words, else within one."""
    found = [""]
    for piece in _pieces(" ".join(text.split()), room, width):
        longer = f"{found[-1]} {piece}".lstrip()
        if width(longer) <= room or not found[-1]:
            found[-1] = longer
        else:
            found.append(piece)
    return found


def _pieces(text: str, room: float, width: Width) -> Iterator[str]:
    for part in _PARTS.split(text):
        for word in [part] if width(part) <= room else part.split(" "):
            while width(word) > room and len(word) > 1:
                fits = next(
                    end for end in range(len(word) - 1, 0, -1) if end == 1 or width(word[:end]) <= room
                )
                yield word[:fits]
                word = word[fits:]
            yield word
