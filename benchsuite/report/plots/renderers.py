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
from matplotlib.font_manager import FontProperties
from PIL import Image
from PIL.PngImagePlugin import PngInfo

MOST = 20_000  # sizes of texts that are remembered
ROOM = 32 << 20  # bytes of pixels of texts
PNG_EFFORT = 1  # of the nine of zlib: the default, 6, takes twice as long for files a tenth smaller
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


_PIXELS, _DRAWN = _Memory(), _Pictures()


class _Agg(RendererAgg):
    """Pixels. A word of a level text is drawn once, at a whole pixel, and then only copied: the texts of
    hundreds of plots differ, their words are few."""

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> Size:
        if ismath or " " not in s.strip():
            return self._measured(s, prop, ismath)
        words = s.split(" ")
        sizes = [self._measured(word, prop, False) for word in words if word]
        below = max(descent for _, _, descent in sizes)
        above = max(height - descent for _, height, descent in sizes)
        before = sum(self._onward(word, prop) for word in words[:-1])
        return before + (self._measured(words[-1], prop, False)[0] if words[-1] else 0), above + below, below

    def _measured(self, s: str, prop: Any, ismath: Any) -> Size:
        key = s, hash(prop), ismath, self.dpi
        found = _PIXELS.get(key)
        return found or _PIXELS.keep(key, super().get_text_width_height_descent(s, prop, ismath))

    def _onward(self, word: str, prop: Any) -> int:
        """Pixels from the beginning of a word to that of the next."""
        return round(self._measured(f"{word} |", prop, False)[0] - self._measured("|", prop, False)[0])

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
        for word in s.split(" "):
            if word:
                key = word, hash(prop), self.dpi, gc.get_rgb(), gc.get_alpha()
                pixels, below = _DRAWN.get(key) or _DRAWN.keep(key, self._drawn(gc, word, prop))
                self.draw_image(gc, left - _EDGE, self.height - base - below, pixels)
            left += self._onward(word, prop)

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


def width(text: str, font: FontProperties, dpi: int) -> float:
    """Inches."""
    return _Agg(1, 1, dpi).get_text_width_height_descent(text, font, False)[0] / dpi if text else 0.0


class _Svg(RendererSVG):
    """Vectors. A text is as large as in pixels, so that lines break where they do there."""

    like: _Agg

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> Size:
        width, height, descent = self.like.get_text_width_height_descent(s, prop, ismath)
        smaller = _POINTS / self.like.dpi
        return width * smaller, height * smaller, descent * smaller


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
        file, told = io.BytesIO(), PngInfo()
        for name, text in metadata.items():
            told.add_text(name, text)
        pixels = np.asarray(self.buffer_rgba())[:, :, :3]  # the paper is white: nothing shines through
        picture = Image.fromarray(np.ascontiguousarray(pixels))
        picture.save(file, "png", dpi=(self._dpi, self._dpi), pnginfo=told, compress_level=PNG_EFFORT)
        return file.getvalue()

    def svg(self, metadata: dict[str, Any]) -> bytes:
        file = io.StringIO()
        figure = self.figure
        width, height = (each * _POINTS for each in figure.get_size_inches())
        figure.set_dpi(_POINTS)
        try:
            renderer = _Svg(width, height, file, image_dpi=self._dpi, metadata=metadata)
            renderer.like = self._own
            figure.draw(renderer)
            renderer.finalize()
        finally:
            figure.set_dpi(self._dpi)
        return file.getvalue().encode()
