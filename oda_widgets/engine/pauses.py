"""Pixels that were off for a part of a window, found by gaps in their events.

On board, a pixel that turns noisy is switched off, and on again later. The events it misses would
make sources fainter. A pixel counts as off when it is silent for so long that a dozen events were
expected; the expectation comes from pixels that see no source, so that a source flaring elsewhere
on the detector does not make others seem silent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.shadowgram import pixel_numbers
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.timespan import TimeInterval

_SLICES = 64
"""Number of slices of the good time."""

_MISSED = 12.0
"""Expected events during a silence: of the pixels of a thousand windows, each is silent by chance
in one of 160,000 such stretches."""

_DARK = (10.0, 40.0)
"""Percentiles of the counts of pixels that see no source and were not off for long."""


def paused_pixels(events: WindowEvents) -> NDArray[np.bool_]:
    """Return True for pixels that were off for a part of the good time, as a detector image.

    Pixels that are silent in the whole window are not included.
    """
    counts = _counts_in_slices(events)
    total = counts.sum(axis=0, dtype=float)
    counting = total > 0
    if not counting.any():
        return np.zeros(events.detector_shape, np.bool_)
    low, high = np.percentile(total[counting], _DARK)
    dark = counting & (total >= low) & (total <= high)
    usual = counts[:, dark].mean(axis=1)
    missed = _longest_silence(counts, usual)
    # Outside the silence it is as efficient as others or less: light of sources does not count.
    level = np.minimum(total / np.maximum(usual.sum() - missed, 1e-9), 1.0)
    paused: NDArray[np.bool_] = counting & (missed * level > _MISSED)
    return paused.reshape(events.detector_shape)


def _counts_in_slices(events: WindowEvents) -> NDArray[np.int32]:
    """Return the counts of each pixel in slices of equal good time, shape (64, n_pixels)."""
    ends = np.searchsorted(events.time, _slices(events.good_time))
    pixels = events.flagged_counts.size
    counts = np.empty((_SLICES, pixels), np.int32)
    for number, one in enumerate(counts):
        piece = slice(int(ends[number]), int(ends[number + 1]))
        one[:] = np.bincount(pixel_numbers(events, piece), minlength=pixels)
    return counts


def _slices(good_time: tuple[TimeInterval, ...]) -> Floats:
    """Return the edges of slices of equal good time, IJD days, shape (65,)."""
    starts, stops = (np.array([getattr(i, end) for i in good_time]) for end in ("start", "stop"))
    passed = np.append(0.0, np.cumsum(stops - starts))
    at = np.linspace(0.0, passed[-1], _SLICES + 1)
    interval = np.minimum(np.searchsorted(passed, at, side="right") - 1, len(starts) - 1)
    edges: Floats = starts[interval] + at - passed[interval]
    edges[-1] = np.inf
    return edges


def _longest_silence(counts: NDArray[np.int32], usual: Floats) -> Floats:
    """Return the events of a usual pixel during the longest silence of each, (n_pixels,).

    Parameters
    ----------
    counts
        Counts in slices of time, shape (n_slices, n_pixels).
    usual
        Counts of a usual pixel, shape (n_slices,).
    """
    silence, longest = np.zeros((2, counts.shape[1]))
    for here, expected in zip(counts, usual, strict=True):
        silence += expected
        silence[here > 0] = 0.0
        np.maximum(longest, silence, out=longest)
    return longest
