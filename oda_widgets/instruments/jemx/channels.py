"""The energy channels of the spectra of JEM-X."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EDGES = (
    3.04, 3.52, 4.08, 4.80, 5.52, 6.48, 7.52, 8.82, 10.24, 12.00, 13.92, 16.34, 18.94, 22.06,
    25.88, 30.20, 34.88,
)  # fmt: skip


def channel_edges() -> NDArray[np.float64]:
    """Return the edges of the 16 adjoining channels in keV, shape (17,), from 3.04 to 34.88.

    They are those of the spectra that MMODA makes.

    Examples
    --------
    >>> channel_edges()[:3]
    array([3.04, 3.52, 4.08])
    """
    return np.array(_EDGES)
