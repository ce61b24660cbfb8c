"""Named positions on the sky."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite, isnan, nan
from typing import TYPE_CHECKING, Self

from oda_widgets.errors import BadParameter, printable
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.names import source_name
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.words import degrees_texts, one_line

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord


NO_POSITION = "no position stated"


@suggesting_class
@dataclass(frozen=True, slots=True)
class Source:
    """A named position.

    Parameters
    ----------
    name
        Name as the user gave it, or as the catalogue spells it.
    ra, dec
        ICRS coordinates in degrees.
    resolved_by
        Origin of the position: "reference catalogue", "SIMBAD", "NED", "coordinates".

    Raises
    ------
    BadParameter
        If it has no name, or its position is not on the sky.

    Examples
    --------
    >>> Source("Crab", 83.633, 22.014)
    Crab at (83.6330, +22.0140) deg, by coordinates
    """

    name: str
    ra: float
    dec: float
    resolved_by: str = field(default="coordinates", compare=False)

    def __repr__(self) -> str:
        if isnan(self.ra):
            return f"{one_line(self.name)}, {NO_POSITION}"
        place = f"({', '.join(degrees_texts(self.ra, self.dec))}) deg"
        return f"{one_line(self.name)} at {place}, by {self.resolved_by}"

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", source_name("name", self.name))
        object.__setattr__(self, "resolved_by", printable(str(self.resolved_by)))
        if self.resolved_by == NO_POSITION and isnan(self.ra) and isnan(self.dec):
            return
        ra = finite_number("ra", self.ra, "deg")
        dec = finite_number("dec", self.dec, "deg")
        if not 0 <= ra < 360:
            raise BadParameter("ra", self.ra, "outside 0 to 360 deg", "Give degrees, J2000.")
        if not -90 <= dec <= 90:
            raise BadParameter("dec", self.dec, "outside -90 to 90 deg", "Give degrees, J2000.")
        object.__setattr__(self, "ra", ra)
        object.__setattr__(self, "dec", dec)

    @classmethod
    def without_position(cls, name: str) -> Self:
        """Return a source with a name and no position.

        Examples
        --------
        >>> Source.without_position("the lamp").has_position
        False
        """
        return cls(name, nan, nan, NO_POSITION)

    @property
    def has_position(self) -> bool:
        """False if the file of the source states no position; `ra` and `dec` are then NaN.

        Examples
        --------
        >>> Source("Crab", 83.633, 22.014).has_position
        True
        """
        return isfinite(self.ra)

    @property
    def position(self) -> SkyCoord:
        """The position as `~astropy.coordinates.SkyCoord`.

        Examples
        --------
        >>> Source("Crab", 83.633, 22.014).position.galactic.to_string(precision=2)
        '184.56 -5.78'
        """
        from astropy.coordinates import SkyCoord  # noqa: PLC0415 - heavy import

        return SkyCoord(self.ra, self.dec, unit="deg", frame="icrs")
