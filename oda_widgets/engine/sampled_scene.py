"""The scene of a single-chamber detector: a smooth background and known dead strips.

Nothing needs to be learnt from other seconds or windows: all pixels are squares of one gas volume,
equally efficient.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.background import Background
from oda_widgets.engine.sampled_aperture import SampledAperture
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram
from oda_widgets.instruments.events import WindowEvents

_LEAST_EFFICIENCY = 0.6  # of a pixel in use: less, beside a dead strip, is too uncertain
_RINGS = 2  # polynomials in the square of the distance from the middle

_NO_SOURCES = np.zeros((0, 2))


def sampled_scene(events: WindowEvents, image: Shadowgram, aperture: SampledAperture) -> Scene:
    """Return the scene of an image, no source fitted yet.

    Parameters
    ----------
    events
        Events of the science window, with its living pixels.
    image
        Counts to be analysed.
    aperture
        Aperture of the telescope, with the resolution of positions in the band.
    """
    beside_strips = replace(aperture, strips=dead_strips(events, aperture))
    return scene_beside_strips(image, beside_strips)


def scene_beside_strips(image: Shadowgram, aperture: SampledAperture) -> Scene:
    """Return the scene of an image, with the dead strips of its aperture."""
    background = sampled_background(_efficiency(aperture))
    return Scene(image, background, _NO_SOURCES, aperture=aperture)


def sampled_background(efficiency: Floats) -> Background:
    """Return the smooth background of a detector with given efficiencies of its pixels.

    Only its shape is fitted, freely: its stiffness is zero.
    """
    shapes = _shapes(efficiency.shape[0])
    stiffness = np.zeros((len(shapes), len(shapes)))
    return Background(shapes * efficiency, efficiency, np.zeros(efficiency.shape), stiffness)


def dead_strips(events: WindowEvents, aperture: SampledAperture) -> tuple[int, ...]:
    """Return the indices of the dead strips along Y; pixels beyond the circle count as alive."""
    if events.living is None:
        return ()
    alive = (events.living | ~aperture.circle()).all(axis=0)
    return tuple(np.flatnonzero(~alive).tolist())


def _efficiency(aperture: SampledAperture) -> Floats:
    """Return the efficiencies of the pixels, 0 for those that record too little to be used."""
    efficiency = np.asarray(aperture.circle(), float) * aperture.beside_strips
    efficiency[efficiency < _LEAST_EFFICIENCY] = 0.0
    return efficiency


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
