"""Text from anywhere, made safe to print, and laid out in lines."""

from __future__ import annotations

import textwrap
import unicodedata


def clean(text: str) -> str:
    """Text from a result on one line, without anything a terminal would act on: control and
    format characters, line ends and runs of blanks become one blank."""
    if text.isprintable():  # quicker, and nearly always so
        return " ".join(text.split())
    return " ".join("".join(" " if _unprintable(char) else char for char in text).split())


def _unprintable(char: str) -> bool:
    return unicodedata.category(char)[0] == "C" or char in "\u2028\u2029"


def wrap(text: str, width: int | None, indent: int = 0) -> list[str]:
    """Lines of at most `width` columns; all but the first are indented."""
    if width is None:
        return [text]
    return textwrap.wrap(text, width, subsequent_indent=" " * indent, break_on_hyphens=False) or [""]
