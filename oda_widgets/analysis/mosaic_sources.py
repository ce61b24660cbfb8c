"""The sources of a mosaic: those of its windows, and those that only all of them show.

A source that one window has in its fit is measured in the images of all others too: a mean over
those that found it would be a mean over those that saw it too bright.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from oda_widgets.analysis.merge_catalogs import MergedSource, mean, numbered
from oda_widgets.engine.identify import GHOSTS, MOST_ERRORS, PEAK_WIDTH, loss_by_chance
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.mosaic import Footprint, Mosaic
from oda_widgets.engine.mosaic_peaks import MosaicPeak, peak_near, peaks, value_at
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.reference_catalog import ReferenceSource, sources_within
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import SEARCH_THRESHOLD

_SURE_IN_ONE_WINDOW = 7.0  # significance of a source that is real though others do not see it
_SURER_THAN_MOSAIC = 50.0  # significance above which interpolation shows in a position
_NEAR = float(np.degrees(PEAK_WIDTH))


def mosaic_sources(
    mosaic: Mosaic,
    merged: Sequence[MergedSource],
    pointings: Sequence[Pointing],
    images: Iterable[Footprint],
) -> list[CatalogSource]:
    """Return the sources of a mosaic, new ones numbered.

    Parameters
    ----------
    mosaic
        All images added.
    merged
        The sources of the windows.
    pointings
        Of the windows, in order.
    images
        Of the windows, in the same order.
    """
    parts = [_Measured(source) for source in merged]
    for number, image in enumerate(images):
        for part in parts:
            part.measure(number, image)
    of_windows = [(part, source) for part in parts for source in _believed(part, mosaic)]
    sources = [source for _, source in of_windows]
    bright = [(source, part.unfitted) for part, source in of_windows]
    for peak in peaks(mosaic, SEARCH_THRESHOLD, [(s.ra, s.dec) for s in sources]):
        if not _is_ghost(peak, bright, pointings):
            found = _named(_new(peak, mosaic), mosaic, sources)
            sources.append(found)
            bright.append((found, peak.significance))
    return numbered(sources)


@dataclass
class _Measured:
    """A source in the windows that found it, and in the images of the others."""

    merged: MergedSource

    def __post_init__(self) -> None:
        self._others: list[CatalogSource] = []

    @property
    def best(self) -> CatalogSource:
        """The measurement with the highest significance."""
        return max(self.merged.measured, key=lambda source: source.significance)

    def measure(self, number: int, image: Footprint) -> None:
        """Measure the source in the image of a window that has not found it."""
        if number in self.merged.found:
            return
        flux, weight = value_at(image, self.best.ra, self.best.dec)
        if weight > 0:
            error = float(weight**-0.5)
            self._others.append(
                replace(self.best, flux=flux, flux_error=error, significance=flux / error)
            )

    @property
    def of_finders(self) -> CatalogSource:
        """The mean over the windows that found it."""
        return mean(self.merged.measured)

    @property
    def of_all(self) -> CatalogSource:
        """The mean over all windows."""
        return mean([*self.merged.measured, *self._others])

    @property
    def unfitted(self) -> float:
        """Significance in the windows that did not fit it, whose images still show its ghosts."""
        return mean(self._others).significance if self._others else 0.0


def _believed(part: _Measured, mosaic: Mosaic) -> list[CatalogSource]:
    """Return the source that windows have found, or none if the others contradict them.

    One of ten thousand directions in one of many windows is above the threshold by chance.
    """
    source, of_finders = part.of_all, part.of_finders
    if source.significance < SEARCH_THRESHOLD:
        if part.best.significance >= _SURE_IN_ONE_WINDOW:
            return [of_finders]
        return [] if source.new else [source]
    return [_located(source, mosaic)]


def _located(source: CatalogSource, mosaic: Mosaic) -> CatalogSource:
    """Return a source with the position of its peak in the mosaic."""
    if source.significance > _SURER_THAN_MOSAIC or not np.isfinite(source.ra_fit):
        return source
    reach = MOST_ERRORS * error_radius(source.significance)
    peak = peak_near(mosaic, source.ra_fit, source.dec_fit, max(reach, source.error_radius))
    if peak is None:
        return source
    placed = replace(source, ra_fit=peak.ra, dec_fit=peak.dec)
    return replace(placed, ra=peak.ra, dec=peak.dec) if source.new else placed


def _new(peak: MosaicPeak, mosaic: Mosaic) -> CatalogSource:
    """Return a peak as a new source."""
    flux, weight = value_at(mosaic, peak.ra, peak.dec)
    return CatalogSource(
        name="NEW",
        ra=peak.ra,
        dec=peak.dec,
        significance=peak.significance,
        flux=flux,
        flux_error=float(weight**-0.5),
        error_radius=error_radius(peak.significance),
        ra_fit=peak.ra,
        dec_fit=peak.dec,
        new=True,
    )


def _named(source: CatalogSource, mosaic: Mosaic, taken: Iterable[CatalogSource]) -> CatalogSource:
    """Return a new source, or that of the reference catalogue which explains its peak."""
    names = {other.name for other in taken}
    enough = source.significance**2 - loss_by_chance(source.significance, source.error_radius)
    explained = []
    for known in sources_within(source.ra, source.dec, _NEAR):
        placed = _at(known, source, mosaic)
        if known.name not in names and placed.significance > enough**0.5 >= 0:
            explained.append(placed)
    return max(explained, key=lambda placed: placed.significance, default=source)


def _at(known: ReferenceSource, source: CatalogSource, mosaic: Mosaic) -> CatalogSource:
    """Return a peak as a source of the catalogue, at the more precise of the two positions."""
    named = replace(source, name=known.name, new=False)
    away = source.separation(CatalogSource(known.name, known.ra, known.dec))
    error = np.hypot(source.error_radius, known.error_radius)
    if known.error_radius > source.error_radius and away < MOST_ERRORS * error:
        return named
    flux, weight = value_at(mosaic, known.ra, known.dec)
    return replace(
        named,
        ra=known.ra,
        dec=known.dec,
        flux=flux,
        flux_error=float(weight**-0.5) if weight > 0 else np.inf,
        significance=flux * float(weight**0.5),
    )


def _is_ghost(
    peak: MosaicPeak,
    sources: Sequence[tuple[CatalogSource, float]],
    pointings: Sequence[Pointing],
) -> bool:
    """Return True for a peak on a ghost of a source that is brighter and not in every fit.

    Parameters
    ----------
    peak
        The peak.
    sources
        Each with its significance in the windows whose fits do not contain it.
    pointings
        Of the windows.
    """
    brighter = [source for source, strength in sources if strength > peak.significance]
    for pointing in pointings:
        here = np.array(pointing.tangents(peak.ra, peak.dec))
        for source in brighter:
            offset = here - np.array(pointing.tangents(source.ra, source.dec))
            if np.any(np.all(np.abs(offset - GHOSTS) < PEAK_WIDTH, axis=1)):
                return True
    return False
