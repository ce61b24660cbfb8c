"""The maps of a sky image, in a size that a page can hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter
from oda_widgets.products.image import SkyImage

MOST_PIXELS = 1024  # per side; more cost seconds per update and show nothing more

FloatMap = NDArray[np.float32]


@dataclass(frozen=True)
class MapKind:
    """One of the maps of an image: what it is called and measured in."""

    name: str
    unit: str

    @property
    def label(self) -> str:
        """What a colour bar says."""
        return f"{self.name.capitalize()} ({self.unit})"


MAPS = (
    MapKind("significance", "σ"),
    MapKind("intensity", "counts/s"),
    MapKind("variance", "(counts/s)²"),
    MapKind("exposure", "s"),
)


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


def block_size(image: SkyImage) -> int:
    """Return how many pixels, per side, one drawn pixel has to hold."""
    return max(1, -(-max(image.shape) // MOST_PIXELS))


def drawn_map(image: SkyImage, name: str) -> FloatMap:
    """Return a map with at most `MOST_PIXELS` per side.

    A drawn pixel shows the highest of its block, so that no point source is averaged away.
    """
    values: FloatMap = getattr(image, map_kind(name).name).astype(np.float32, copy=False)
    block = block_size(image)
    if block == 1:
        return values
    rows, columns = (-(-length // block) for length in values.shape)
    padded = np.full((rows * block, columns * block), -np.inf, dtype=np.float32)
    padded[: values.shape[0], : values.shape[1]] = np.where(np.isnan(values), -np.inf, values)
    highest = padded.reshape(rows, block, columns, block).max(axis=(1, 3))
    return np.where(np.isinf(highest), np.float32(np.nan), highest)
