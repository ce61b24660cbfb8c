"""Convert positions in any frame and unit to J2000 degrees, by `astropy.coordinates`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from astropy import units as u
from astropy.coordinates import (
    FK4,
    FK5,
    ICRS,
    Angle,
    BarycentricMeanEcliptic,
    Galactic,
    SkyCoord,
    Supergalactic,
)
from astropy.time import Time

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.units import unit_of
from oda_widgets.request.longitudes import FIRST, LAST
from oda_widgets.request.numbers import number_in, with_plain_minus

_DEGREES_A_TURN, _HALF_A_TURN = 360.0, 180.0
_DEGREES_AN_HOUR = 15.0
_J2000 = 2000.0
_FIRST_YEAR, _LAST_YEAR = 1000.0, 3000.0  # of an equinox
_LONGEST_ANGLE = 60  # characters
_NO_ANGLE = re.compile(r"_|0x|(?![0-9])\d", re.IGNORECASE)
_FRAMES: Mapping[str, str] = MappingProxyType(
    {
        "": "",
        "icrs": "icrs",
        "icrf": "icrs",
        "fk5": "fk5",
        "j2000": "fk5",
        "equatorial": "fk5",
        "eq_fk5": "fk5",
        "fk4": "fk4",
        "eq_fk4": "fk4",
        "b1950": "fk4",
        "galactic": "galactic",
        "gal": "galactic",
        "supergalactic": "supergalactic",
        "super_galactic": "supergalactic",
        "ecliptic": "ecliptic",
        "ecl_fk5": "ecliptic",
        "barycentricmeanecliptic": "ecliptic",
        "barycentrictrueecliptic": "ecliptic",
    }
)


@dataclass(frozen=True)
class Frame:
    """A celestial frame as a file names it.

    Parameters
    ----------
    name
        "icrs", "fk5", "fk4", "galactic", "supergalactic" or "ecliptic".
    equinox
        Year of the equinox; Besselian for FK4.
    """

    name: str = "icrs"
    equinox: float = _J2000

    @property
    def is_equatorial(self) -> bool:
        """Whether longitudes are right ascensions, which may be stated in hours."""
        return self.name in {"icrs", "fk5", "fk4"}

    def j2000(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return right ascension and declination of J2000 from positions in degrees.

        ICRS and FK5 differ by less than 0.03 arcsec, and are not distinguished.

        Raises
        ------
        DamagedFile
            If a position in another frame is not on the sky; those of J2000 are not checked.
        """
        if self.name in {"icrs", "fk5"} and self.equinox == _J2000:
            return longitude, latitude
        known = np.isfinite(longitude) & np.isfinite(latitude)
        self._check(longitude[known], latitude[known])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            place = SkyCoord(
                np.where(known, longitude, 0.0) * u.deg,
                np.where(known, latitude, 0.0) * u.deg,
                frame=self._astropy(),
            ).transform_to(FK5(equinox="J2000"))
        right, declination = np.asarray(place.ra.deg), np.asarray(place.dec.deg)
        return np.where(known, right, np.nan), np.where(known, declination, np.nan)

    def _check(self, longitude: Floats, latitude: Floats) -> None:
        """Check that positions are on the sky: astropy would wrap them, or fail."""
        limits = (("longitude", longitude, FIRST, LAST), ("latitude", latitude, -90.0, 90.0))
        for angle, values, low, high in limits:
            outside = values[(values < low) | (values > high)]
            if outside.size:
                stated = f"A position in the frame {self.name} has the {angle} {outside[0]:g} deg"
                problem = f"{stated}, outside {low:g} to {high:g} deg."
                raise DamagedFile(problem, "Correct it, or the frame and the unit that are stated.")

    def _astropy(self) -> Any:
        if self.name == "fk4":
            return FK4(equinox=Time(self.equinox, format="byear"))
        if self.name == "fk5":
            return FK5(equinox=Time(self.equinox, format="jyear"))
        if self.name == "ecliptic":
            return BarycentricMeanEcliptic(equinox=Time(self.equinox, format="jyear"))
        frames = {"galactic": Galactic(), "supergalactic": Supergalactic()}
        return frames.get(self.name, ICRS())


