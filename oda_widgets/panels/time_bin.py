"""The bin width that suits the science windows, or the span, of a light curve."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from oda_widgets.panels.opening import OF_THE_SAMPLE
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source

_OF_BURSTS = 1.0  # s
_MOST_SECONDS = 10_000.0  # of good time, that are shown one by one
_SHORTEST = 100.0  # s; a source of 100 mCrab has some sigma in them
_ENOUGH = 300  # bins
_ROUND = tuple(step * 10.0**power for power in range(2, 6) for step in (1, 2, 5))
_OF_SPAN = (0.1, 0.2, 0.5, *(step * 10.0**power for power in range(5) for step in (1, 2, 5)))
_ENOUGH_OF_SPAN = 1000  # bins: the shield has many counts in each


def suitable_time_bin(source: Source | None, windows: Iterable[ScienceWindow]) -> float:
    """Return the bin width to begin with, seconds.

    It is one second for the bundled bursts, else 100 s or the longer width that gives a few
    hundred bins.
    """
    good_time = float(np.nansum([window.good_time for window in windows]))
    if source is not None and source.name == OF_THE_SAMPLE and good_time < _MOST_SECONDS:
        return _OF_BURSTS
    wanted = max(_SHORTEST, good_time / _ENOUGH)
    return next((width for width in _ROUND if width >= wanted), _ROUND[-1])


def time_bin_of_span(seconds: float) -> float:
    """Return the bin width to begin with for an instrument that needs no windows, seconds."""
    return next((w for w in _OF_SPAN if w >= seconds / _ENOUGH_OF_SPAN), _OF_SPAN[-1])
