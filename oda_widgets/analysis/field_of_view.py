"""Which sources a pointing sees, and where."""

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


class _AtPlace(Protocol):
    """What has a place on the sky, degrees."""

    @property
    def ra(self) -> float: ...
    @property
    def dec(self) -> float: ...


Placed = TypeVar("Placed", bound=_AtPlace)

_CORNER = 20.6  # degrees from the line of sight to the corner of the field of view


@lru_cache(maxsize=1000)
def pointing_of(window: ScienceWindow) -> Pointing:
    """Return the attitude of a science window; its axes are worked out once."""
    return Pointing(window.ra, window.dec, window.ra_z, window.dec_z)


def sees(pointing: Pointing, ra: float, dec: float) -> bool:
    """Return True when any part of the detector sees a direction through the mask."""
    return bool(_seen(pointing, ra, dec))


def seen_by(pointing: Pointing, sources: Iterable[Placed]) -> list[Placed]:
    """Return those of some sources that a pointing sees."""
    sources = list(sources)
    seen = _seen(pointing, [source.ra for source in sources], [source.dec for source in sources])
    return list(compress(sources, seen))


def _seen(pointing: Pointing, ra: object, dec: object) -> NDArray[np.bool_]:
    tangents = np.array(pointing.tangents(ra, dec))
    # NaN, behind the telescope, is smaller than nothing.
    seen: NDArray[np.bool_] = np.all(np.abs(tangents) < REACH, axis=0)
    return seen


def fixed_sources(
    asked: Iterable[CatalogSource], target: Source | None
) -> tuple[CatalogSource, ...]:
    """Return the sources that are fitted at their places wherever they are seen: asked, target.

    A target that is among those asked, or next to one, is not there twice.
    """
    asked = tuple(asked)
    if target is None or target.name in {source.name for source in asked}:
        return asked
    ra, dec = [source.ra for source in asked], [source.dec for source in asked]
    if np.any(separations(ra, dec, target.ra, target.dec) < _SAME):
        return asked
    return *asked, CatalogSource(target.name, target.ra, target.dec)


def known_sources(pointing: Pointing, fixed: Iterable[CatalogSource]) -> list[Known]:
    """Return the sources to fit at their places, then those of the reference catalogue.

    A fixed source takes the place of the same source in the reference catalogue.
    """
    always = placed(pointing, fixed)
    reference = [
        _known(pointing, s.name, s.ra, s.dec, error_radius=s.error_radius)
        for s in seen_by(pointing, sources_within(pointing.ra, pointing.dec, _CORNER))
    ]
    return always + [known for source in reference for known in _unless_there(always, source)]


def asked_sources(pointing: Pointing, asked: Sequence[CatalogSource]) -> tuple[CatalogSource, ...]:
    """Return those of some sources that a pointing sees.

    Raises
    ------
    BadParameter
        If it sees none of them.
    """
    seen = tuple(seen_by(pointing, asked))
    if not seen:
        names = [source.name for source in asked]
        limit = "none of the sources is in the field of view of a science window"
        advice = "Choose science windows within 15 deg of the sources."
        raise BadParameter("catalog", names, limit, advice)
    return seen


def placed(pointing: Pointing, sources: Iterable[CatalogSource]) -> list[Known]:
    """Return sources where a pointing sees them, to be fitted there."""
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


def _unless_there(fixed: list[Known], source: Known) -> list[Known]:
    near = any(np.hypot(*(known.tangents - source.tangents)) < np.radians(_SAME) for known in fixed)
    return [] if near or source.name in {known.name for known in fixed} else [source]
