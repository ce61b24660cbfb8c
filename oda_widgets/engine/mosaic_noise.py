"""The noise of a mosaic beyond that of its images.

Images of windows are added up as if their errors were independent. But the efficiencies of pixels
are the same in all of them: in one window they are scatter, some per cent of the variance, but
where the telescope returns to nearly the same attitude they add up linearly. So do, in each
direction, sources too faint to be in any fit. As in the image of a window, this noise is measured
on the map itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from oda_widgets.arrays import Singles
from oda_widgets.engine.mosaic import Mosaic, MosaicGrid
from oda_widgets.engine.mosaic_peaks import SignificanceMap
from oda_widgets.engine.noise import noise_curve


@dataclass(frozen=True)
class MosaicNoise:
    """The factor by which the errors of a mosaic exceed those from its images, at least 1.

    Parameters
    ----------
    factor
        Shape of the grid.
    """

    factor: Singles
    grid: MosaicGrid

    @classmethod
    def of(
        cls,
        mosaic: Mosaic,
        sources: Iterable[tuple[float, float]],
        peak_width: float,
        noise_step: int,
    ) -> Self:
        """Measure the noise of a mosaic away from its sources, in zones of equal exposure.

        Parameters
        ----------
        sources
            Directions, (RA, Dec) in degrees.
        peak_width
            Half width of a peak as a tangent.
        noise_step
            Step in grid points at which the noise is measured; see `SkyGrid.noise_step`.
        """
        exposure = mosaic.exposure.astype(np.float32)
        away = SignificanceMap.of(mosaic).without(sources, peak_width).values
        looked_at = np.where(away != 0, exposure, np.float32(0))
        curve = noise_curve(away.astype(np.float32), looked_at, 0.0, noise_step)
        return cls(curve.at(exposure), mosaic.grid)

    def at(self, ra: float, dec: float) -> float:
        """Return the factor in a direction, degrees; 1 outside the mosaic."""
        row, column = self.grid.place(ra, dec)
        rows, columns = self.factor.shape
        if not (0 <= row <= rows - 1 and 0 <= column <= columns - 1):
            return 1.0  # NaN, on the other half of the sky, compares as False
        return float(self.factor[round(row), round(column)])
