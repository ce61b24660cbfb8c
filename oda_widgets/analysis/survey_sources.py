"""The known sources of a survey: their fluxes in each window, averaged as windows are added.

A source is measured in every window that sees it, not only in those in which it is significant: a
mean over these would be biased high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from oda_widgets.analysis.blends import separable_sources
from oda_widgets.arrays import Floats
from oda_widgets.engine.all_sky import measured
from oda_widgets.engine.coding import LEAST_CODING
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.reference_catalog import ReferenceSource
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.catalog_source import CatalogSource

LISTED = 4.0
"""Least significance of a listed source: noise reaches it at one of 30,000 positions."""

CONFUSED = 2 * float(np.degrees(IBIS.peak_width))
"""Degrees within which the peaks of two sources merge."""

_WHOLE_SKY = 180.0
_CLASSES = np.array([0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5])
"""Borders of the classes of windows by the error of their correction for thresholds."""


@dataclass
class SourceSums:
    """Sums over windows for each known source, in the order of `survey_sources`.

    The correction of rates for photons that pixels do not record is right for a spectrum like the
    Crab's; for others it has an error that is common to windows. There are separate sums for eight
    classes of that error, so that windows with a large error do not outweigh those without.

    Parameters
    ----------
    weighted, weight, error
        Sums of flux / variance, of 1 / variance, and of the relative error of the correction /
        variance, for each class, shape (8, n_sources).
    score
        Sum of significance / error over all classes: significances add with the same weights as
        fluxes; shape (n_sources,).
    unfitted, unfitted_weight
        The first two for the windows that do not have the source in their fits, so that their
        images show its ghosts; shape (n_sources,).
    fits
        Number of windows that have it in their fits, shape (n_sources,).
    """

    weighted: Floats
    weight: Floats
    error: Floats
    score: Floats
    unfitted: Floats
    unfitted_weight: Floats
    fits: Floats

    @classmethod
    def empty(cls) -> SourceSums:
        """Return the sums of no window."""
        number = len(survey_sources())
        return cls(*np.zeros((3, len(_CLASSES) + 1, number)), *np.zeros((4, number)))

    def add(
        self,
        maps: SkyMaps,
        pointing: Pointing,
        grid: SkyGrid,
        fitted: Sequence[CatalogSource],
        error: float = 0.0,
        sign: int = 1,
    ) -> None:
        """Add a window.

        Parameters
        ----------
        maps, grid
            Its image.
        fitted
            The sources that its fit measured.
        error
            Relative error of the correction of its rates.
        sign
            -1 takes the window out again.
        """
        of_class = int(np.searchsorted(_CLASSES, error, side="right"))
        by_name = {source.name: source for source in fitted if not source.new}
        y, z = pointing.tangents(*_positions())
        near = np.flatnonzero(IBIS.coding_fraction(y, z) >= LEAST_CODING)
        seen = measured(maps, grid, y[near], z[near])
        shown = zip(near.tolist(), seen.flux.tolist(), seen.weight.tolist(), strict=True)
        for number, flux, weight in shown:
            source = by_name.get(survey_sources()[number].name)
            if source is not None and source.flux_error > 0:
                self.fits[number] += sign
                self.score[number] += sign * source.significance / source.flux_error
                self._count(number, of_class, source.flux, sign * source.flux_error**-2, error)
            else:
                self.score[number] += sign * flux * weight
                self.unfitted[number] += sign * flux * weight
                self.unfitted_weight[number] += sign * weight
                self._count(number, of_class, flux, sign * weight, error)

    def _count(self, number: int, of_class: int, flux: float, weight: float, error: float) -> None:
        self.weighted[of_class, number] += flux * weight
        self.weight[of_class, number] += weight
        self.error[of_class, number] += error * weight

    def listed(self) -> list[CatalogSource]:
        """Return the sources that the survey detects, the most significant first.

        A source close to a stronger one, from which no window separated it, is left out.
        """
        significance = _significance(self.score, self.weight.sum(axis=0))
        order = np.argsort(-significance, kind="stable")
        found: list[CatalogSource] = []
        for number in order[significance[order] >= LISTED].tolist():
            source = self._source(number, float(significance[number]))
            if self.fits[number] > 0 or not _is_near(source, found):
                found.append(source)
        return found

    def ghosts(self) -> list[tuple[float, float, float]]:
        """Return positions of sources, and their significance in windows that did not fit them."""
        strength = _significance(self.unfitted, self.unfitted_weight)
        ra, dec = _positions()
        return [(ra[n], dec[n], strength[n]) for n in np.flatnonzero(strength >= LISTED).tolist()]

    def _source(self, number: int, significance: float) -> CatalogSource:
        known = survey_sources()[number]
        flux, flux_error = self._flux(number)
        return CatalogSource(
            name=known.name,
            ra=known.ra,
            dec=known.dec,
            significance=significance,
            flux=flux,
            flux_error=flux_error,
            error_radius=error_radius(significance),
        )

    def _flux(self, number: int) -> tuple[float, float]:
        """Return the mean of the classes, each weighted by its own and its common variance."""
        seen = self.weight[:, number] > 0
        weighted, weight = self.weighted[seen, number], self.weight[seen, number]
        common = self.error[seen, number] / weight * weighted.sum() / weight.sum()
        total = 1 / (1 / weight + common**2)
        return float(total @ (weighted / weight) / total.sum()), float(total.sum() ** -0.5)


@cache
def survey_sources() -> tuple[ReferenceSource, ...]:
    """Return the separable sources of the reference catalogue."""
    return tuple(separable_sources(0.0, 90.0, _WHOLE_SKY))


@cache
def _positions() -> tuple[Floats, Floats]:
    known = survey_sources()
    return np.array([one.ra for one in known]), np.array([one.dec for one in known])


def _significance(weighted: Floats, weight: Floats) -> Floats:
    return weighted / np.sqrt(np.where(weight > 0, weight, 1.0))


def _is_near(source: CatalogSource, others: Sequence[CatalogSource]) -> bool:
    if not others:
        return False
    ra, dec = [other.ra for other in others], [other.dec for other in others]
    return bool(separations(ra, dec, source.ra, source.dec).min() < CONFUSED)