def frame_of(name: str | None, equinox: Any = None) -> Frame:
    """Return the frame with a name and an equinox, as stated in a file.

    Raises
    ------
    DamagedFile
        If the frame or the equinox is not known.
    """
    year = _equinox_year(equinox)
    plain = re.sub(r"[\s\-]+", "", str(name or "").lower())
    if plain not in _FRAMES:
        problem = f"The frame of its positions, {shorten(str(name))}, is not known."
        raise DamagedFile(problem, f"Known are: {', '.join(sorted(filter(None, _FRAMES)))}.")
    found = _FRAMES[plain]
    if not found:
        found = "fk4" if year is not None and year < 1984 else "icrs"
        found = "fk5" if found == "icrs" and year not in {None, _J2000} else found
    if found == "icrs":
        return Frame()
    return Frame(found, year if year is not None else 1950.0 if found == "fk4" else _J2000)


def degrees_of(values: Sequence[Any], unit: Any, what: str, *, hours: bool) -> Floats:
    """Return angles in degrees; NaN for cells without a value.

    Parameters
    ----------
    values
        Numbers, or text such as "05 34 31.9".
    unit
        Unit of the numbers, by default degrees.
    what
        Name of the column for the message.
    hours
        True for right ascensions, whose sexagesimal text is in hours.

    Raises
    ------
    DamagedFile
        If the unit is unknown, or text is not an angle.
    """
    column = what[:1].lower() + what[1:]
    stated = unit_of(unit, column)
    if stated is not None and stated.is_equivalent(u.h) and hours:
        factor = float(stated.to(u.h)) * _DEGREES_AN_HOUR  # the hours of a clock
        return np.array([_angle(value, factor, what, hours=hours) for value in values], dtype=float)
    stated = u.deg if stated is None else stated
    if not stated.is_equivalent(u.deg):
        problem = f"The unit of {column} is {shorten(str(unit))}, which is not one of angles."
        raise DamagedFile(problem, "Give positions in degrees.")
    factor = float(stated.to(u.deg))
    return np.array([_angle(value, factor, what, hours=hours) for value in values], dtype=float)


def _angle(value: Any, factor: float, what: str, *, hours: bool) -> float:
    if value is None or value is np.ma.masked:
        return np.nan
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
    number = number_in(text) if isinstance(text, str) else float(text)
    if number is None:
        return _sexagesimal(text, what, hours=hours)
    return number * factor if factor != 1.0 else number


def _sexagesimal(text: str, what: str, *, hours: bool) -> float:
    """Return an angle in degrees from sexagesimal text, or from text with units."""
    plain = with_plain_minus(text.strip())
    if plain in {"", "--", "null", "None"}:
        return np.nan
    # Refuse digits of other scripts and underscores (1_0), which Python would accept.
    if len(plain) < _LONGEST_ANGLE and not _NO_ANGLE.search(plain):
        with suppress(ValueError, TypeError, u.UnitsError):
            return float(Angle(plain, unit=u.hourangle if hours else u.deg).deg)
    problem = f"{what} holds {shorten(text.strip())}, which is neither a number nor an angle."
    raise DamagedFile(problem, "Give degrees, or angles as 05 34 31.9.")


def _equinox_year(equinox: Any) -> float | None:
    if equinox is None or not str(equinox).strip():
        return None
    year = number_in(str(equinox).strip().upper().lstrip("JB"))
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        problem = f"The equinox of its positions, {shorten(str(equinox))}, is not a year."
        raise DamagedFile(problem, "State EQUINOX = 2000.0.")
    return year


def within_a_turn(longitude: Floats) -> Floats:
    """Return longitudes with 360 added to those from -180 to 0; others are unchanged."""
    turn = np.where((longitude >= -_HALF_A_TURN) & (longitude < 0), _DEGREES_A_TURN, 0.0)
    return np.asarray(longitude + turn)
