"""The coordinates in which a chain walks: logarithms of parameters that cannot be negative.

Most parameters hang together as products of powers, like a norm and the fourth power of a
temperature: along a curve of the parameters, but a straight line of their logarithms. Steps that
know all straight directions come along three to ten times as fast there. What is sampled remains
the density of the parameters.
"""

from __future__ import annotations

import numpy as np

from oda_widgets.fitting.models.grid import Floats

_SMALLEST = 1e-300  # has a logarithm


class Coordinates:
    """Parameters as coordinates and back; arrays of shape (n_points, n_free).

    Parameters
    ----------
    low
        Lower limits of the free parameters, shape (n_free,).
    """

    def __init__(self, low: Floats) -> None:
        self._logarithmic = low >= 0

    def of(self, values: Floats) -> Floats:
        """Return the coordinates of parameters."""
        logarithms = np.log(np.maximum(values, _SMALLEST))
        return np.where(self._logarithmic, logarithms, values)

    def values(self, coordinates: Floats) -> Floats:
        """Return the parameters at coordinates."""
        values = coordinates.copy()
        with np.errstate(over="ignore"):  # infinite is beyond all limits
            values[:, self._logarithmic] = np.exp(coordinates[:, self._logarithmic])
        return values

    def log_volume(self, coordinates: Floats) -> Floats:
        """Return the logarithm of the volume of parameters in a volume of coordinates."""
        volume: Floats = coordinates[:, self._logarithmic].sum(axis=1)
        return volume
