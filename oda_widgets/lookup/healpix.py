"""HEALPix: the whole sky in pixels of equal area, numbered in rings from the north.

The formulas are those of Gorski et al. 2005 (ApJ 622, 759), section 5.2, for the RING scheme.
Longitudes and latitudes are Galactic, as the keyword COORDSYS = 'G' of files says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import whole_number

Pixels = NDArray[np.int64]

_FINEST = 8192

GALACTIC_AXES = np.array(
    [
        [-0.0548755604162154, -0.8734370902348850, -0.4838350155487132],
        [0.4941094278755837, -0.4448296299600112, 0.7469822444972189],
        [-0.8676661490190047, -0.1980763734312015, 0.4559837761750669],
    ]
)
"""Galactic X, Y and Z axes in equatorial coordinates (Hipparcos Catalogue, volume 1, 1.5.11)."""


@suggesting_class
@dataclass(frozen=True)
class HealpixGrid:
    """The pixels of the whole sky.

    Parameters
    ----------
    nside
        Pixels along the side of each of the twelve base pixels, a power of 2.

    Raises
    ------
    BadParameter
        If it is not a power of 2 from 1 to 8192.

    Examples
    --------
    >>> grid = HealpixGrid(512)
    >>> grid.size, round(60 * grid.pixel_size, 1)
    (3145728, 6.9)
    """

    nside: int

    def __post_init__(self) -> None:

        number = whole_number("nside", self.nside, least=1, most=_FINEST)
        if number & (number - 1):
            raise BadParameter("nside", number, "no power of 2", "Choose for example 512.")

    @property
    def size(self) -> int:
        """Number of pixels."""
        return 12 * self.nside**2

    @property
    def pixel_size(self) -> float:
        """Side of a square with the area of a pixel, degrees."""
        return float(np.degrees(np.sqrt(4 * np.pi / self.size)))

    def directions(self, pixels: ArrayLike) -> Floats:
        """Return the Galactic unit vectors of the centres of pixels, shape (n, 3)."""
        pixels = np.asarray(pixels, np.int64)
        ring = np.searchsorted(self._first_pixels, pixels, side="right") - 1
        angle = (pixels - self._first_pixels[ring] + self._shift[ring]) * self._step[ring]
        across = self._axis_distances[ring]
        return np.stack(
            [across * np.cos(angle), across * np.sin(angle), self._heights[ring]], axis=-1
        )

    def pixels(self, longitude: ArrayLike, latitude: ArrayLike) -> Pixels:
        """Return the pixels that contain Galactic directions, given in degrees."""
        quarters = np.asarray(longitude, float) / 90 % 4
        z = np.sin(np.radians(np.asarray(latitude, float)))
        return np.where(np.abs(z) <= 2 / 3, self._in_belt(z, quarters), self._in_cap(z, quarters))

    def within(self, direction: Floats, radius: float) -> Pixels:
        """Return the pixels whose centres lie within `radius` degrees of a Galactic unit vector."""
        x, y, z = direction
        here, across = np.arctan2(y, x), np.hypot(x, y)
        with np.errstate(divide="ignore", invalid="ignore"):
            part = (np.cos(np.radians(radius)) - z * self._heights) / (
                across * self._axis_distances
            )
        if across == 0:
            part = np.where(z * self._heights >= np.cos(np.radians(radius)), -1.0, 2.0)
        rings = np.flatnonzero(part <= 1)
        half = np.arccos(np.clip(part[rings], -1, 1))
        step, shift, count = self._step[rings], self._shift[rings], self._count[rings]
        low = np.ceil((here - half) / step - shift).astype(np.int64)
        high = np.floor((here + half) / step - shift).astype(np.int64)
        number = np.clip(high - low + 1, 0, count)
        places = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
        around = (np.repeat(low, number) + places) % np.repeat(count, number)
        return np.sort(np.repeat(self._first_pixels[rings], number) + around)

    def _in_belt(self, z: Floats, quarters: Floats) -> Pixels:
        """Return the pixels at heights z = sin(latitude) and longitudes in units of 90 degrees."""
        n = self.nside
        up, down = n * (0.5 + quarters), n * z * 0.75
        rising = np.floor(up - down).astype(np.int64)
        falling = np.floor(up + down).astype(np.int64)
        ring = n + 1 + rising - falling
        place = (rising + falling - n + 2 - (ring & 1)) // 2 % (4 * n)
        pixel: Pixels = 2 * n * (n - 1) + (ring - 1) * 4 * n + place
        return pixel

    def _in_cap(self, z: Floats, quarters: Floats) -> Pixels:
        """Return the pixels near the poles; see `_in_belt`."""
        inside, width = quarters % 1, self.nside * np.sqrt(3 * (1 - np.abs(z)))
        rising = np.floor(inside * width).astype(np.int64)
        falling = np.floor((1 - inside) * width).astype(np.int64)
        ring = rising + falling + 1
        place = np.floor(quarters * ring).astype(np.int64) % (4 * ring)
        north, south = 2 * ring * (ring - 1), self.size - 2 * ring * (ring + 1)
        pixel: Pixels = np.where(z > 0, north, south) + place
        return pixel

    @cached_property
    def _number(self) -> Pixels:
        """Numbers of the rings, counted from the north pole."""
        return np.arange(1, 4 * self.nside)

    @cached_property
    def _from_pole(self) -> Pixels:
        """Numbers of the rings counted from the nearer pole, at most nside."""
        return np.minimum(np.minimum(self._number, 4 * self.nside - self._number), self.nside)

    @cached_property
    def _count(self) -> Pixels:
        """Numbers of pixels in each ring."""
        return 4 * self._from_pole

    @cached_property
    def _first_pixels(self) -> Pixels:
        """First pixel of each ring."""
        return np.concatenate([[0], np.cumsum(self._count)[:-1]])

    @cached_property
    def _step(self) -> Floats:
        """Distance of neighbouring pixels in longitude in each ring, radians."""
        return 2 * np.pi / self._count

    @cached_property
    def _shift(self) -> Floats:
        """Longitude of the first pixel of each ring, in steps."""
        in_belt = (self._number >= self.nside) & (self._number <= 3 * self.nside)
        return np.where(in_belt & ((self._number + self.nside) % 2 == 1), 0.0, 0.5)

    @cached_property
    def _polar(self) -> Floats:
        """1 - abs(z) of rings in the caps."""
        return self._from_pole**2 / (3 * self.nside**2)

    @cached_property
    def _heights(self) -> Floats:
        """Height of each ring, the sine of its latitude."""
        n = self.nside
        cap = np.where(self._number < 2 * n, 1 - self._polar, self._polar - 1)
        return np.where(self._from_pole < n, cap, (2 * n - self._number) * 2 / (3 * n))

    @cached_property
    def _axis_distances(self) -> Floats:
        """Distance of each ring from the axis, without loss of precision at the poles."""
        cap = np.sqrt(self._polar * (2 - self._polar))
        belt = np.sqrt(1 - np.minimum(np.abs(self._heights), 1.0) ** 2)
        return np.where(self._from_pole < self.nside, cap, belt)


@lru_cache(maxsize=4)
def healpix_grid(nside: int) -> HealpixGrid:
    """Return the grid with this resolution; its rings are computed once."""
    return HealpixGrid(nside)


def galactic(ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
    """Return Galactic longitude and latitude of equatorial positions (J2000), all in degrees.

    Examples
    --------
    >>> [round(float(x), 2) for x in galactic(83.633, 22.014)]  # the Crab
    [184.56, -5.78]
    """
    alpha, delta = np.radians(ra), np.radians(dec)
    flat = np.cos(delta)
    equatorial = np.stack([flat * np.cos(alpha), flat * np.sin(alpha), np.sin(delta)], axis=-1)
    return angles(equatorial @ GALACTIC_AXES.T)


def equatorial(direction: Floats) -> tuple[Floats, Floats]:
    """Return right ascension and declination in degrees of Galactic unit vectors, (..., 3)."""
    return angles(direction @ GALACTIC_AXES)


def angles(direction: Floats) -> tuple[Floats, Floats]:
    """Return longitude, 0 to 360, and latitude in degrees of unit vectors, shape (..., 3)."""
    x, y, z = np.moveaxis(direction, -1, 0)
    return np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))
