"""Decimal numbers as `openssl speed` prints them, in whole millionths: exact, as fractions are, at a tenth of
their cost. None of its counts and rates has more than six decimals."""

from __future__ import annotations

MILLION = 10**6
_DECIMALS = 6


def millionths(digits: str) -> int:
    whole, _, decimals = digits.partition(".")
    return int(f"{whole}{decimals:0<{_DECIMALS}}")


def last_digit(digits: str) -> int:
    """One unit of a number's last digit, in millionths."""
    return int(10 ** (_DECIMALS - len(digits.partition(".")[2])))
