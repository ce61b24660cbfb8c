"""The efficiencies of pixels in the channels of a group, relative to the whole group.

Where only the mean over the pixels of a module is known by energy, the efficiency of a pixel in the
whole group shows where its threshold is, and so its efficiency in each channel. In a fit, pixels of
low efficiency, which have the highest thresholds, weigh more than their counts: with means,
channels near the threshold would be up to a tenth too low at one end of a group and too high at the
other.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.background import Background
from oda_widgets.instruments.sensitivity import Sensitivity

_LEAST = 1e-9

_UNLIKE = 0.01
"""Relative variance of the efficiencies of pixels far above their thresholds."""

_STEP = 0.25
"""Distance between thresholds, keV."""


def channel_efficiencies(
    sensitivity: Sensitivity | None, edges: Floats, background: Background
) -> Floats | None:
    """Return the efficiency of pixels in channels, relative to that in their group.

    Parameters
    ----------
    sensitivity
        Sensitivity of the pixels by energy.
    edges
        Edges of the channels of the group in keV, shape (n_channels + 1,).
    background
        Fitted in the group, with the efficiency of each pixel there.

    Returns
    -------
    efficiencies
        Shape (n_channels, 134 * 130); None if they are constant inside the group.
    """
    low, high = float(edges[0]), float(edges[-1])
    if sensitivity is None or sensitivity.is_flat(low, high):
        return None
    mean = np.maximum(sensitivity.in_band(low, high), _LEAST)
    bends = np.stack([(sensitivity.in_band(*pair) / mean).ravel() for pair in pairwise(edges)])
    seen = (background.efficiency / (mean * sensitivity.gain)).ravel()
    used = np.flatnonzero(background.used.ravel())
    if sensitivity.reach is None or np.allclose(seen[used], 1.0):
        return bends
    known = (1.0 / (background.scatter.ravel()[used] + _UNLIKE)).astype(np.float32)
    possible = _Thresholds.around(sensitivity, edges)
    for module, curve in enumerate(sensitivity.curves):
        of_module = sensitivity.curve.ravel()[used] == module
        pixels = used[of_module]
        if len(pixels):
            share = possible.share(sensitivity.energy, curve)
            own = possible.bends(share, seen[pixels], known[of_module])
            mean = own @ seen[pixels] / seen[pixels].sum()
            bends[:, pixels] *= own / np.maximum(mean, _LEAST)[:, None]
    return bends


@dataclass(frozen=True)
class _Thresholds:
    """Possible thresholds of pixels, and the efficiencies at each.

    Parameters
    ----------
    energy
        The thresholds, keV, shape (n_thresholds,).
    half
        Energy above its threshold at which a pixel records half of the photons, keV.
    of_group
        Efficiency in the group, shape (n_thresholds,).
    of_channels
        Efficiency in each channel, shape (n_channels, n_thresholds).
    """

    energy: Floats
    half: float
    of_group: Floats
    of_channels: Floats

    @classmethod
    def around(cls, sensitivity: Sensitivity, edges: Floats) -> Self:
        """Return the thresholds that affect channels with given edges, keV."""
        low, high = float(edges[0]), float(edges[-1])
        reach = sensitivity.reach or 0.0
        energy = np.arange(low - 2 * reach, high + _STEP, _STEP)
        parts = [sensitivity.of_thresholds(energy, *pair) for pair in pairwise(edges)]
        return cls(
            energy, sensitivity.half, sensitivity.of_thresholds(energy, low, high), np.stack(parts)
        )

    def share(self, energy: Floats, curve: Floats) -> Floats:
        """Return the share of pixels with each threshold, from the mean efficiency by energy."""
        passed = np.interp(self.energy + self.half, energy, curve)
        return np.diff(passed, prepend=0.0, append=1.0).clip(_LEAST)[:-1] + _LEAST

    def bends(self, share: Floats, seen: Floats, known: Floats) -> Floats:
        """Return the efficiency of pixels in channels, relative to that in the group.

        Parameters
        ----------
        share
            Fraction of the pixels with each threshold, shape (n_thresholds,).
        seen
            Efficiency of each pixel in the group over the mean of its module, shape (n_pixels,).
        known
            Number of counts that measured `seen`, shape (n_pixels,).

        Returns
        -------
        efficiencies
            Means over the thresholds, weighted by their probability given the counts of a pixel,
            shape (n_channels, n_pixels).
        """
        mean = max(float(share @ self.of_group / share.sum()), _LEAST)
        expected = np.maximum(self.of_group / mean, _LEAST)
        logarithm = known[:, None] * (seen[:, None] * np.log(expected) - expected) + np.log(share)
        chance = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
        found: Floats = (self.of_channels @ chance.T) / np.maximum(chance @ self.of_group, _LEAST)
        return found
