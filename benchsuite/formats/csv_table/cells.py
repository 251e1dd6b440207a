"""The cells of a table: cut at its delimiter, and read as numbers whatever country wrote them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from benchsuite.units import shown

DELIMITERS = (",", ";", "\t")
MOST_LINES = 20  # of a cell

_NUMBER = re.compile(r"[+-]?(?P<whole>\d{0,30})(?:\.(?P<part>\d{0,30}))?(?:[eE](?P<power>[+-]?\d{1,3}))?")
_BLANKS = re.compile(r"(?<=\d)[ \u00a0\u202f'\u2019](?=\d{3}(?!\d))")
_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3}){2,}(?:\.\d*)?|[+-]?\d{1,3}(?:,\d{3})+\.\d*")
_COMMA = re.compile(r"[^,]*\d*,\d+[^,]*")  # one
_GROUP = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # one thousand, or one and a bit
_DIGITS = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?")
_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_POINTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+")


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction
    half: Fraction  # half a unit of its last digit

    def off(self) -> float:
        """How far the digits leave it open, as a fraction of it."""
        return float(min(Fraction(1), self.half / abs(self.value))) if self.value else 1.0


def cut(text: str, delimiter: str) -> list[str] | None:
    """The cells of a record; None where a quote is not closed. A spreadsheet is told by an apostrophe that
    `=x` is a text: that goes."""
    for strict in (True, False):
        try:
            found = next(csv.reader([text], delimiter=delimiter, strict=strict), [])
            break
        except csv.Error:
            if text.count('"') % 2:
                return None
    else:
        return None
    return [re.sub(r"^'(?=[=+@-])", "", cell.strip()) for cell in found]


def comma_is_decimal(delimiter: str, cells: Iterable[str]) -> bool:
    """Whether `1,234` in these cells is one and a bit: where commas are not what separates them, and no cell
    has what can only be a decimal point."""
    numbers = [] if delimiter == "," else [cell for cell in cells if _DIGITS.fullmatch(cell)]
    points = (_POINT.fullmatch(cell) and not _POINTS.fullmatch(cell) for cell in numbers)
    return any("," in cell for cell in numbers) and not any(points)


def number(text: str, decimal_comma: bool) -> Number:
    """Raises ValueError with a sentence for what is none, or could be two."""
    plain = _BLANKS.sub("", text.strip())
    if "," in plain:
        plain = _without_comma(plain, text, decimal_comma)
    elif decimal_comma and _POINTS.fullmatch(plain):
        raise ValueError(
            f"{shown(text, 30)} may be {plain.replace('.', '')} or {plain}: write it without a point"
        )
    match = _NUMBER.fullmatch(plain)
    if not match or not (match["whole"] or match["part"]):
        raise ValueError(f"{shown(text, 30)} is no number")
    power = int(match["power"] or 0)
    return Number(Fraction(plain), Fraction(10) ** (power - len(match["part"] or "")) / 2)


def _without_comma(plain: str, text: str, decimal_comma: bool) -> str:
    if _GROUPS.fullmatch(plain):  # 1,234,567.8
        return plain.replace(",", "")
    turned = plain.translate(str.maketrans(",.", ".,"))
    if _GROUPS.fullmatch(turned):  # 1.234.567,8
        return turned.replace(",", "")
    if _COMMA.fullmatch(plain) and "." not in plain:
        if not decimal_comma and _GROUP.fullmatch(plain):
            point = plain.replace(",", ".")
            raise ValueError(
                f"{shown(text, 30)} may be {plain.replace(',', '')} or {point}: write it without a comma"
            )
        return plain.replace(",", ".")
    raise ValueError(f"{shown(text, 30)} is no number")
