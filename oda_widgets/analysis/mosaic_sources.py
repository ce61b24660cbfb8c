"""The sources of a mosaic: those of its windows, and those that only the sum shows.

A source found in one window is measured in the images of all others too: a mean over only the
windows that found it would be biased high.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from oda_widgets.analysis.blends import separable_sources
from oda_widgets.analysis.ghosts import Ghosts
from oda_widgets.analysis.merge_catalogs import MergedSource, apart, mean, numbered
from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.identify import MOST_ERRORS, loss_by_chance
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.mosaic import Footprint, Mosaic
from oda_widgets.engine.mosaic_noise import MosaicNoise
from oda_widgets.engine.mosaic_peaks import (
    MosaicPeak,
    SignificanceMap,
    peak_near,
    peaks,
    value_at,
)
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.reference_catalog import ReferenceSource
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import SEARCH_THRESHOLD

_SURE_IN_ONE_WINDOW = 7.0  # significance of a source that is real even if others do not show it
_SURER_THAN_MOSAIC = 50.0  # significance above which interpolation affects a position


def mosaic_sources(
    mosaic: Mosaic,
    merged: Sequence[MergedSource],
    pointings: Sequence[Pointing],
    images: Iterable[Footprint],
    aperture: Aperture = IBIS,
    lowest: float = SEARCH_THRESHOLD,
) -> list[CatalogSource]:
    """Return the sources of a mosaic, new ones numbered.

    Parameters
    ----------
    merged
        The sources of the windows.
    pointings
        Pointings of the windows, in order.
    images
        Images of the windows, in the same order.
    lowest
        Least significance of a peak to be a source.
    """
    parts = [_Measured(source, aperture.scale) for source in merged]
    for number, image in enumerate(images):
        for part in parts:
            part.measure(number, image)
    of_windows = [(part, source) for part in parts for source in _believed(part)]
    sources = [source for _, source in of_windows]
    ghosts = Ghosts(pointings, aperture)
    for part, source in of_windows:
        ghosts.add(source.ra, source.dec, part.unfitted)
    taken = [(s.ra, s.dec) for s in sources]
    significance = SignificanceMap.of(mosaic)
    for peak in peaks(significance, lowest, taken, aperture.peak_width):
        if not ghosts.explain(peak.ra, peak.dec, peak.significance):
            found = _named(_new(peak, mosaic, aperture.scale), mosaic, sources, aperture)
            sources.append(found)
            ghosts.add(found.ra, found.dec, peak.significance)
    return numbered(apart([_located(one, sources, significance, aperture) for one in sources]))


def with_noise(
    sources: Iterable[CatalogSource], noise: MosaicNoise, scale: float
) -> list[CatalogSource]:
    """Return sources with errors that include the noise of a mosaic beyond that of its images.

    New sources that are no longer above the search threshold are left out.

    Parameters
    ----------
    scale
        Width of a peak relative to IBIS.
    """
    noisier = [_with_errors(source, noise.at(source.ra, source.dec), scale) for source in sources]
    return [s for s in noisier if not s.new or s.significance >= SEARCH_THRESHOLD]


def _with_errors(source: CatalogSource, factor: float, scale: float) -> CatalogSource:
    """Return a source with its errors multiplied by a factor."""
    significance = source.significance / factor
    return replace(
        source,
        flux_error=source.flux_error * factor,
        significance=significance,
        error_radius=error_radius(significance, scale),
    )


@dataclass
class _Measured:
    """A source in the windows that found it, and in the images of the others."""

    merged: MergedSource
    scale: float

    def __post_init__(self) -> None:
        self._others: list[CatalogSource] = []

    @property
    def best(self) -> CatalogSource:
        """The measurement with the highest significance."""
        return max(self.merged.measured, key=lambda source: source.significance)

    def measure(self, number: int, image: Footprint) -> None:
        """Measure the source in the image of a window, unless that window found it."""
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
        """The mean over the windows in which it is significant."""
        shown = [s for s in self.merged.measured if s.significance >= SEARCH_THRESHOLD]
        return mean(shown or self.merged.measured, self.scale)

    @property
    def of_all(self) -> CatalogSource:
        """The mean over all windows."""
        return _at_mean_place(
            mean([*self.merged.measured, *self._others], self.scale), self.merged.measured
        )

    @property
    def unfitted(self) -> float:
        """Significance in the windows that did not fit it; their images still have its ghosts."""
        return mean(self._others).significance if self._others else 0.0


def _believed(part: _Measured) -> list[CatalogSource]:
    """Return the source that windows found, or none if the others contradict them.

    One of ten thousand directions in one of many windows is above the threshold by chance.
    """
    source, of_finders = part.of_all, part.of_finders
    if source.significance < SEARCH_THRESHOLD:
        if part.best.significance >= _SURE_IN_ONE_WINDOW:
            return [of_finders]
        return [] if source.new else [source]
    return [source]


def _at_mean_place(source: CatalogSource, measured: Sequence[CatalogSource]) -> CatalogSource:
    """Return a source at the mean position of its peaks, if windows fitted it at its peaks."""
    placed = [s for s in measured if (s.ra, s.dec) == (s.ra_fit, s.dec_fit)]
    if not placed:
        return source
    weight = np.array([s.significance for s in placed]) ** 2
    steps = np.array([((s.ra - source.ra + 180) % 360 - 180, s.dec - source.dec) for s in placed])
    ra, dec = (source.ra, source.dec) + weight @ steps / weight.sum()
    ra, dec = float(ra % 360), float(dec)
    return replace(source, ra=ra, dec=dec, ra_fit=ra, dec_fit=dec)


def _located(
    source: CatalogSource,
    sources: Sequence[CatalogSource],
    significance: SignificanceMap,
    aperture: Aperture,
) -> CatalogSource:
    """Return a source with the position of its peak in the mosaic, if it has one of its own."""
    if source.significance > _SURER_THAN_MOSAIC and np.isfinite(source.ra_fit):
        return source
    is_merged = _is_merged(source, sources, 2 * _width(aperture))
    peak = None if is_merged else _own_peak(source, significance, aperture.scale)
    if peak is None:
        return source if source.new else replace(source, ra_fit=np.nan, dec_fit=np.nan)
    placed = replace(source, ra_fit=peak.ra, dec_fit=peak.dec)
    return replace(placed, ra=peak.ra, dec=peak.dec) if source.new else placed


def _width(aperture: Aperture) -> float:
    """Return the half width of a peak in degrees."""
    return float(np.degrees(aperture.peak_width))


def _is_merged(source: CatalogSource, sources: Sequence[CatalogSource], reach: float) -> bool:
    """Return True for a source whose peak merges with another."""
    return any(source.separation(s) < reach for s in sources if s is not source)


def _own_peak(
    source: CatalogSource, significance: SignificanceMap, scale: float
) -> MosaicPeak | None:
    """Return the peak of a source, within the error radius for its significance, or None."""
    if source.significance < SEARCH_THRESHOLD:
        return None
    reach = max(MOST_ERRORS * error_radius(source.significance, scale), source.error_radius)
    peak = peak_near(significance, source.ra, source.dec, reach)
    if peak is None or source.separation(CatalogSource("peak", peak.ra, peak.dec)) > reach:
        return None
    return peak


def _new(peak: MosaicPeak, mosaic: Mosaic, scale: float) -> CatalogSource:
    """Return a peak as a new source."""
    flux, weight = value_at(mosaic, peak.ra, peak.dec)
    return CatalogSource(
        name="NEW",
        ra=peak.ra,
        dec=peak.dec,
        significance=peak.significance,
        flux=flux,
        flux_error=float(weight**-0.5),
        error_radius=error_radius(peak.significance, scale),
        ra_fit=peak.ra,
        dec_fit=peak.dec,
        new=True,
    )


def _named(
    source: CatalogSource, mosaic: Mosaic, taken: Iterable[CatalogSource], aperture: Aperture
) -> CatalogSource:
    """Return a new source, or the source of the reference catalogue that explains its peak."""
    names = {other.name for other in taken}
    by_chance = loss_by_chance(source.significance, source.error_radius, aperture.scale)
    enough = source.significance**2 - by_chance
    explained = []
    for known in separable_sources(source.ra, source.dec, _width(aperture)):
        placed = _at(known, source, mosaic)
        if known.name not in names and placed.significance > enough**0.5 >= 0:
            explained.append(placed)
    return max(explained, key=lambda placed: placed.significance, default=source)


def _at(known: ReferenceSource, source: CatalogSource, mosaic: Mosaic) -> CatalogSource:
    """Return a peak as a catalogue source, at the more precise of the two positions."""
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
        flux_error=float(weight**-0.5) if weight > 0 else np.nan,
        significance=flux * float(weight**0.5),
    )
