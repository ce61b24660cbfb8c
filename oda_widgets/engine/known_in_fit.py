"""Known sources that join the fit of a scene without a peak of their own that was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.coding import LEAST_LIT
from oda_widgets.engine.identify import AS_ONE, Found, Known
from oda_widgets.engine.locate import significance_at
from oda_widgets.engine.scene import Scene

_SHOWS = 3.0
"""Significance at a known place: of a hundred places without a source, one in seven fields has one
that is as high by chance."""


def asked_for(scene: Scene, known: Sequence[Known]) -> list[Found]:
    """Return the sources to be fitted whatever their significance, if pixels in use see them."""
    return _at_home(scene, [source for source in known if source.always])


def companions(
    found: Sequence[Found],
    scene: Scene,
    known: Sequence[Known],
    noise_at: Callable[[Floats], float],
) -> list[Found]:
    """Return the known sources that are too faint to be found and matter to those that are.

    These are the ones whose peaks overlap those found: where they are not in the fit, their light
    counts as that of the others, and faint sources of the Galactic centre came out two and a half
    times as bright as they are. And these are the ones that show at their places: the ghosts and
    side lobes of a dozen of them may add up to a new source.

    Parameters
    ----------
    found, scene
        The sources in the fit, and the fit.
    known
        Of the catalogue.
    noise_at
        Gives the factor of errors beyond counting statistics in a direction.
    """
    places = np.array([source.tangents for source in found]).reshape(-1, 2)
    others = _at_home(scene, left(known, found))
    if not others:
        return []
    near = _within(scene.aperture.peak_width, others, places)
    heights = significance_at(scene, np.array([source.tangents for source in others]))
    return [
        source
        for source, is_near, height in zip(others, near, heights, strict=True)
        if is_near or height > _SHOWS * noise_at(source.tangents)
    ]


def left(known: Sequence[Known], found: Sequence[Found]) -> list[Known]:
    """Return the known sources that are not yet found, nor at the place of one that is."""
    taken = {source.name for source in found}
    homes = [source.tangents if source.home is None else source.home for source in found]
    near = _within(AS_ONE, known, np.array(homes).reshape(-1, 2))
    return [
        source
        for source, is_near in zip(known, near, strict=True)
        if source.name not in taken and not is_near
    ]


def _within(reach: float, sources: Sequence[Known | Found], places: Floats) -> NDArray[np.bool_]:
    """Return True for the sources within a distance of any of some places, all as tangents."""
    tangents = np.array([source.tangents for source in sources]).reshape(-1, 1, 2)
    away = places - tangents
    near: NDArray[np.bool_] = np.any(np.hypot(away[..., 0], away[..., 1]) < reach, axis=1)
    return near


def _at_home(scene: Scene, known: Sequence[Known]) -> list[Found]:
    """Return sources to be fitted where a catalogue has them, if pixels in use see them."""
    tangents = np.array([source.tangents for source in known]).reshape(-1, 2)
    lit = scene.shine(tangents).sum(axis=1) > LEAST_LIT * float(scene.seen.sum())
    return [Found(k.name, k.tangents, k.tangents) for k in compress(known, lit)]
