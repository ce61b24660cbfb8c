"""Outlines of circles and boxes on the sky, and their look on screen and on paper."""

from __future__ import annotations

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.request.sky_region import CIRCLE, SkyRegion
from oda_widgets.views.flat_sky import on_circle

REGION_COLOUR = "#7ee787"
REGION_HALO = "#1b1f24"  # behind the outline, which is then seen on bright maps


def outline(region: SkyRegion) -> tuple[Floats, Floats]:
    """Return right ascensions and declinations along an outline, degrees, shape (n,)."""
    if region.kind == CIRCLE:
        return on_circle(region.ra, region.dec, *region.size)
    return corners(region)


def corners(region: SkyRegion) -> tuple[Floats, Floats]:
    """Return the corners of a box, degrees, shape (5,): the first comes again at the end.

    The box lies in the tangent plane of its middle, as DS9 and `regions` draw it; its angle turns
    it anticlockwise on the sky with east to the left.
    """
    width, height = np.tan(np.radians(np.array(region.size) / 2))
    right, up = width * np.array([1, -1, -1, 1, 1]), height * np.array([1, 1, -1, -1, 1])
    turn = np.radians(region.angle)
    east, north = (
        np.cos(turn) * -right + np.sin(turn) * up,
        np.sin(turn) * right + np.cos(turn) * up,
    )
    middle = np.radians(region.dec)
    along = np.cos(middle) - north * np.sin(middle)
    ra = region.ra + np.degrees(np.arctan2(east, along))
    dec = np.arctan2(np.sin(middle) + north * np.cos(middle), np.hypot(east, along))
    return ra, np.degrees(dec)


def highest(y: Floats) -> int:
    """Return the index of the highest point of an outline."""
    return int(np.nanargmax(y)) if np.isfinite(y).any() else 0
