"""Circles and boxes on a sky image, and drawing them by two clicks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource

from oda_widgets.arrays import Floats
from oda_widgets.lookup.sphere import separation
from oda_widgets.request.sky_region import BOX, CIRCLE, SkyRegion
from oda_widgets.views.flat_sky import components
from oda_widgets.views.sky.region_outline import REGION_COLOUR, REGION_HALO, highest, outline
from oda_widgets.views.sky.sources import placed_names
from oda_widgets.views.sky.window import Frame, Window
from oda_widgets.views.theme import FONT

_HINTS = {
    (CIRCLE, 0): "Click the middle of the circle.",
    (CIRCLE, 1): "Click a place on the circle.",
    (BOX, 0): "Click a corner of the box.",
    (BOX, 1): "Click the opposite corner.",
}


class RegionLayer:
    """Outlines and names of regions.

    Parameters
    ----------
    plot
        The figure, in pixels of the image.
    wcs
        Coordinates of these pixels, north up.
    """

    def __init__(self, plot: Any, wcs: Any) -> None:
        self._wcs = wcs
        self._first: tuple[float, float] | None = None
        self.outlines = ColumnDataSource(data={"x": [], "y": [], "dash": []})
        self.labels = ColumnDataSource(data=_no_tops() | {"dx": [], "dy": []})
        self._tops = _no_tops()
        self._mark = ColumnDataSource(data={"x": [], "y": []})
        for colour, width in ((REGION_HALO, 4.0), (REGION_COLOUR, 1.8)):
            plot.multi_line(
                "x", "y", source=self.outlines, line_color=colour, line_width=width,
                line_dash={"field": "dash"},
            )  # fmt: skip
        halo = {"text_outline_color": REGION_HALO, "text_outline_width": 3}
        for look in (halo | {"text_color": REGION_HALO}, {"text_color": REGION_COLOUR}):
            plot.text(
                "x", "y", "name", source=self.labels, x_offset="dx", y_offset="dy",
                text_baseline="middle", text_font={"value": FONT}, **look,
                text_font_size="12.5px", text_font_style="bold",
            )  # fmt: skip
        plot.scatter("x", "y", source=self._mark, marker="cross", size=12, color=REGION_COLOUR)

    def show(self, regions: Iterable[SkyRegion], window: Window, frame: Frame) -> None:
        """Draw regions; those that are excluded have dashed outlines.

        Parameters
        ----------
        regions
            Regions to draw.
        window, frame
            See `place`.
        """
        drawn = [(region, *self._outline(region)) for region in regions]
        self.outlines.data = {
            "x": [x for _, x, _ in drawn],
            "y": [y for _, _, y in drawn],
            "dash": ["dashed" if region.excluded else "solid" for region, *_ in drawn],
        }
        tops = [(region, x, y, highest(y)) for region, x, y in drawn]
        self._tops = {
            "x": [float(x[top]) for _, x, _, top in tops],
            "y": [float(y[top]) for _, _, y, top in tops],
            "name": [region.name for region, *_ in tops],
            "color": [REGION_COLOUR] * len(tops),
            "significance": [-float(number) for number, _ in enumerate(tops)],
        }
        self.place(window, frame)

    def place(self, window: Window, frame: Frame) -> None:
        """Place the names at the tops of the regions where there is room, the first ones first.

        Parameters
        ----------
        window
            The part of the image on screen.
        frame
            Width and height in which it is shown, screen pixels.
        """
        # Outlines are larger than names: which is whose shows without their distances.
        self.labels.data = placed_names(self._tops, window, frame, nearest=False)

    def hint(self, kind: str) -> str:
        """Return what to click next for a circle or a box."""
        return _HINTS[kind, 0 if self._first is None else 1]

    def click(self, kind: str, x: float, y: float) -> tuple[float, float, tuple[float, ...]] | None:
        """Use a pixel as the first or the second place of a region.

        Returns
        -------
        tuple or None
            Right ascension and declination of the middle and the lengths, degrees; None after the
            first place.
        """
        if self._first is None:
            self._first = x, y
            self._mark.data = {"x": [x], "y": [y]}
            return None
        first, second = self._first, (x, y)
        self.forget()
        if kind == CIRCLE:
            middle = self._sky(*first)
            return *middle, (separation(*middle, *self._sky(*second)),)
        middle = self._sky((first[0] + x) / 2, (first[1] + y) / 2)
        east, north = tangent(*self._sky(*second), *middle)
        return *middle, (2 * abs(float(east)), 2 * abs(float(north)))

    def forget(self) -> None:
        """Forget the first place."""
        self._first = None
        self._mark.data = {"x": [], "y": []}

    def _sky(self, x: float, y: float) -> tuple[float, float]:
        ra, dec = self._wcs.wcs_pix2world(x, y, 0)
        return float(ra) % 360, float(dec)

    def _outline(self, region: SkyRegion) -> tuple[Floats, Floats]:
        """Return the pixels of an outline."""
        ra, dec = outline(region)
        x, y = self._wcs.wcs_world2pix(ra, dec, 0)
        return np.asarray(x), np.asarray(y)


def _no_tops() -> dict[str, list[Any]]:
    return {name: [] for name in ("x", "y", "name", "color", "significance")}


def tangent(ra: float, dec: float, ra0: float, dec0: float) -> tuple[float, float]:
    """Return a position as angles along east and north of the tangent plane of another, degrees."""
    east, north, along = components(ra, dec, ra0, dec0)
    return float(np.degrees(np.arctan2(east, along))), float(np.degrees(np.arctan2(north, along)))
