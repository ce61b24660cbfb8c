"""Strips of a detector that record nothing, where recorded positions are blurred.

A pixel beside a dead strip loses the events that would have come from there. How many these are is
its efficiency; but where the rim of a hole of the mask lies on the strip, they are more or fewer
than of an even light, and the shadow of a source is bent. Of a source of thousands of sigma this
leaves enough behind to raise the noise of a mosaic.

With the shadow sharp along Y and as blurred along Z as it is recorded, s, and the part K(y, u) of
the events at the place u that is recorded in pixel y, the pixels record

    blurred s - integral of s(u) K(y, u) over the dead strips.

The blurred shadow is known; it is sharpened where it meets a strip, and is a parabola across it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.position_blur import PositionBlur

_LEAST = 1e-3  # efficiency below which a pixel has nothing to be corrected
_REACH = 5.0  # standard deviations from which on nothing is recorded
_NODES = 12  # of the integral over a strip


def efficiency_beside(
    strips: tuple[int, ...], size: int, pixel: float, blur: PositionBlur
) -> Floats:
    """Return which part of an even light pixels along Y record, shape (size,).

    Parameters
    ----------
    strips
        Numbers of the dead ones along Y; each is a pixel wide.
    size
        Pixels along Y.
    pixel
        Their width, mm.
    blur
        Of recorded positions.
    """
    even = _recorded(size, pixel, blur)[0]
    efficiency: Floats = 1.0 - even[list(strips)].sum(axis=0)
    return efficiency


@lru_cache(maxsize=64)
def bend(strips: tuple[int, ...], size: int, pixel: float, blur: PositionBlur) -> Floats:
    """Return by what to multiply shadows so that, times the efficiency, they are what is recorded.

    Parameters are those of `efficiency_beside`.

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
    """Return which part of the events of each strip is recorded in each pixel.

    Returns
    -------
    ndarray
        Shape (3, size, size): of an even light; of one that rises by 1 from strip to strip; and of
        one whose rise does. The last two are counted from what an even light gives.
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
    """Return what gives a light, its rise and the change of its rise, (3, size, size)."""
    before, after = np.eye(size, k=1), np.eye(size, k=-1)
    return np.stack([np.eye(size), (after - before) / 2, after + before - 2 * np.eye(size)])


def _sharpening(size: int, sigma: float) -> Floats:
    """Return the matrix, to multiply from the right, that takes a blur off along Y.

    It is the series of the inverse of a normal distribution, to the fourth derivative: a mask has
    nothing finer than its cells, which are several times as wide as the blur.

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
