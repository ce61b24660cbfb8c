"""The position of a source: the direction in which the joint fit gains most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.scene import Scene

_ARCMINUTE = np.radians(1 / 60)
_STEPS = (
    (0.0, 2.5 * _ARCMINUTE),
    (0.0, 0.8 * _ARCMINUTE),
    (15.0, 0.3 * _ARCMINUTE),
    (100.0, 0.1 * _ARCMINUTE),
    (100.0, 0.03 * _ARCMINUTE),
)
"""Steps of the search for IBIS, and the significance from which on each shows in the position."""
_MOST_WALKS = 4  # moves at one step
_LEAST = 1e-12  # part of the information below which there is none

PRECISION = 12.5 / 60
"""The 90 % radius of a position times its significance, degrees, as measured on traced photons."""

_ALIGNMENT = 0.2 / 60  # degrees


def locate(scene: Scene, start: Floats) -> tuple[Floats, float]:
    """Return the direction near `start` where one more source is most significant.

    Parameters
    ----------
    scene
        All other sources fitted; the one to be located must not be among them.
    start
        First guess, tangents, shape (2,).

    Returns
    -------
    tangents, significance
        Of the best direction.
    """
    best, significance = np.asarray(start, float), 0.0
    for lowest, step in _STEPS:
        if significance >= lowest:
            best, significance = _uphill(scene, best, step * scene.aperture.scale)
    return best, significance


def _uphill(scene: Scene, start: Floats, step: float) -> tuple[Floats, float]:
    """Walk on a grid until the neighbours are all lower; return the summit between them."""
    best = start
    for _ in range(_MOST_WALKS):
        gains = significance_at(scene, best + _NEIGHBOURS * step)
        top = int(np.argmax(gains))
        if top == _HERE:
            break
        best = best + _NEIGHBOURS[top] * step
    shift, significance = summit(gains)
    return best + shift * step, significance


def error_radius(significance: float, scale: float = 1.0) -> float:
    """Return the 90 % radius of a position in degrees: of photons and of the alignment.

    Parameters
    ----------
    significance
        Of the source.
    scale
        Width of a peak over that of IBIS.
    """
    return float(np.hypot(PRECISION * scale / max(significance, 1.0), _ALIGNMENT))


def significance_at(scene: Scene, tangents: Floats) -> Floats:
    """Return the significance of one more source in each of some directions.

    This is the score test (Rao 1948): how many standard deviations its flux is away from zero,
    with the errors that hold if it is not there.

    Parameters
    ----------
    scene
        All other sources fitted.
    tangents
        Directions to test, shape (n, 2).
    """
    return significance_of(scene, scene.shine(tangents))


def significance_of(scene: Scene, shine: Floats) -> Floats:
    """Return the same for sources whose counts per unit of flux are known, (n, n_used)."""
    fit, columns = scene.fit, scene.columns
    weighted = shine * fit.weights
    score = weighted @ (scene.counted - fit.model)
    overlap = weighted @ columns.T
    known = np.einsum("ij,jk,ik->i", overlap, fit.covariance, overlap)
    information = np.einsum("ij,ij->i", weighted, shine) - known
    least = max(_LEAST * float(information.max(initial=0.0)), np.finfo(float).tiny)
    significance: Floats = score / np.sqrt(np.clip(information, least, None))
    return significance


def gain(scene: Scene, tangents: Floats) -> tuple[Floats, Floats]:
    """Return the score and the information of several more sources fitted together.

    Parameters
    ----------
    scene
        All other sources fitted.
    tangents
        Directions of the sources, shape (n, 2).

    Returns
    -------
    score, information
        Shapes (n,) and (n, n): the fluxes are information^-1 score, and chi-squared falls by
        their product with the score.
    """
    fit = scene.fit
    shine = scene.shine(tangents)
    weighted = shine * fit.weights
    overlap = weighted @ scene.columns.T
    score: Floats = weighted @ (scene.counted - fit.model)
    return score, weighted @ shine.T - overlap @ fit.covariance @ overlap.T


_NEIGHBOURS = np.array([(y, z) for y in (-1, 0, 1) for z in (-1, 0, 1)], float)
_HERE = 4  # the place of (0, 0) among them


def summit(gains: Floats) -> tuple[Floats, float]:
    """Return the top of a paraboloid through 3 x 3 significances, no farther than they reach.

    Parameters
    ----------
    gains
        At steps of -1, 0 and 1 along the first coordinate and, faster, the second; shape (9,).

    Returns
    -------
    shift, height
        Of the top, in steps from the middle.
    """
    level, *slope, yy, yz, zz = _PARABOLOID @ gains
    curvature = np.array([[2 * yy, yz], [yz, 2 * zz]])
    determinant = 4 * yy * zz - yz**2
    if yy >= 0 or determinant <= 0:  # not curved downwards in all directions
        return np.zeros(2), float(gains[_HERE])
    inverse = np.array([[2 * zz, -yz], [-yz, 2 * yy]]) / determinant
    shift = np.clip(-inverse @ slope, -1, 1)
    return shift, float(level + slope @ shift + shift @ curvature @ shift / 2)


def summit_near(image: NDArray[np.floating], row: int, column: int) -> tuple[Floats, float]:
    """Return row and column, with their fractions, and height of the top next to a point."""
    row = min(max(row, 1), image.shape[0] - 2)
    column = min(max(column, 1), image.shape[1] - 2)
    around = image[row - 1 : row + 2, column - 1 : column + 2].astype(float)
    shift, height = summit(around.ravel())
    return np.array([row, column]) + shift, height


def _paraboloid() -> Floats:
    """Return the matrix that fits 1, y, z, yy, yz and zz to nine values, shape (6, 9)."""
    y, z = _NEIGHBOURS.T
    return np.linalg.pinv(np.stack([np.ones_like(y), y, z, y * y, y * z, z * z], axis=1))


_PARABOLOID = _paraboloid()
