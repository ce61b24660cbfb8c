"""The whole sky in Mollweide's projection: Galactic coordinates, seen from inside.

The ellipse reaches from x = -2 to 2 and from y = -1 to 1; longitudes grow to the left.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from oda_widgets.arrays import Floats, Singles
from oda_widgets.lookup.healpix import HealpixGrid, Pixels, angles, healpix_grid

MERIDIANS = (-120, -60, 0, 60, 120)
PARALLELS = (-60, -30, 0, 30, 60)
_STEPS = 20  # of Newton's method, which is slow at the poles
_BY_PEAKS = 5.0  # sigma; peaks from here on are drawn even between points of the picture


def mollweide(longitude: Any, latitude: Any) -> tuple[Floats, Floats]:
    """Return the place of Galactic directions in degrees: x from 2 to -2, y from -1 to 1."""
    across = (np.asarray(longitude, float) + 180) % 360 - 180
    phi = np.radians(np.asarray(latitude, float))
    theta = phi.copy()
    for _ in range(_STEPS):
        slope = np.maximum(2 + 2 * np.cos(2 * theta), 1e-9)
        theta = theta - (2 * theta + np.sin(2 * theta) - np.pi * np.sin(phi)) / slope
        theta = np.clip(theta, -np.pi / 2, np.pi / 2)
    return -across / 90 * np.cos(theta), np.sin(theta)


def projected(grid: HealpixGrid, values: Singles, rows: int) -> Singles:
    """Return the values of a map at the points of a picture; NaN outside of the ellipse.

    Parameters
    ----------
    grid
        The pixels of the map.
    values
        The map.
    rows
        Height of the picture in points, which is twice as wide; its first row is the southernmost.
    """
    inside, pixels = _pixels_of_picture(grid.nside, rows)
    picture = np.full(inside.shape, np.nan, np.float32)
    picture[inside] = values[pixels]
    return picture


def with_peaks(grid: HealpixGrid, significance: Singles, picture: Singles) -> Singles:
    """Return a picture of significance with the peaks that lie between its points.

    Parameters
    ----------
    grid, significance
        The map.
    picture
        Picture of the map, as `projected` returns it.
    """
    with np.errstate(invalid="ignore"):
        high = np.flatnonzero(significance > _BY_PEAKS)
    x, y = mollweide(*angles(grid.directions(high)))
    rows, columns = picture.shape
    row = np.clip(((y + 1) / 2 * rows).astype(int), 0, rows - 1)
    column = np.clip(((x + 2) / 4 * columns).astype(int), 0, columns - 1)
    whole = picture.copy()
    np.fmax.at(whole, (row, column), significance[high])
    return whole


def meridian(longitude: float) -> tuple[Floats, Floats]:
    """Return the curve of a Galactic longitude in degrees, from south to north."""
    along = np.linspace(-90, 90, 181)
    return mollweide(np.full_like(along, longitude), along)


def parallel(latitude: float) -> tuple[Floats, Floats]:
    """Return the curve of a Galactic latitude in degrees, from right to left."""
    around = np.linspace(-179.999, 179.999, 361)
    return mollweide(around, np.full_like(around, latitude))


@lru_cache(maxsize=4)
def _pixels_of_picture(nside: int, rows: int) -> tuple[Any, Pixels]:
    """Return a mask of the points of a picture inside the ellipse, and the pixel of each."""
    y = (np.arange(rows) + 0.5) / rows * 2 - 1
    x = ((np.arange(2 * rows) + 0.5) / rows - 1) * 2
    theta = np.arcsin(y)[:, None]
    latitude = np.degrees(np.arcsin((2 * theta + np.sin(2 * theta)) / np.pi))
    longitude = -90 * x[None, :] / np.cos(theta)
    inside = np.abs(longitude) <= 180
    longitude, latitude = np.broadcast_arrays(longitude, latitude)
    return inside, healpix_grid(nside).pixels(longitude[inside], latitude[inside])
