"""The position of a source: the direction that improves the joint fit most."""

from __future__ import annotations

import numpy as np

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.summit import HERE, NEIGHBOURS, summit

_ARCMINUTE = np.radians(1 / 60)
_STEPS = (
    (0.0, 2.5 * _ARCMINUTE),
    (0.0, 0.8 * _ARCMINUTE),
    (15.0, 0.3 * _ARCMINUTE),
    (100.0, 0.1 * _ARCMINUTE),
    (100.0, 0.03 * _ARCMINUTE),
)
"""Least significance for each step of the search, and its length for IBIS."""
_MOST_WALKS = 4  # moves at one step
_LEAST = 1e-12  # fraction of the largest information; smaller counts as zero

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
        The best direction, shape (2,), and its significance.
    """
    best, significance = np.asarray(start, float), 0.0
    for lowest, step in _STEPS:
        if significance >= lowest:
            best, significance = _uphill(scene, best, step * scene.aperture.scale)
    return best, significance


def _uphill(scene: Scene, start: Floats, step: float) -> tuple[Floats, float]:
    """Walk on a grid until all neighbours are lower; return the summit between them."""
    best = start
    for _ in range(_MOST_WALKS):
        gains = significance_at(scene, best + NEIGHBOURS * step)
        top = int(np.argmax(gains))
        if top == HERE:
            break
        best = best + NEIGHBOURS[top] * step
    shift, significance = summit(gains)
    return best + shift * step, significance


def error_radius(significance: float, scale: float = 1.0) -> float:
    """Return the 90 % radius of a position in degrees, from photons and the alignment.

    Parameters
    ----------
    scale
        Width of a peak relative to IBIS.
    """
    return float(np.hypot(PRECISION * scale / max(significance, 1.0), _ALIGNMENT))


def significance_at(scene: Scene, tangents: Floats) -> Floats:
    """Return the significance of one more source in each of some directions.

    This is the score test (Rao 1948): its flux in standard deviations, with the errors that hold
    if it is absent.

    Parameters
    ----------
    scene
        All other sources fitted.
    tangents
        Directions to test, shape (n, 2).
    """
    return significance_of(scene, scene.shine(tangents))


def significance_of(scene: Scene, shine: Singles) -> Floats:
    """Return the significance of sources with known counts per unit of flux, (n, n_used)."""
    score, information = score_test(scene, shine)
    least = max(_LEAST * float(information.max(initial=0.0)), np.finfo(float).tiny)
    significance: Floats = score / np.sqrt(np.clip(information, least, None))
    return significance


def score_test(scene: Scene, shine: Singles) -> tuple[Floats, Floats]:
    """Return the score and the information of one more source, for each of some sources.

    Parameters
    ----------
    scene
        All other sources fitted.
    shine
        Their counts per unit of flux, shape (n, n_used).

    Returns
    -------
    score, information
        Shapes (n,): the flux is their quotient, the significance is the score over the root of the
        information, which may be zero or, from rounding, negative.
    """
    weighted, score, overlap = _projections(scene, shine)
    known = np.einsum("ij,ij->i", overlap @ scene.fit.covariance, overlap)
    information: Floats = np.einsum("ij,ij->i", weighted, shine) - known
    return score, information


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
    shine = scene.shine(tangents)
    weighted, score, overlap = _projections(scene, shine)
    information: Floats = weighted @ shine.T - overlap @ scene.fit.covariance @ overlap.T
    return score, information


def _projections(scene: Scene, shine: Singles) -> tuple[Singles, Floats, Floats]:
    """Return weighted sources, and their products with the residual and the fitted columns.

    Returns
    -------
    weighted, score, overlap
        Shapes (n, n_used), (n,) and (n, n_columns).
    """
    fit = scene.fit
    weighted = shine * fit.weights.astype(np.float32)
    score = weighted @ (scene.counted - fit.model).astype(np.float32)
    return weighted, score.astype(float), (weighted @ scene.columns.T).astype(float)
