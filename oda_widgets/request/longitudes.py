"""Checks of longitudes on the sky that come from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import finite_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRST, LAST = -180.0, 360.0
"""Range of longitudes, degrees: both 0 to 360 and -180 to 180 are in use."""

_TURN = 360.0


@overload
def is_longitude(degrees: float) -> bool: ...
@overload
def is_longitude(degrees: NDArray[np.float64]) -> NDArray[np.bool_]: ...
def is_longitude(degrees: float | NDArray[np.float64]) -> bool | NDArray[np.bool_]:
    """Return whether each number may be a longitude, -180 to 360 degrees; NaN may not.

    Examples
    --------
    >>> is_longitude(-5.0), is_longitude(999.0)
    (True, False)
    """
    return (degrees >= FIRST) & (degrees <= LAST)


def right_ascension(parameter: str, value: Any) -> float:
    """Return a right ascension in degrees, from 0 to below 360.

    Values from -180 are accepted, and 360 becomes 0. Values further out are refused, not wrapped:
    they are typing errors or not right ascensions, and wrapping would hide that.

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
    """Return an angle wrapped to the range from 0 to below 360 degrees.

    Examples
    --------
    >>> within_a_turn(443.0), within_a_turn(-1e-20)
    (83.0, 0.0)
    """
    return degrees % _TURN % _TURN  # twice, because -1e-20 % 360 is 360
