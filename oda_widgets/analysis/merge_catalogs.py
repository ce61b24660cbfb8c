"""Merge the catalogues of several images: identify the same sources, and name them.

The mosaics of our engine and of dispatchers are merged in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import isnan

import numpy as np

from oda_widgets.engine.identify import MOST_ERRORS
from oda_widgets.engine.locate import error_radius
from oda_widgets.request.catalog import SAME_PLACE
from oda_widgets.request.catalog_source import CatalogSource

_SAME = 0.1  # degrees: half a peak of IBIS; two new sources closer than this are one


@dataclass
class MergedSource:
    """A source in the images that found it.

    Parameters
    ----------
    found
        Measured source by the index of the image.
    """

    found: dict[int, CatalogSource]

    @property
    def measured(self) -> list[CatalogSource]:
        """The sources as the images measured them."""
        return list(self.found.values())

    def is_same(self, source: CatalogSource, scale: float = 1.0) -> bool:
        """Return True if another image found the same source."""
        return any(_same(other, source, scale) for other in self.found.values())

    def separation(self, source: CatalogSource) -> float:
        """Return the angle between a source and the nearest of those found, degrees."""
        return min(other.separation(source) for other in self.found.values())


def merged(catalogs: Iterable[Iterable[CatalogSource]], scale: float = 1.0) -> list[MergedSource]:
    """Return each source of several images once; two sources of one image stay two.

    Parameters
    ----------
    catalogs
        The sources of each image.
    scale
        Width of a peak relative to IBIS.
    """
    groups: list[MergedSource] = []
    by_name: dict[str, list[MergedSource]] = {}
    # Named sources first: a source that is new in some images may have a name in others.
    sources = [(number, source) for number, catalog in enumerate(catalogs) for source in catalog]
    for number, source in sorted(sources, key=lambda pair: pair[1].new):
        # Look names up: thousands of windows have hundreds of thousands of sources.
        like = groups if source.new else by_name.get(source.name, ())
        homes = [g for g in like if number not in g.found and g.is_same(source, scale)]
        if homes:
            min(homes, key=lambda home: home.separation(source)).found[number] = source
            continue
        group = MergedSource({number: source})
        groups.append(group)
        if not source.new:
            by_name.setdefault(source.name, []).append(group)
    return groups


def _same(first: CatalogSource, second: CatalogSource, scale: float) -> bool:
    if not first.new and not second.new:
        return first.name == second.name
    if first.new and second.new:
        return first.separation(second) < _SAME * scale
    errors = float(np.hypot(first.error_radius, second.error_radius))
    return first.separation(second) < max(MOST_ERRORS * errors, SAME_PLACE)


def mean(group: Sequence[CatalogSource], scale: float = 1.0) -> CatalogSource:
    """Return the mean of several measurements of a source.

    The name is that of the most significant measurement, preferring known sources to new ones.

    Parameters
    ----------
    scale
        Width of a peak over that of IBIS.
    """
    if len(group) == 1:
        return group[0]
    best = max(group, key=lambda source: (not source.new, source.significance))
    errors = np.array([source.flux_error for source in group])
    fluxes = np.array([source.flux for source in group])
    weight = 1.0 / errors**2
    significances = np.array([source.significance for source in group])
    # Significances add with the same weights as fluxes.
    total = float(np.sum(significances / errors) / np.sqrt(weight.sum()))
    return replace(
        best,
        flux=float(weight @ fluxes / weight.sum()),
        flux_error=float(1.0 / np.sqrt(weight.sum())),
        significance=total,
        error_radius=error_radius(total, scale),
    )


def apart(sources: Sequence[CatalogSource]) -> list[CatalogSource]:
    """Return sources without new ones at the position of a known or more significant source."""
    kept: list[CatalogSource] = []
    for source in sorted(sources, key=lambda s: (s.new, -s.significance if s.new else 0.0)):
        if not source.new or all(source.separation(other) > SAME_PLACE for other in kept):
            kept.append(source)
    return kept


def numbered(sources: Sequence[CatalogSource]) -> list[CatalogSource]:
    """Return sources, the most significant first, with the new ones numbered.

    The catalogue of a query may contain a source that was new in an earlier image, with its number;
    that number is taken. A missing significance counts as zero.
    """
    ordered = sorted(sources, key=lambda s: 0.0 if isnan(s.significance) else -s.significance)
    taken = {source.name for source in sources if not source.new}
    numbers = (f"NEW_{number}" for number in count(1))
    names = (name for name in numbers if name not in taken)
    return [replace(s, name=next(names)) if s.new else s for s in ordered]
