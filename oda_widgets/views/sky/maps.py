"""The maps of a sky image: names, units and colours."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from oda_widgets.arrays import Singles
from oda_widgets.errors import BadParameter
from oda_widgets.products.image import SkyImage
from oda_widgets.views.sky.north_up import NorthUp, block_size, north_up


@dataclass(frozen=True)
class MapKind:
    """Name and unit of one of the maps of an image."""

    name: str
    unit: str

    @property
    def label(self) -> str:
        """Label of the colour bar."""
        return f"{self.name.capitalize()} ({self.unit})"


MAPS = (
    MapKind("significance", "σ"),
    MapKind("intensity", "counts/s"),
    MapKind("variance", "(counts/s)²"),
    MapKind("exposure", "s"),
)


@dataclass(frozen=True)
class DrawnImage:
    """An image as it is drawn: north up.

    Parameters
    ----------
    image
        The product.
    display
        Place of its pixels on screen.
    """

    image: SkyImage
    display: NorthUp

    @classmethod
    def of(cls, image: SkyImage) -> DrawnImage:
        """Return the drawing of an image."""
        return cls(image, north_up(image))

    def map(self, name: str) -> Singles:
        """Return one of the maps."""
        values: Singles = getattr(self.image, map_kind(name).name)
        return self.display.sample(values, block_size(self.image))

    def values_at(self, x: float, y: float) -> dict[str, float] | None:
        """Return the value of each map at a pixel of the display; None where there is none."""
        row, column = round(y), round(x)
        rows, columns = self.display.shape
        if not (0 <= row < rows and 0 <= column < columns) or self.display.rows[row, column] < 0:
            return None
        place = self.display.rows[row, column], self.display.columns[row, column]
        found = {kind.name: float(getattr(self.image, kind.name)[place]) for kind in MAPS}
        return found if isfinite(found["significance"]) else None


def map_kind(name: str) -> MapKind:
    """Return the kind of map with a name.

    Raises
    ------
    BadParameter
        If there is none.
    """
    for kind in MAPS:
        if kind.name == name:
            return kind
    advice = f"Choose one of: {', '.join(kind.name for kind in MAPS)}."
    raise BadParameter("map", name, "not a map of the image", advice)
