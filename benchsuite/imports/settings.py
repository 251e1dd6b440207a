"""What a person says of the cases in a file, because the file does not: `--set q_len=40`, `--sizes 16,64`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from benchsuite.model import CHAINED, PER_REQUEST, BenchsuiteError, Case
from benchsuite.units import nearest, shown

_NOT_SET = ("request_num", "crypto_q_max", "request_size")
_FROM_ZERO = ("batch", "cbimm", "aad_size")
_MOST = {"cbimm": 1}
_MOST_SIZES = 16


def settings_of(words: Iterable[str]) -> dict[str, Any]:
    """Fields of model.Case from `key=value`. BenchsuiteError for what no case can have."""
    kinds = {each.name: str(each.type) for each in fields(Case) if each.name not in _NOT_SET}
    found: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        key, text = key.strip(), text.strip()
        if not equals or key not in kinds:
            near = nearest(key, kinds)
            hint = f"did you mean {near!r}?" if near else f"it takes {', '.join(kinds)}"
            raise BenchsuiteError(f"--set {shown(word)}: expected KEY=VALUE of a case; {hint}")
        found[key] = _setting(word, kinds[key], key, text)
    return found


def sizes_of(text: str) -> tuple[int, ...]:
    """Of a table that has no header: bytes, in the order of its columns. BenchsuiteError for what is none."""
    words = [word.strip() for word in text.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,9}", word) and int(word) for word in words) or len(words) > _MOST_SIZES:
        raise BenchsuiteError(f"--sizes {shown(text)}: expected whole numbers of bytes, as 16,64,256,1024")
    return tuple(map(int, words))


def _setting(word: str, kind: str, key: str, text: str) -> str | int | bool:
    if kind == "int":
        low, high = 0 if key in _FROM_ZERO else 1, _MOST.get(key, 10**9)
        if re.fullmatch(r"[0-9]{1,10}", text) and low <= int(text) <= high:
            return int(text)
        raise BenchsuiteError(f"--set {shown(word)}: expected a whole number from {low} to {high}")
    if kind == "bool":
        if text in ("true", "false"):
            return text == "true"
        raise BenchsuiteError(f"--set {shown(word)}: expected true or false")
    if key == "iv" and text not in (PER_REQUEST, CHAINED):
        raise BenchsuiteError(f"--set {shown(word)}: expected {PER_REQUEST} or {CHAINED}")
    if not text or not text.isprintable() or (key != "backend" and "/" in text):
        raise BenchsuiteError(f"--set {shown(word)}: expected a name")
    return text
