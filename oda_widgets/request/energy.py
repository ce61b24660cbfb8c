"""Energy bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from oda_widgets.errors import BadParameter
from oda_widgets.request.arguments import pair
from oda_widgets.request.instrument import ANY_ENERGY
from oda_widgets.request.instruments import (
    energy_range,
    label_of,
    narrowest_channel,
    thresholds,
)
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within

_ROUNDING = 1 - 1e-9


@suggesting_class
@dataclass(frozen=True, slots=True)
class EnergyBand:
    """A band of reconstructed energy, ``low <= E < high``.

    Parameters
    ----------
    low, high
        Edges in keV, 0 or more. `within` checks them against the range of an instrument.

    Raises
    ------
    BadParameter
        If an edge is not an energy or the band is empty.

    Examples
    --------
    >>> EnergyBand(20, 40)
    EnergyBand 20–40 keV
    >>> EnergyBand(80, 1e5)  # of SPI-ACS, which counts whatever is above a threshold
    EnergyBand above 80 keV
    >>> EnergyBand(40, 20)
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: energy=(40.0, 20.0): the lower edge must be below the upper ...
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        low = number_within("energy", self.low, *ANY_ENERGY, "keV")
        high = number_within("energy", self.high, *ANY_ENERGY, "keV")
        if not low < high:
            limit = "the lower edge must be below the upper edge"
            advice = f"Write energy=({min(low, high):g}, {max(low, high):g})."
            if low == high:
                advice = f"Widen the band, for example energy=({low:g}, {low + 20:g})."
            raise BadParameter("energy", (low, high), limit, advice)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @classmethod
    def parse(cls, value: Any, seen: tuple[float, float] = ANY_ENERGY) -> Self:
        """Return a value as a band.

        Parameters
        ----------
        value
            A band, a pair of numbers (keV) or a pair of quantities.
        seen
            Lowest and highest energy allowed, keV.

        Raises
        ------
        BadParameter
            If it is none of these, an edge is out of range or the band is empty.

        Examples
        --------
        >>> EnergyBand.parse(("20", 40))
        EnergyBand 20–40 keV
        """
        if isinstance(value, cls):
            return value
        advice = "Write energy=(20, 40), in keV."
        low, high = pair("energy", value, "not a pair of energies", advice)
        for edge in (low, high):
            number_within("energy", edge, *seen, "keV")
        return cls(low, high)

    def within(self, instrument: str) -> Self:
        """Check that an instrument sees and resolves the whole band, and return it.

        Raises
        ------
        BadParameter
            If an edge is outside the range of the instrument, or the band is narrower than the
            narrowest of its channels.

        Examples
        --------
        >>> EnergyBand(3, 10).within("jemx1")
        EnergyBand 3–10 keV
        """
        for edge in (self.low, self.high):
            number_within("energy", edge, *energy_range(instrument), "keV")
        narrowest = narrowest_channel(instrument)
        low, high = energy_range(instrument)
        if (self.low, self.high) != (low, high) and narrowest >= high - low:
            limit = f"{label_of(instrument)} has one band, above {low:g} keV"
            raise BadParameter("energy", (self.low, self.high), limit, "Leave the energy out.")
        if self.high - self.low < narrowest * _ROUNDING:
            limit = f"narrower than a channel of {label_of(instrument)}, {narrowest:g} keV"
            top = min(self.low + max(narrowest, 10.0), energy_range(instrument)[1])
            advice = f"Write for example energy=({min(self.low, top - narrowest):g}, {top:g})."
            raise BadParameter("energy", (self.low, self.high), limit, advice)
        return self

    def __repr__(self) -> str:
        return f"EnergyBand {self}"

    def __str__(self) -> str:
        if (self.low, self.high) == ANY_ENERGY:
            return "all energies"
        if (self.low, self.high) in thresholds():
            return f"above {self.low:g} keV"
        return f"{self.low:g}–{self.high:g} keV"
