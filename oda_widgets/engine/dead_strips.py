"""Dead strips of a detector with blurred positions.

A pixel beside a dead strip loses the events that would have been blurred into it from there. Their
number under uniform illumination gives its efficiency; but where the edge of a mask hole falls on
the strip, more or fewer are lost, which distorts the shadow of a source. For a source of thousands
of sigma the residuals are large enough to raise the noise of a mosaic.

With a shadow s that is sharp along Y and blurred along Z, and the fraction K(y, u) of the events at
u that is recorded in pixel y, the pixels record

    blurred s - integral of s(u) K(y, u) over the dead strips.

The blurred shadow is known; s is sharpened from it, and is taken for a parabola across a strip.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.position_blur import PositionBlur

_LEAST = 1e-3  # efficiency below which a pixel is not corrected
_REACH = 5.0  # standard deviations beyond which nothing is recorded
_NODES = 12  # nodes of the integral over a strip


def efficiency_beside(
    strips: tuple[int, ...], size: int, pixel: float, blur: PositionBlur
) -> Floats:
    """Return the fraction of uniform light that pixels along Y record, shape (size,).

    Parameters
    ----------
    strips
        Indices of the dead strips along Y; each is a pixel wide.
    size
        Pixels along Y.
    pixel
        Width of a pixel, mm.
    blur
        Blur of recorded positions.
    """
    even = _recorded(size, pixel, blur)[0]
    efficiency: Floats = 1.0 - even[list(strips)].sum(axis=0)
    return efficiency


@lru_cache(maxsize=64)
def bend(strips: tuple[int, ...], size: int, pixel: float, blur: PositionBlur) -> Floats:
    """Return the matrix that, with the efficiency, turns shadows into recorded ones.

    Parameters: see `efficiency_beside`.

    Returns
    -------
    ndarray
        Shape (size, size): a shadow, as [Z, Y], is multiplied from the right.
    """
    dead = list(strips)
    sharp = _sharpening(size, blur.rms / pixel)
    lost = sum(
        (sharp @ change)[:, dead] @ moment[dead]
        for change, moment in zip(_changes(size), _recorded(size, pixel, blur), strict=True)
    )
    efficiency = efficiency_beside(strips, size, pixel, blur)
    seeing = efficiency > _LEAST
    matrix = np.eye(size)
    matrix[:, seeing] = (matrix - lost)[:, seeing] / efficiency[seeing]
    matrix.setflags(write=False)
    return matrix


@lru_cache(maxsize=4)
def _recorded(size: int, pixel: float, blur: PositionBlur) -> Floats:
    """Return the fraction of the events of each strip that is recorded in each pixel.

    Returns
    -------
    ndarray
        Shape (3, size, size): for uniform light; for light that rises by 1 from strip to strip;
        and for light whose slope rises by 1. The last two are relative to uniform light.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - heavy

    place, weight = np.polynomial.legendre.leggauss(_NODES)
    place, weight = place / 2, weight / 2
    edge = np.arange(-size, size) + 0.5
    moments = np.zeros((3, 2 * size - 1))
    for sigma, fraction in zip(blur.sigmas, blur.fractions, strict=True):
        away = (edge - place[:, None]) * pixel / sigma
        part = np.diff(ndtr(np.clip(away, -_REACH, _REACH)), axis=1)
        shapes = np.stack([np.ones_like(place), place, (place**2 - 1 / 12) / 2])
        moments += fraction * (shapes * weight) @ part
    steps = np.arange(size) - np.arange(size)[:, None]
    recorded: Floats = moments[:, steps + size - 1]
    return recorded


def _changes(size: int) -> Floats:
    """Return the operators for a light, its slope and its curvature, (3, size, size)."""
    before, after = np.eye(size, k=1), np.eye(size, k=-1)
    return np.stack([np.eye(size), (after - before) / 2, after + before - 2 * np.eye(size)])


def _sharpening(size: int, sigma: float) -> Floats:
    """Return the matrix, to multiply from the right, that removes a blur along Y.

    It is the series of the inverse of a normal distribution up to the fourth derivative: the cells
    of a mask are several times as wide as the blur.

    Parameters
    ----------
    size
        Pixels along Y.
    sigma
        Standard deviation of recorded positions, pixels.
    """
    once = -(sigma**2) / 2 * _changes(size)[2]
    sharpening: Floats = np.eye(size) + once + once @ once / 2
    return sharpening
