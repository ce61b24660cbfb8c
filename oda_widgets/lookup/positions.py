"""Positions in the forms in which users write them."""

from __future__ import annotations

import re
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.source import Source

_HOW = 'Write a position as "83.633, 22.014" (degrees) or "05:34:31.9 +22:00:52".'

_DEGREES = re.compile(
    r"(?P<ra>[+-]?\d+(?:\.\d*)?)\s*(?:deg|d|°)?(?:\s*,\s*|\s+)(?P<dec>[+-]?\d+(?:\.\d*)?)\s*(?:deg|d|°)?"
)
_SEXAGESIMAL = re.compile(
    r"(?P<hours>\d{1,2})[h:\s]\s*(?P<minutes>\d{1,2})[m:\s]\s*(?P<seconds>\d{1,2}(?:\.\d*)?)s?"
    r"(?:\s*,\s*|\s+|(?=[+-]))"
    r"(?P<sign>[+-]?)(?P<degrees>\d{1,2})[d°:\s]\s*"
    r"(?P<arcminutes>\d{1,2})[m':\s]\s*(?P<arcseconds>\d{1,2}(?:\.\d*)?)[s\"]?"
)
# Signs as papers print them: minus, en dash, prime, double prime.
_TYPOGRAPHY = str.maketrans("\u2212\u2013\u2032\u2033", "--'\"")


def parse_position(value: Any) -> Source | None:
    """Return the source at a position, or None if the value is not a position.

    Parameters
    ----------
    value
        `~astropy.coordinates.SkyCoord`, a pair of numbers or quantities, or text: decimal degrees
        or hours, minutes and seconds with degrees, arc minutes and arc seconds.

    Raises
    ------
    BadParameter
        If it is a position, but not on the sky.

    Examples
    --------
    >>> parse_position("83.633, 22.014")
    Source(name='83.63300 +22.01400', ra=83.633, dec=22.014, resolved_by='coordinates')
    >>> parse_position("Crab") is None
    True
    """
    if hasattr(value, "icrs"):
        return _from_coordinates(value)
    if isinstance(value, str):
        return _from_text(value.strip().translate(_TYPOGRAPHY))
    if hasattr(value, "__len__"):
        return _from_pair(value)
    return None


def _from_coordinates(coordinates: Any) -> Source:
    if not coordinates.isscalar:
        raise BadParameter("source", coordinates, "more than one position", "Give one.")
    icrs = coordinates.icrs
    return _at(float(icrs.ra.deg), float(icrs.dec.deg))


def _from_pair(pair: Any) -> Source:
    if len(pair) != 2:
        raise BadParameter("source", pair, "not a pair of right ascension and declination", _HOW)
    return _at(finite_number("ra", pair[0], "deg"), finite_number("dec", pair[1], "deg"))


def _from_text(text: str) -> Source | None:
    decimal = _DEGREES.fullmatch(text)
    if decimal:
        return _at(float(decimal["ra"]), float(decimal["dec"]))
    sexagesimal = _SEXAGESIMAL.fullmatch(text)
    if sexagesimal:
        return _from_sexagesimal(sexagesimal)
    return None


def _from_sexagesimal(found: re.Match[str]) -> Source:
    for part in ("minutes", "seconds", "arcminutes", "arcseconds"):
        if float(found[part]) >= 60:
            raise BadParameter("source", found[0], f"{part} of 60 or more", _HOW)
    hours = _sum_of_sixtieths(found["hours"], found["minutes"], found["seconds"])
    degrees = _sum_of_sixtieths(found["degrees"], found["arcminutes"], found["arcseconds"])
    return _at(15 * hours, -degrees if found["sign"] == "-" else degrees)


def _sum_of_sixtieths(whole: str, sixtieths: str, parts: str) -> float:
    return int(whole) + int(sixtieths) / 60 + float(parts) / 3600


def _at(ra: float, dec: float) -> Source:
    # The name can be given back and is a position again.
    return Source(f"{ra:.5f} {dec:+.5f}", ra, dec, "coordinates")
