"""Figures in a sentence."""

from __future__ import annotations

from benchsuite.report.columns import significant


def brief(figure: float, digits: int = 4) -> str:
    """With so many digits, also where it is huge or tiny: 8762, 0.01230, 1.23e-07."""
    if figure and not 1e-4 <= abs(figure) < 1e12:
        return f"{figure:.{digits - 1}e}"
    return significant(figure, digits)
