"""Matplotlib's renderers for PNG and SVG, which remember how large a text is: of hundreds of plots most have
the same texts, and measuring them anew would be a third of the time."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.image import imsave

MOST = 20_000  # sizes of texts that are remembered
ROOM = 32 << 20  # bytes of pixels of texts
PNG_EFFORT = 3  # of the nine of zlib: the default, 6, takes half as long again for files 7 % smaller
_POINTS = 72.0  # of an inch; SVG is in points

_EDGE = 4  # pixels around a text: a letter may reach beyond its size

Size = tuple[float, float, float]
Drawn = tuple[Any, int]


class _Memory:
    """The sizes of texts, by text, font and whatever else decides them."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Size] = {}

    def get(self, key: tuple[Any, ...]) -> Size | None:
        return self._known.get(key)

    def keep(self, key: tuple[Any, ...], size: Size) -> Size:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = size
        return size


class _Pictures:
    """The pixels of texts, as many as there is room for."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Drawn] = {}
        self._bytes = 0

    def get(self, key: tuple[Any, ...]) -> Drawn | None:
        return self._known.get(key)

    def keep(self, key: tuple[Any, ...], drawn: Drawn) -> Drawn:
        if self._bytes >= ROOM:
            self._known.clear()
            self._bytes = 0
        self._known[key] = drawn
        self._bytes += drawn[0].nbytes
        return drawn


_PIXELS, _VECTORS, _DRAWN = _Memory(), _Memory(), _Pictures()


class _Agg(RendererAgg):
    """Pixels. A level text is drawn once, at a whole pixel, and then only copied."""

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> Size:
        key = s, hash(prop), ismath, self.dpi
        found = _PIXELS.get(key)
        return found or _PIXELS.keep(key, super().get_text_width_height_descent(s, prop, ismath))

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        if angle or ismath:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        left, base = round(x), round(y)
        key = s, hash(prop), self.dpi, gc.get_rgb(), gc.get_alpha()
        pixels, below = _DRAWN.get(key) or _DRAWN.keep(key, self._drawn(gc, s, prop))
        self.draw_image(gc, left - _EDGE, self.height - base - below, pixels)

    def _drawn(self, gc: Any, s: str, prop: Any) -> Drawn:
        """A text on nothing, and how many pixels there are below its base line."""
        width, height, descent = (
            math.ceil(each) for each in self.get_text_width_height_descent(s, prop, False)
        )
        paper = RendererAgg(width + 2 * _EDGE, height + 2 * _EDGE, self.dpi)
        ink, below = paper.new_gc(), descent + _EDGE
        ink.set_foreground(gc.get_rgb(), isRGBA=True)
        ink.set_alpha(gc.get_alpha())
        paper.draw_text(ink, _EDGE, paper.height - below, s, prop, 0)
        return np.asarray(paper.buffer_rgba())[::-1].copy(), below


class _Svg(RendererSVG):
    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> Size:
        key = s, hash(prop), ismath
        found = _VECTORS.get(key)
        return found or _VECTORS.keep(key, super().get_text_width_height_descent(s, prop, ismath))


class Canvas(FigureCanvasAgg):
    """The paper of a figure: laid out once, whatever files are made of it."""

    def __init__(self, figure: Figure, dpi: int) -> None:
        super().__init__(figure)
        self._dpi = dpi
        figure.set_dpi(dpi)
        width, height = self.get_width_height(physical=True)
        self._own = _Agg(width, height, dpi)
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.execute(figure)
        figure.set_layout_engine("none")

    def get_renderer(self) -> RendererAgg:
        return self._own

    def png(self, metadata: dict[str, Any]) -> bytes:
        self.draw()
        file, effort = io.BytesIO(), {"compress_level": PNG_EFFORT}
        pixels = np.asarray(self.buffer_rgba())
        imsave(
            file, pixels, format="png", origin="upper", dpi=self._dpi, metadata=metadata, pil_kwargs=effort
        )
        return file.getvalue()

    def svg(self, metadata: dict[str, Any]) -> bytes:
        file = io.StringIO()
        figure = self.figure
        width, height = (each * _POINTS for each in figure.get_size_inches())
        figure.set_dpi(_POINTS)
        try:
            renderer = _Svg(width, height, file, image_dpi=self._dpi, metadata=metadata)
            figure.draw(renderer)
            renderer.finalize()
        finally:
            figure.set_dpi(self._dpi)
        return file.getvalue().encode()
