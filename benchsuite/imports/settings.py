"""What a person says of the cases in a file, because the file does not: `--set q_len=40`, `--sizes 16,64`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from benchsuite.model import CHAINED, OPEN_LOOP, PARAMETERS, PER_REQUEST, BenchsuiteError, Parameter
from benchsuite.units import nearest, shown

_NOT = ("request_size", "crypto_q_max", *OPEN_LOOP)  # what no printed figure is of, or says itself
_SETTABLE = {key: each for key, each in PARAMETERS.items() if key not in _NOT}
_MOST_SIZES = 16


def settings_of(words: Iterable[str]) -> dict[str, Any]:
    """Fields of model.Case from `key=value`. BenchsuiteError for what no case can have."""
    found: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        key, text = key.strip(), text.strip()
        if not equals or key not in _SETTABLE:
            near = nearest(key, _SETTABLE)
            hint = f"did you mean {near!r}?" if near else f"it takes {', '.join(_SETTABLE)}"
            raise BenchsuiteError(f"--set {shown(word)}: expected KEY=VALUE of a case; {hint}")
        found[key] = _setting(word, _SETTABLE[key], text)
    return found


def sizes_of(text: str) -> tuple[int, ...]:
    """Sizes for a table without a header: bytes, in the order of its columns. BenchsuiteError for others."""
    words = [word.strip() for word in text.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,9}", word) and int(word) for word in words) or len(words) > _MOST_SIZES:
        raise BenchsuiteError(f"--sizes {shown(text)}: expected whole numbers of bytes, as 16,64,256,1024")
    return tuple(map(int, words))


def _setting(word: str, of: Parameter, text: str) -> str | int | bool:
    if of.number:
        low, high = of.least, of.most or 10**9
        if re.fullmatch(r"[0-9]{1,10}", text) and low <= int(text) <= high:
            return int(text)
        raise BenchsuiteError(f"--set {shown(word)}: expected a whole number from {low} to {high}")
    if isinstance(of.usual, bool):
        if text in ("true", "false"):
            return text == "true"
        raise BenchsuiteError(f"--set {shown(word)}: expected true or false")
    if of.key == "iv" and text not in (PER_REQUEST, CHAINED):
        raise BenchsuiteError(f"--set {shown(word)}: expected {PER_REQUEST} or {CHAINED}")
    if not text or not text.isprintable() or (of.key != "backend" and "/" in text):
        raise BenchsuiteError(f"--set {shown(word)}: expected a name")
    return text
