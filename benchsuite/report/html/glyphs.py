"""Colour, marker and dash of a contender: each by itself tells it apart."""

from __future__ import annotations

from benchsuite.report.html.markup import Html, element

COLOURS = 8
MARKERS = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",  # circle
    "M-3.6-3.6h7.2v7.2h-7.2z",  # square
    "M0-5l4.6 8h-9.2z",  # triangle
    "M0-5l5 5l-5 5l-5-5z",  # diamond
    "M0 5l4.6-8h-9.2z",  # triangle on its point
    "M-1.4-4.5h2.8v3.1h3.1v2.8h-3.1v3.1h-2.8v-3.1h-3.1v-2.8h3.1z",  # plus
    "M-4.4-4.4h8.8l-8.8 8.8h8.8z",  # hourglass
    "M0-5l1.4 3.4l3.6 .2l-2.8 2.4l.9 3.6l-3.1-2l-3.1 2l.9-3.6l-2.8-2.4l3.6-.2z",  # star
)
DASHES = (None, "6 3", "2 2.5", "8 3 2 3")


def colour(style: int) -> str:
    """The class that carries it."""
    return f"c{style % COLOURS}"


def dash(style: int) -> str | None:
    """Differs for styles with the same colour and marker."""
    return DASHES[(style + style // COLOURS) % len(DASHES)]


def marker(style: int, x: float, y: float, tip: str | None = None) -> Html:
    """`tip`: what the script says when something points there."""
    place = f"translate({x:.1f} {y:.1f})"
    return element("path", class_="m", d=MARKERS[style % COLOURS], transform=place, data_t=tip)


def sample(style: int) -> Html:
    """A piece of the line, for a legend."""
    line = element("path", class_="l", d="M1 7h32", stroke_dasharray=dash(style))
    return element(
        "svg",
        line,
        marker(style, 17, 7),
        class_="sample",
        viewBox="0 0 34 14",
        width=34,
        height=14,
        aria_hidden="true",
    )
