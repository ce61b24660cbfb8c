"""Sources of the reference catalogue so close to others that their fluxes blend.

Sources that cannot be separated are fitted as one, with all their names; sources whose peaks
overlap are fitted together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import compress

import numpy as np

from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.lookup.reference_catalog import (
    ReferenceSource,
    reference_catalog,
    sources_within,
)
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.catalog import SAME_PLACE
from oda_widgets.request.catalog_source import CatalogSource


def separable_sources(ra: float, dec: float, radius: float) -> list[ReferenceSource]:
    """Return the separable sources within `radius` of a position; all in degrees.

    Of sources too close to be separated, it is the one with the highest catalogue rate from 20 to
    60 keV.
    """
    return [
        source for source in sources_within(ra, dec, radius) if source.name not in _inseparable()
    ]


def blended_with(sources: Iterable[CatalogSource]) -> Mapping[str, list[str]]:
    """Return the sources whose flux includes that of others of the reference catalogue.

    Parameters
    ----------
    sources
        Sources of a product.

    Returns
    -------
    mapping
        From the name of a source to the names of the others.
    """
    found = {}
    for source in sources:
        near = [other.name for other in sources_within(source.ra, source.dec, SAME_PLACE)]
        if source.name in near and len(near) > 1:
            found[source.name] = [name for name in near if name != source.name]
    return found


def known_beside(
    sources: Iterable[CatalogSource], aperture: Aperture = IBIS
) -> tuple[CatalogSource, ...]:
    """Return the sources of the reference catalogue whose peaks overlap those of others.

    If they are not in the fit, their flux is attributed to the others: in the Galactic centre
    fluxes were too high by up to 70 %.

    Parameters
    ----------
    sources
        The other sources.
    """
    return _overlapping(tuple(sources), float(np.degrees(aperture.peak_width)))


@lru_cache(maxsize=100)
def _overlapping(sources: tuple[CatalogSource, ...], reach: float) -> tuple[CatalogSource, ...]:
    """Return the known sources within `reach` degrees of others; called for every window."""
    near = {
        known.name: CatalogSource(known.name, known.ra, known.dec)
        for source in sources
        for known in separable_sources(source.ra, source.dec, reach)
    }
    return tuple(
        near[name]
        for name in sorted(near)
        if all(near[name].separation(source) > SAME_PLACE for source in sources)
    )


@cache
def _inseparable() -> frozenset[str]:
    """Return the names of sources at the position of a brighter one."""
    catalog = sorted(reference_catalog(), key=_rank)
    ra, dec = np.array([(source.ra, source.dec) for source in catalog]).T
    hidden = np.zeros(len(catalog), bool)
    for number, source in enumerate(catalog):
        # Few sources share a declination; the angles to all would take five times as long.
        near = number + 1 + np.flatnonzero(np.abs(dec[number + 1 :] - source.dec) <= SAME_PLACE)
        if len(near) and not hidden[number]:
            hidden[near] |= separations(ra[near], dec[near], source.ra, source.dec) < SAME_PLACE
    return frozenset(source.name for source in compress(catalog, hidden))


def _rank(source: ReferenceSource) -> tuple[float, float]:
    """Return a sort key: bright sources first, then precise positions."""
    return -np.nan_to_num(source.rate_20_60), source.error_radius
