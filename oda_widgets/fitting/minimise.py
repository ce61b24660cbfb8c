"""Levenberg and Marquardt's method, within limits, with geodesic acceleration.

Norms and shapes of spectra hang together along narrow bent valleys; the second derivative along
a step bends the step with the valley (Transtrum & Sethna 2012, arXiv:1201.5885).

Steps of the numerical derivative are large on purpose: the older models of XSPEC compute with
4-byte numbers, and the derivative of their rounding noise leads nowhere (measured: with steps of
1e-8 a fit stops at chi2 316, with 1e-3 at 169.7).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

Deviate = Callable[[Floats], Floats]

_RELATIVE_STEP = 1e-3
_SMALL_STEP = 1e-2  # of the step of model.dat, for parameters near zero
_AHEAD = 0.1  # of a step, where its bend is measured
_MOST_BEND = 0.75  # of the length of a step
_MOST_ITERATIONS = 100
_NO_ROOM = 1e-300  # between equal limits nothing changes
_MOST_DAMPING = 1e10
_CRAWLING = 5  # iterations that together gain less than 0.01: a valley without a bottom
_ENOUGH = 1e-4  # improvement of the statistic that is none: 0.01 sigma


@dataclass(frozen=True)
class Minimum:
    """Where a fit ended.

    Parameters
    ----------
    values
        Of the free parameters.
    statistic
        There.
    covariance
        Inverse curvature, of the parameters that are not at a limit; NaN for the others.
    converged
        False when the number of iterations ran out.
    at_limit
        Which parameters ended at a limit.
    """

    values: Floats
    statistic: float
    covariance: Floats
    converged: bool
    at_limit: NDArray[np.bool_]


@dataclass(frozen=True)
class Bounds:
    """Limits and typical steps of the free parameters."""

    low: Floats
    high: Floats
    steps: Floats

    def without(self, index: int) -> Bounds:
        """Return those of the other parameters."""
        parts = (np.delete(part, index) for part in (self.low, self.high, self.steps))
        return Bounds(*parts)


def minimise(deviate: Deviate, start: Floats, bounds: Bounds) -> Minimum:
    """Return the minimum of a sum of squares next to a start.

    Parameters
    ----------
    deviate
        Gives the deviations for values of the parameters.
    start
        Values to begin with; those outside the limits are moved there.
    bounds
        Limits and steps.
    """
    values = np.clip(start, bounds.low, bounds.high)
    deviations = deviate(values)
    statistic = float(deviations @ deviations)
    damping, converged = 1e-3, not len(values)
    history: list[float] = []
    for _ in range(_MOST_ITERATIONS if len(values) else 0):
        slopes = jacobian(deviate, values, bounds)
        step = _Step(slopes, deviations, values, bounds)
        history.append(statistic)
        while damping < _MOST_DAMPING:
            trial, promised = step.damped(damping, deviate)
            if promised < 1e-3 * _ENOUGH:
                break
            tried = deviate(trial)
            reached = float(tried @ tried)
            if reached < statistic:
                values, deviations, statistic = trial, tried, reached
                damping = max(damping * 0.1, 1e-9)
                break
            damping *= 10.0
        if history[-1] - statistic <= _ENOUGH or _crawls(history, statistic):
            converged = True
            break
    slopes = jacobian(deviate, values, bounds)
    at_limit = (values <= bounds.low) | (values >= bounds.high)
    return Minimum(values, statistic, _covariance(slopes, at_limit), converged, at_limit)


def _crawls(history: list[float], statistic: float) -> bool:
    return len(history) >= _CRAWLING and history[-_CRAWLING] - statistic < 100 * _ENOUGH


def jacobian(deviate: Deviate, values: Floats, bounds: Bounds) -> Floats:
    """Return the derivatives of deviations, shape (n_data, n_free), by central differences."""
    columns = []
    for index, step in enumerate(_small_steps(values, bounds)):
        above, below = values.copy(), values.copy()
        above[index] = min(values[index] + step, bounds.high[index])
        below[index] = max(values[index] - step, bounds.low[index])
        change = deviate(above) - deviate(below)
        columns.append(change / max(above[index] - below[index], _NO_ROOM))
    return np.stack(columns, axis=1) if columns else np.zeros((0, 0))


def _small_steps(values: Floats, bounds: Bounds) -> Floats:
    """Return a small change of each parameter."""
    steps: Floats = np.maximum(_RELATIVE_STEP * np.abs(values), _SMALL_STEP * bounds.steps)
    return steps


class _Step:
    """Where a linear model of the deviations has its minimum."""

    def __init__(self, slopes: Floats, deviations: Floats, values: Floats, bounds: Bounds) -> None:
        self._values, self._bounds, self._deviations = values, bounds, deviations
        gradient = slopes.T @ deviations
        outward = ((values <= bounds.low) & (gradient > 0)) | (
            (values >= bounds.high) & (gradient < 0)
        )
        self._moving = ~outward
        self._gradient = gradient[self._moving]
        self._slopes = slopes[:, self._moving]
        self._curvature = self._slopes.T @ self._slopes
        self._units = _small_steps(values, bounds)[self._moving]

    def damped(self, damping: float, deviate: Deviate) -> tuple[Floats, float]:
        """Return the values after a step, and the improvement that the linear model promises."""
        diagonal = np.diagonal(self._curvature)
        # What has no curvature does not move. Compared are small changes of each parameter:
        # compPS has norms of 1e8, whose curvature is tiny only because of their unit.
        changes = diagonal * self._units**2
        floor = (1e-12 * changes.max(initial=0.0) + 1e-300) / self._units**2
        scale = np.sqrt(np.maximum(diagonal, floor))
        scaled = self._curvature / np.outer(scale, scale) + damping * np.eye(len(scale))
        inverse = np.linalg.pinv(scaled, rcond=1e-14, hermitian=True) / np.outer(scale, scale)
        straight = -inverse @ self._gradient
        promised = -2.0 * straight @ self._gradient - straight @ self._curvature @ straight
        bend = -0.5 * inverse @ (self._slopes.T @ self._second(straight, deviate))
        length = np.linalg.norm(straight * scale)
        if 2.0 * np.linalg.norm(bend * scale) < _MOST_BEND * length:
            straight = straight + bend
        return self._moved(straight), float(promised)

    def _second(self, direction: Floats, deviate: Deviate) -> Floats:
        """Return the second derivative of the deviations along a direction."""
        ahead = deviate(self._moved(_AHEAD * direction))
        first = self._slopes @ direction
        return 2.0 / _AHEAD * ((ahead - self._deviations) / _AHEAD - first)

    def _moved(self, change: Floats) -> Floats:
        trial = self._values.copy()
        trial[self._moving] += change
        return np.clip(trial, self._bounds.low, self._bounds.high)


def _covariance(slopes: Floats, at_limit: NDArray[np.bool_]) -> Floats:
    """Return the inverse curvature; NaN for parameters at a limit or without any."""
    n_free = slopes.shape[1] if slopes.ndim == 2 else 0
    covariance = np.full((n_free, n_free), np.nan)
    inside = np.flatnonzero(~at_limit & (np.square(slopes).sum(axis=0) > 0))
    chosen = slopes[:, inside]
    scale = np.sqrt(np.square(chosen).sum(axis=0))
    inverse = np.linalg.pinv((chosen / scale).T @ (chosen / scale), rcond=1e-12)
    covariance[np.ix_(inside, inside)] = inverse / np.outer(scale, scale)
    return covariance
