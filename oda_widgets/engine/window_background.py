"""The background of an interval of a science window: fitted, or taken from its other seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.background import (
    Background,
    background_of,
    reference_background,
)
from oda_widgets.engine.pixel_health import PixelHealth
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram

_NO_SOURCES = np.zeros((0, 2))

_ABOUT_AS_LONG = 0.8
"""Relative to the time of an image: a shorter reference shows a shape no better than the image."""


def window_background(
    pixels: PixelHealth,
    image: Shadowgram,
    reference: Shadowgram,
    take_out: Callable[[Scene], Scene],
    efficiency: Floats | float = 1.0,
) -> Background:
    """Return the background of an image: measured in a reference, or to be fitted.

    Parameters
    ----------
    pixels
        Health of the pixels.
    image
        Counts of the image to be analysed.
    reference
        Counts of the window's other seconds. They are used if they are about as long.
    take_out
        Fits the sources of the reference, so that they do not become background.
    efficiency
        Efficiency of the pixels known before the fit, shape (134, 130).
    """
    if not serves(reference, image):
        return background_of(pixels, efficiency)
    smooth = background_of(pixels, efficiency)
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


def serves(reference: Shadowgram, image: Shadowgram) -> bool:
    """Return whether the other seconds suffice to measure the background of an image."""
    long_enough = reference.seconds >= _ABOUT_AS_LONG * image.seconds
    return long_enough and bool(reference.counts.any())
