"""Pointings: project between the sky and the tangent plane of the instrument.

A direction s is given by the tangents (s.Y/s.X, s.Z/s.X) in the frame of the spacecraft, in which X
is the line of sight and Y = Z x X. In these coordinates, those of a gnomonic (TAN) image of the
sky, the mask casts its shadow without distortion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.arrays import Floats

if TYPE_CHECKING:
    from astropy.wcs import WCS


@dataclass(frozen=True)
class Pointing:
    """Attitude of the spacecraft.

    Parameters
    ----------
    ra, dec
        Direction of the X axis, degrees.
    ra_z, dec_z
        Direction of the Z axis, degrees.
    """

    ra: float
    dec: float
    ra_z: float
    dec_z: float

    def axes(self) -> Floats:
        """Return the unit vectors X, Y, Z in equatorial coordinates, shape (3, 3)."""
        return self._axes

    @cached_property
    def _axes(self) -> Floats:
        x = unit_vector(self.ra, self.dec)
        z = unit_vector(self.ra_z, self.dec_z)
        # The axes in real files are orthogonal to some 1e-6; the line of sight is kept.
        z = z - (z @ x) * x
        z /= np.sqrt(z @ z)
        (x0, x1, x2), (z0, z1, z2) = x.tolist(), z.tolist()
        # The cross product of z and x; numpy's takes as long as the rest of a stored result.
        return np.array([x, [z1 * x2 - z2 * x1, z2 * x0 - z0 * x2, z0 * x1 - z1 * x0], z])

    def tangents(self, ra: object, dec: object) -> tuple[Floats, Floats]:
        """Return the tangents (Y/X, Z/X) of directions; NaN for those behind the telescope.

        Parameters
        ----------
        ra, dec
            Degrees, any shape.
        """
        along = unit_vector(ra, dec) @ self.axes().T
        return _over_x(along[..., 0], along[..., 1], along[..., 2])

    def tangents_from(
        self, other: Pointing, tangent_y: Floats, tangent_z: Floats
    ) -> tuple[Floats, Floats]:
        """Return the tangents in this pointing of directions given by tangents in another.

        Both are broadcast; NaN for directions behind the telescope.
        """
        x, y, z = (
            turned[0] + turned[1] * tangent_y + turned[2] * tangent_z
            for turned in self.axes() @ other.axes().T
        )
        return _over_x(x, y, z)

    def sky(self, tangent_y: object, tangent_z: object) -> tuple[Floats, Floats]:
        """Return right ascension and declination in degrees of tangents of any shape."""
        y, z = np.broadcast_arrays(np.asarray(tangent_y, float), np.asarray(tangent_z, float))
        direction = np.stack([np.ones_like(y), y, z], axis=-1) @ self.axes()
        ra = np.degrees(np.arctan2(direction[..., 1], direction[..., 0])) % 360
        dec = np.degrees(
            np.arctan2(direction[..., 2], np.hypot(direction[..., 0], direction[..., 1]))
        )
        return ra, dec

    def wcs(self, step: float, reference_pixel: tuple[float, float]) -> WCS:
        """Return the celestial coordinates of an image on a grid of tangents.

        Parameters
        ----------
        step
            Distance of grid points in units of the tangent; axis 1 runs along -Y and axis 2
            along Z.
        reference_pixel
            FITS pixel (counted from 1) of the line of sight, along axis 1 and axis 2.
        """
        from astropy.wcs import WCS  # noqa: PLC0415 - heavy import

        x, y, z = self.axes()
        alpha = np.radians(self.ra)
        east = np.array([-np.sin(alpha), np.cos(alpha), 0.0])
        north = np.cross(x, east)
        degrees = np.degrees(step)
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
        wcs.wcs.cunit = ["deg", "deg"]
        wcs.wcs.crval = [self.ra, self.dec]
        wcs.wcs.crpix = list(reference_pixel)
        wcs.wcs.cdelt = [-degrees, degrees]
        wcs.wcs.pc = np.array([[y @ east, -z @ east], [-y @ north, z @ north]])
        wcs.wcs.radesys = "FK5"
        wcs.wcs.equinox = 2000.0
        wcs.wcs.set()
        return wcs


def _over_x(x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Return Y/X and Z/X; NaN behind the telescope."""
    ahead = np.where(x > 0, x, np.nan)
    return y / ahead, z / ahead


def unit_vector(ra: object, dec: object) -> Floats:
    """Return unit vectors of directions given in degrees, shape (..., 3)."""
    alpha, delta = np.radians(np.asarray(ra, float)), np.radians(np.asarray(dec, float))
    return np.stack(
        [np.cos(delta) * np.cos(alpha), np.cos(delta) * np.sin(alpha), np.sin(delta)], axis=-1
    )
