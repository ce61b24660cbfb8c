"""Split a position, as astronomers type it, into two angles and their frame.

Text that may mean two positions is refused, and the message shows how to write one. Text that is
not a position may be a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from oda_widgets.errors import BadParameter
from oda_widgets.lookup.typed_angle import ANGLE, WITH_UNITS
from oda_widgets.lookup.typography import in_plain_letters

ADVICE = (
    'Write a position as "83.633, 22.014" (degrees), "05:34:31.9 +22:00:52" or "l=184.56 b=-5.78".'
)


@dataclass(frozen=True)
class TypedPosition:
    """Two angles as text, and their frame.

    Parameters
    ----------
    longitude, latitude
        Angles as `in_plain_letters` writes them.
    frame
        Name of the frame in astropy: "icrs", "fk5", "fk4" or "galactic".
    """

    longitude: str
    latitude: str
    frame: str = "icrs"


_FRAMES = MappingProxyType(
    {
        "icrs": "icrs",
        "j2000": "icrs",
        "j2000.0": "icrs",
        "fk5": "fk5",
        "fk4": "fk4",
        "b1950": "fk4",
        "b1950.0": "fk4",
        "galactic": "galactic",
        "gal": "galactic",
    }
)
_WORD = "|".join(re.escape(word) for word in sorted(_FRAMES, key=len, reverse=True))
_FRAME_FIRST = re.compile(rf"[(\[]?({_WORD})[)\]]?[\s,:;=]+(?=\S)")
_FRAME_LAST = re.compile(rf"[\s,;]+[(\[]?({_WORD})[)\]]?$")

_RA, _DEC = r"(?:ra|r\.a\.|\u03b1)\s*[:=]?\s*", r"(?:decl?\.?|de|\u03b4)\s*[:=]?\s*"
_LABELLED = (
    (re.compile(rf"{_RA}(?P<lon>[^a-z].*?)[\s,;]*{_DEC}(?P<lat>[^a-z].*)"), "icrs"),
    (re.compile(rf"{_DEC}(?P<lat>[^a-z].*?)[\s,;]*{_RA}(?P<lon>[^a-z].*)"), "icrs"),
    (
        re.compile(
            r"l(?:ii)?\s*[:=]?\s*(?P<lon>[^a-z].*?)[\s,;]*b(?:ii)?\s*[:=]?\s*(?P<lat>[^a-z].*)"
        ),
        "galactic",
    ),
)
# Names that abbreviate a position, Galactic or of J2000: G184.56-05.78, J0534+2200.
_GALACTIC = re.compile(r"g\s*(?P<lon>\d{1,3}(?:\.\d+)?)(?P<lat>[+-]\d{1,2}(?:\.\d+)?)")
_J2000 = re.compile(
    r"j?\s*(?P<hours>\d\d)(?P<minutes>\d\d)(?:(?P<seconds>\d\d(?:\.\d+)?)|(?P<tenths>\.?\d+))?"
    r"(?P<sign>[+-])(?P<degrees>\d\d)(?P<arcminutes>\d\d)"
    r"(?:(?P<arcseconds>\d\d(?:\.\d+)?)|(?P<arctenths>\.?\d+))?"
)
_SIGN_BETWEEN = re.compile(r"(?<=[\dhdms.\s])[+-]")
_TWO_WITH_UNITS = re.compile(rf"({WITH_UNITS})\s*({ANGLE})")
_NUMBERS = re.compile(r"[\d.:+\-\s,;]+")
# At least two digits: names may begin with one digit and a letter, as 1E 1547.0-5408.
_COMPASS = re.compile(
    r"[+-]?(?:\d{2,3}|\d+\.\d*)d?\s*[nsew]\s*[,;]?\s*[+-]?\d+(?:\.\d*)?d?\s*[nsew]?"
)
# Names of B1950, as 0836+710, are left to the name services.
_SHORT_NAME = re.compile(r"\d{4}[+-]\d{2,4}")


def typed_position(text: str) -> TypedPosition | None:
    """Return the position that a text states, or None if it states none.

    Raises
    ------
    BadParameter
        If the text holds numbers that may mean more than one position.

    Examples
    --------
    >>> typed_position("5 34 31.9 22 0 52")
    TypedPosition(longitude='5 34 31.9', latitude='22 0 52', frame='icrs')
    >>> typed_position("184.56, -5.78 (galactic)")
    TypedPosition(longitude='184.56', latitude='-5.78', frame='galactic')
    >>> typed_position("4U 1700-377") is None
    True
    """
    plain = _without_brackets(in_plain_letters(text))
    designated = _from_designation(plain)
    if designated is not None:
        return designated
    plain, frame = _without_frame(plain)
    for pattern, default in _LABELLED:
        found = pattern.fullmatch(plain)
        if found:
            return _position(found["lon"], found["lat"], frame or default)
    if _SHORT_NAME.fullmatch(plain):
        return None
    for longitude, latitude in _halves(_without_brackets(plain)):
        position = _position(longitude, latitude, frame or "icrs")
        if position is not None:
            return position
    _refuse_loose_numbers(plain, text)
    return None


def _without_brackets(text: str) -> str:
    pair = text[:1] + text[-1:]
    return text[1:-1].strip() if pair in {"()", "[]"} else text


def _without_frame(text: str) -> tuple[str, str | None]:
    """Return text without the name of a frame at either end, and the frame."""
    first, last = _FRAME_FIRST.match(text), _FRAME_LAST.search(text)
    if first:
        return text[first.end() :], _FRAMES[first[1]]
    if last:
        return text[: last.start()], _FRAMES[last[1]]
    return text, None


def _from_designation(text: str) -> TypedPosition | None:
    """Return the position that a name abbreviates, or None if it does not."""
    galactic = _GALACTIC.fullmatch(text)
    if galactic:
        return TypedPosition(galactic["lon"], galactic["lat"], "galactic")
    found = _J2000.fullmatch(text)
    # Without J it may be a name of B1950, unless it has seconds.
    if not found or not (text.startswith("j") or found["seconds"]):
        return None
    longitude = f"{found['hours']}h{found['minutes']}{_fraction(found['tenths'])}m"
    latitude = f"{found['sign']}{found['degrees']}d{found['arcminutes']}"
    latitude += f"{_fraction(found['arctenths'])}m"
    return TypedPosition(
        longitude + (f"{found['seconds']}s" if found["seconds"] else ""),
        latitude + (f"{found['arcseconds']}s" if found["arcseconds"] else ""),
    )


def _fraction(digits: str | None) -> str:
    """Return the digits after the minutes as a fraction: J17480-2446 is at 17h 48.0m."""
    return f".{digits.removeprefix('.')}" if digits else ""


def _position(longitude: str, latitude: str, frame: str) -> TypedPosition | None:
    """Return a position if both parts are angles, else None."""
    lon, lat = longitude.strip(" ,;"), latitude.strip(" ,;")
    if re.fullmatch(ANGLE, lon) and re.fullmatch(ANGLE, lat):
        return TypedPosition(lon, lat, frame)
    return None


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """Iterate over the ways to split text into two parts, the most certain first."""
    for comma in ",;":
        if text.count(comma) == 1:
            longitude, latitude = text.split(comma)
            yield longitude, latitude
    signs = [found.start() for found in _SIGN_BETWEEN.finditer(text)]
    if len(signs) == 1 and signs[0] > 0:
        yield text[: signs[0]], text[signs[0] :]
    with_units = _TWO_WITH_UNITS.fullmatch(text)
    if with_units:
        yield with_units[1], with_units[2]
    words = text.split()
    if len(words) % 2 == 0 and not signs:
        half = len(words) // 2
        yield " ".join(words[:half]), " ".join(words[half:])


def _refuse_loose_numbers(plain: str, text: str) -> None:
    """Refuse text of numbers only that is not two angles: it is not the name of a source."""
    if _COMPASS.fullmatch(plain):
        limit = "angles of the sky have no points of the compass"
        raise BadParameter("source", text, limit, ADVICE)
    if _NUMBERS.fullmatch(plain):
        limit = "numbers that are not two angles, or in more than one way"
        raise BadParameter("source", text, limit, ADVICE)
