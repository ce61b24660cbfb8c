"""The bins of energy on which models are evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

Values = Sequence[float] | Floats

_LOWEST = 1e-3  # keV; a power law has no integral from zero
# Nodes and weights of Gauss and Legendre on (0, 1).
_NODES: Floats = 0.5 + np.array([-0.5, 0.0, 0.5]) * np.sqrt(0.6)
_WEIGHTS: Floats = np.array([5.0, 8.0, 5.0]) / 18.0
_ALL = slice(None)


class Grid:
    """Adjoining bins of energy, with the arrays that models use often.

    Parameters
    ----------
    edges
        keV, increasing, shape (n_bins + 1,).
    """

    def __init__(self, edges: Floats) -> None:
        self.edges = np.ascontiguousarray(np.maximum(edges, _LOWEST), dtype=np.float64)

    def __len__(self) -> int:
        return len(self.edges) - 1

    @cached_property
    def width(self) -> Floats:
        """Widths of the bins, keV."""
        return np.diff(self.edges)

    @cached_property
    def middle(self) -> Floats:
        """Middles of the bins, keV."""
        return 0.5 * (self.edges[1:] + self.edges[:-1])

    @cached_property
    def log_edges(self) -> Floats:
        """Natural logarithm of the edges in keV."""
        return np.log(self.edges)

    @cached_property
    def nodes(self) -> Floats:
        """Three energies in each bin, keV, shape (3, n_bins), for `integrate`."""
        return self.edges[:-1] + _NODES[:, np.newaxis] * self.width

    @cached_property
    def log_nodes(self) -> Floats:
        """Natural logarithm of the nodes in keV."""
        return np.log(self.nodes)

    @cached_property
    def short_edges(self) -> NDArray[np.float32]:
        """The edges as 4-byte numbers, which older models of XSPEC take."""
        return self.edges.astype(np.float32)

    def integrate(self, density: Floats, bins: slice = _ALL) -> Floats:
        """Return the integral over each bin of values at the nodes (Gauss-Legendre).

        Parameters
        ----------
        density
            Values at the nodes of these bins, shape (3, n_bins).
        bins
            Bins to integrate over.
        """
        means: Floats = _WEIGHTS @ density
        integral: Floats = means * self.width[bins]
        return integral
