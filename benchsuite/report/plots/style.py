"""Fonts, sizes and colours of plots on paper, and lines that differ without colour."""

from __future__ import annotations

from typing import Any

# The page's colours in its light mode; with each a marker, and dashes that differ between neighbours.
COLOURS = ("#0b62b0", "#b84a00", "#007a5a", "#a0357f", "#6b5b00", "#5b4bc4", "#00708f", "#444c56")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES: tuple[Any, ...] = ("-", (0, (6, 2.5)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))

WIDTH, HEIGHT = 5.2, 3.4  # inches: a column and a half of most papers
DPI = 200

SETTINGS: Any = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "legend.fontsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.4,
    "lines.markersize": 5,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "benchsuite",  # the same data is the same file
    "text.parse_math": False,  # a $ in a name is a $
}


def look(style: int, base: bool) -> dict[str, Any]:
    """The look of a line; the base's is bold."""
    colour = COLOURS[style % len(COLOURS)]
    return {
        "color": colour,
        "marker": MARKERS[style % len(MARKERS)],
        "linestyle": DASHES[(style + style // len(COLOURS)) % len(DASHES)],
        "linewidth": 2.2 if base else 1.4,
        "zorder": 3 if base else 2.5,
    }
