"""Statistics of sky maps away from their sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

import oda_widgets as oda
from tests.photons.fields import Field
from tests.photons.pointing import Pointing

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_AROUND_SOURCES = 0.5  # degrees that are left out along each axis
_FULLY_CODED = (4.0, 3.8)  # degrees along Y and Z


@dataclass(frozen=True)
class MapStatistics:
    """Mean and standard deviation of the significance, and its extremes.

    Parameters
    ----------
    mean, deviation
        By zone: fully coded, partially coded.
    lowest, highest
        Over the whole map.
    """

    mean: tuple[float, float]
    deviation: tuple[float, float]
    lowest: float
    highest: float

    @classmethod
    def of(cls, image: oda.SkyImage, field: Field) -> Self:
        """Measure the map of one window, away from the true sources."""
        y, z = pixel_offsets(image, field.pointing)
        clear = np.isfinite(image.significance) & away_from_sources(y, z, field)
        full = clear & (np.abs(y) < _FULLY_CODED[0]) & (np.abs(z) < _FULLY_CODED[1])
        zones = [image.significance[zone].astype(float) for zone in (full, clear & ~full)]
        return cls(
            mean=(float(zones[0].mean()), float(zones[1].mean())),
            deviation=(float(zones[0].std()), float(zones[1].std())),
            lowest=float(image.significance[clear].min()),
            highest=float(image.significance[clear].max()),
        )


def pixel_offsets(image: oda.SkyImage, pointing: Pointing) -> tuple[Floats, Floats]:
    """Return the offsets of the pixels from the line of sight along Y and Z, degrees."""
    rows, columns = np.indices(image.shape)
    ra, dec = np.radians(image.wcs.pixel_to_world_values(columns, rows))
    direction = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    along = np.tensordot(pointing.axes(), direction, axes=1)
    return np.degrees(np.arctan2(along[1], along[0])), np.degrees(np.arctan2(along[2], along[0]))


def away_from_sources(y: Floats, z: Floats, field: Field) -> Mask:
    """Return True for the pixels that are not at a source."""
    clear = np.ones(y.shape, dtype=bool)
    for source in field.sources:
        tangents = field.pointing.tangents(source.ra, source.dec)
        at_y, at_z = np.degrees(np.arctan(tangents))
        clear &= np.maximum(np.abs(y - at_y), np.abs(z - at_z)) > _AROUND_SOURCES
    return clear


def pooled(fields: list[MapStatistics], zone: int) -> tuple[float, float]:
    """Return the mean and the standard deviation over many fields."""
    mean = float(np.mean([one.mean[zone] for one in fields]))
    square = float(np.mean([one.deviation[zone] ** 2 + one.mean[zone] ** 2 for one in fields]))
    return mean, float(np.sqrt(square - mean**2))
