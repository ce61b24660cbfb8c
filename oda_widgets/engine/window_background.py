"""The background for some seconds of a science window: fitted, or taken from its other seconds."""

from __future__ import annotations

from collections.abc import Callable
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

_NO_SOURCES = np.zeros((0, 2))


@dataclass(frozen=True)
class PixelHealth:
    """Which pixels can be used, and which have counted anything at all; shape (134, 130)."""

    used: NDArray[np.bool_]
    counting: NDArray[np.bool_]


def pixel_health(events: WindowEvents) -> PixelHealth:
    """Return the health of the pixels in a window, judged by all its events."""
    size = isgri.DETECTOR_SHAPE[0] * isgri.DETECTOR_SHAPE[1]
    counts = np.bincount(pixel_numbers(events), minlength=size).reshape(isgri.DETECTOR_SHAPE)
    return PixelHealth(healthy_pixels(counts.astype(float), events.flagged_counts), counts > 0)


def window_background(
    pixels: PixelHealth,
    image: Shadowgram,
    reference: Shadowgram,
    take_out: Callable[[Scene], Scene],
) -> Background:
    """Return the background of an image: measured in a reference, or to be fitted.

    Parameters
    ----------
    pixels
        Which can be used.
    image
        What is to be analysed.
    reference
        Counts of the window's other seconds. They serve when they are at least as long.
    take_out
        Fits the sources of the reference, so that they do not become background.
    """
    if reference.seconds < image.seconds or not reference.counts.any():
        return smooth_background(pixels.used, pixels.counting)
    smooth = smooth_background(pixels.used, pixels.counting)
    scene = take_out(Scene(reference, smooth, _NO_SOURCES)).with_measured_background()
    n = scene.n_background
    return reference_background(
        scene.background,
        reference.counts,
        scene.on_detector(scene.fit.model),
        scene.fit.coefficients[:n],
        scene.fit.covariance[:n, :n],
        scene.background.excess,
    )
