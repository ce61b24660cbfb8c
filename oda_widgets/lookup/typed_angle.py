"""Read angles from text, with the help of astropy."""

from __future__ import annotations

import re
import warnings

from oda_widgets.errors import BadParameter

_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
_PART = r"\d{1,2}(?:\.\d*)?"
# Seconds may lack their unit if they follow the minutes directly; 5h34m 22 may be two angles.
_SECONDS = rf"(?:\s*{_PART}s|(?<=m){_PART}(?![\d.:hdms]))"
WITH_UNITS = rf"[+-]?\s*{_NUMBER}[hd](?:\s*{_PART}m)?{_SECONDS}?"
"""Hours or degrees, perhaps with minutes and seconds: 5h34m31.9s."""

_SEXAGESIMAL = rf"[+-]?\s*\d{{1,3}}(?:\s*:\s*|\s+){_PART}(?:(?:\s*:\s*|\s+){_PART})?"
_DECIMAL = rf"[+-]?\s*{_NUMBER}"
ANGLE = rf"(?:{WITH_UNITS}|{_SEXAGESIMAL}|{_DECIMAL})"
"""Any angle, as `in_plain_letters` writes it."""

_MOST_HOURS = 24
_ADVICE = 'Write hours as "05h34m31.9s" or "05:34:31.9", degrees as "83.633" or "83d37m58s".'


def right_ascension(text: str, latitude: str) -> float:
    """Return a right ascension in degrees.

    Sexagesimal numbers are hours; a single number is degrees. Beside a sexagesimal declination, a
    single number must be above 24 or have a unit.

    Parameters
    ----------
    text
        The angle as `in_plain_letters` writes it.
    latitude
        The declination, in the same form.

    Raises
    ------
    BadParameter
        If it may be hours as well as degrees, or is not a right ascension.

    Examples
    --------
    >>> round(right_ascension("5h34m", "22d00m"), 6), right_ascension("83.5", "22.0")
    (83.5, 83.5)
    """
    if "d" in text or re.fullmatch(_DECIMAL, text):
        degrees = degrees_of(text)
        may_be_hours = "d" not in text and re.fullmatch(_SEXAGESIMAL, latitude)
        if may_be_hours and 0 <= degrees <= _MOST_HOURS:
            raise BadParameter("ra", text, "may be hours or degrees", _ADVICE)
        return degrees
    hours = float(re.split(r"[h:\s]", text, maxsplit=1)[0])
    if not 0 <= hours < _MOST_HOURS:
        limit = f"hours of a right ascension are 0 to {_MOST_HOURS}"
        raise BadParameter("ra", text, limit, _ADVICE)
    return degrees_of(text, "hourangle")


def degrees_of(text: str, unit: str = "deg") -> float:
    """Return an angle in degrees.

    Parameters
    ----------
    text
        The angle as `in_plain_letters` writes it.
    unit
        Unit of numbers that state none.

    Raises
    ------
    BadParameter
        If minutes or seconds are 60 or more.

    Examples
    --------
    >>> degrees_of("-0 30")
    -0.5
    """
    from astropy.coordinates import Angle  # noqa: PLC0415 - heavy import
    from astropy.utils.exceptions import AstropyWarning  # noqa: PLC0415 - heavy import

    with warnings.catch_warnings():
        warnings.simplefilter("error", AstropyWarning)  # raised for 60 seconds
        try:
            return float(Angle(re.sub(r"(?<=^[+-])\s+", "", text), unit=unit).deg)
        except (ValueError, AstropyWarning):
            raise BadParameter("source", text, "not an angle that astropy reads", _ADVICE) from None
