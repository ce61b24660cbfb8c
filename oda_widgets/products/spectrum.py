"""Spectra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.products.observation import Observation
from oda_widgets.products.response import Response
from oda_widgets.request.source import Source

GOOD = 0
BAD = 3  # what MMODA writes for a channel without data


@dataclass(frozen=True)
class Spectrum:
    """The spectrum of one source, from a fit of all sources together.

    Parameters
    ----------
    source
        Whose spectrum it is.
    rate, error
        Counts per second per channel as seen on axis, and their statistical errors, shape
        (n_channels,). Channels without data hold NaN and infinity.
    quality
        0 for a good channel, 3 for one without data.
    systematic_error
        Fraction of the rate, shape (n_channels,).
    response
        What the channels mean.
    observation
        What was observed.
    """

    source: Source
    rate: NDArray[np.float64]
    error: NDArray[np.float64]
    quality: NDArray[np.int16]
    systematic_error: NDArray[np.float64]
    response: Response
    observation: Observation

    @property
    def name(self) -> str:
        """Name of the source."""
        return self.source.name

    @property
    def channel_low(self) -> NDArray[np.float64]:
        """Lower edges of the channels, keV."""
        return self.response.channel_low

    @property
    def channel_high(self) -> NDArray[np.float64]:
        """Upper edges of the channels, keV."""
        return self.response.channel_high
