"""The sources in the field of view of a pointing, and their directions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import compress
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from oda_widgets.analysis.blends import known_beside, separable_sources
from oda_widgets.arrays import Floats
from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.coding import LEAST_CODING, LEAST_LIT
from oda_widgets.engine.identify import AS_ONE, Known
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.request.catalog import SAME_PLACE
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source


class _HasPosition(Protocol):
    """A value with a position on the sky, degrees."""

    @property
    def ra(self) -> float: ...
    @property
    def dec(self) -> float: ...


Positioned = TypeVar("Positioned", bound=_HasPosition)

_CORNER = 20.6  # degrees from the line of sight to the corner of the field of view


@lru_cache(maxsize=10_000)
def pointing_of(window: ScienceWindow) -> Pointing:
    """Return the attitude of a science window; its axes are computed once."""
    return Pointing(window.ra, window.dec, window.ra_z, window.dec_z)


def sees(pointing: Pointing, ra: float, dec: float, aperture: Aperture = IBIS) -> bool:
    """Return True if any part of the detector sees a direction through the mask."""
    return bool(_seen(pointing, ra, dec, aperture))


def in_field_of_view(
    pointing: Pointing, sources: Iterable[Positioned], aperture: Aperture = IBIS
) -> list[Positioned]:
    """Return the sources that a pointing sees."""
    sources = list(sources)
    ra, dec = [source.ra for source in sources], [source.dec for source in sources]
    seen = _seen(pointing, ra, dec, aperture)
    return list(compress(sources, seen))


def _seen(pointing: Pointing, ra: object, dec: object, aperture: Aperture) -> NDArray[np.bool_]:
    tangents = np.array(pointing.tangents(ra, dec))
    # A direction behind the telescope has NaN, which no comparison accepts.
    seen: NDArray[np.bool_] = np.all(np.abs(tangents) < aperture.reach, axis=0)
    return seen


def measurable(
    pointing: Pointing, sources: Iterable[Positioned], aperture: Aperture = IBIS
) -> list[Positioned]:
    """Return the sources that enough of the detector sees to measure them."""
    sources = list(sources)
    if not sources:
        return []  # a shortcut for plans, with thousands of windows
    return list(compress(sources, coding_of(pointing, sources, aperture) >= LEAST_CODING))


def coding_of(
    pointing: Pointing, sources: Sequence[_HasPosition], aperture: Aperture = IBIS
) -> Floats:
    """Return the coding fraction of sources in a pointing, shape (n_sources,)."""
    ra, dec = [source.ra for source in sources], [source.dec for source in sources]
    return aperture.coding_fraction(*(np.asarray(x, float) for x in pointing.tangents(ra, dec)))


def fixed_sources(
    asked: Iterable[CatalogSource], target: Source | None
) -> tuple[CatalogSource, ...]:
    """Return the sources to fit at fixed positions: the requested ones and the target.

    A target that is one of those, or at the position of one, is not added; it replaces new sources
    at its position.
    """
    asked = tuple(asked)
    if target is None or target.name in {source.name for source in asked}:
        return asked
    place = CatalogSource(target.name, target.ra, target.dec)
    near = [source for source in asked if source.separation(place) < SAME_PLACE]
    if any(not source.new for source in near):
        return asked
    return *(source for source in asked if source not in near), place


def known_sources(
    pointing: Pointing, fixed: Iterable[CatalogSource], aperture: Aperture = IBIS
) -> list[Known]:
    """Return the sources to fit at fixed positions, then those of the reference catalogue.

    A fixed source replaces the same source of the reference catalogue.
    """
    always = at_fixed_positions(pointing, fixed)
    around = separable_sources(pointing.ra, pointing.dec, _CORNER)
    seen = in_field_of_view(pointing, around, aperture)
    reference = [
        Known(source.name, tangents, float(np.radians(source.error_radius)))
        for source, tangents in zip(seen, _tangents(pointing, seen), strict=True)
    ]
    names = {known.name for known in always}
    places = np.array([known.tangents for known in always]).reshape(-1, 2)
    return always + [
        known
        for known in reference
        if known.name not in names and not np.any(np.hypot(*(places - known.tangents).T) < AS_ONE)
    ]


Sources = tuple[CatalogSource, ...]


def sources_to_fit(
    pointing: Pointing, sources: Sequence[CatalogSource], aperture: Aperture = IBIS
) -> tuple[Sources, Sources]:
    """Return the sources that a pointing measures, and those that only share its fit.

    At the edge of the field too few pixels see a source to measure it, but a bright one affects the
    others. So do known sources whose peaks overlap theirs.
    """
    coding = coding_of(pointing, sources, aperture)
    measured = tuple(compress(sources, coding >= LEAST_CODING))
    beside = tuple(compress(sources, (coding >= LEAST_LIT) & (coding < LEAST_CODING)))
    return measured, (*beside, *measurable(pointing, known_beside(sources, aperture), aperture))


def lit(sources: Sequence[CatalogSource], error: Floats) -> list[int]:
    """Return the indices of the sources that pixels in use see, from the errors of their rates."""
    some = np.any(np.isfinite(error) & (error > 0), axis=1)
    return [number for number in range(len(sources)) if some[number]]


def at_fixed_positions(pointing: Pointing, sources: Iterable[CatalogSource]) -> list[Known]:
    """Return sources to be fitted at their positions in a pointing."""
    sources = list(sources)
    return [
        Known(source.name, tangents, always=True)
        for source, tangents in zip(sources, _tangents(pointing, sources), strict=True)
    ]


def _tangents(pointing: Pointing, sources: Sequence[_HasPosition]) -> Floats:
    """Return the directions of sources in a pointing, shape (n_sources, 2)."""
    ra, dec = [source.ra for source in sources], [source.dec for source in sources]
    return np.stack(pointing.tangents(ra, dec), axis=-1).reshape(-1, 2)
