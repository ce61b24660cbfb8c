"""The noise of a sky map as a multiple of counting statistics.

Unmeasured efficiencies of pixels are correlated by the electronics, and add noise to the image that
grows towards the edge of the field. It is measured on the residual map itself, in zones of equal
information, and enters all errors; OSA's maps, whose significances have a standard deviation of 1.8
to 2.3, leave this to the reader. With pure counting statistics the factor is 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from oda_widgets.arrays import Singles

_ZONES = 8
_SPACING = 1.0  # detector pixels between the points that are used
_MEDIAN_OF_SQUARE = 0.4549364  # of a standard normal variable
_INDEPENDENT = 2.72  # detector pixels: a square of this side holds one independent value
_ERROR_OF_MEDIAN = 1.17  # of a spread measured by the median of n values, times sqrt(n)


@dataclass(frozen=True)
class NoiseCurve:
    """The factor by which errors exceed counting statistics, as a function of information.

    Parameters
    ----------
    information
        1 / variance by counting statistics in the middle of each zone, rising.
    factor
        Noise over counting statistics in each zone, at least 1.
    """

    information: tuple[float, ...] = (1.0,)
    factor: tuple[float, ...] = (1.0,)

    def at(self, information: Singles) -> Singles:
        """Return the factor for information of any shape."""
        return np.interp(information, self.information, self.factor).astype(np.float32)


def noise_curve(
    significance: Singles, information: Singles, limit: float, oversampling: float
) -> NoiseCurve:
    """Measure the noise of a residual map.

    One standard error is subtracted, so that chance is not mistaken for noise.

    Parameters
    ----------
    significance
        Residual map, all known sources fitted.
    information
        1 / variance by counting statistics, same shape.
    limit
        Information below which a direction is outside the field of view.
    oversampling
        Grid points per axis and detector pixel of ISGRI, or per `SkyGrid.fineness` finer pixels.
        Less than 1 where points are farther apart.
    """
    stride = max(round(_SPACING * oversampling), 1)
    points_per_peak = (_INDEPENDENT * oversampling / stride) ** 2
    values = significance[::stride, ::stride]
    level = information[::stride, ::stride]
    seen = level > limit
    if seen.sum() < 100 * _ZONES:
        return NoiseCurve()
    level, height = level[seen], np.abs(values[seen])
    ends = np.ceil(np.linspace(0, len(level) - 1, _ZONES + 1)).astype(int)
    ends[-1] = len(level)
    # Zones and medians need no order within; sorting takes three times as long.
    order = np.argpartition(level, ends[1:-1])
    level, height = level[order], height[order]
    zones = [slice(first, last) for first, last in pairwise(ends.tolist())]
    factor = 1.0 - _ERROR_OF_MEDIAN * np.sqrt(points_per_peak * _ZONES / len(level))
    squares = [_middle(height[zone], power=2) for zone in zones]
    spread = [float(np.sqrt(square / _MEDIAN_OF_SQUARE)) * factor for square in squares]
    middles = [_middle(level[zone]) for zone in zones]
    return NoiseCurve(tuple(map(float, middles)), tuple(max(float(x), 1.0) for x in spread))


def _middle(values: Singles, power: int = 1) -> float:
    """Return the median of a power of positive values."""
    middle = [(len(values) - 1) // 2, len(values) // 2]
    low, high = np.partition(values, middle)[middle].tolist()
    return float(low**power + high**power) / 2
