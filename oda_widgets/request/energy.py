"""Energy bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import number_within

LOWEST_KEV = 15.0
HIGHEST_KEV = 1000.0


@dataclass(frozen=True, slots=True)
class EnergyBand:
    """A band of reconstructed energy, ``low <= E < high``.

    Parameters
    ----------
    low, high
        Edges in keV, from 15 to 1000.

    Raises
    ------
    BadParameter
        If an edge is outside the limits or the band is empty.

    Examples
    --------
    >>> EnergyBand(20, 40)
    EnergyBand 20–40 keV
    >>> EnergyBand(40, 20)
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: energy=(40.0, 20.0): the lower edge must be below the upper ...
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        low = number_within("energy", self.low, LOWEST_KEV, HIGHEST_KEV, "keV")
        high = number_within("energy", self.high, LOWEST_KEV, HIGHEST_KEV, "keV")
        if not low < high:
            limit = "the lower edge must be below the upper edge"
            advice = f"Write energy=({min(low, high):g}, {max(low, high):g})."
            if low == high:
                advice = f"Widen the band, for example energy=({low:g}, {low + 20:g})."
            raise BadParameter("energy", (low, high), limit, advice)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Return a band from a band, a pair of numbers (keV) or a pair of quantities.

        Raises
        ------
        BadParameter
            If it is none of these, an edge is outside the limits or the band is empty.

        Examples
        --------
        >>> EnergyBand.parse(("20", 40))
        EnergyBand 20–40 keV
        """
        if isinstance(value, cls):
            return value
        try:
            low, high = value
        except (TypeError, ValueError):
            limit = "not a pair of energies"
            raise BadParameter("energy", value, limit, "Write energy=(20, 40), in keV.") from None
        return cls(low, high)

    def __repr__(self) -> str:
        return f"EnergyBand {self}"

    def __str__(self) -> str:
        return f"{self.low:g}–{self.high:g} keV"
