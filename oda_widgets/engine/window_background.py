"""The background for some seconds of a science window: fitted, or taken from its other seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from oda_widgets.engine.background import (
    Background,
    background_of,
    reference_background,
)
from oda_widgets.engine.pixel_health import PixelHealth
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram

_NO_SOURCES = np.zeros((0, 2))


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
        return background_of(pixels)
    smooth = background_of(pixels)
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
