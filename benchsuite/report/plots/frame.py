"""What is around a plot: grid, ticks and their labels, the title, and the room that each of them takes.
Matplotlib's own ticks and solver measure each text a dozen times: half of the time of hundreds of plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import LayoutEngine
from matplotlib.lines import Line2D
from matplotlib.markers import TICKDOWN, TICKLEFT
from matplotlib.text import Text
from matplotlib.ticker import NullFormatter, NullLocator
from matplotlib.transforms import Bbox, ScaledTranslation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARK, PAD = 3.5, 3.5  # points: a tick's mark, and from there to its label
APART = 4.0  # points from the labels of the ticks to the name of their axis
EDGE = 3.0  # points around all there is
_POINTS = 72.0  # of an inch
_BELOW = 0.5  # what lies there is drawn first
_GAP = float("nan")  # where a line of many pieces is lifted

Along = Literal["x", "y"]


class TickLabel(Text):
    """The label of a tick: text that an axis has below or left of it."""

    along: Along = "x"


def ticks(
    onto: Axes, along: Along, wanted: Iterable[tuple[float, str]], grid: bool = True, marks: bool = True
) -> None:
    """Draw the ticks of an axis: at each of the places a line of the grid, a mark, and the label, if it has
    one."""
    flat, found = along == "x", list(wanted)
    places = [place for place, _ in found]
    axis = onto.xaxis if flat else onto.yaxis
    axis.set_major_locator(NullLocator())
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(NullFormatter())
    at = onto.get_xaxis_transform() if flat else onto.get_yaxis_transform()
    if grid:
        through = [each for place in places for each in (place, place, _GAP)]
        look = {"color": mpl.rcParams["grid.color"], "linewidth": mpl.rcParams["grid.linewidth"]}
        _line(onto, flat, through, [0.0, 1.0, _GAP] * len(places), transform=at, **look)
    if marks:
        mark = TICKDOWN if flat else TICKLEFT
        look = {"marker": mark, "markersize": MARK, "markeredgewidth": 0.8, "linestyle": "none"}
        _line(onto, flat, places, [0.0] * len(places), transform=at, color="black", clip_on=False, **look)
    away = -(PAD + MARK * marks) / _POINTS
    moved = at + (_moved(onto, 0, away) if flat else _moved(onto, away, 0))
    font = FontProperties(size=mpl.rcParams["font.size"])
    how: dict[str, Any] = {"ha": "center", "va": "top"} if flat else {"ha": "right", "va": "center_baseline"}
    for place, text in found:
        if not text:
            continue
        x, y = (place, 0.0) if flat else (0.0, place)
        label = TickLabel(x, y, text, transform=moved, fontproperties=font, clip_on=False, **how)
        label.along = along
        onto.add_artist(label)


def _moved(onto: Axes, right: float, up: float) -> ScaledTranslation:
    """A move by inches."""
    return ScaledTranslation(right, up, onto.figure.dpi_scale_trans)


def _line(onto: Axes, flat: bool, along: Sequence[float], across: Sequence[float], **look: Any) -> None:
    xs, ys = (along, across) if flat else (across, along)
    onto.add_artist(Line2D(xs, ys, label="_ticks", zorder=_BELOW, **look))


class Margins(LayoutEngine):
    """The layout of a figure: title, plots of one height under each other, legend, from the top, each of the
    others as high as its texts."""

    _adjust_compatible = False
    _colorbar_gridspec = False

    def execute(self, fig: Figure) -> None:
        renderer, dot = fig.canvas.get_renderer(), fig.dpi / _POINTS  # type: ignore[attr-defined]
        edge, (wide, high), count = EDGE * dot, fig.bbox.size, len(fig.axes)
        top = high - 3 * edge - _title(fig, renderer)
        bottom = sum(2 * edge + legend.get_window_extent(renderer).height for legend in fig.legends) + edge
        first = max(_axis_names(onto, renderer, dot) for onto in fig.axes) / wide
        for number, onto in enumerate(fig.axes):  # near enough to measure
            onto.set_position((first, 0.8 - 0.6 * (number + 1) / count, 1 - first - edge / wide, 0.6 / count))
        around = [_around(onto, renderer) for onto in fig.axes]
        left, right = edge + max(each.x0 for each in around), wide - edge - max(each.x1 for each in around)
        room = (top - bottom - sum(each.y0 + each.y1 for each in around) - edge * (count - 1)) / count
        if left >= right or room <= 0:
            return
        for onto, each in zip(fig.axes, around, strict=True):
            top -= each.y1 + room
            onto.set_position((left / wide, top / high, (right - left) / wide, room / high))
            top -= each.y0 + edge


def _around(onto: Axes, renderer: Any) -> Bbox:
    """Pixels that are taken on each side of a plot by what belongs to it."""
    box, all_of_it = onto.bbox, onto.get_tightbbox(renderer, for_layout_only=True)
    assert all_of_it is not None
    return Bbox(
        [[box.x0 - all_of_it.x0, box.y0 - all_of_it.y0], [all_of_it.x1 - box.x1, all_of_it.y1 - box.y1]]
    )


def _title(fig: Figure, renderer: Any) -> float:
    """Put the title on top, and tell how high it is."""
    title = fig._suptitle  # type: ignore[attr-defined]
    if title is None:
        return 0
    title.set_position((0.5, 1 - EDGE * fig.dpi / _POINTS / fig.bbox.height))
    return float(title.get_window_extent(renderer).height)


def _axis_names(onto: Axes, renderer: Any, dot: float) -> float:
    """Put the name of each axis beyond the labels of its ticks, and tell how wide all that is."""
    away = {"x": 0.0, "y": 0.0}
    for label in onto.texts:
        if isinstance(label, TickLabel):
            for line in label.get_text().split("\n"):
                size = renderer.get_text_width_height_descent(line, label.get_fontproperties(), False)
                away[label.along] = max(away[label.along], size[label.along == "x"])
    x_away, y_away = (away[along] / dot + MARK + PAD + APART for along in ("x", "y"))
    onto.xaxis.set_label_coords(0.5, 0, onto.transAxes + _moved(onto, 0, -x_away / _POINTS))
    onto.yaxis.set_label_coords(0, 0.5, onto.transAxes + _moved(onto, -y_away / _POINTS, 0))
    return (y_away + EDGE) * dot
