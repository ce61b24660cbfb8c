"""Measure a burst: its level, significance, counts, peak and durations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.errors import EmptySelection
from oda_widgets.products.burst import Burst
from oda_widgets.products.curve_data import CurveData
from oda_widgets.products.curve_duration import Duration, durations
from oda_widgets.products.curve_level import Level, fit_level
from oda_widgets.products.curve_peeling import Found
from oda_widgets.products.curve_search import Bins
from oda_widgets.products.measured import Measured, MeasuredRate
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval

_LEAST_SIDE = 60.0  # seconds, least length of each side of a burst in which its level is fitted
_SIDE = 2.0  # least length of a side in lengths of the burst
_FEWEST = 4  # bins to fit a level


def measured(
    curve: CurveData, bins: Bins, zero: float, found: Found, quiet: NDArray[np.bool_]
) -> Burst:
    """Return a burst with its measurements.

    Parameters
    ----------
    curve
        Light curve that contains the burst.
    bins
        Bins of the light curve, in seconds since `zero`.
    zero
        Origin of the times of `bins`, IJD days.
    found
        Bins of the burst.
    quiet
        Mask of the bins without bursts, shape (n_bins,).

    Raises
    ------
    EmptySelection
        If no bins are left for the level.
    """
    since = float(bins.start[found.trigger])
    bins = _shifted(bins, since)
    inside = slice(found.first, found.last + 1)
    beside, both = _bins_for_level(bins, found, quiet)
    around = _part(bins, beside)
    level = fit_level(around.middle, around.rate, around.expected_error, both_sides=both)
    part = _part(bins, inside)
    net = part.rate - level.at(part.middle)
    counts = _counts(part, net, level)
    t90, t50 = durations(part, level, _part(bins, slice(found.inner[0], found.inner[1] + 1)))
    trigger = zero + since / SECONDS_PER_DAY
    highest = int(np.argmax(net))
    error = float(part.error[highest] * level.scatter)
    first, last = found.best
    return Burst(
        significance=found.significance
        if found.significance is not None
        else _significance(around, part, level, counts),
        window=_interval(trigger, bins.start[first], bins.stop[last]),
        trigger=trigger,
        interval=_interval(trigger, part.start[0], part.stop[-1]),
        peak=MeasuredRate(float(net[highest]), error),
        peak_time=trigger + float(part.middle[highest]) / SECONDS_PER_DAY,
        counts=counts,
        t90=t90.length,
        t50=t50.length,
        t90_interval=_duration_interval(trigger, t90),
        t50_interval=_duration_interval(trigger, t50),
        level=level,
        curve=curve,
    )


def _duration_interval(trigger: float, duration: Duration) -> TimeInterval | None:
    known = duration.start < duration.stop  # False for NaN
    return _interval(trigger, duration.start, duration.stop) if known else None


def _interval(trigger: float, start: float, stop: float) -> TimeInterval:
    """Return an interval in IJD from seconds since the trigger."""
    days = float(start) / SECONDS_PER_DAY, float(stop) / SECONDS_PER_DAY
    return TimeInterval(trigger + days[0], trigger + days[1])


_COLUMNS = ("start", "stop", "rate", "error", "exposure")


def _shifted(bins: Bins, zero: float) -> Bins:
    """Return bins with times counted from `zero`."""
    return replace(bins, start=bins.start - zero, stop=bins.stop - zero)


def _part(bins: Bins, chosen: NDArray[np.bool_] | slice) -> Bins:
    columns = {name: getattr(bins, name)[chosen] for name in _COLUMNS}
    effective = None if bins.effective is None else bins.effective[chosen]
    return Bins(**columns, effective=effective)


def _bins_for_level(
    bins: Bins, found: Found, quiet: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], bool]:
    """Return the mask of the bins for the level, and whether they lie on both sides."""
    begin, end = float(bins.start[found.first]), float(bins.stop[found.last])
    side = max(_LEAST_SIDE, _SIDE * (end - begin))
    before, after = bins.middle < begin, bins.middle > end
    near = (before & (bins.middle > begin - side)) | (after & (bins.middle < end + side))
    # If other bursts leave too few bins nearby, use all quiet bins, or else all bins nearby.
    chosen = quiet & near
    for other in (quiet & (before | after), near):
        if chosen.sum() < _FEWEST:
            chosen = other
    if not chosen.any():
        problem = "No bins are left for the level around the burst."
        raise EmptySelection(problem, "Take a longer light curve, or a shorter burst.")
    return chosen, bool((chosen & before).any() and (chosen & after).any())


def _counts(part: Bins, net: NDArray[np.float64], level: Level) -> Measured:
    """Return the counts above the level, with the errors of counts and level combined."""
    own = float(np.sqrt(np.sum((part.error * level.scatter * part.exposure) ** 2)))
    error = float(np.hypot(own, level.sum_error(part.middle, part.exposure)))
    return Measured(float(net @ part.exposure), error)


def _significance(around: Bins, part: Bins, level: Level, counts: Measured) -> float:
    """Return the significance of the counts of a burst over the noise without a burst."""
    per_second = float(np.median(around.expected_error * np.sqrt(around.exposure))) * level.scatter
    noise = per_second * float(np.sqrt(part.exposure.sum()))
    return counts.value / float(np.hypot(noise, level.sum_error(part.middle, part.exposure)))
