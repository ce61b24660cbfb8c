"""Known sources that join the fit of a scene although the search found no peak of theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.coding import LEAST_LIT
from oda_widgets.engine.identify import AS_ONE, Found, Known
from oda_widgets.engine.locate import significance_of
from oda_widgets.engine.scene import Scene

_SHOWS = 3.0
"""Significance at a known position. Among a hundred positions without a source, one is as high by
chance in one of seven fields."""


class KnownInView:
    """The known sources that pixels in use see, with their shadows, computed once for a search.

    Parameters
    ----------
    scene
        Counts and background; its fit does not matter.
    known
        Sources of the catalogue.
    """

    def __init__(self, scene: Scene, known: Sequence[Known]) -> None:
        shine = scene.shine(_places(known))
        lit = shine.sum(axis=1) > LEAST_LIT * float(scene.seen.sum())
        self._shine = shine[lit]
        self._known = list(compress(known, lit))

    @property
    def asked_for(self) -> list[Found]:
        """The sources to be fitted whatever their significance."""
        return [_at_home(source) for source in self._known if source.always]

    def companions(
        self,
        found: Sequence[Found],
        scene: Scene,
        noise_at: Callable[[Floats], float],
        others: Sequence[Found] = (),
    ) -> list[Found]:
        """Return the sources that are too faint to be found but affect those that are.

        These are sources whose peaks overlap those found: if they are not in the fit, their flux is
        attributed to the others, and faint sources of the Galactic centre came out two and a half
        times too bright. They are also sources that are significant at their positions: the ghosts
        and side lobes of a dozen of them may add up to a false new source.

        Parameters
        ----------
        found, scene
            The sources in the fit, and the fit.
        noise_at
            Gives the noise factor, beyond counting statistics, in a direction.
        others
            Sources that were also found but are not in the fit.
        """
        free = _are_left(self._known, [*found, *others])
        near = free & _within(scene.aperture.peak_width, self._known, _places(found))
        # A source that would be fitted below zero is not significant.
        residual = scene.fit.weights * (scene.counted - scene.fit.model)
        bright = np.flatnonzero(free & ~near & (self._shine @ residual.astype(np.float32) > 0))
        heights = significance_of(scene, self._shine[bright])
        shown = near.copy()
        high = heights > _SHOWS  # the factor is at least one
        for number, height in zip(bright[high].tolist(), heights[high].tolist(), strict=True):
            shown[number] = height > _SHOWS * noise_at(self._known[number].tangents)
        return [_at_home(source) for source in compress(self._known, shown)]


def left(known: Sequence[Known], found: Sequence[Found]) -> list[Known]:
    """Return the known sources that are neither found nor at the position of one that is."""
    return list(compress(known, _are_left(known, found)))


def _are_left(known: Sequence[Known], found: Sequence[Found]) -> NDArray[np.bool_]:
    taken = {source.name for source in found}
    homes = [source.tangents if source.home is None else source.home for source in found]
    alone: NDArray[np.bool_] = ~_within(AS_ONE, known, np.array(homes).reshape(-1, 2))
    alone &= np.array([source.name not in taken for source in known], bool)
    return alone


def _within(reach: float, sources: Sequence[Known], places: Floats) -> NDArray[np.bool_]:
    """Return True for the sources within a distance of any of some places, all as tangents."""
    away = places - _places(sources)[:, None]
    near: NDArray[np.bool_] = np.any(np.hypot(away[..., 0], away[..., 1]) < reach, axis=1)
    return near


def _places(sources: Sequence[Known | Found]) -> Floats:
    return np.array([source.tangents for source in sources], float).reshape(-1, 2)


def _at_home(source: Known) -> Found:
    """Return a source to be fitted at its catalogue position."""
    return Found(source.name, source.tangents, source.tangents)
