"""A detector image, its background and the sources fitted to it: the state of the analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.background import Background, of_pixels
from oda_widgets.engine.background_shapes import shapes_with_modules, smooth_shapes
from oda_widgets.engine.fit import LinearFit, fit, foreseen
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.engine.shadowgram import Shadowgram
from oda_widgets.engine.shape_choice import is_worth, module_blocks, with_more_columns

_ROUGH = 1.0
"""Variance of efficiencies from which on a fit begins anew.

When most pixels are below their thresholds it does not settle, and would drift a little further
each time.
"""

_NEGLIGIBLE = 0.003
"""Change of the variance of the pixels, over that of counting, for which no fit is repeated."""


@dataclass(frozen=True)
class Scene:
    """Sources in front of a background.

    Parameters
    ----------
    shadowgram
        Counts of the detector.
    background
        Background model of the detector.
    tangents
        Directions of the sources, shape (n_sources, 2) as (s.Y/s.X, s.Z/s.X).
    start
        Counts of the used pixels that the fit begins with, where something similar was fitted.
    trust
        Weights of the used pixels from a fit with more sources; None to take them from the own
        fit.
    foreknown
        Counts of the background in the used pixels where they are known better than by the fit:
        the weights come from them. None to take them from the fit.
    aperture
        Casts the shadows.
    """

    shadowgram: Shadowgram
    background: Background
    tangents: Floats
    start: Floats | None = None
    trust: Floats | None = None
    foreknown: Floats | None = None
    aperture: Aperture = IBIS

    @property
    def used(self) -> NDArray[np.bool_]:
        """Pixels in use, shape (134, 130)."""
        return self.background.used

    @property
    def n_background(self) -> int:
        """Number of background components."""
        return len(self.background.columns)

    @cached_property
    def columns(self) -> Floats:
        """Columns of the fit: background components, then sources; (n_columns, n_used)."""
        pixels = np.flatnonzero(self.used)
        columns = np.empty((self.n_background + len(self.tangents), len(pixels)))
        background, sources = np.split(columns, [self.n_background])
        np.multiply(self.background.columns_of_used, self.shadowgram.seconds, out=background)
        for column, (tangent_y, tangent_z) in zip(sources, self.tangents.tolist(), strict=True):
            shadow = self.aperture.shadow_of(tangent_y, tangent_z)
            np.multiply(shadow.take(pixels), self.seen, out=column)
        return columns

    @cached_property
    def fit(self) -> LinearFit:
        """The joint fit of background and sources."""
        counts = self.shadowgram.counts[self.used]
        background = self.background
        start = self.start if background.excess < _ROUGH else None
        return fit(
            counts,
            self.columns,
            self.n_background,
            background.scatter_of_used,
            background.stiffness,
            start if self.foreknown is None else self.foreknown,
            self._trust,
            fixed=self.foreknown is not None,
        )

    def _trust(self, expected: Floats) -> Floats:
        """Return the weight of each used pixel: for a silent one the probability that it lives."""
        if self.trust is not None:
            return self.trust
        trust, health = np.ones(len(expected)), self.background.health
        if health is not None and health.silent.any():
            silent = health.silent[self.used]
            counts = float(self.shadowgram.counts[self.used].sum())
            trust[silent] = health.alive(expected[silent], counts)
        return trust

    @property
    def fluxes(self) -> Floats:
        """Counts per second of each source, on-axis equivalent."""
        return self.fit.coefficients[self.n_background :]

    @property
    def flux_errors(self) -> Floats:
        """Errors of the fluxes, covariances with other sources and the background included."""
        return self.fit.errors[self.n_background :]

    def shine(self, tangents: Floats) -> Floats:
        """Return the counts that sources of unit flux give in the used pixels, (n, n_used)."""
        if len(tangents) == 0:
            return np.zeros((0, int(self.used.sum())))
        shadows = self.aperture.illumination(tangents[:, 0], tangents[:, 1])
        return of_pixels(shadows, self.used) * self.seen

    @cached_property
    def seen(self) -> Floats:
        """Counts that each used pixel gets from a source of unit flux that lights it."""
        per_flux = self.aperture.counts_per_flux(self.shadowgram.seconds)
        return self.background.efficiency[self.used] * per_flux

    def with_tangents(self, tangents: Floats) -> Scene:
        """Return the scene with other sources."""
        directions = np.asarray(tangents, float).reshape(-1, 2)
        if np.array_equal(directions, self.tangents):
            return self
        return replace(self, tangents=directions, start=self._start_with(directions), trust=None)

    def with_some(self, tangents: Floats) -> Scene:
        """Return the scene with some of its sources only.

        Which pixels are dead it has from all of them: they show best where a source shines.
        """
        return replace(self.with_tangents(tangents), trust=self._trust(self.fit.expected))

    def with_measured_background(self) -> Scene:
        """Return the scene with a background as its own fit asks for.

        It gets the shapes of modules where they are needed, and its pixels scatter as the fit
        leaves them. A background from a reference stays as it is.
        """
        if self.background.stiffness is not None:
            return self
        plain = self.with_shapes(smooth_shapes()).with_measured_scatter()
        counts = plain.shadowgram.counts[plain.used]
        better = with_more_columns(counts, plain.columns, plain.fit, module_blocks(plain.used))
        if not is_worth(better.fall, len(shapes_with_modules()) - len(smooth_shapes())):
            return plain
        return plain.with_shapes(shapes_with_modules()).with_scatter_around(better.model)

    def with_shapes(self, shapes: Floats) -> Scene:
        """Return the scene with other components of the background, or as it is if it has them."""
        if len(shapes) == self.n_background:
            return self
        background = self.background.with_shapes(shapes)
        return replace(self, background=background, start=self._best_start())

    def with_measured_scatter(self) -> Scene:
        """Return the scene with the scatter that its pixels have around its fit."""
        return self.with_scatter_around(self.fit.model)

    def with_scatter_around(self, model: Floats) -> Scene:
        """Return the scene with the scatter of its pixels around a model."""
        background = self.background.with_excess_of(self.shadowgram.counts[self.used], model)
        change = abs(background.excess - self.background.excess) * float(model.mean())
        if change < _NEGLIGIBLE:
            return self
        return replace(self, background=background, start=self._best_start())

    def _start_with(self, directions: Floats) -> Floats | None:
        """Return the expected counts from which a fit with other sources starts."""
        if "fit" not in self.__dict__:
            return self.start
        same = np.all(directions[:, None] == self.tangents, axis=2)
        n = self.n_background
        kept = np.append(np.arange(n), n + np.flatnonzero(same.any(axis=0)))
        more = self.shine(directions[~same.any(axis=1)])
        return foreseen(self.fit, self.shadowgram.counts[self.used], self.columns, kept, more)

    def _best_start(self) -> Floats | None:
        """Return the expected counts of the fit if there is one, else those it starts from."""
        return self.fit.expected if "fit" in self.__dict__ else self.start

    def on_detector(self, values: Floats) -> Floats:
        """Return values of the used pixels as a detector image, zero elsewhere."""
        image = np.zeros(self.aperture.detector_shape)
        image[self.used] = values
        return image

    def fitted_background(self) -> Floats:
        """Return the background part of the fitted counts, shape (134, 130)."""
        n = self.n_background
        return self.on_detector(self.fit.coefficients[:n] @ self.columns[:n])
