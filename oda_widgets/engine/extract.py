"""Rates of sources in many bins at once: the channels of a spectrum, the bins of a light curve.

The joint fit of all sources and the background is linear in the counts once the weights are fixed,
so one matrix turns the counts of every bin into rates. Bins then add up exactly: a light curve sums
to the rate of the whole window, and channels to the rate of the band.

Errors are those of Poisson counts under the model of the bin: the background at its level in the
bin, and the sources at their mean rate, or at the rate of the bin where it is clearly different, so
that a burst has the error of a burst.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.scene import Scene

_BEYOND_DOUBT = 3.0  # errors
_LEAST_NOISE = 0.5  # of the noise of the background, where sources are fitted below zero
_NO_BACKGROUND = 1e-9  # counts per second: where nothing was counted there is none


@dataclass(frozen=True)
class Rates:
    """Fitted rates in bins.

    Parameters
    ----------
    rate, error
        Counts per second of each source, on-axis equivalent, shape (n_sources, n_bins).
    background, background_error
        Fitted counts per second of the whole detector, shape (n_bins,).
    """

    rate: Floats
    error: Floats
    background: Floats
    background_error: Floats

    @classmethod
    def zero(cls, sources: int, bins: int) -> Rates:
        """Return rates of zero without errors, to add to."""
        return cls(*np.zeros((2, sources, bins)), *np.zeros((2, bins)))

    def __add__(self, other: Rates) -> Rates:
        """Add the rates of another band, whose errors are independent."""
        return Rates(
            self.rate + other.rate,
            np.hypot(self.error, other.error),
            self.background + other.background,
            np.hypot(self.background_error, other.background_error),
        )


@dataclass(frozen=True)
class RateNoise:
    """The noise of rates that an estimator gives.

    The first row is for the background of the whole detector, the others are for the sources.

    Parameters
    ----------
    noise_of_background
        Variance of each rate per second of background at its mean level, (1 + n_sources,).
    noise_of_sources
        Variance of each rate per unit of flux and second, (1 + n_sources, n_sources).
    mean_background
        Mean counts per second of the background in the whole detector.
    """

    noise_of_background: Floats
    noise_of_sources: Floats
    mean_background: float

    def rates(self, sums: Floats, seconds: Floats | float, level: Floats) -> Rates:
        """Return the rates in bins, with errors by counting statistics.

        Parameters
        ----------
        sums
            The matrix of the estimator applied to the counts of each bin, (1 + n_sources, n_bins).
        seconds
            Live time of each bin, scalar or shape (n_bins,).
        level
            Background of each bin relative to its mean, for the errors; shape (n_bins,).
        """
        seconds = np.broadcast_to(seconds, level.shape)
        rates = sums / seconds
        mean = np.broadcast_to(sums.sum(axis=1, keepdims=True) / seconds.sum(), rates.shape)
        # Noise mistaken for flux would inflate the errors of many faint sources.
        usual = self._errors(mean[1:], seconds, level)
        differs = np.abs(rates - mean) > _BEYOND_DOUBT * usual
        fluxes = np.where(differs, np.maximum(rates, 0.0), mean)
        error = self._errors(fluxes[1:], seconds, level)
        return Rates(rates[1:], error[1:], rates[0], error[0])

    def variance_without_each(self, fluxes: Floats, seconds: float) -> Floats:
        """Return the counting variance of each source's rate if that source were absent."""
        others = self.noise_of_sources[1:] * (1.0 - np.eye(len(fluxes)))
        variance: Floats = (self.noise_of_background[1:] + others @ np.maximum(fluxes, 0)) / seconds
        return variance

    def counting_variance(self, fluxes: Floats, seconds: float) -> Floats:
        """Return the counting variances at the mean level of the background, (n_sources,)."""
        return self._errors(fluxes[:, None], np.array([seconds]), np.ones(1))[1:, 0] ** 2

    def _errors(self, fluxes: Floats, seconds: Floats, level: Floats) -> Floats:
        """Return the errors of all rates for sources of given fluxes, (1 + n_sources, n_bins)."""
        # Negative fluxes keep their sign: the sum over many faint sources is then right.
        background = np.outer(self.noise_of_background, level)
        variance = background + self.noise_of_sources @ fluxes
        errors: Floats = np.sqrt(np.maximum(variance, _LEAST_NOISE * background) / seconds)
        return errors


