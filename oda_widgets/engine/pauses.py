"""Pixels that were off for a part of a window, as their events show.

On board a pixel that turns noisy is switched off, and on again later. What it misses would make
sources fainter. A pixel is taken for off when it is silent for so long that it should have counted
a dozen events; how many it should have is judged by pixels in the dark, so that a source that
flares elsewhere on the detector silences none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.shadowgram import pixel_numbers
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.timespan import TimeInterval

_SLICES = 64
"""Of the good time."""

_MISSED = 12.0
"""Events that a silent pixel should have counted: of a thousand windows' pixels, each silent in
any stretch by chance once in 160,000 stretches."""

_DARK = (10.0, 40.0)
"""Per cent of the pixels, by their counts, that see no source and were not off for long."""


def paused_pixels(events: WindowEvents) -> NDArray[np.bool_]:
    """Return True for pixels that were off for a part of the good time, in the detector's shape.

    Those that are silent in the whole window are not among them.
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
    # Beside the silence it is as good as others, or worse: light of sources makes it no better.
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
    """Return the most events that a usual pixel counts while each is silent, (n_pixels,).

    Parameters
    ----------
    counts
        In slices of time, shape (n_slices, n_pixels).
    usual
        Those of a usual pixel, shape (n_slices,).
    """
    silence, longest = np.zeros((2, counts.shape[1]))
    for here, expected in zip(counts, usual, strict=True):
        silence += expected
        silence[here > 0] = 0.0
        np.maximum(longest, silence, out=longest)
    return longest
