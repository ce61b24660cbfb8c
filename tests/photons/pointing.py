"""Pointing of the spacecraft: its axes on the sky, and directions relative to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .arrays import Floats

SECONDS_PER_DAY = 86400.0


@dataclass(frozen=True)
class Pointing:
    """A stable attitude held from a start time.

    Attributes
    ----------
    swid
        Science window identifier, 12 digits ``RRRRPPPPSSSF``.
    start
        Start, IJD (TT days since MJD 51544).
    ra_x, dec_x, ra_z, dec_z
        Spacecraft X (viewing) and Z axes, deg, J2000.
    """

    swid: str
    start: float
    ra_x: float
    dec_x: float
    ra_z: float
    dec_z: float

    def axes(self) -> Floats:
        """Return unit vectors X, Y, Z as rows; Y = Z x X, and Z is made normal to X."""
        x, z = unit_vector(self.ra_x, self.dec_x), unit_vector(self.ra_z, self.dec_z)
        y = np.cross(z, x)
        y /= np.linalg.norm(y)
        return np.stack([x, y, np.cross(x, y)])

    def tangents(self, ra: float, dec: float) -> tuple[float, float]:
        """Tangents ``(s.Y/s.X, s.Z/s.X)`` of a sky position in deg.

        Raises
        ------
        ValueError
            If the position lies behind the detector plane.
        """
        x, y, z = (float(part) for part in self.axes() @ unit_vector(ra, dec))
        if x <= 0:
            message = f"({ra}, {dec}) is behind the detector of {self.swid}"
            raise ValueError(message)
        return y / x, z / x

    def sky(self, tangent_y: float, tangent_z: float) -> tuple[float, float]:
        """Sky position (RA, Dec), deg, of tangent offsets: inverse of `tangents`."""
        x, y, z = np.array([1.0, tangent_y, tangent_z]) @ self.axes()
        ra = np.degrees(np.arctan2(y, x)) % 360
        return float(ra), float(np.degrees(np.arctan2(z, np.hypot(x, y))))

    def sky_at(self, offset_y: float, offset_z: float) -> tuple[float, float]:
        """Sky position of offsets in deg, each measured along its own axis."""
        return self.sky(float(np.tan(np.radians(offset_y))), float(np.tan(np.radians(offset_z))))


def unit_vector(ra: float, dec: float) -> Floats:
    """Cartesian unit vector of equatorial coordinates in deg."""
    alpha, delta = np.radians([ra, dec])
    return np.array([np.cos(delta) * np.cos(alpha), np.cos(delta) * np.sin(alpha), np.sin(delta)])


def pointing_at(
    ra: float,
    dec: float,
    *,
    roll: float = 0.0,
    swid: str = "199900010010",
    start: float = 6830.0,
) -> Pointing:
    """Make a pointing whose Z axis has position angle `roll` (deg, north to east)."""
    alpha, angle = np.radians([ra, roll])
    north = unit_vector(ra, dec + 90)
    east = np.array([-np.sin(alpha), np.cos(alpha), 0.0])
    z = np.cos(angle) * north + np.sin(angle) * east
    ra_z = float(np.degrees(np.arctan2(z[1], z[0])) % 360)
    return Pointing(swid, start, ra, dec, ra_z, float(np.degrees(np.arcsin(z[2]))))
