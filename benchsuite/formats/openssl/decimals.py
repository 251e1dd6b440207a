"""Decimal numbers as `openssl speed` prints them, as whole numbers: exact, as fractions are, at a tenth of
their cost. Seconds and rates have six decimals at most, what is printed of public keys nine."""

from __future__ import annotations

import re

MILLION, BILLION = 10**6, 10**9
_OF_MILLION, _OF_BILLION = 6, 9
_CUT = re.compile(r"\d+\.?")


def millionths(digits: str) -> int:
    return _whole(digits, _OF_MILLION)


def billionths(digits: str) -> int:
    return _whole(digits, _OF_BILLION)


def last_digit(digits: str, of: int = MILLION) -> int:
    """One unit of a number's last digit, in millionths, or in billionths."""
    return of // int(10 ** len(digits.partition(".")[2]))


def is_cut(figures: str) -> bool:
    """Whether the last of several figures, as `+F` has them, was cut off: each has decimals."""
    return _CUT.fullmatch(figures.rpartition(":")[2]) is not None


def _whole(digits: str, decimals: int) -> int:
    whole, _, rest = digits.partition(".")
    return int(whole + rest.ljust(decimals, "0"))
