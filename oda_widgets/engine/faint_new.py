"""Faint new sources, which may be residual ghosts and side lobes, and sources they explain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.identify import SURER_THAN_CATALOGUE, Found
from oda_widgets.engine.scene import Scene

_KEPT = 0.5  # of its flux without the new sources: a real source keeps more


def faint_new(found: Sequence[Found], brightness: Floats) -> NDArray[np.bool_]:
    """Return True for the faint new sources.

    Parameters
    ----------
    brightness
        Their fluxes over their errors, shape (n,).
    """
    unnamed = np.array([source.name is None for source in found], bool)
    return np.asarray(unnamed & (brightness <= SURER_THAN_CATALOGUE))


def explained_by_new(scene: Scene, new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return True for the sources whose flux is explained by faint new ones.

    Catalogues have a source on some ghost of almost every new one. Without the new sources in the
    fit, it takes most of their flux; with them, it keeps only its own.

    Parameters
    ----------
    scene
        Fit with all sources.
    new
        True for the new, faint ones, shape (n,).
    """
    explained = np.zeros(len(new), bool)
    if not new.any() or new.all():
        return explained
    n = scene.n_background
    kept = np.append(np.arange(n), n + np.flatnonzero(~new))
    normal, right = scene.fit.normal[np.ix_(kept, kept)], scene.fit.right[kept]
    without_new = np.linalg.lstsq(normal, right, rcond=None)[0][n:]
    explained[~new] = scene.fluxes[~new] < _KEPT * without_new
    return explained
