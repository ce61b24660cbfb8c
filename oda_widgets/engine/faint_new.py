"""Faint new sources: what may be left of ghosts and side lobes, and what they explain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.identify import SURER_THAN_CATALOGUE, Found
from oda_widgets.engine.scene import Scene

_KEPT = 0.5  # of the flux that a source has without the new ones, if it is real


def faint_new(found: Sequence[Found], brightness: Floats) -> NDArray[np.bool_]:
    """Return True for the faint new sources.

    Parameters
    ----------
    found
        Sources of a fit.
    brightness
        Their fluxes over their errors, shape (n,).
    """
    unnamed = np.array([source.name is None for source in found], bool)
    return np.asarray(unnamed & (brightness <= SURER_THAN_CATALOGUE))


def explained_by_new(scene: Scene, new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return True for the sources whose light is that of faint new ones.

    Catalogues have a source on some ghost of almost every new one. Where the new sources are not in
    the fit it takes most of their light; where they are it keeps its own only.

    Parameters
    ----------
    scene
        With all sources in the fit.
    new
        Which of them are new and faint, shape (n,).
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
