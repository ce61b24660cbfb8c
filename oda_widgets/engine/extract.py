"""Rates of sources in many bins at once: the channels of a spectrum, the bins of a light curve.

The joint fit of all sources and the background is linear in the counts once the weights are fixed,
so one matrix turns the counts of every bin into rates. Bins then add up exactly: the sum of a light
curve is the rate of the whole, and the sum of channels that of the band.

Errors are those of Poisson counts under the model of the bin: the background at its level in the
bin, and the sources as bright as they are found there, so that a burst has the error of a burst.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.engine.fit import estimator
from oda_widgets.engine.scene import Scene

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rates:
    """Fitted rates in bins.

    Parameters
    ----------
    rate, error
        Counts per second of each source as seen on axis, shape (n_sources, n_bins).
    background, background_error
        Fitted counts per second of the whole detector, shape (n_bins,).
    """

    rate: Floats
    error: Floats
    background: Floats
    background_error: Floats


@dataclass(frozen=True)
class RateEstimator:
    """What turns counts into rates.

    The first row of the matrix and of the noises is for the background of the whole detector, the
    others are for the sources.

    Parameters
    ----------
    matrix
        Counts of the pixels in use to counts per second, shape (1 + n_sources, n_used).
    noise_of_background
        Variance of each rate per second of background at its mean level, (1 + n_sources,).
    noise_of_sources
        Variance of each rate per unit of flux and second, (1 + n_sources, n_sources).
    noise_of_pixels
        Variance of each rate from what the pixels scatter, (1 + n_sources,).
    mean_background
        Mean counts per second of the background in the whole detector.
    """

    matrix: Floats
    noise_of_background: Floats
    noise_of_sources: Floats
    noise_of_pixels: Floats
    mean_background: float

    @classmethod
    def of(cls, scene: Scene) -> RateEstimator:
        """Return the estimator that the fit of a scene defines."""
        n = scene.n_background
        columns = scene.columns / scene.shadowgram.seconds
        coefficients = estimator(columns, scene.fit.weights)
        matrix = np.vstack([columns[:n].sum(axis=1) @ coefficients[:n], coefficients[n:]])
        background = np.maximum(scene.fit.coefficients[:n] @ columns[:n], 0.0)
        model = background + np.maximum(scene.fit.coefficients[n:] @ columns[n:], 0.0)
        squares = matrix**2
        return cls(
            matrix=matrix,
            noise_of_background=squares @ background,
            noise_of_sources=squares @ columns[n:].T,
            noise_of_pixels=squares @ (scene.background.scatter_of_used * model**2),
            mean_background=float(background.sum()),
        )

    def rates(self, sums: Floats, seconds: Floats | float, level: Floats) -> Rates:
        """Return the rates in bins, with errors by counting statistics.

        Parameters
        ----------
        sums
            `matrix` applied to the counts of each bin, shape (1 + n_sources, n_bins).
        seconds
            Live time of each bin, scalar or shape (n_bins,).
        level
            Background of each bin relative to its mean, for the errors; shape (n_bins,).
        """
        rates = sums / seconds
        variance = np.outer(self.noise_of_background, level)
        variance += self.noise_of_sources @ np.maximum(rates[1:], 0.0)
        error = np.sqrt(variance / seconds)
        return Rates(rates[1:], error[1:], rates[0], error[0])
