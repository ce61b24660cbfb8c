"""A detector image, its background and the sources fitted to it: the state of the analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.background import Background, of_pixels
from oda_widgets.engine.background_shapes import shapes_with_modules, smooth_shapes
from oda_widgets.engine.fit import Begins, LinearFit, fit, foreseen
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.engine.shadowgram import Shadowgram
from oda_widgets.engine.shape_choice import (
    Block,
    Improvement,
    is_worth,
    module_blocks,
    with_more_columns,
)

_ROUGH = 1.0
"""Variance of efficiencies above which a fit does not start from an earlier one.

If most pixels are below their thresholds, fits do not converge, and would drift a little further
each time.
"""

_NEGLIGIBLE = 0.003
"""Change of the variance of the pixels, relative to counting, below which no fit is repeated."""

_LOOKS_FOR_NOISE = 4  # times

_UNTRUSTED = 1e-9  # weight of a pixel that counts noise

_LEAST_START = 0.1  # of the mean counts: expected counts are above zero

_OF_PIXELS = ("pixels", "seen", "blocks")
"""Cached properties that depend on the pixels in use alone."""

_OF_SHADOWGRAM = ("counted", *_OF_PIXELS)
"""Cached properties that depend on the pixels in use and their counts alone."""


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
        Expected counts of the used pixels from a similar fit, to start with.
    trust
        Weights of the used pixels from a fit with more sources; None to take them from this
        scene's fit.
    foreknown
        Background counts in the used pixels that are known better than from the fit, and give the
        weights; None to take the weights from the fit.
    aperture
        Mask and detector that cast the shadows.
    begins
        Quality of the start, see `fit`.
    improvement
        Improvement by module shapes of a fit of the same columns in another band.
    """

    shadowgram: Shadowgram
    background: Background
    tangents: Floats
    start: Floats | None = None
    trust: Floats | None = None
    foreknown: Floats | None = None
    aperture: Aperture = IBIS
    begins: Begins = "near"
    improvement: Improvement | None = None

    @property
    def used(self) -> NDArray[np.bool_]:
        """Pixels in use, shape (134, 130)."""
        return self.background.used

    @cached_property
    def pixels(self) -> NDArray[np.intp]:
        """Numbers of the pixels in use among all, flat."""
        return np.flatnonzero(self.used)

    @cached_property
    def counted(self) -> Floats:
        """Counts of the used pixels, shape (n_used,)."""
        counts: Floats = self.shadowgram.counts.ravel().take(self.pixels)
        return counts

    @property
    def n_background(self) -> int:
        """Number of background components."""
        return len(self.background.columns)

    @cached_property
    def columns(self) -> Singles:
        """Columns of the fit: background components, then sources; (n_columns, n_used)."""
        pixels = self.pixels
        columns = np.empty((self.n_background + len(self.tangents), len(pixels)), np.float32)
        background, sources = np.split(columns, [self.n_background])
        seen = self.seen.astype(np.float32)
        background[:] = self.background.columns_of_used
        background *= np.float32(self.shadowgram.seconds)
        for column, (tangent_y, tangent_z) in zip(sources, self.tangents.tolist(), strict=True):
            shadow = self.aperture.shadow_of(tangent_y, tangent_z)
            np.multiply(shadow.take(pixels), seen, out=column)
        return columns

    @cached_property
    def fit(self) -> LinearFit:
        """The joint fit of background and sources."""
        background = self.background
        start = self.start if background.excess < _ROUGH else None
        begins: Begins = "far" if start is None else self.begins
        if self.foreknown is not None:
            start, begins = self.foreknown, "end"
        return fit(
            self.counted,
            self.columns,
            self.n_background,
            background.scatter_of_used,
            background.stiffness,
            start,
            self._trust,
            begins,
        )

    def _trust(self, expected: Floats) -> Floats:
        """Return the weight of each used pixel: almost 0 where it counts noise.

        For a silent pixel it is the probability of being alive.
        """
        if self.trust is not None:
            return self.trust
        trust, health = np.ones(len(expected)), self.background.health
        if health is not None and health.silent.any():
            trust[health.silent[self.used]] = health.alive(expected, self.counted, self.used)
        trust[self.noisy] = _UNTRUSTED
        return trust

    @property
    def noisy(self) -> NDArray[np.bool_]:
        """True for the used pixels that count noise, flat."""
        noisy = self.background.noisy
        return np.zeros(len(self.pixels), np.bool_) if noisy is None else noisy[self.used]

    @property
    def fluxes(self) -> Floats:
        """Counts per second of each source, on-axis equivalent."""
        return self.fit.coefficients[self.n_background :]

    @property
    def flux_errors(self) -> Floats:
        """Errors of the fluxes, including covariances with other sources and the background."""
        return self.fit.errors[self.n_background :]

    def shine(self, tangents: Floats) -> Singles:
        """Return the counts of sources of unit flux in the used pixels, (n, n_used)."""
        if len(tangents) == 0:
            return np.zeros((0, int(self.used.sum())), np.float32)
        shadows = self.aperture.illumination(tangents[:, 0], tangents[:, 1])
        shine = of_pixels(shadows.astype(np.float32, copy=False), self.pixels)
        shine *= self.seen.astype(np.float32)
        return shine

    @cached_property
    def seen(self) -> Floats:
        """Counts of each used pixel from a source of unit flux that lights it fully."""
        per_flux = self.aperture.counts_per_flux(self.shadowgram.seconds)
        return self.background.efficiency[self.used] * per_flux

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The shapes of each module in the used pixels."""
        return tuple(module_blocks(self.used))

    def begun_like(self, other: Scene, expected: Floats | None = None) -> Scene:
        """Return the scene with a fit that starts from that of another band.

        Parameters
        ----------
        other
            The same pointing in another band. Common properties are not computed again.
        expected
            Sum of the expected counts of the parts of this band, shape (134, 130); those of the
            other band by default.
        """
        if not np.array_equal(self.used, other.used):
            return self
        known, alike = _computed(other, "pixels", "blocks"), self._has_columns_like(other)
        if alike:
            # Shapes and shadows are the same: only the efficiencies of pixels differ.
            ratio = self.seen / other.seen
            same = bool(np.all(ratio == 1.0))
            known["columns"] = other.columns if same else other.columns * ratio.astype(np.float32)
        likely = other.fit.expected if expected is None else np.maximum(expected[self.used], 0.0)
        total = float(likely.sum())
        if not total > 0 or not self.counted.any():
            return self
        likely = likely * (float(self.counted.sum()) / total)
        if alike and expected is None:
            likely = other.fit.estimate(self.counted / ratio, other.columns) * ratio
        start = np.maximum(likely, _LEAST_START * float(self.counted.mean()))
        begins: Begins = "far" if expected is None and not alike else "estimate"
        begun = replace(self, start=start, begins=begins, improvement=other.improvement)
        return _with_computed(begun, known)

    def _has_columns_like(self, other: Scene) -> bool:
        """Return True if another scene with the same pixels has the same shapes and sources."""
        free = self.background.stiffness is None and other.background.stiffness is None
        same = self.n_background == other.n_background and self.aperture == other.aperture
        return free and same and np.array_equal(self.tangents, other.tangents)

    def with_tangents(self, tangents: Floats) -> Scene:
        """Return the scene with other sources."""
        directions = np.asarray(tangents, float).reshape(-1, 2)
        if np.array_equal(directions, self.tangents):
            return self
        if "fit" not in self.__dict__:
            bare = replace(self, tangents=directions, trust=None)
            return _with_computed(bare, _computed(self, *_OF_SHADOWGRAM))
        same = np.all(directions[:, None] == self.tangents, axis=2)
        more = self.shine(directions[~same.any(axis=1)])
        start = self._start_with(same, more)
        other = replace(self, tangents=directions, start=start, trust=None, begins="near")
        known = _computed(self, *_OF_SHADOWGRAM)
        return _with_computed(other, known | {"columns": self._columns_with(same, more)})

    def with_some(self, tangents: Floats) -> Scene:
        """Return the scene with only some of its sources.

        The weights of silent pixels come from all sources: dead pixels show best under a source.
        """
        some = self.with_tangents(tangents)
        trusted = replace(some, trust=self._trust(self.fit.expected))
        return _with_computed(trusted, _computed(some, "columns", *_OF_SHADOWGRAM))

    def with_measured_background(self) -> Scene:
        """Return the scene with the background that its own fit requires.

        It gets module shapes if they are needed, and the scatter of pixels around the fit. A
        background from a reference stays unchanged.
        """
        if self.background.stiffness is not None:
            return self
        plain = self.with_shapes(smooth_shapes()).with_measured_scatter()
        better = plain.improved_by_modules()
        if better is None:
            return plain
        return plain.with_shapes(shapes_with_modules()).with_scatter_around(better.model)

    def improved_by_modules(self) -> Improvement | None:
        """Return the improvement by module shapes, None if it is too small."""
        more, known = len(shapes_with_modules()) - len(smooth_shapes()), self.improvement
        if known is not None and known.columns is self.columns:
            most = known.most(self.counted, self.fit)
            if not is_worth(most, more):
                return None
        found = with_more_columns(self.counted, self.columns, self.fit, self.blocks)
        _with_computed(self, {"improvement": found})
        return found if is_worth(found.fall, more) else None

    def with_shapes(self, shapes: Floats) -> Scene:
        """Return the scene with other background components; itself if it has as many."""
        if len(shapes) == self.n_background:
            return self
        background = self.background.with_shapes(shapes)
        other = replace(self, background=background, **self._best_start())
        return _with_computed(other, _computed(self, *_OF_SHADOWGRAM))

    def with_measured_scatter(self) -> Scene:
        """Return the scene with the scatter of its pixels around its fit.

        If noisy pixels have disturbed the fit, the next fit reveals more of them.
        """
        scene = self
        for _ in range(_LOOKS_FOR_NOISE):
            measured = scene.with_scatter_around(scene.fit.model)
            if _alike(measured.background.noisy, scene.background.noisy):
                return measured
            scene = measured
        return scene

    def with_scatter_around(self, model: Floats) -> Scene:
        """Return the scene with the scatter of its pixels around a model."""
        background = self.background.with_excess_of(self.counted, model)
        change = abs(background.excess - self.background.excess) * float(model.mean())
        if change < _NEGLIGIBLE and _alike(background.noisy, self.background.noisy):
            return self
        other = replace(self, background=background, **self._best_start())
        return _with_computed(other, _computed(self, "columns", *_OF_SHADOWGRAM))

    def _start_with(self, same: NDArray[np.bool_], more: Singles) -> Floats:
        """Return the expected counts from which a fit with other sources starts.

        Parameters
        ----------
        same
            True where a new source (row) is a present one (column), (n_others, n_sources).
        more
            Columns of the new sources that are not among the present ones.
        """
        n = self.n_background
        kept = np.append(np.arange(n), n + np.flatnonzero(same.any(axis=0)))
        return foreseen(self.fit, self.counted, self.columns, kept, more)

    def _columns_with(self, same: NDArray[np.bool_], more: Singles) -> Singles:
        """Return the columns of a scene with other sources; parameters as for `_start_with`."""
        n = self.n_background
        columns = np.empty((n + len(same), self.columns.shape[1]), np.float32)
        columns[:n] = self.columns[:n]
        others, present = np.nonzero(same)
        columns[n + others] = self.columns[n + present]
        columns[n + np.flatnonzero(~same.any(axis=1))] = more
        return columns

    def _best_start(self) -> dict[str, Any]:
        """Return the start for a similar scene: the result of this fit, if there is one."""
        if "fit" in self.__dict__:
            return {"start": self.fit.expected, "begins": "near"}
        return {"start": self.start, "begins": self.begins}

    def with_one_background(self) -> Scene:
        """Return the scene with the fitted background as a single component."""
        n = self.n_background
        fitted = np.maximum(self.fit.coefficients[:n] @ self.columns[:n], 0.0)
        template = self.on_detector(fitted / self.shadowgram.seconds)
        one = replace(self.background, columns=template[None], stiffness=None)
        other = replace(self, background=one, start=self.fit.expected, begins="near")
        known = {"columns": np.vstack([fitted.astype(np.float32), self.columns[n:]])}
        return _with_computed(other, _computed(self, *_OF_SHADOWGRAM) | known)

    def on_detector(self, values: Floats) -> Floats:
        """Return values of the used pixels as a detector image, zero elsewhere."""
        image = np.zeros(self.used.size)
        image[self.pixels] = values
        return image.reshape(self.used.shape)


def _alike(first: NDArray[np.bool_] | None, second: NDArray[np.bool_] | None) -> bool:
    """Return True for equal masks, or for two None."""
    if first is None or second is None:
        return first is second
    return np.array_equal(first, second)


def _computed(scene: Scene, *names: str) -> dict[str, Any]:
    """Return the properties, among those named, that a scene has already computed."""
    own = vars(scene)
    return {name: own[name] for name in names if name in own}


def _with_computed(scene: Scene, known: Mapping[str, Any]) -> Scene:
    """Return a scene with properties that are already computed."""
    vars(scene).update(known)
    return scene
