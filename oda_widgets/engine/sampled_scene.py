"""The scene of a detector that is one chamber: its background is smooth, its dead strips are known.

Nothing has to be learnt from other seconds or other windows: pixels are squares of one gas, all as
efficient as each other.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.background import Background
from oda_widgets.engine.sampled_aperture import SampledAperture
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram
from oda_widgets.instruments.events import WindowEvents

_LEAST_EFFICIENCY = 0.6  # of a pixel in use: beside a dead strip the shadow of the mask is bent
_RINGS = 2  # polynomials in the square of the distance from the middle

_NO_SOURCES = np.zeros((0, 2))


def sampled_scene(events: WindowEvents, image: Shadowgram, aperture: SampledAperture) -> Scene:
    """Return the scene of an image, no source fitted yet.

    Parameters
    ----------
    events
        Of the science window: they say which pixels live.
    image
        Counts to be analysed.
    aperture
        Of the telescope, with the resolution of positions in the band.
    """
    return scene_of_efficiency(image, _efficiency(events, aperture), aperture)


def scene_of_efficiency(image: Shadowgram, efficiency: Floats, aperture: SampledAperture) -> Scene:
    """Return the scene of an image whose pixels have given efficiencies."""
    return Scene(image, sampled_background(efficiency), _NO_SOURCES, aperture=aperture)


def sampled_background(efficiency: Floats) -> Background:
    """Return the smooth background of a detector with given efficiencies of its pixels.

    Its shape is free, and nothing about it is to be measured but that: its stiffness is zero.
    """
    shapes = _shapes(efficiency.shape[0])
    stiffness = np.zeros((len(shapes), len(shapes)))
    return Background(shapes * efficiency, efficiency, np.zeros(efficiency.shape), stiffness)


def _efficiency(events: WindowEvents, aperture: SampledAperture) -> Floats:
    """Return the efficiencies of the pixels: positions are blurred across the rims of dead strips.

    A pixel beside a strip loses what it would have got from there.
    """
    inside = aperture.circle()
    living = np.ones(inside.shape, bool) if events.living is None else events.living
    # Beyond the circle photons fall as well: only strips are dead.
    strips = (living | ~inside).all(axis=0).astype(float)
    kernel = _exchange(aperture.blur.rms / aperture.pixel)
    around = np.pad(strips, len(kernel) // 2, mode="edge")
    efficiency = np.asarray(inside, float) * np.convolve(around, kernel, mode="valid")
    efficiency[efficiency < _LEAST_EFFICIENCY] = 0.0
    return efficiency


def _exchange(sigma: float) -> Floats:
    """Return which part of the events of a row of pixels is recorded in its neighbours.

    It is the second difference of the integral of the normal distribution function.

    Parameters
    ----------
    sigma
        Standard deviation of recorded positions, pixels.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - heavy

    reach = int(np.ceil(5 * sigma)) + 1
    edge = np.arange(-reach - 1, reach + 2) / sigma
    integral = sigma * (edge * ndtr(edge) + np.exp(-(edge**2) / 2) / np.sqrt(2 * np.pi))
    exchange: Floats = np.diff(integral, 2)
    return exchange


@lru_cache(maxsize=2)
def _shapes(size: int) -> Floats:
    """Return a level, slopes and rings, shape (5, size, size): the mask sees nothing finer."""
    place = (np.arange(size) - (size - 1) / 2) / (size / 2)
    y, z = np.broadcast_arrays(place[None, :], place[:, None])
    square = np.clip(2 * (y**2 + z**2) - 1, -1, 1)
    rings = [np.polynomial.legendre.Legendre.basis(n)(square) for n in range(1, _RINGS + 1)]
    shapes = np.stack([np.ones_like(y), y, z, *rings])
    shapes.setflags(write=False)
    return shapes
