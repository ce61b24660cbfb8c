"""Look up energies by pulse height and rise time in a table, as OSA does in its LUT2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RISE_TIMES = 256
HEIGHTS = 2048


@dataclass(frozen=True)
class EnergyTable:
    """Energies at whole pulse heights and rise times.

    Parameters
    ----------
    energy
        keV, shape (256 rise times, 2048 heights).
    """

    energy: NDArray[np.float64]

    def look_up(
        self, height: NDArray[np.floating], rise_time: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Return the energies of events, linear between heights; never below zero.

        Parameters
        ----------
        height
            Pulse heights in steps of the table, shape (n_events,). Beyond its ends the last step is
            extrapolated.
        rise_time
            Rise times in steps of the table, 0 to 255, shape (n_events,).
        """
        below = np.clip(np.floor(height), 0, HEIGHTS - 2).astype(np.intp)
        cell = rise_time.astype(np.intp) * HEIGHTS + below
        lower, upper = self.energy.take(cell), self.energy.take(cell + 1)
        energy: NDArray[np.float64] = lower + (upper - lower) * (height - below)
        return np.maximum(energy, 0.0, out=energy)
