"""The truth of the simulated mission, from its own tables: what shines where, and how bright."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.simulated.plan import windows_by_stem
from oda_widgets.archive.simulated.sky import SkySource, sky
from oda_widgets.archive.simulated.window import epoch_of
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.catalog import SAME_PLACE
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.science_windows import ScienceWindow

_TIMES = 20  # of a window, at which a light curve is read
_STEADY = 0.01  # of the mean: what changes less has one rate


def is_there(source: CatalogSource) -> bool:
    """Return True if something shines at the place of a source."""
    return bool(_shining_at(source))


def steady_rate(
    source: CatalogSource, band: tuple[float, float], windows: tuple[str, ...]
) -> float:
    """Return the counts/s of all that shines at the place of a source; NaN if they change.

    Parameters
    ----------
    source
        What cannot be separated from it counts as it.
    band
        Energies in keV.
    windows
        Identifiers of the science windows.
    """
    rates = _rates(source, band, windows)
    return float(rates.mean()) if np.ptp(rates) <= _STEADY * rates.mean() else np.nan


def mean_rate(source: CatalogSource, band: tuple[float, float], windows: tuple[str, ...]) -> float:
    """Return the mean counts/s of all that shines at the place of a source, steady or not."""
    return float(_rates(source, band, windows).mean())


def _rates(
    source: CatalogSource, band: tuple[float, float], windows: tuple[str, ...]
) -> NDArray[np.float64]:
    """Return the counts/s of all that shines at the place of a source in each window."""
    sources = _shining_at(source)
    entries = [windows_by_stem()[identifier[:12]] for identifier in windows]
    return np.array([sum(_rate(s, band, window) for s in sources) for window in entries])


def _shining_at(source: CatalogSource) -> list[SkySource]:
    ra, dec = [s.ra for s in sky()], [s.dec for s in sky()]
    near = separations(ra, dec, source.ra, source.dec) < SAME_PLACE
    return [s for s, inside in zip(sky(), near, strict=True) if inside]


def _rate(source: SkySource, band: tuple[float, float], window: ScienceWindow) -> float:
    """Return the mean rate of a source in a window."""
    times = np.linspace(window.start, window.stop, _TIMES)
    return epoch_of(window).area * sum(
        component.counts.between(*band) * float(component.curve.level(times).mean())
        for component in source.components
    )
