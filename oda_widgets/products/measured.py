"""Measured values with errors: they print as text and unpack into two numbers."""

from __future__ import annotations

from math import isfinite, nan
from typing import NamedTuple, Self

from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.words import channels_text, with_error


class Measured(NamedTuple):
    """A value and its error, without unit.

    Parameters
    ----------
    value, error
        NaN if nothing could be measured.

    Examples
    --------
    >>> value, error = Measured(0.2137, 0.0112)
    >>> Measured(0.2137, 0.0112)
    0.214 ± 0.011
    """

    value: float
    error: float

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return with_error(self.value, self.error)


@suggesting_class
class Variability(Measured):
    """The fractional variability of rates and its error, or its upper limit.

    Parameters
    ----------
    value, error
        NaN if the rates do not vary by more than their errors.

    Attributes
    ----------
    upper_limit
        Upper limit at 95 % confidence; NaN if the variability is measured.

    Examples
    --------
    >>> Variability.none_below(0.031)
    no variability seen: below 0.031 (95 % confidence)
    """

    upper_limit: float = nan

    @classmethod
    def none_below(cls, limit: float) -> Self:
        """Return the result for rates that do not vary by more than their errors."""
        found = cls(nan, nan)
        found.upper_limit = limit
        return found

    def __repr__(self) -> str:
        if not isfinite(self.upper_limit):
            return super().__repr__()
        return f"no variability seen: below {self.upper_limit:.2g} (95 % confidence)"


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


class RateInBand(MeasuredRate):
    """A rate in a band of energy, and its error, counts per second.

    Attributes
    ----------
    low, high
        Edges of the channels that were added up, keV.
    background
        Text on the background beside the spectrum, included or subtracted; "" if there is none.

    Examples
    --------
    >>> RateInBand.of(168.94, 1.153, 20.0, 40.0)
    168.9 ± 1.2 counts/s in 20–40 keV
    """

    low: float
    high: float
    background: str

    @classmethod
    def of(cls, value: float, error: float, low: float, high: float, background: str = "") -> Self:
        """Return the rate of a band."""
        rate = cls(value, error)
        rate.low, rate.high, rate.background = low, high, background
        return rate

    def __repr__(self) -> str:
        band = f"{super().__repr__()} in {channels_text(self.low, self.high)}"
        return f"{band}, {self.background}" if self.background else band
