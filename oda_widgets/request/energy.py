"""Energy bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import number_within

LOWEST_KEV = 15.0
HIGHEST_KEV = 1000.0
_ANY = (0.0, 1e15)  # keV: what a file of any instrument may state
_JEMX = (3.0, 35.0)
# keV: what each instrument of INTEGRAL sees.
_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "isgri": (LOWEST_KEV, HIGHEST_KEV),
        "jemx": _JEMX,
        "jemx1": _JEMX,
        "jemx2": _JEMX,
        "picsit": (170.0, 10_000.0),
        "spi": (18.0, 8000.0),
        "spi_acs": (80.0, 100_000.0),
    }
)


def energy_range(instrument: str) -> tuple[float, float]:
    """Return the lowest and the highest energy that an instrument sees, keV.

    Parameters
    ----------
    instrument
        "isgri", "jemx1", "spi_acs" and so on; of one that is not INTEGRAL's any energy is taken.

    Examples
    --------
    >>> energy_range("jemx1")
    (3.0, 35.0)
    """
    return _RANGES.get(instrument, _ANY)


@dataclass(frozen=True, slots=True)
class EnergyBand:
    """A band of reconstructed energy, ``low <= E < high``.

    Parameters
    ----------
    low, high
        Edges in keV, 0 or more. What an instrument sees is checked by `within`.

    Raises
    ------
    BadParameter
        If an edge is not an energy or the band is empty.

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
        low = number_within("energy", self.low, *_ANY, "keV")
        high = number_within("energy", self.high, *_ANY, "keV")
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
            If it is none of these, an edge is not an energy or the band is empty.

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

    def within(self, instrument: str) -> Self:
        """Return the band if an instrument sees all of it.

        Raises
        ------
        BadParameter
            If an edge is outside the range of the instrument.

        Examples
        --------
        >>> EnergyBand(3, 10).within("jemx1")
        EnergyBand 3–10 keV
        """
        for edge in (self.low, self.high):
            number_within("energy", edge, *energy_range(instrument), "keV")
        return self

    def __repr__(self) -> str:
        return f"EnergyBand {self}"

    def __str__(self) -> str:
        if (self.low, self.high) == _ANY:
            return "all energies"
        return f"{self.low:g}–{self.high:g} keV"
