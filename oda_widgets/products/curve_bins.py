"""The bins of a light curve joined into longer ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

Members = list[NDArray[np.int_]]
"""The numbers of the bins that each longer bin is joined from."""


def between_edges(time: Floats, edges: Floats) -> Members:
    """Return the bins between each pair of edges; pairs with no bin between are left out.

    A bin belongs to the pair that holds its time: ``edges[i] <= time < edges[i + 1]``.

    Parameters
    ----------
    time
        Instants of the bins, in order.
    edges
        In order, in the unit of `time`.
    """
    place = np.searchsorted(edges, time, side="right")
    inside = np.flatnonzero((place > 0) & (place < len(edges)))
    return _runs(inside, place[inside])


def of_length(time: Floats, start: float, length: float) -> Members:
    """Return the bins in each stretch of one length, counted from `start`."""
    place = np.floor((time - start) / length + 1e-9).astype(np.intp)
    return _runs(np.arange(len(time)), place)


def to_significance(counts: Floats, errors: Floats, least: float) -> Members:
    """Return the fewest bins in a row whose sums are `least` times their errors.

    What is left over at the end belongs to the last of them.

    Parameters
    ----------
    counts, errors
        Rates times exposure, and their errors, in the order of time.
    least
        Signal over noise that each longer bin shall reach.
    """
    number = np.zeros(len(counts), dtype=np.intp)
    signal = noise = 0.0
    reached = 0
    for place, (count, error) in enumerate(zip(counts, errors, strict=True)):
        number[place] = reached
        signal, noise = signal + count, noise + error**2
        if signal >= least * noise**0.5:
            reached, signal, noise = reached + 1, 0.0, 0.0
    return _runs(np.arange(len(counts)), np.minimum(number, max(reached - 1, 0)))


def sums(values: Floats, members: Members) -> Floats:
    """Return the sum of the values in each longer bin."""
    return np.array([values[chosen].sum() for chosen in members], dtype=float)


def _runs(bins: NDArray[np.int_], place: NDArray[np.int_]) -> Members:
    """Return the bins of each place in turn."""
    if not len(bins):
        return []
    return np.split(bins, np.flatnonzero(np.diff(place)) + 1)
