"""Numbers with errors, from whatever product or fit they come."""

from __future__ import annotations

from math import hypot, isfinite, nan
from typing import Any, NamedTuple

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.errors.profile import Interval
from oda_widgets.fitting.flux import Flux
from oda_widgets.products.measured import MeasuredRate
from oda_widgets.request.words import with_errors


class Estimate(NamedTuple):
    """A number and its errors.

    Parameters
    ----------
    value
        The number.
    minus, plus
        Distances to the ends of its interval; NaN where it has none.
    """

    value: float
    minus: float = nan
    plus: float = nan

    @classmethod
    def of(cls, name: str, given: Any, rates_error: float = 0.0) -> Estimate:
        """Convert a number, a value with its error or errors, a parameter of a fit, or a flux.

        Parameters
        ----------
        name
            Of the quantity, for the message.
        given
            The number, in any of these forms.
        rates_error
            Relative systematic error, added to that of a `MeasuredRate`; a `Flux` has its own.

        Raises
        ------
        BadParameter
            If it is something else.
        """
        if isinstance(given, Flux):
            return cls.of(name, given.interval).with_systematic(given.rates_error)
        if isinstance(given, MeasuredRate):
            return cls.of(name, tuple(given)).with_systematic(rates_error)
        if isinstance(given, Interval):
            return cls(given.value, given.minus, given.plus)
        if hasattr(given, "sigma"):  # a parameter of a fit
            return cls(float(given.value), float(given.sigma), float(given.sigma))
        try:
            value, *errors = map(float, given if isinstance(given, tuple) else (given,))
            minus, plus = (errors * 2)[:2] if len(errors) < 2 and errors else errors or (nan, nan)
            return cls(value, minus, plus)
        except (TypeError, ValueError):
            limit = f"no number, but a {type(given).__name__}"
            advice = "Give a number, (value, error), a parameter or a flux."
            raise BadParameter(name, given, limit, advice) from None

    def with_systematic(self, relative: float) -> Estimate:
        """Return the number with a relative systematic error added in quadrature."""
        error = abs(relative * self.value)
        return Estimate(self.value, hypot(self.minus, error), hypot(self.plus, error))

    def deviation_from(self, other: Estimate) -> float:
        """Return how many sigma this is above another; NaN if neither has an error.

        The errors that face each other count, added in quadrature.
        """
        distance = self.value - other.value
        facing = (self.minus, other.plus) if distance > 0 else (self.plus, other.minus)
        error = hypot(*(one if isfinite(one) else 0.0 for one in facing))
        return distance / error if error > 0 else nan

    def __str__(self) -> str:
        """Return the number with its errors, to two digits of the smaller one."""
        return with_errors(*self).replace("-", "−")
