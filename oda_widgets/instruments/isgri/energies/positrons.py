"""Check energies by the line of positrons at 511 keV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

POSITRONS = 511.0
"""keV."""

_WIDTH = 0.036
"""Standard deviation of the line relative to its energy."""

_PLACES = np.arange(440.0, 600.0, 4.0)
"""Energies at which it is searched, keV."""

_AROUND = np.linspace(0.75, 1.25, 51)
"""Edges of the bins around the line, relative to its energy."""

_SEEN = 6.0
"""Least significance at which it counts as detected; it has 10 in an hour of 2022."""

_NEAR = 0.03
"""Largest relative deviation from 511 keV."""


def positrons_in_place(energy: NDArray[np.float32]) -> bool:
    """Return True if the line at 511 keV is detected in its place.

    Parameters
    ----------
    energy
        Of the background, keV, shape (n_events,).

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> continuum = random.uniform(300, 800, 50_000)
    >>> line = random.normal(511, 18, 2_000)
    >>> positrons_in_place(np.append(continuum, line))
    True
    >>> positrons_in_place(np.append(continuum, 1.08 * line))
    False
    """
    edges = np.arange(300.0, 800.0)
    counts = np.histogram(energy, edges)[0]
    below = np.append(0.0, np.cumsum(counts))
    significance = np.array([_significance(edges, below, place) for place in _PLACES])
    best = int(np.argmax(significance))
    near = abs(_PLACES[best] / POSITRONS - 1.0) < _NEAR
    return bool(near and significance[best] > _SEEN)


def _significance(edges: Floats, below: Floats, place: float) -> float:
    """Return the significance of a line at `place`, keV, above a smooth continuum."""
    counts = np.diff(np.interp(place * _AROUND, edges, below))
    apart = (_AROUND[1:] + _AROUND[:-1]) / 2 - 1.0
    line = np.exp(-0.5 * (apart / _WIDTH) ** 2)
    design = np.stack([line, *(apart**power for power in range(3))], axis=1)
    weight = 1.0 / np.maximum(counts, 1.0)
    covariance = np.linalg.inv((design.T * weight) @ design)
    height = float(covariance[0] @ (design.T @ (weight * counts)))
    return height / float(np.sqrt(covariance[0, 0]))
