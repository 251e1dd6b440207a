"""Plots as PNG and SVG files, drawn by matplotlib."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchsuite.report.charts.ladders import Ladder
from benchsuite.report.charts.strips import Strip
from benchsuite.report.charts.timelines import Timeline
from benchsuite.report.plots import ladder, panel, strip, timeline
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
    if isinstance(plan.of, Strip):
        figure = Figure(figsize=(WIDTH, 1.2 + ROW * strip.height(plan.of)), layout="constrained")
        onto = figure.add_subplot()
        strip.draw(plan.of, plan.unit, onto)
        columns = 5
    elif isinstance(plan.of, Timeline):
        high = 0.8 + timeline.ROW * len(plan.of.bands)
        figure = Figure(figsize=(WIDTH, high), layout="constrained")
        places = list(figure.subplots(len(plan.of.bands), squeeze=False)[:, 0])
        onto, columns = places[0], 1
        timeline.draw(plan.of, places)
    elif isinstance(plan.of, Ladder):
        high = 1.0 + SPOT * ladder.height(plan.of) + _LEGEND * len(plan.of.contenders)
        figure = Figure(figsize=(WIDTH, high), layout="constrained")
        onto = figure.add_subplot()
        ladder.draw(plan.of, plan.unit, onto)
        columns = 1
    else:
        figure = Figure(figsize=(WIDTH, HEIGHT + _LEGEND * panel.legend(plan.of)), layout="constrained")
        onto = figure.add_subplot()
        panel.draw(plan.of, plan.base, onto)
        columns = 1
    figure.suptitle(plan.title, fontsize=9.5, fontweight="bold", wrap=True)
    if onto.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=columns, frameon=False, handlelength=3.5)
    return figure
