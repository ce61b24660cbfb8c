"""The blur of recorded positions: a mixture of normal distributions.

The resolution of a detector depends on energy, so no single normal distribution describes it in a
wide band: for a source of thousands of sigma the difference is visible in the map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats, Singles


@dataclass(frozen=True)
class PositionBlur:
    """A mixture of normal distributions, the same along both axes.

    Parameters
    ----------
    sigmas
        Standard deviations along an axis, mm.
    fractions
        Fraction of the events in each; they sum to 1.
    """

    sigmas: tuple[float, ...]
    fractions: tuple[float, ...] = (1.0,)

    @classmethod
    def mixed(cls, sigma: Floats, weight: Floats, parts: int, step: float) -> PositionBlur:
        """Return a few normal distributions that represent many.

        Parameters
        ----------
        sigma
            Standard deviations, mm, shape (n,).
        weight
            Number of events of each, shape (n,).
        parts
            Largest number of distributions to return; each stands for as many events.
        step
            Standard deviations are rounded to multiples of it, mm.
        """
        order = np.argsort(sigma)
        shares = weight[order] / weight.sum()
        part = np.minimum((np.cumsum(shares) - shares / 2) * parts, parts - 1).astype(int)
        held = np.bincount(part, shares, parts)
        variance = np.bincount(part, shares * sigma[order] ** 2, parts)
        known = held > 0
        rounded = np.rint(np.sqrt(variance[known] / held[known]) / step) * step
        values, place = np.unique(rounded, return_inverse=True)
        fractions = np.bincount(place, held[known])
        return cls(tuple(values.tolist()), tuple(fractions.tolist()))

    @property
    def rms(self) -> float:
        """Standard deviation of the mixture along an axis, mm."""
        return float(np.sqrt(np.average(np.square(self.sigmas), weights=self.fractions)))

    def transfer(self, along_z: Floats, along_y: Floats) -> Singles:
        """Return the transfer function, the factors of the frequencies of an image.

        Parameters
        ----------
        along_z, along_y
            Frequencies per mm, shape (n,) and (m,).

        Returns
        -------
        numpy.ndarray
            Shape (n, m).
        """
        passed = np.zeros((len(along_z), len(along_y)), np.float32)
        for sigma, fraction in zip(self.sigmas, self.fractions, strict=True):
            z, y = (
                np.exp(-2 * (np.pi * sigma * one) ** 2).astype(np.float32)
                for one in (along_z, along_y)
            )
            passed += np.float32(fraction) * z[:, None] * y
        return passed
