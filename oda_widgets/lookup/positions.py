"""Read positions as users write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.lookup.position_text import ADVICE, typed_position
from oda_widgets.lookup.typed_angle import degrees_of, right_ascension
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.source import Source

_DECIMALS = 9  # of degrees; the same position in other forms or frames differs in later ones


def parse_position(value: Any) -> Source | None:
    """Return the source at a position, or None if the value is not a position.

    Parameters
    ----------
    value
        `~astropy.coordinates.SkyCoord` in any frame that astropy converts to ICRS, a pair of
        numbers (degrees), quantities or texts, or a text: decimal degrees, hours or degrees with
        sixtieths, galactic coordinates ("l=184.56 b=-5.78"), or a name that is a position
        ("J0534+2200", "G184.56-05.78").

    Raises
    ------
    BadParameter
        If it is a position that is not on the sky, or may mean more than one.

    Examples
    --------
    >>> parse_position("83.633, 22.014")
    83.63300 +22.01400 at (83.6330, +22.0140) deg, by coordinates
    >>> parse_position("l=184.5575 b=-5.7844").name
    '83.63... +22.01...'
    >>> parse_position("Crab") is None
    True
    """
    if hasattr(value, "transform_to"):
        return _from_coordinates(value)
    if isinstance(value, str):
        return _from_text(value)
    array = bool(getattr(value, "shape", None)) and hasattr(value, "__len__")
    if array or isinstance(value, Sequence):
        return _from_pair(value)
    return None


def _from_coordinates(coordinates: Any) -> Source:
    from astropy.coordinates import ConvertError, SkyCoord  # noqa: PLC0415 - heavy import

    try:
        position = SkyCoord(coordinates).icrs
    except (ConvertError, ValueError, TypeError, AttributeError) as error:
        limit = f"not convertible to ICRS ({error})"
        raise BadParameter("source", coordinates, limit, ADVICE) from None
    if position.size != 1:
        raise BadParameter("source", coordinates, "not a single position", "Give one.")
    return _source_at(float(position.ra.deg.item()), float(position.dec.deg.item()))


def _from_pair(pair: Any) -> Source:
    if len(pair) != 2:
        raise BadParameter("source", pair, "not a pair of right ascension and declination", ADVICE)
    ra, dec = pair
    if isinstance(ra, str) and isinstance(dec, str) and not (_is_number(ra) and _is_number(dec)):
        together = _from_text(f"{ra}, {dec}")
        if together is None:
            raise BadParameter("source", pair, "not two angles", ADVICE)
        return together
    return _source_at(finite_number("ra", ra, "deg"), finite_number("dec", dec, "deg"))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _from_text(text: str) -> Source | None:
    typed = typed_position(text)
    if typed is None:
        return None
    latitude = degrees_of(typed.latitude)
    if typed.frame == "galactic":
        return _transformed(degrees_of(typed.longitude), latitude, typed.frame)
    ra = right_ascension(typed.longitude, typed.latitude)
    if typed.frame == "icrs":
        return _source_at(ra, latitude)
    return _transformed(ra, latitude, typed.frame)


def _transformed(longitude: float, latitude: float, frame: str) -> Source:
    """Return the source at coordinates in a frame other than ICRS."""
    from astropy.coordinates import SkyCoord  # noqa: PLC0415 - heavy import

    if not (-360 <= longitude <= 360 and -90 <= latitude <= 90):
        text = f"{longitude:g}, {latitude:g}"
        raise BadParameter("source", text, "not on the sky", ADVICE)
    return _from_coordinates(SkyCoord(longitude, latitude, unit="deg", frame=frame))


def _source_at(ra: float, dec: float) -> Source:
    if 0 <= ra < 360:
        ra = round(ra, _DECIMALS) % 360
    dec = round(dec, _DECIMALS)
    # `parse_position` reads the name as the same position.
    return Source(f"{round(ra, 5) % 360:.5f} {dec:+.5f}", ra, dec, "coordinates")