@dataclass(frozen=True)
class RateEstimator(RateNoise):
    """Turns counts per pixel into rates of sources.

    The first row of the matrix and of the noises is for the background of the whole detector, the
    others are for the sources.

    Parameters
    ----------
    matrix
        Counts of the pixels in use to counts per second, shape (1 + n_sources, n_used).
    noise_in_common
        Variance of each rate from the scatter of pixels and from the uncertainty of a reference
        background: one error, common to all bins; (1 + n_sources,).
    used
        Pixels in use, flat.
    """

    matrix: Singles
    noise_in_common: Floats
    used: NDArray[np.bool_]

    @classmethod
    def of(cls, scene: Scene) -> RateEstimator:
        """Return the estimator that the fit of a scene defines."""
        n, seconds, fit = scene.n_background, scene.shadowgram.seconds, scene.fit
        of_background, of_sources = np.split(scene.columns, [n])
        whole = of_background.sum(axis=1).astype(float) / seconds
        matrix = _estimator(scene, whole)
        coefficients = fit.coefficients.astype(np.float32)
        background = np.maximum(coefficients[:n] @ of_background, 0.0).astype(float) / seconds
        if scene.foreknown is not None:
            background = scene.foreknown / seconds
        # A background that is fitted below zero counts as none.
        background = np.maximum(background, _NO_BACKGROUND / background.size)
        model = background + np.maximum(coefficients[n:] @ of_sources, 0.0) / seconds
        squares = matrix**2
        scattered = scene.background.scatter_of_used * model**2
        return cls(
            matrix=matrix,
            noise_of_background=(squares @ background.astype(np.float32)).astype(float),
            noise_of_sources=(squares @ of_sources.T).astype(float) / seconds,
            noise_in_common=squares @ scattered.astype(np.float32) + _noise_of_shape(scene, whole),
            mean_background=float(background.sum()),
            used=scene.used.ravel(),
        )

    def sums(self, counts: NDArray[np.floating]) -> Floats:
        """Return the matrix applied to counts of all pixels, (1 + n_sources, n_bins).

        Parameters
        ----------
        counts
            Shape (n_bins, 134 * 130).
        """
        seen = counts.take(np.flatnonzero(self.used), axis=1)
        summed: Singles = self.matrix @ seen.astype(np.float32, copy=False).T
        return summed.astype(float)


def _estimator(scene: Scene, whole: Floats) -> Singles:
    """Return the matrix that turns counts into counts per second times seconds.

    One matrix serves all time bins and all channels of a group, so light curves add up to the
    spectrum. The stiffness of a background is homogeneous, so the estimate stays linear.

    Parameters
    ----------
    whole
        Counts per second of each background component, shape (n_components,).
    """
    n, fit = scene.n_background, scene.fit
    rows = np.vstack([whole @ fit.covariance[:n], fit.covariance[n:]])
    rows *= scene.shadowgram.seconds
    matrix: Singles = rows.astype(np.float32) @ scene.columns
    matrix *= fit.weights.astype(np.float32)
    return matrix


def _noise_of_shape(scene: Scene, whole: Floats) -> Floats:
    """Return the variances of rates from the uncertain shape of a background, (1 + n_sources,).

    Parameters
    ----------
    whole
        Counts per second of each background component, shape (n_components,).
    """
    n = scene.n_background
    if scene.background.stiffness is None:
        return np.zeros(1 + len(scene.tangents))
    influence = scene.fit.covariance[:, :n]
    shape = influence @ scene.background.stiffness @ influence.T
    return np.append(whole @ shape[:n, :n] @ whole, np.diag(shape)[n:])
