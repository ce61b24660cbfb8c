"""Longitudes on the sky that come from outside: taken as they count, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import finite_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRST, LAST = -180.0, 360.0
"""Longitudes of either way to count: 0 to 360 degrees, and -180 to 180."""

_TURN = 360.0


@overload
def is_longitude(degrees: float) -> bool: ...
@overload
def is_longitude(degrees: NDArray[np.float64]) -> NDArray[np.bool_]: ...
def is_longitude(degrees: float | NDArray[np.float64]) -> bool | NDArray[np.bool_]:
    """Return whether a number, or each of an array, may be a longitude; NaN is none.

    Examples
    --------
    >>> is_longitude(-5.0), is_longitude(999.0)
    (True, False)
    """
    return (degrees >= FIRST) & (degrees <= LAST)


def right_ascension(parameter: str, value: Any) -> float:
    """Return a right ascension in degrees, from 0 to below 360.

    Those that count from -180 are taken, and a whole turn is 0. What lies further is a slip of the
    hand, or no right ascension: a modulo would make a position of it that nobody meant.

    Raises
    ------
    BadParameter
        If it is not a finite number, or neither from 0 to 360 nor from -180 to 180.

    Examples
    --------
    >>> right_ascension("RA", "-5"), right_ascension("RA", 360)
    (355.0, 0.0)
    """
    degrees = finite_number(parameter, value, "deg")
    if not is_longitude(degrees):
        limit = "outside 0 to 360 deg"
        raise BadParameter(parameter, value, limit, "Give degrees, 0 to 360 or -180 to 180.")
    return within_a_turn(degrees)


def within_a_turn(degrees: float) -> float:
    """Return an angle from 0 to below 360 degrees.

    Examples
    --------
    >>> within_a_turn(443.0), within_a_turn(-1e-20)
    (83.0, 0.0)
    """
    return degrees % _TURN % _TURN  # the first of -1e-20 is 360
