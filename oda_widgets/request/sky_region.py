"""Circles and boxes on the sky, as drawn on images and read from region files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from oda_widgets.errors import BadParameter
from oda_widgets.request.longitudes import right_ascension
from oda_widgets.request.names import source_name
from oda_widgets.request.numbers import finite_number, number_within
from oda_widgets.request.words import degrees_texts

CIRCLE, BOX = "circle", "box"
SIZES = {CIRCLE: 1, BOX: 2}  # number of lengths of each kind
LARGEST = 90.0  # degrees
SMALLEST = 1e-6
_ADVICE = "Give degrees."


@dataclass(frozen=True, slots=True)
class SkyRegion:
    """A circle or a box around a position.

    Parameters
    ----------
    name
        At least one character.
    kind
        "circle" or "box".
    ra, dec
        Centre, degrees (J2000).
    size
        Radius of a circle; width along right ascension and height of a box. Degrees.
    angle
        Rotation of a box, anticlockwise on the sky, 0 to 360 degrees.
    excluded
        True if the inside is to be left out; DS9 writes a minus before such regions.

    Raises
    ------
    BadParameter
        If it has no name, is not on the sky, or a length is out of range.

    Examples
    --------
    >>> SkyRegion("Crab", "circle", 83.633, 22.014, (0.5,))
    Crab: circle around (83.6330, +22.0140) deg, radius 0.5 deg
    """

    name: str
    kind: str
    ra: float
    dec: float
    size: tuple[float, ...]
    angle: float = 0.0
    excluded: bool = False

    def __post_init__(self) -> None:
        name = source_name("name", self.name).strip()
        if self.kind not in SIZES:
            raise BadParameter("kind", self.kind, "neither circle nor box", "Write one of them.")
        if len(self.size) != SIZES[self.kind]:
            limit = f"a {self.kind} has {SIZES[self.kind]} of them"
            raise BadParameter("size", self.size, limit, _ADVICE)
        size = tuple(number_within("size", one, SMALLEST, LARGEST, "deg") for one in self.size)
        ra, dec = right_ascension("ra", self.ra), number_within("dec", self.dec, -90, 90, "deg")
        fields = {"name": name, "ra": ra, "dec": dec, "size": size}
        for field, value in (fields | {"angle": finite_number("angle", self.angle) % 360}).items():
            object.__setattr__(self, field, value)

    def __repr__(self) -> str:
        names = ("radius",) if self.kind == CIRCLE else ("width", "height")
        lengths = (f"{name} {one:g} deg" for name, one in zip(names, self.size, strict=True))
        turned = f", turned by {self.angle:g} deg" if self.angle else ""
        middle = f"({', '.join(degrees_texts(self.ra, self.dec))}) deg"
        without = ", excluded" if self.excluded else ""
        return f"{self.name}: {self.kind} around {middle}, {', '.join(lengths)}{turned}{without}"


def with_own_names(regions: Iterable[SkyRegion]) -> tuple[SkyRegion, ...]:
    """Return regions with distinct names, by adding numbers to repeated ones.

    Examples
    --------
    >>> region = SkyRegion("a", "circle", 1, 2, (1,))
    >>> [each.name for each in with_own_names([region, region])]
    ['a', 'a 2']
    """
    found: dict[str, SkyRegion] = {}
    for region in regions:
        name, number = region.name, 1
        while name in found:
            number += 1
            name = f"{region.name} {number}"
        found[name] = region if name == region.name else replace(region, name=name)
    return tuple(found.values())
