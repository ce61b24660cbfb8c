"""The query for a survey: science windows added up on a map of the whole sky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.identity import identity
from oda_widgets.request.instruments import described
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import whole_number
from oda_widgets.request.queries import Query, band_of
from oda_widgets.request.science_windows import parse_identifiers
from oda_widgets.request.timespan import TimeInterval
from oda_widgets.request.words import counted

NSIDE = 512
"""Default resolution: 3 million pixels of 6.9', half the width of a peak of IBIS."""

_COARSEST, _FINEST = 16, 1024


@suggesting_class
@dataclass(frozen=True, kw_only=True, repr=False)
class SurveyQuery:
    """Ask for a map of the whole sky from any number of science windows of ISGRI.

    Parameters
    ----------
    science_windows
        Identifiers, as given by ``site.science_windows``.
    energy
        Band in keV; by default that of the instrument.
    nside
        Pixels along the side of each of the twelve base pixels of HEALPix.

    Raises
    ------
    BadParameter
        If a value is not valid.

    Examples
    --------
    >>> SurveyQuery(science_windows=windows, energy=(28, 150))
    SurveyQuery, ISGRI, 28–150 keV, 1 science window
    """

    # Attributes that all queries have.
    instrument: ClassVar[str] = "isgri"
    intervals: ClassVar[tuple[TimeInterval, ...]] = ()
    catalog: ClassVar[SourceCatalog] = SourceCatalog()

    science_windows: tuple[str, ...]
    energy: EnergyBand = None  # type: ignore[assignment]  # stands for that of the instrument
    nside: int = NSIDE

    def __post_init__(self) -> None:
        band = band_of(self.energy, described(self.instrument))
        object.__setattr__(self, "science_windows", parse_identifiers(self.science_windows))
        object.__setattr__(self, "energy", band)
        object.__setattr__(self, "nside", checked_nside(self.nside))

    def __repr__(self) -> str:
        number = counted(len(self.science_windows), "science window")
        label = described(self.instrument).label
        return f"SurveyQuery, {label}, {self.energy}, {number}"

    @property
    def identity(self) -> str:
        """Hex SHA-256 of the query, independent of the order of windows."""
        band = [self.energy.low, self.energy.high]
        return identity(["SurveyQuery", sorted(self.science_windows), band, self.nside])


def checked_nside(value: Any) -> int:
    """Return the resolution of a survey.

    Raises
    ------
    BadParameter
        If it is not a power of 2 within limits.
    """
    number = whole_number("nside", value, _COARSEST, _FINEST, example=NSIDE)
    if number & (number - 1):
        advice = f"Choose {NSIDE}, whose pixels have 6.9'."
        raise BadParameter("nside", value, "no power of 2", advice)
    return number


AnyQuery = Query | SurveyQuery
