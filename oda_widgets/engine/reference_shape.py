"""A test whether the background of some seconds has the same shape as in the others.

The shape of a background is taken from the other seconds of a science window. During a bright burst
it differs: scattered photons of the burst spread over the detector, and would appear as a slope
over the whole map.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.fit import inverse
from oda_widgets.engine.scene import Scene

_BEYOND_CHANCE = 3.0  # standard deviations of chi-squared
_SOFTER = 1e-4  # for a different shape: this trace of the reference keeps its fit regular


def with_own_shape(scene: Scene) -> Scene:
    """Return the scene with its own background shape, if it differs from the reference.

    Parameters
    ----------
    scene
        A fit with its sources; returned unchanged if it has no reference.
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
    """Return the increase of chi-squared when the shape of the reference is imposed.

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
