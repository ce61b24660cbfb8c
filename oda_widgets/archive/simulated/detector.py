"""The detector of an epoch: dead and noisy pixels, efficiencies and thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.simulated.epoch import Epoch
from oda_widgets.instruments.isgri import detector as isgri

Weights = NDArray[np.float32]

_EFFICIENCY_SCATTER = 0.05
_LOWEST_EFFICIENCY = 0.5
_NOISY = 0.032  # fraction of noisy pixels
_NOISE = 0.03  # counts/s of each in addition; both as in science window 255900280010


@dataclass(frozen=True)
class Detector:
    """The pixels, flat arrays of shape (134 * 130,).

    Parameters
    ----------
    efficiency
        1 on average, 0 for dead pixels and between the modules.
    threshold
        Lowest energy that is registered, keV.
    noise
        Spurious counts/s. Every event of a pixel with noise is flagged, as in real processing.
    """

    efficiency: Weights
    threshold: Weights
    noise: Weights

    @property
    def peak(self) -> float:
        """The highest efficiency."""
        return float(self.efficiency.max())

    @property
    def noisy(self) -> NDArray[np.bool_]:
        """True for noisy pixels."""
        return self.noise > 0


def detector_of(seed: int, revolution: int, epoch: Epoch) -> Detector:
    """Return the detector of a revolution.

    Parameters
    ----------
    seed
        Of the mission: pixels keep their efficiencies, and dead ones stay dead.
    revolution
        Noisy pixels change with each.
    epoch
        Number of dead pixels, and thresholds.
    """
    exists = isgri.existing_pixels().ravel()
    lasting = np.random.default_rng([seed, _LASTING])
    passing = np.random.default_rng([seed, _PASSING, revolution])
    efficiency = 1 + _EFFICIENCY_SCATTER * lasting.standard_normal(exists.size)
    alive = exists & (lasting.random(exists.size) >= epoch.dead_pixels)
    scatter = lasting.standard_normal(exists.size)
    noise = passing.exponential(_NOISE, exists.size) * (passing.random(exists.size) < _NOISY)
    return Detector(
        efficiency=_weights(np.maximum(efficiency, _LOWEST_EFFICIENCY) * alive),
        threshold=_weights(epoch.low_threshold + epoch.threshold_spread * scatter),
        noise=_weights(noise * alive),
    )


def _weights(values: NDArray[np.float64]) -> Weights:
    return values.astype(np.float32)


# Random streams of one mission.
_LASTING = 1
_PASSING = 2
