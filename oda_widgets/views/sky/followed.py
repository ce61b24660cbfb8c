"""Recorded figures of the sky: grid and names follow the part on screen, without the image."""

from __future__ import annotations

from typing import Any, Self

from bokeh.models import ColumnDataSource, MultiLine, Plot, Scatter, Text

from oda_widgets.views.sky.frame import SkyFrame
from oda_widgets.views.sky.hover import hovered_wcs
from oda_widgets.views.sky.sources import MOST_APART, UNNAMED, placed_names, unnamed_words


class FollowedSky:
    """A recorded figure of the sky.

    Parameters
    ----------
    frame
        Frame of the figure.
    rings, names
        Rings and names of its sources.
    """

    def __init__(self, frame: SkyFrame, rings: ColumnDataSource, names: list[Any]) -> None:
        self._frame, self._rings, self._names = frame, rings, names

    @classmethod
    def of(cls, plot: Plot) -> Self | None:
        """Find the grid and the names of a figure; return None if it shows no sky."""
        wcs = hovered_wcs(plot)
        if wcs is None:
            return None
        [lines, *_] = _drawn_with(plot, MultiLine)
        rings = next(one for one in _drawn_with(plot, Scatter) if "dash" in one.data)
        names = [one for one in _drawn_with(plot, Text) if "dx" in one.data]
        return cls(SkyFrame(plot, wcs, lines, fills=True), rings, names)

    def arrange(self) -> None:
        """Draw the grid, and place the names, for the part of the sky on screen."""
        self._frame.draw_grid(sexagesimal=True)
        window, size = self._frame.window, self._frame.size
        placed = placed_names(self._rings.data, window, size, apart=MOST_APART)
        for names in self._names:
            names.data = placed
        for label in self._frame.plot.select({"name": UNNAMED}):
            label.text = unnamed_words(self._rings.data, placed, window)


def _drawn_with(plot: Plot, glyph: type) -> list[ColumnDataSource]:
    """Return the data sources of the glyphs of one type, in the order of drawing."""
    drawn = (one for one in plot.renderers if isinstance(getattr(one, "glyph", None), glyph))
    return list(dict.fromkeys(one.data_source for one in drawn))
