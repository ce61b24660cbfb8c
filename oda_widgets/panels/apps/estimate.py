"""Numbers with errors, from whatever product or fit they come."""

from __future__ import annotations

from math import floor, hypot, isfinite, log10, nan
from typing import Any, NamedTuple

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.errors.profile import Interval
from oda_widgets.fitting.flux import Flux
from oda_widgets.products.measured import MeasuredRate


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
        """Return the estimate in a number, a value with its error or errors, a parameter or a flux.

        Parameters
        ----------
        name
            Of the quantity, for the message.
        given
            The number.
        rates_error
            Relative systematic error of rates, which is added to those of rates; fluxes bring it.

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
        errors = [one for one in (self.minus, self.plus) if isfinite(one) and one > 0]
        largest = max(abs(self.value), *errors, 0.0)
        power = floor(log10(largest)) if largest > 0 else 0
        if not -4 < power < 6:
            scaled = str(Estimate(*(one / 10.0**power for one in self)))
            return f"{f'({scaled})' if errors else scaled} × 10{_raised(power)}"
        if not errors:
            return f"{self.value:.6g}"
        digits = max(0, 1 - floor(log10(min(errors))))
        texts = [f"{one:.{digits}f}" if isfinite(one) else "?" for one in (self.minus, self.plus)]
        value = f"{self.value:.{digits}f}"
        low, high = texts
        return f"{value} ± {low}" if low == high else f"{value} −{low} +{high}"


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
