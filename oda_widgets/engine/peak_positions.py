"""Measured positions of sources, beside their catalogue positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.identify import AS_ONE, MOST_ERRORS, Found
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.engine.summit import summit_near

_LEAST = 5.0  # significance of a peak to have a position
_NOWHERE = np.full(2, np.nan)


def with_peaks(
    sources: Sequence[Found], maps: SkyMaps, grid: SkyGrid, aperture: Aperture
) -> tuple[Found, ...]:
    """Return sources with the directions of their peaks.

    Sources fitted at their peaks have them already. Others are searched for in the map. A source
    that is too faint, or whose peak merges with another, has none.

    Parameters
    ----------
    sources
        Fitted together, in the order of the fit.
    maps
        Their maps, with all sources put back.
    grid
        Directions of the maps.
    """
    significance = maps.significance
    places = np.array([source.tangents for source in sources]).reshape(-1, 2)

    def peak(number: int, source: Found) -> Floats:
        return _peak(source, np.delete(places, number, 0), significance, grid, aperture)

    return tuple(replace(one, peak=peak(number, one)) for number, one in enumerate(sources))


def _peak(
    source: Found, others: Floats, significance: Singles, grid: SkyGrid, aperture: Aperture
) -> Floats:
    if source.home is None or not np.array_equal(source.tangents, source.home):
        return source.tangents
    merged = np.all(np.abs(others - source.tangents) < 2 * aperture.peak_width, axis=1)
    if source.significance < _LEAST or merged.any():
        return _NOWHERE
    reach = MOST_ERRORS * float(np.radians(error_radius(source.significance, aperture.scale)))
    peak = _highest(significance, source.tangents, max(reach, AS_ONE), grid)
    return peak if np.hypot(*(peak - source.tangents)) < reach else _NOWHERE


def _highest(significance: Singles, tangents: Floats, reach: float, grid: SkyGrid) -> Floats:
    """Return the direction of the highest point of a map within `reach` of a direction."""
    rows, columns = grid.around(tangents, reach)
    part = np.nan_to_num(significance[rows, columns], nan=-np.inf)
    if not part.size:
        return _NOWHERE
    down, along = np.unravel_index(np.argmax(part), part.shape)
    (z, y), _ = summit_near(significance, rows.start + int(down), columns.start + int(along))
    return grid.step * (np.array([y, z]) - (grid.size - 1) / 2) * (-1, 1)
