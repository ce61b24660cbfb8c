"""Places of the satellite, and the delay of light between it and the Earth."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oda_widgets.abilities import abilities
from oda_widgets.arrays import KeptArrays
from oda_widgets.errors import BadParameter
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within
from oda_widgets.request.timespan import SECONDS_PER_DAY, isot_utc, to_ijd

LIGHT = 299_792.458  # km per second
FARTHEST = 200_000.0  # km; the apogee of INTEGRAL was at most 160,000 km from the centre
NEAREST = 6_371.0  # km, the radius of the Earth
_BEYOND = 60.0  # seconds beyond its rows for which an orbit is still used; an error of 40 km


@suggesting_class
class Place(NamedTuple):
    """A place of the satellite, seen from the centre of the Earth.

    Parameters
    ----------
    ra, dec
        Direction, degrees, J2000.
    distance
        Distance from the centre of the Earth, kilometres.
    """

    ra: float
    dec: float
    distance: float

    def __repr__(self) -> str:
        return f"({self.ra:.2f}, {self.dec:+.2f}) deg, {self.distance:,.0f} km from the Earth"

    @property
    def vector(self) -> NDArray[np.float64]:
        """Position in kilometres, shape (3,)."""
        return self.distance * _unit_vector(self.ra, self.dec)

    def light_travel_time(self, ra: float, dec: float) -> float:
        """Return the delay of light at the centre of the Earth after the satellite, seconds.

        A plane front from a direction n passes the place r before the origin by r.n / c. The delay
        is negative if the front passes the Earth first.

        Parameters
        ----------
        ra, dec
            Direction of the source of the light, degrees, J2000.

        Examples
        --------
        >>> Place(0.0, 0.0, 149_896.229).light_travel_time(0.0, 0.0)
        0.5
        """
        return float(self.vector @ _unit_vector(ra, dec)) / LIGHT


def place_within(ra: Any, dec: Any, distance: Any) -> Place:
    """Check that a place is possible for INTEGRAL, and return it.

    Raises
    ------
    BadParameter
        If it is not possible.
    """
    return Place(
        number_within("ra", ra, 0, 360, "deg"),
        number_within("dec", dec, -90, 90, "deg"),
        number_within("distance", distance, NEAREST, FARTHEST, "km"),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Orbit(KeptArrays):
    """Places of the satellite in order of time.

    Parameters
    ----------
    time
        IJD days, shape (n,).
    position
        Position from the centre of the Earth, kilometres, equatorial J2000, shape (n, 3).

    Examples
    --------
    >>> orbit = Orbit(np.array([3376.0, 3376.1]), np.array([[1e5, 0, 0], [1e5, 1e3, 0]]))
    >>> orbit.at(3376.05).distance
    100001.2...
    """

    time: NDArray[np.float64]
    position: NDArray[np.float64]

    def at(self, time: Any) -> Place:
        """Return the place of the satellite at an instant (see `to_ijd`).

        Raises
        ------
        BadParameter
            If the orbit does not cover the instant.
        """
        ijd, slack = to_ijd(time), _BEYOND / SECONDS_PER_DAY
        if not self.time[0] - slack <= ijd <= self.time[-1] + slack:
            first, last = isot_utc(self.time[0], 0), isot_utc(self.time[-1], 0)
            limit = f"the orbit file covers {first} to {last} UTC"
            raise BadParameter("orbit", isot_utc(ijd, 0), limit, "Give the file of that time.")
        x, y, z = (float(np.interp(ijd, self.time, axis)) for axis in self.position.T)
        distance = float(np.linalg.norm((x, y, z)))
        ra = float(np.degrees(np.arctan2(y, x))) % 360
        return place_within(ra, float(np.degrees(np.arcsin(z / distance))), distance)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Orbit:
        """Read an orbit file of the ISDC.

        Parameters
        ----------
        path
            ``sc_orbit_param.fits`` of a science window, or ``orbit_historic.fits`` of a
            revolution.

        Raises
        ------
        BadParameter
            If there is no such file.
        DamagedFile
            If the file does not hold an orbit.
        """
        return abilities().read(cls, path)


def _unit_vector(ra: float, dec: float) -> NDArray[np.float64]:
    right, declination = np.radians(ra), np.radians(dec)
    across = np.cos(declination)
    return np.array([across * np.cos(right), across * np.sin(right), np.sin(declination)])
