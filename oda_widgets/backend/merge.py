"""One list of sources from the lists of several windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from oda_widgets.engine.locate import error_radius
from oda_widgets.request.catalog import CatalogSource

_SAME = 0.1  # degrees: half a peak; two new sources closer than this are one


def merged(windows: Sequence[Sequence[CatalogSource]]) -> list[CatalogSource]:
    """Return each source once, with the weighted mean of its fluxes, new ones numbered.

    Parameters
    ----------
    windows
        The sources of each window, all new ones called "NEW".
    """
    groups: list[list[CatalogSource]] = []
    for source in (source for window in windows for source in window):
        home = next((group for group in groups if _same(group[0], source)), None)
        if home is None:
            groups.append([source])
        else:
            home.append(source)
    return _numbered([_mean(group) for group in groups])


def _same(first: CatalogSource, second: CatalogSource) -> bool:
    if first.new and second.new:
        return first.separation(second) < _SAME
    return first.name == second.name


def _mean(group: Sequence[CatalogSource]) -> CatalogSource:
    """Return the source that several measurements describe."""
    if len(group) == 1:
        return group[0]
    best = max(group, key=lambda source: source.significance)
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


def _numbered(sources: Sequence[CatalogSource]) -> list[CatalogSource]:
    ordered = sorted(sources, key=lambda source: -source.significance)
    names = iter(f"NEW_{number}" for number in range(1, len(ordered) + 1))
    return [replace(s, name=next(names)) if s.new else s for s in ordered]
