"""One catalogue from those of several images: which sources are the same, and what they are called.

The mosaics of our engine and those of dispatchers are merged alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import isnan

import numpy as np

from oda_widgets.engine.identify import MOST_ERRORS
from oda_widgets.engine.locate import error_radius
from oda_widgets.request.catalog import CatalogSource

_SAME = 0.1  # degrees: half a peak; two new sources closer than this are one


@dataclass
class MergedSource:
    """A source in the images that found it.

    Parameters
    ----------
    found
        What each image found, by the number of the image.
    """

    found: dict[int, CatalogSource]

    @property
    def measured(self) -> list[CatalogSource]:
        """What the images found."""
        return list(self.found.values())

    def is_same(self, source: CatalogSource) -> bool:
        """Return True if another image found the same source."""
        return any(_same(other, source) for other in self.found.values())


def merged(catalogs: Iterable[Iterable[CatalogSource]]) -> list[MergedSource]:
    """Return each source of several images once; two of one image stay two.

    Parameters
    ----------
    catalogs
        The sources of each image.
    """
    groups: list[MergedSource] = []
    # Sources with a name first: one that is new in some images may have a name in others.
    sources = [(number, source) for number, catalog in enumerate(catalogs) for source in catalog]
    for number, source in sorted(sources, key=lambda pair: pair[1].new):
        home = next((g for g in groups if number not in g.found and g.is_same(source)), None)
        if home is None:
            groups.append(MergedSource({number: source}))
        else:
            home.found[number] = source
    return groups


def _same(first: CatalogSource, second: CatalogSource) -> bool:
    if not first.new and not second.new:
        return first.name == second.name
    if first.new and second.new:
        return first.separation(second) < _SAME
    errors = np.hypot(first.error_radius, second.error_radius)
    return bool(first.separation(second) < MOST_ERRORS * errors)


def mean(group: Sequence[CatalogSource]) -> CatalogSource:
    """Return the source that several measurements describe.

    The name is that of the one with the highest significance, unless it is new and another not.
    """
    if len(group) == 1:
        return group[0]
    best = max(group, key=lambda source: (not source.new, source.significance))
    errors = np.array([source.flux_error for source in group])
    fluxes = np.array([source.flux for source in group])
    weight = 1.0 / errors**2
    significances = np.array([source.significance for source in group])
    # Significances add with the weights that the fluxes add with.
    total = float(np.sum(significances / errors) / np.sqrt(weight.sum()))
    return replace(
        best,
        flux=float(weight @ fluxes / weight.sum()),
        flux_error=float(1.0 / np.sqrt(weight.sum())),
        significance=total,
        error_radius=error_radius(total),
    )


def numbered(sources: Sequence[CatalogSource]) -> list[CatalogSource]:
    """Return sources with numbers for the new ones, the most significant first.

    A source that was new in an earlier image may be in the catalogue of a query by its number;
    that number is taken. A source without significance counts as zero.
    """
    ordered = sorted(sources, key=lambda s: 0.0 if isnan(s.significance) else -s.significance)
    taken = {source.name for source in sources if not source.new}
    numbers = (f"NEW_{number}" for number in count(1))
    names = (name for name in numbers if name not in taken)
    return [replace(s, name=next(names)) if s.new else s for s in ordered]
