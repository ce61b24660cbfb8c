"""Which sources a pointing sees, and where it sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import compress
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from oda_widgets.engine.identify import Known
from oda_widgets.errors import BadParameter
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.reference_catalog import sources_within
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source

REACH = 0.2646
"""Largest tangent along an axis at which any ray passes mask and detector (14.8 degrees)."""


class _HasPosition(Protocol):
    """What has a position on the sky, degrees."""

    @property
    def ra(self) -> float: ...
    @property
    def dec(self) -> float: ...


Positioned = TypeVar("Positioned", bound=_HasPosition)

_CORNER = 20.6  # degrees from the line of sight to the corner of the field of view


@lru_cache(maxsize=1000)
def pointing_of(window: ScienceWindow) -> Pointing:
    """Return the attitude of a science window; its axes are computed once."""
    return Pointing(window.ra, window.dec, window.ra_z, window.dec_z)


def sees(pointing: Pointing, ra: float, dec: float) -> bool:
    """Return True when any part of the detector sees a direction through the mask."""
    return bool(_seen(pointing, ra, dec))


def in_field_of_view(pointing: Pointing, sources: Iterable[Positioned]) -> list[Positioned]:
    """Return the sources that a pointing sees."""
    sources = list(sources)
    seen = _seen(pointing, [source.ra for source in sources], [source.dec for source in sources])
    return list(compress(sources, seen))


def _seen(pointing: Pointing, ra: object, dec: object) -> NDArray[np.bool_]:
    tangents = np.array(pointing.tangents(ra, dec))
    # A direction behind the telescope has NaN, which no comparison accepts.
    seen: NDArray[np.bool_] = np.all(np.abs(tangents) < REACH, axis=0)
    return seen


def fixed_sources(
    asked: Iterable[CatalogSource], target: Source | None
) -> tuple[CatalogSource, ...]:
    """Return the sources that are fitted at fixed positions: those asked for, and the target.

    A target that is among those asked for, or next to one, is not there twice.
    """
    asked = tuple(asked)
    if target is None or target.name in {source.name for source in asked}:
        return asked
    ra, dec = [source.ra for source in asked], [source.dec for source in asked]
    if np.any(separations(ra, dec, target.ra, target.dec) < _SAME):
        return asked
    return *asked, CatalogSource(target.name, target.ra, target.dec)


def known_sources(pointing: Pointing, fixed: Iterable[CatalogSource]) -> list[Known]:
    """Return the sources to fit at fixed positions, then those of the reference catalogue.

    A fixed source replaces the same source of the reference catalogue.
    """
    always = at_fixed_positions(pointing, fixed)
    reference = [
        _known(pointing, s.name, s.ra, s.dec, error_radius=s.error_radius)
        for s in in_field_of_view(pointing, sources_within(pointing.ra, pointing.dec, _CORNER))
    ]
    return always + [known for source in reference for known in _unless_fixed(always, source)]


def visible_sources(
    pointing: Pointing, sources: Sequence[CatalogSource]
) -> tuple[CatalogSource, ...]:
    """Return the sources that a pointing sees, at least one.

    Raises
    ------
    BadParameter
        If it sees none of them.
    """
    seen = tuple(in_field_of_view(pointing, sources))
    if not seen:
        names = [source.name for source in sources]
        limit = "none of the sources is in the field of view of a science window"
        advice = "Choose science windows within 15 deg of the sources."
        raise BadParameter("catalog", names, limit, advice)
    return seen


def at_fixed_positions(pointing: Pointing, sources: Iterable[CatalogSource]) -> list[Known]:
    """Return sources to be fitted where a pointing sees them."""
    return [_known(pointing, s.name, s.ra, s.dec, always=True) for s in sources]


def _known(
    pointing: Pointing,
    name: str,
    ra: float,
    dec: float,
    *,
    error_radius: float = 0.0,
    always: bool = False,
) -> Known:
    tangents = np.array(pointing.tangents(ra, dec), float)
    return Known(name, tangents, float(np.radians(error_radius)), always)


_SAME = 1.0 / 60  # degrees: sources closer than this are one


def _unless_fixed(fixed: list[Known], source: Known) -> list[Known]:
    near = any(np.hypot(*(known.tangents - source.tangents)) < np.radians(_SAME) for known in fixed)
    return [] if near or source.name in {known.name for known in fixed} else [source]
