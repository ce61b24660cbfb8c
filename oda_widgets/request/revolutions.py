"""Revolutions of INTEGRAL, and the release of OSA for each.

A revolution is one orbit of the satellite, counted from launch on 2002-10-17. The orbit was
lowered in January 2015, which shortened the revolution from 71.8 h to 63.8 h.
"""

from __future__ import annotations

import re
from math import floor
from typing import Any

from oda_widgets.errors import BadParameter, text_of
from oda_widgets.request.numbers import finite_number, number_within

FIRST_REVOLUTION = 1
LAST_REVOLUTION = 2886  # observations ended on 2025-02-28

AUTO = "auto"  # choose the release of OSA by revolution
_RELEASE = re.compile(r"OSA\d{1,2}\.\d{1,2}(-[\w.-]{1,40})?", re.ASCII)

# Number, start (IJD) and length (days) of a revolution. The starts are from an orbit file and from
# the handbook of OSA; the lengths reproduce all other known starts (revolutions 10 to 2831).
_BEFORE_2015 = (97, 1306.652, 2.991)
_SINCE_2015 = (1626, 5838.086, 2.660)
_ROUNDING = 1e-9  # of a revolution, so that the start of one does not round into the one before

_FIRST_OF_OSA11 = 1626  # 2015-12-26, when the energy calibration of OSA 11 begins


def revolution_start(revolution: int) -> float:
    """Return the start of a revolution in IJD days, accurate to about a third of a day.

    Raises
    ------
    BadParameter
        If INTEGRAL did not observe in this revolution.

    Examples
    --------
    >>> revolution_start(97)
    1306.652
    """
    number = _checked_revolution(revolution)
    # Later orbits are shorter, so the line that applies is always the lower of the two.
    return min(
        start + (number - origin) * length for origin, start, length in (_BEFORE_2015, _SINCE_2015)
    )


def revolution_at(ijd: float) -> int:
    """Return the revolution at an instant (IJD days); near its ends it may be off by one.

    Raises
    ------
    BadParameter
        If INTEGRAL did not observe then.
    """
    time = finite_number("time", ijd)
    revolution = max(
        floor(origin + (time - start) / length + _ROUNDING)
        for origin, start, length in (_BEFORE_2015, _SINCE_2015)
    )
    if not FIRST_REVOLUTION <= revolution <= LAST_REVOLUTION:
        limit = "INTEGRAL observed from 2002-10-17 to 2025-02-28"
        raise BadParameter("time", ijd, limit, "Give a time between.")
    return revolution


def osa_version(revolution: int) -> str:
    """Return the release of OSA for the data of a revolution, "OSA10.2" or "OSA11.2".

    Raises
    ------
    BadParameter
        If INTEGRAL did not observe in this revolution.

    Examples
    --------
    >>> osa_version(1625), osa_version(1626)
    ('OSA10.2', 'OSA11.2')
    """
    return "OSA11.2" if _checked_revolution(revolution) >= _FIRST_OF_OSA11 else "OSA10.2"


def checked_release(value: Any) -> str:
    """Return the name of a release of OSA, or "auto".

    Raises
    ------
    BadParameter
        If it is neither. Whether a dispatcher has the release is not checked.

    Examples
    --------
    >>> checked_release("OSA11.2"), checked_release("auto")
    ('OSA11.2', 'auto')
    """
    text = text_of(value) if isinstance(value, str) else ""
    if text != AUTO and not _RELEASE.fullmatch(text):
        advice = 'Leave it out, or write it as in osa_version="OSA11.2".'
        raise BadParameter("osa_version", value, 'neither "auto" nor a version of OSA', advice)
    return text


def _checked_revolution(revolution: int) -> int:
    return int(number_within("revolution", revolution, FIRST_REVOLUTION, LAST_REVOLUTION))
