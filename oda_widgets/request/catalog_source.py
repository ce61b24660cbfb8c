"""One source of a catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, hypot, isfinite, nan, radians
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog_checks import checked_source
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.words import degrees_texts, one_line, significance_text, with_error


@suggesting_class
@dataclass(frozen=True, slots=True)
class CatalogSource:
    """One source of a catalogue.

    Two sources are equal if name, position and selection are equal: these are part of the identity
    of a query. Measured values are not.

    Parameters
    ----------
    name
        Name in the catalogue, or ``NEW_n`` for a source that no catalogue knows.
    ra, dec
        Position at which the flux was measured, degrees (J2000).
    significance
        Significance of the detection, from the score test of "no source" (Rao 1948). For a bright
        source it exceeds flux / flux_error, since the error of the flux includes the counting noise
        of the source itself. NaN if not measured.
    flux, flux_error
        On-axis equivalent counts per second in the band of the image; NaN if not measured.
    error_radius
        90 % radius of the position in degrees.
    ra_fit, dec_fit
        Position of the peak found in the image, degrees; NaN if not fitted.
    new
        True if no catalogue knows the source.
    selected
        False if the next query leaves it out.

    Raises
    ------
    BadParameter
        If it has no name, its position is not on the sky, a measured value is neither finite nor
        NaN, or an error is below 0.

    Examples
    --------
    >>> oda.CatalogSource("Crab", 83.633, 22.014, significance=146.8)
    Crab at (83.6330, +22.0140) deg, significance 146.8
    """

    name: str
    ra: float
    dec: float
    significance: float = field(default=nan, compare=False)
    flux: float = field(default=nan, compare=False)
    flux_error: float = field(default=nan, compare=False)
    error_radius: float = field(default=0.0, compare=False)
    ra_fit: float = field(default=nan, compare=False)
    dec_fit: float = field(default=nan, compare=False)
    new: bool = field(default=False, compare=False)
    selected: bool = True

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in self.__slots__}
        for name, value in checked_source(given).items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        sigmas = significance_text(self.significance)
        facts = [
            f"{one_line(self.name)} at ({', '.join(degrees_texts(self.ra, self.dec))}) deg",
            f"significance {sigmas}" if sigmas else "",
            f"{with_error(self.flux, self.flux_error)} counts/s" if isfinite(self.flux) else "",
            "new" if self.new else "",
            "" if self.selected else "not selected",
        ]
        return ", ".join(fact for fact in facts if fact)

    def separation(self, other: CatalogSource) -> float:
        """Return the angle to another source in degrees (exact to 1 % below 5 deg).

        Parameters
        ----------
        other
            A source of this or another catalogue.

        Raises
        ------
        BadParameter
            If it is not a source of a catalogue.

        Examples
        --------
        >>> round(catalog[0].separation(catalog[1]), 1)
        14.3
        """
        _check_source(other)
        step_ra = (self.ra - other.ra + 180) % 360 - 180
        return hypot(step_ra * cos(radians((self.dec + other.dec) / 2)), self.dec - other.dec)


def _check_source(value: Any) -> None:
    if not isinstance(value, CatalogSource):
        advice = 'Give one of a catalogue, or CatalogSource("Crab", 83.633, 22.014).'
        raise BadParameter("other", value, "not a source of a catalogue", advice)
