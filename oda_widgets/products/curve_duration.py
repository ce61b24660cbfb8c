"""Durations of bursts: T90, T50 and their errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.products.curve_level import Level
from oda_widgets.products.curve_search import Bins
from oda_widgets.products.measured import Measured

_DRAWS = 400  # the errors are known to 4 %
_SEED = 20_021_017  # fixed, so that the same burst has the same errors
_LEAST_DRAWS = 0.9  # fraction of the draws that must give a duration, else its error is unknown


@dataclass(frozen=True)
class Duration:
    """The time in which the middle part of the counts of a burst arrives.

    Parameters
    ----------
    start, stop
        Start and end, seconds.
    length
        Length with its error, seconds.
    """

    start: float
    stop: float
    length: Measured


def durations(
    bins: Bins, level: Level, inner: Bins | None = None, fractions: tuple[float, ...] = (0.9, 0.5)
) -> tuple[Duration, ...]:
    """Return the durations in which fractions of the counts of a burst arrive.

    T90 is the time in which the counts above the level rise from 5 % to 95 % of their sum
    (Kouveliotou et al. 1993, ApJ 413, L101); within a bin, counts are assumed to arrive evenly. The
    error combines, in quadrature, the scatter over 400 draws of the counts and of the level (the
    two origins in Koshut et al. 1996, ApJ 463, 570), the lengths of the bins at both ends, and half
    of the change if only the inner bins are used.

    Parameters
    ----------
    bins
        Bins of the burst.
    level
        Level without the burst.
    inner
        Bins in which the burst is significant, without the room for faint tails.
    fractions
        0.9 for T90, 0.5 for T50.
    """
    random = np.random.default_rng(_SEED)
    net = _net_counts(bins, level)
    shift = level.drawn(bins.middle, _DRAWS, random) - level.at(bins.middle)
    noise = random.standard_normal((_DRAWS, len(bins))) * (bins.error * level.scatter)
    drawn = net + (noise - shift) * bins.exposure
    parts = [part for one in fractions for part in ((1 - one) / 2, (1 + one) / 2)]
    times = crossings(bins, net[None], parts)[0].reshape(-1, 2)
    less = (
        crossings(inner, _net_counts(inner, level)[None], parts)[0].reshape(-1, 2)
        if inner
        else times
    )
    others = crossings(bins, drawn, parts).reshape(_DRAWS, -1, 2)
    spread = [_spread(lengths) for lengths in (others[..., 1] - others[..., 0]).T]
    chosen = np.abs(np.diff(times, axis=1) - np.diff(less, axis=1))[:, 0] / 2
    errors = np.sqrt(np.square(spread) + _error_of_bins(bins, times) ** 2 + chosen**2).tolist()
    return tuple(
        Duration(start, stop, Measured(stop - start, error))
        for (start, stop), error in zip(times.tolist(), errors, strict=True)
    )


def crossings(bins: Bins, net: Floats, parts: list[float]) -> Floats:
    """Return when the running sum of counts first reaches fractions of its total.

    Parameters
    ----------
    bins
        Bins of the burst, n of them.
    net
        Counts above the level in each bin, shape (n_draws, n).
    parts
        Fractions between 0 and 1.

    Returns
    -------
    times
        Seconds, shape (n_draws, n_parts); NaN if the total is not positive.
    """
    reached = np.cumsum(net, axis=1)
    whole = reached[:, -1:]
    draws = np.arange(len(net))
    times = []
    for part in parts:
        first = np.argmax(reached >= part * whole, axis=1)
        # The sum rises in the bin in which it first reaches the part: its counts are positive.
        left = reached[draws, first] - part * whole[:, 0]
        counts = net[draws, first]
        inside = 1 - left / np.where(counts > 0, counts, 1.0)
        times.append(bins.start[first] + inside * (bins.stop - bins.start)[first])
    found: Floats = np.where(whole > 0, np.stack(times, axis=1), np.nan)
    return found


def _net_counts(bins: Bins, level: Level) -> Floats:
    net: Floats = (bins.rate - level.at(bins.middle)) * bins.exposure
    return net


def _error_of_bins(bins: Bins, times: Floats) -> Floats:
    """Return the error of durations due to the unknown arrival times within bins, seconds."""
    places = np.searchsorted(bins.start, np.nan_to_num(times), side="right") - 1
    widths = (bins.stop - bins.start)[np.clip(places, 0, len(bins) - 1)]
    error: Floats = np.sqrt(np.sum(widths**2, axis=1) / 12)
    return error


def _spread(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.std()) if len(known) >= _LEAST_DRAWS * len(values) else np.nan
