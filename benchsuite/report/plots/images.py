"""Plots as PNG and SVG files, drawn by matplotlib."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchsuite.report.charts.ladders import Ladder
from benchsuite.report.charts.panels import Panel
from benchsuite.report.charts.strips import Strip
from benchsuite.report.charts.timelines import Timeline
from benchsuite.report.plots import ladder, panel, strip, timeline
from benchsuite.report.plots.frame import Margins
from benchsuite.report.plots.plan import Plan
from benchsuite.report.plots.renderers import Canvas
from benchsuite.report.plots.style import DPI, HEIGHT, SETTINGS, WIDTH

ROW = 0.24  # inches that a line of a case needs
SPOT = 0.15  # and a contender in a row of a ladder
_LEGEND = 0.17  # and a line of the legend
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
    figure, onto, columns = _DRAWN[type(plan.of)](plan)
    figure.suptitle(plan.title, fontsize=9.5, fontweight="bold", wrap=True)
    if onto.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=columns, frameon=False, handlelength=3.5)
    return figure


Drawn = tuple[Figure, Axes, int]  # with what the legend is of, and the legend's columns


def _paper(height: float) -> Figure:
    return Figure(figsize=(WIDTH, height), layout=Margins())


def _strip(plan: Plan) -> Drawn:
    assert isinstance(plan.of, Strip)
    figure = _paper(1.2 + ROW * strip.height(plan.of))
    onto = figure.add_subplot()
    strip.draw(plan.of, plan.unit, onto)
    return figure, onto, 5


def _timeline(plan: Plan) -> Drawn:
    assert isinstance(plan.of, Timeline)
    figure = _paper(0.8 + timeline.ROW * len(plan.of.bands))
    figure.set_layout_engine("constrained")  # as many axes as bands
    places = list(figure.subplots(len(plan.of.bands), squeeze=False)[:, 0])
    timeline.draw(plan.of, places)
    return figure, places[0], 1


def _ladder(plan: Plan) -> Drawn:
    assert isinstance(plan.of, Ladder)
    figure = _paper(1.0 + SPOT * ladder.height(plan.of) + _LEGEND * len(plan.of.contenders))
    onto = figure.add_subplot()
    ladder.draw(plan.of, plan.unit, onto)
    return figure, onto, 1


def _panel(plan: Plan) -> Drawn:
    assert isinstance(plan.of, Panel)
    figure = _paper(HEIGHT + _LEGEND * panel.legend(plan.of))
    onto = figure.add_subplot()
    panel.draw(plan.of, plan.base, onto)
    return figure, onto, 1


# A kind of plot is a file here, and a line.
_DRAWN: dict[type, Callable[[Plan], Drawn]] = {
    Strip: _strip,
    Timeline: _timeline,
    Ladder: _ladder,
    Panel: _panel,
}
