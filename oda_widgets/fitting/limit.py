"""One-sided upper limits, which print with their unit and confidence."""

from __future__ import annotations

from typing import Self

from oda_widgets.fitting.models.definitions import NORM_UNITS
from oda_widgets.fitting.models.parameters import Parameter


class UpperLimit(float):
    """A one-sided upper limit: a number with its name, unit and confidence.

    Parameters
    ----------
    value
        The limit.
    name
        The limited quantity: the name of a parameter, or "flux 20-100 keV".
    unit
        Of the limit; "" for none.
    level
        Confidence, a fraction.
    rates_error
        Relative systematic error of the rates, which is not in the limit.
    found
        False where the data set no limit: the value is the hard limit of the parameter.
    extrapolated
        Of a flux: the part of its band beyond the fitted energies, in words; else empty.

    Examples
    --------
    >>> UpperLimit(2.4e-11, "flux 20-100 keV", "erg/cm²/s", 0.95)
    flux 20-100 keV < 2.4e-11 erg/cm²/s (95 % confidence)
    """

    name: str
    unit: str
    level: float
    rates_error: float
    found: bool
    extrapolated: str

    def __new__(
        cls,
        value: float,
        name: str,
        unit: str,
        level: float,
        rates_error: float = 0.0,
        *,
        found: bool = True,
        extrapolated: str = "",
    ) -> Self:
        """Return the limit as a number with these attributes."""
        limit = super().__new__(cls, value)
        limit.name, limit.unit, limit.level = name, unit, level
        limit.rates_error, limit.found = rates_error, found
        limit.extrapolated = extrapolated
        return limit

    @property
    def value(self) -> float:
        """The limit as a plain number."""
        return float(self)

    def __getnewargs__(self) -> tuple[float, str, str, float, float]:  # type: ignore[override]
        return float(self), self.name, self.unit, self.level, self.rates_error

    def __repr__(self) -> str:
        level = f"{100 * self.level:.4g} % confidence"
        if self.rates_error > 0:
            level += f"; rates ± {100 * self.rates_error:.2g} % systematic besides"
        if self.extrapolated:
            level += f"; {self.extrapolated}"
        if not self.found:
            level = "not limited by the data: the hard limit"
        return f"{self.name} < {float(self):.3g}{f' {self.unit}' if self.unit else ''} ({level})"

    __str__ = __repr__


def unit_of(item: Parameter) -> str:
    """Return the unit of a parameter; that of a norm depends on its model."""
    if item.name == "norm":
        return NORM_UNITS.get(item.model.partition("#")[0], "")
    return item.unit
