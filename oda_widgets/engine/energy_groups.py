"""Groups of energies in which the shape of the background, and the weights, are taken as one.

Spectra and light curves are fitted group by group, in the same groups, so that they add up to the
same rates.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from oda_widgets.request.energy import HIGHEST_KEV, LOWEST_KEV, EnergyBand

_EDGES = (
    15.0,
    20.0,
    24.0,
    28.0,
    34.0,
    39.5,
    50.0,
    60.5,
    79.5,
    99.5,
    119.5,
    150.0,
    201.0,
    299.5,
    999.5,
)
"""In keV; edges of channels, next to those at which bands commonly begin and end."""


def group_edges() -> tuple[float, ...]:
    """Return the edges of all groups in keV."""
    return _EDGES


def group_number(band: EnergyBand) -> int:
    """Return the index of the group in which the middle of a band lies."""
    number = int(np.searchsorted(_EDGES, (band.low + band.high) / 2, side="right")) - 1
    return min(max(number, 0), len(_EDGES) - 2)


def groups_of_band(band: EnergyBand) -> list[EnergyBand]:
    """Return the groups that a band falls into."""
    edges = [band.low, *(edge for edge in _EDGES if band.low < edge < band.high), band.high]
    return [EnergyBand(low, high) for low, high in pairwise(edges)]


def groups_of_channels(edges: NDArray[np.float64]) -> list[tuple[EnergyBand, slice]]:
    """Return the groups, and the channels that each holds.

    Parameters
    ----------
    edges
        Edges of adjoining channels in keV, shape (n_channels + 1,).
    """
    low, high = edges[:-1], edges[1:]
    inside = (low >= LOWEST_KEV) & (high <= HIGHEST_KEV)
    number = np.searchsorted(_EDGES, low, side="right")
    groups = []
    for group in np.unique(number[inside]):
        channels = np.flatnonzero(inside & (number == group))
        first, last = int(channels[0]), int(channels[-1])
        groups.append((EnergyBand(low[first], high[last]), slice(first, last + 1)))
    return groups
