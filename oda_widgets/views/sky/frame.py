"""The frame of a sky image: the part of the sky in it, and the coordinate grid over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, NoOverlap, Plot

from oda_widgets.views.sky.graticule import Graticule, graticule, thinned
from oda_widgets.views.sky.window import Frame, Window
from oda_widgets.views.theme import EQUAL_SCALE, FILLS_COLUMN, MIDDLE_GREY

if TYPE_CHECKING:
    from astropy.wcs import WCS

_LETTER = 6.7  # width of one in labels of axes, screen pixels
_LEFT = 74  # screen pixels for the labels of declinations: the frame stays where it is
_GROUND = f"{MIDDLE_GREY}17"  # where the image has no value, quiet on light and on dark


class SkyFrame:
    """The frame of a sky image, which may be wider or higher than the image.

    The browser keeps both directions on one scale, whatever the shape of the frame.

    Parameters
    ----------
    plot
        The figure, whose axes hold the whole image.
    wcs
        Coordinates of its pixels.
    lines
        Of the coordinate grid.
    fills
        Whether the browser gives it the size of its column.
    """

    def __init__(self, plot: Plot, wcs: WCS, lines: ColumnDataSource, *, fills: bool) -> None:
        self.plot, self._wcs, self._lines = plot, wcs, lines
        self.whole = Window.of(plot)
        plot.tags = [EQUAL_SCALE, FILLS_COLUMN] if fills else [EQUAL_SCALE]
        for axis in (plot.x_range, plot.y_range):
            axis.update(reset_start=axis.start, reset_end=axis.end)
        plot.min_border_left = _LEFT
        plot.background_fill_color = _GROUND

    @property
    def size(self) -> Frame:
        """Width and height, screen pixels."""
        return self.plot.frame_width, self.plot.frame_height

    @property
    def window(self) -> Window:
        """The part of the sky on screen."""
        return Window.of(self.plot).fitted(self.size)

    @property
    def shows_whole(self) -> bool:
        """Whether the whole image is on screen, and no more around it than the frame needs."""
        return self.window.near(self.whole.fitted(self.size))

    def show(self, window: Window) -> None:
        """Show a part of the sky, widened to the shape of the frame."""
        self.plot.x_range.update(start=window.left, end=window.right)
        self.plot.y_range.update(start=window.bottom, end=window.top)

    def draw_grid(self, *, sexagesimal: bool) -> None:
        """Draw the coordinate grid for the part of the sky on screen.

        Parameters
        ----------
        sexagesimal
            Label it in hours, minutes and degrees, minutes; otherwise in decimal degrees.
        """
        found = graticule(self._wcs, self.window, self.size, sexagesimal=sexagesimal)
        self._lines.data = {
            axis: [curve[place].astype(np.float32) for curve in found.curves]
            for place, axis in enumerate("xy")
        }
        self._label(found)

    def _label(self, found: Graticule) -> None:
        window, (width, height) = self.window, self.size
        bottom = thinned(found.bottom, width / (window.right - window.left), _LETTER)
        left = thinned(found.left, height / (window.top - window.bottom), 0.0)
        for axis, labels in ((self.plot.xaxis[0], bottom), (self.plot.yaxis[0], left)):
            axis.update(ticker=FixedTicker(ticks=list(labels)), major_label_overrides=labels)
            axis.major_label_policy = NoOverlap()  # a page may be narrow
