"""Groups of energies that share the shape of the background and the weights.

Spectra and light curves are fitted group by group, in the same groups, so that they add up to the
same rates.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import energy_range

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
"""In keV; the channel edges closest to common limits of bands."""

_BROAD = (39.5, 99.5, 299.5)  # of these
BELOW_THRESHOLD = len(_BROAD) + 1
"""Index of the broad band of groups that most pixels do not record; they scatter much more."""

BROAD_BANDS = len(_BROAD) + 2


def group_edges() -> tuple[float, ...]:
    """Return the edges of all groups in keV."""
    return _EDGES


def groups_within(band: EnergyBand) -> slice:
    """Return the indices of the groups centred in a band, or of the group that contains it."""
    middles = (np.array(_EDGES[:-1]) + _EDGES[1:]) / 2
    first, last = np.searchsorted(middles, [band.low, band.high]).tolist()
    if first == last:
        number = int(np.searchsorted(_EDGES, (band.low + band.high) / 2, side="right")) - 1
        first = min(max(number, 0), len(middles) - 1)
        last = first + 1
    return slice(first, last)


def groups_of_band(band: EnergyBand) -> list[EnergyBand]:
    """Return the groups into which a band is divided."""
    edges = [band.low, *(edge for edge in _EDGES if band.low < edge < band.high), band.high]
    return [EnergyBand(low, high) for low, high in pairwise(edges)]


def groups_of_channels(edges: NDArray[np.float64]) -> list[tuple[EnergyBand, slice]]:
    """Return the groups and the channels of each.

    Parameters
    ----------
    edges
        Edges of adjoining channels in keV, shape (n_channels + 1,).
    """
    low, high = edges[:-1], edges[1:]
    lowest, highest = energy_range("isgri")  # of isgri.toml
    inside = (low >= lowest) & (high <= highest)
    number = np.searchsorted(_EDGES, low, side="right")
    groups = []
    for group in np.unique(number[inside]):
        channels = np.flatnonzero(inside & (number == group))
        first, last = int(channels[0]), int(channels[-1])
        groups.append((EnergyBand(low[first], high[last]), slice(first, last + 1)))
    return groups


def broad_band(group: EnergyBand) -> int:
    """Return the index of the broad band, one of `BROAD_BANDS`, in which a group lies.

    The noise beyond counting statistics is measured in broad bands: a group has too few counts.
    """
    return int(np.searchsorted(_BROAD, (group.low + group.high) / 2))
