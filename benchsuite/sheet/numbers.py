"""Figures as people read them."""

from __future__ import annotations

NONE = "-"  # a figure, or a size, there is not
_LITTLE = 1e-6  # of a share that was measured, as of a model's distance from itself: with less nobody counts


def significant(figure: float | None, digits: int = 4) -> str:
    """A figure with `digits` significant digits, but never rounding before the decimal point: 1234567,
    535.1, 0.2500. None is "-"."""
    if figure is None:
        return NONE
    exponent = int(f"{figure:.{digits - 1}e}".partition("e")[2]) if figure else 0
    return f"{figure:.{max(0, digits - 1 - exponent)}f}"


def percent(share: float, digits: int | None = None) -> str:
    """A share in a sentence: 5%, 1.5%. digits: of one that was measured; one that was given has them all."""
    if digits is None:
        return f"{100 * share:.10g}%"
    if 0 < abs(share) < _LITTLE:
        return f"<{percent(_LITTLE)}"
    return f"{float(significant(100 * share, digits)):.10g}%"


def percent_cell(share: float | None, decimals: int) -> str:
    """A share in a cell of a column whose head says %."""
    return NONE if share is None else f"{100 * share:.{decimals}f}"


def brief(figure: float, digits: int = 4) -> str:
    """The figure with so many digits, also where it is huge or tiny: 8762, 0.01230, 1.23e-07."""
    if figure and not 1e-4 <= abs(figure) < 1e12:
        return f"{figure:.{digits - 1}e}"
    return significant(figure, digits)
