"""Measured values with their errors, which print as such and unpack into two numbers."""

from __future__ import annotations

from typing import NamedTuple

from oda_widgets.request.words import with_error


class Measured(NamedTuple):
    """A value and its error; without unit.

    Parameters
    ----------
    value, error
        NaN where there is nothing to measure.

    Examples
    --------
    >>> value, error = Measured(0.2137, 0.0112)
    >>> Measured(0.2137, 0.0112)
    0.214 ± 0.011
    """

    value: float
    error: float

    def __repr__(self) -> str:
        return with_error(self.value, self.error)


class MeasuredRate(Measured):
    """A rate and its error, counts per second.

    Examples
    --------
    >>> MeasuredRate(168.94, 1.153)
    168.9 ± 1.2 counts/s
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{with_error(self.value, self.error)} counts/s"
