"""A ruler on a sky image: the distance and the direction from one clicked place to another."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource

from oda_widgets.lookup.sphere import separation
from oda_widgets.views.sky.angles import dec_text, ra_text
from oda_widgets.views.theme import CHOSEN

Place = tuple[float, float]

_FIRST = "Click the place to measure from."
_SECOND = "Click the place to measure to."
_IN_ARCMIN = 1.0  # degrees, below which a distance is also given in arcminutes


class Ruler:
    """Two places on the sky and the line between them.

    Parameters
    ----------
    plot
        The figure, in pixels of the image.
    wcs
        Coordinates of these pixels.
    """

    def __init__(self, plot: Any, wcs: Any) -> None:
        self._wcs = wcs
        self._places: list[Place] = []
        self._drawn = ColumnDataSource(data={"x": [], "y": []})
        plot.line("x", "y", source=self._drawn, line_color=CHOSEN, line_width=2)
        plot.scatter("x", "y", source=self._drawn, marker="cross", size=12, color=CHOSEN)

    @property
    def words(self) -> str:
        """The distance and the position angle, or what to click next."""
        if len(self._places) < 2:
            return _SECOND if self._places else _FIRST
        return measured_words(*self._places)

    def click(self, x: float, y: float) -> None:
        """Use a pixel as the second place, or as the first of another line."""
        if len(self._places) == 2:
            self.clear()
        ra, dec = self._wcs.wcs_pix2world(x, y, 0)
        self._places.append((float(ra) % 360, float(dec)))
        drawn = self._drawn.data
        self._drawn.data = {"x": [*drawn["x"], x], "y": [*drawn["y"], y]}

    def clear(self) -> None:
        """Forget both places."""
        self._places = []
        self._drawn.data = {"x": [], "y": []}


def measured_words(start: Place, stop: Place) -> str:
    """Return the distance between two places, and the position angle of the second.

    Parameters
    ----------
    start, stop
        Right ascension and declination, degrees.

    Examples
    --------
    >>> measured_words((83.0, 22.0), (83.0, 22.5))
    '<b>0.500° (30.0′)</b> from 05h 32m 00.0s +22° 00′ 00″, position angle 0.0°, north through east'
    """
    distance = separation(*start, *stop)
    length = f"{distance:.3f}°"
    if distance < _IN_ARCMIN:
        length += f" ({60 * distance:.1f}\N{PRIME})"
    where = f"{ra_text(start[0])} {dec_text(start[1])}"
    angle = _position_angle(start, stop)
    return f"<b>{length}</b> from {where}, position angle {angle:.1f}°, north through east"


def _position_angle(start: Place, stop: Place) -> float:
    """Return the direction from one place to another, degrees from north through east."""
    from astropy.coordinates import position_angle  # noqa: PLC0415 - heavy; few measure

    return float(position_angle(*np.radians([*start, *stop])).deg) % 360
