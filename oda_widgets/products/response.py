"""The response of an instrument: which channel a photon of which energy ends up in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Response:
    """Redistribution matrix and effective area of a spectrum.

    Parameters
    ----------
    energy_low, energy_high
        Edges of the bins of true energy in keV, shape (n_energies,).
    channel_low, channel_high
        Edges of the channels in keV, shape (n_channels,).
    redistribution
        Probability to be counted in a channel, shape (n_energies, n_channels); a row sums to 1
        or less.
    area
        Effective area in cm2, shape (n_energies,).
    first_channel
        Number of the first channel.
    origin
        Where it comes from, for the header.
    """

    energy_low: NDArray[np.float64]
    energy_high: NDArray[np.float64]
    channel_low: NDArray[np.float64]
    channel_high: NDArray[np.float64]
    redistribution: NDArray[np.float64]
    area: NDArray[np.float64]
    first_channel: int = 0
    origin: str = ""

    def fold(self, photon_flux: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the count rate per channel.

        Parameters
        ----------
        photon_flux
            Photons per cm2 and second in each bin of true energy, shape (n_energies,).
        """
        rate: NDArray[np.float64] = (photon_flux * self.area) @ self.redistribution
        return rate
