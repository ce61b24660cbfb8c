"""The efficiencies of pixels in the channels of a group, over those in the group as a whole.

Where only the mean over the pixels of a module is known by energy, what a pixel sees of the whole
group tells where its threshold is, and so what it sees of each channel. In a fit the pixels that
see little weigh more than they count, and theirs are the highest thresholds: with means, channels
near the threshold would be up to a tenth too low at one end of a group and too high at the other.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.background import Background
from oda_widgets.instruments.sensitivity import Sensitivity

_LEAST = 1e-9

_UNLIKE = 0.01
"""Variance of efficiencies above the thresholds, relative: what pixels do not owe to those."""

_STEP = 0.25
"""Between thresholds, keV."""

_HALF = float(np.log(2.0))
"""Of its reach above its threshold, where a pixel sees half."""


def channel_efficiencies(
    sensitivity: Sensitivity | None, edges: Floats, background: Background
) -> Floats | None:
    """Return the efficiency of pixels in channels over that in their group.

    Parameters
    ----------
    sensitivity
        Of the pixels, by energy.
    edges
        Edges of the channels of the group in keV, shape (n_channels + 1,).
    background
        Fitted in the group, with the efficiency of each pixel there.

    Returns
    -------
    efficiencies
        Shape (n_channels, 134 * 130); None if no pixel's changes inside the group.
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
    for module in range(len(sensitivity.curves)):
        of_module = sensitivity.curve.ravel()[used] == module
        pixels = used[of_module]
        if len(pixels):
            own = _of_pixels(sensitivity, module, edges, seen[pixels], known[of_module])
            bends[:, pixels] *= (
                own / np.maximum(own @ seen[pixels] / seen[pixels].sum(), _LEAST)[:, None]
            )
    return bends


def _of_pixels(
    sensitivity: Sensitivity, module: int, edges: Floats, seen: Floats, known: Floats
) -> Floats:
    """Return what pixels see of channels over what they see of the group, (n_channels, n_pixels).

    Parameters
    ----------
    sensitivity
        Of all pixels.
    module
        Which of its curves is the mean of these pixels.
    edges
        Edges of the channels in keV, shape (n_channels + 1,).
    seen
        What each pixel sees of the group over the mean of the module, shape (n_pixels,).
    known
        Counts that tell it, shape (n_pixels,).
    """
    low, high = float(edges[0]), float(edges[-1])
    reach = sensitivity.reach or 0.0
    thresholds = np.arange(low - 2 * reach, high + _STEP, _STEP)
    passed = np.interp(thresholds + _HALF * reach, sensitivity.energy, sensitivity.curves[module])
    share = np.diff(passed, prepend=0.0, append=1.0).clip(_LEAST)[:-1] + _LEAST
    whole = sensitivity.of_thresholds(thresholds, low, high)
    expected = np.maximum(whole / max(float(share @ whole / share.sum()), _LEAST), _LEAST)
    logarithm = known[:, None] * (seen[:, None] * np.log(expected) - expected) + np.log(share)
    chance = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
    parts = np.stack([sensitivity.of_thresholds(thresholds, *pair) for pair in pairwise(edges)])
    of_group = np.maximum(chance @ whole, _LEAST)
    found: Floats = (parts @ chance.T) / of_group
    return found
