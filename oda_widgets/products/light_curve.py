"""Light curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.products.observation import Observation
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.source import Source


@dataclass(frozen=True)
class LightCurve:
    """The light curve of one source, from a fit of all sources together in each bin.

    Bins without good time are left out; all arrays have the shape (n_bins,).

    Parameters
    ----------
    source
        Whose light curve it is.
    energy
        The band.
    time
        Centres of the bins, IJD days.
    width
        Lengths of the bins, seconds.
    rate, error
        Counts per second as seen on axis, and their errors.
    exposed_fraction
        Good time over length.
    total_counts
        Counts of the whole detector in the bin.
    background, background_error
        Fitted background of the whole detector, counts per second.
    observation
        What was observed.
    """

    source: Source
    energy: EnergyBand
    time: NDArray[np.float64]
    width: NDArray[np.float64]
    rate: NDArray[np.float64]
    error: NDArray[np.float64]
    exposed_fraction: NDArray[np.float64]
    total_counts: NDArray[np.float64]
    background: NDArray[np.float64]
    background_error: NDArray[np.float64]
    observation: Observation

    @property
    def name(self) -> str:
        """Name of the source."""
        return self.source.name

    def __len__(self) -> int:
        return len(self.time)
