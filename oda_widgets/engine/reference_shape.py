"""Whether the background of some seconds has the shape of that of the others.

The shape of a background is taken from the other seconds of a science window. In the seconds of a
bright burst it is another one: photons that were scattered on their way spread over the detector,
and would show as a slope over the whole map.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.fit import inverse
from oda_widgets.engine.scene import Scene

_BEYOND_CHANCE = 3.0  # standard deviations of chi-squared
_SOFTER = 1e-4  # a shape that differs is fitted; a trace of the reference keeps the fit regular


def with_own_shape(scene: Scene) -> Scene:
    """Return the scene with the shape of its own background, if it is not that of the reference.

    Parameters
    ----------
    scene
        With its sources; returned as it is where no reference serves.
    """
    stiffness = scene.background.stiffness
    if stiffness is None:
        return scene
    softer = replace(scene.background, stiffness=_SOFTER * stiffness)
    free = replace(scene, background=softer, start=None)
    degrees = scene.n_background - 1
    limit = degrees + _BEYOND_CHANCE * np.sqrt(2.0 * degrees)
    return free if _chi_squared(free, (1.0 - _SOFTER) * stiffness) > limit else scene


def _chi_squared(free: Scene, stiffness: Floats) -> float:
    """Return by how much chi-squared grows when the shape of the reference is imposed.

    Parameters
    ----------
    free
        Fit with a shape of its own.
    stiffness
        Precision of the shape of the reference, (n_components, n_components).
    """
    n = free.n_background
    own, precision = free.fit.coefficients[:n], inverse(free.fit.covariance[:n, :n])
    imposed = np.linalg.lstsq(precision + stiffness, precision @ own, rcond=None)[0]
    moved = imposed - own
    return float(moved @ precision @ moved + imposed @ stiffness @ imposed)
