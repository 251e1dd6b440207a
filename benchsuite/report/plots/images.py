"""Plots as PNG and SVG files, drawn by matplotlib."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from benchsuite.report.charts.ladders import Ladder
from benchsuite.report.charts.panels import Panel
from benchsuite.report.charts.strips import Strip
from benchsuite.report.charts.timelines import Timeline
from benchsuite.report.plots import ladder, panel, strip, timeline
from benchsuite.report.plots.frame import EDGE, Margins
from benchsuite.report.plots.lines import lines
from benchsuite.report.plots.plan import Plan
from benchsuite.report.plots.renderers import Canvas, width
from benchsuite.report.plots.style import DPI, HEIGHT, SETTINGS, WIDTH

ROW = 0.24  # inches that a line of a case needs
SPOT = 0.15  # and a contender in a row of a ladder
_TITLE = 0.16  # and a further line of the title
_ENTRY, _LINE = 0.17, 0.13  # and an entry of the legend, and a further line of it
_HANDLE = 3.5  # letters that the piece of a line takes in the legend
_POINTS = 72.0  # of an inch
# When a file was made is no part of what is in it: the same data is the same file.
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "benchsuite"},
    "png": {"Software": "benchsuite"},
}


@contextmanager
def settings() -> Iterator[None]:
    """The settings that plots are drawn with, whatever the user's matplotlibrc says."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in a script that the font lacks
        yield


def images(plan: Plan, kinds: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """`png` and `svg`, each with its file. They are laid out alike, by the pixels of the PNG, so that a plot
    is the same whichever of them is asked for."""
    with settings():
        yield from images_within_settings(plan, kinds)


def images_within_settings(plan: Plan, kinds: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """`images` where the settings are made for many of them."""
    canvas = Canvas(figure_of(plan), DPI)
    for kind in kinds:
        draw = canvas.png if kind == "png" else canvas.svg
        yield kind, draw(_METADATA[kind])


def figure_of(plan: Plan) -> Figure:
    figure, columns = _DRAWN[type(plan.of)](plan)
    font = FontProperties(size=9.5, weight="bold")
    title = _lines(plan.title, font, 0)
    figure.suptitle("\n".join(title), fontproperties=font)
    more = _TITLE * (len(title) - 1)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    if handles:
        font = FontProperties(size=mpl.rcParams["legend.fontsize"])
        beside = _HANDLE + mpl.rcParams["legend.handletextpad"] + 2 * mpl.rcParams["legend.borderpad"]
        entries = [_lines(label, font, beside * font.get_size_in_points() / _POINTS) for label in labels]
        texts = ["\n".join(entry) for entry in entries]
        figure.legend(
            handles, texts, loc="outside lower center", ncols=columns, frameon=False, handlelength=_HANDLE
        )
        more += _ENTRY * ceil(len(entries) / columns) + _LINE * sum(len(entry) - 1 for entry in entries)
    figure.set_figheight(figure.get_figheight() + more)
    return figure


def _lines(text: str, font: FontProperties, beside: float) -> list[str]:
    """The lines of a text as wide as the paper, but for inches that are taken beside it."""
    room = WIDTH - 2 * EDGE / _POINTS - beside
    return lines(text, room, lambda part: width(part, font, DPI))


Drawn = tuple[Figure, int]  # with the columns of the legend


def _paper(height: float) -> Figure:
    """Paper for a plot with a title of one line. height: inches without the legend."""
    return Figure(figsize=(WIDTH, height), layout=Margins())


def _strip(plan: Plan) -> Drawn:
    assert isinstance(plan.of, Strip)
    figure = _paper(1.0 + ROW * strip.height(plan.of))
    strip.draw(plan.of, plan.unit, figure.add_subplot())
    return figure, 5


def _timeline(plan: Plan) -> Drawn:
    assert isinstance(plan.of, Timeline)
    figure = _paper(0.8 + timeline.ROW * len(plan.of.bands))
    timeline.draw(plan.of, list(figure.subplots(len(plan.of.bands), squeeze=False)[:, 0]))
    return figure, 1


def _ladder(plan: Plan) -> Drawn:
    assert isinstance(plan.of, Ladder)
    figure = _paper(1.0 + SPOT * ladder.height(plan.of))
    ladder.draw(plan.of, plan.unit, figure.add_subplot())
    return figure, 1


def _panel(plan: Plan) -> Drawn:
    assert isinstance(plan.of, Panel)
    figure = _paper(HEIGHT)
    panel.draw(plan.of, plan.base, figure.add_subplot())
    return figure, 1


# A kind of plot is a file here, and a line.
_DRAWN: dict[type, Callable[[Plan], Drawn]] = {
    Strip: _strip,
    Timeline: _timeline,
    Ladder: _ladder,
    Panel: _panel,
}
