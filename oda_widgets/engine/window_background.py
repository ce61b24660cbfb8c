"""The background for some seconds of a science window: fitted, or taken from its other seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.base import WindowEvents
from oda_widgets.engine.background import (
    Background,
    healthy_pixels,
    reference_background,
    smooth_background,
)
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram, pixel_numbers
from oda_widgets.instruments import isgri
from oda_widgets.request.timespan import TimeInterval, without

_NO_SOURCES = np.zeros((0, 2))


def reference_time(
    events: WindowEvents, intervals: Sequence[TimeInterval]
) -> tuple[TimeInterval, ...]:
    """Return the window's other seconds when they are at least as long as those asked for."""
    rest = without(events.good_time, intervals)
    requested = sum(interval.seconds for interval in intervals)
    return rest if sum(interval.seconds for interval in rest) >= requested else ()


def window_background(
    used: NDArray[np.bool_], reference: Shadowgram, take_out: Callable[[Scene], Scene]
) -> Background:
    """Return a background: measured in a reference or, where that is empty, to be fitted.

    Parameters
    ----------
    used
        Pixels in use, shape (134, 130).
    reference
        Counts in the `reference_time`.
    take_out
        Fits the sources of the reference, so that they do not become background.
    """
    if not reference.counts.any():
        return smooth_background(used)
    scene = take_out(Scene(reference, smooth_background(used), _NO_SOURCES)).with_measured_scatter()
    n = scene.n_background
    return reference_background(
        used,
        reference.counts,
        scene.on_detector(scene.fit.model),
        scene.fit.coefficients[:n],
        scene.fit.covariance[:n, :n],
        float(scene.background.scatter),
    )


@dataclass(frozen=True)
class PixelHealth:
    """Which pixels can be used, shape (134, 130)."""

    used: NDArray[np.bool_]


def pixel_health(events: WindowEvents) -> PixelHealth:
    """Return the health of the pixels in a window, judged by all its events."""
    size = isgri.DETECTOR_SHAPE[0] * isgri.DETECTOR_SHAPE[1]
    counts = np.bincount(pixel_numbers(events), minlength=size).reshape(isgri.DETECTOR_SHAPE)
    return PixelHealth(healthy_pixels(counts.astype(float), events.flagged_counts))
