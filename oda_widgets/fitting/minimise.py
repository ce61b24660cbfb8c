"""Levenberg and Marquardt's method, within limits, with geodesic acceleration.

A statistic is a function of the folded model, and that is a smooth function of the parameters. The
curvature is the expected one, from the slopes of the model alone (Fisher scoring), so that the same
method serves chi2 and likelihoods of counts.

Norms and shapes of spectra are correlated along narrow bent valleys; the second derivative along a
step bends the step with the valley (Transtrum & Sethna 2012, arXiv:1201.5885).

Steps of the numerical derivative are large on purpose: the older models of XSPEC compute with
4-byte numbers, and the derivative of their rounding noise leads nowhere (measured: with steps of
1e-8 a fit stops at chi2 316, with 1e-3 at 169.7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, KeptArrays

Model = Callable[[Floats], Floats]

PRECISE = 1e-9  # improvement of the statistic at which the search for the best minimum ends
_ENOUGH = 1e-4  # improvement at which any other search ends: 0.01 sigma
_STATIONARY = 0.05  # expected further fall of the statistic, above which it is no minimum
_RELATIVE_STEP = 1e-3
_SMALL_STEP = 1e-2  # of the step of model.dat, for parameters near zero
_AHEAD = 0.1  # of a step, where its bend is measured
_MOST_BEND = 0.75  # of the length of a step
_MOST_ITERATIONS = 100
_NO_ROOM = 1e-300  # between equal limits nothing changes
_MOST_DAMPING = 1e10
_CRAWLING = 5  # iterations that together gain less than 0.01: a valley without a bottom
_STEP = 0.1  # sigma; of second derivatives
_FLATTEST = 0.05  # smallest second derivative, relative to the expected one, that is used


@dataclass(frozen=True)
class Objective:
    """A statistic as a function of parameters, by way of a model that is smooth in them.

    Parameters
    ----------
    model
        Returns the model, shape (n_data,), for values of the parameters.
    statistic
        Returns the statistic of a model.
    derivatives
        Returns half the first and half the expected second derivative of the statistic with respect
        to each value of the model, shapes (n_data,).
    """

    model: Model
    statistic: Callable[[Floats], float]
    derivatives: Callable[[Floats], tuple[Floats, Floats]]

    def __call__(self, values: Floats) -> float:
        """Return the statistic for values of the parameters."""
        return self.statistic(self.model(values))

    def held(self, indices: Sequence[int], values: Sequence[float]) -> Objective:
        """Return the objective of the other parameters.

        Parameters
        ----------
        indices, values
            Which parameters are held, in increasing order, and at which values.
        """
        before_insertion = np.array(indices) - np.arange(len(indices))
        whole = np.array(values, dtype=np.float64)

        def model(others: Floats) -> Floats:
            return self.model(np.insert(others, before_insertion, whole))

        return Objective(model, self.statistic, self.derivatives)


@dataclass(frozen=True, eq=False, repr=False)
class Minimum(KeptArrays):
    """A minimum of a statistic.

    Parameters
    ----------
    values
        Free parameters, shape (n_free,).
    statistic
        Its value there.
    covariance
        Inverse of the expected curvature, shape (n_free, n_free); NaN for parameters at a limit.
    converged
        False when the number of iterations ran out.
    at_limit
        Which parameters ended at a limit.
    distance
        By how much the statistic is expected to fall further: large where the search ended on a
        slope.
    """

    values: Floats
    statistic: float
    covariance: Floats
    converged: bool
    at_limit: NDArray[np.bool_]
    distance: float = 0.0

    @property
    def stationary(self) -> bool:
        """Whether this is a minimum, and not a slope on which a search ended."""
        return self.converged and self.distance < _STATIONARY


@dataclass(frozen=True, eq=False, repr=False)
class Bounds(KeptArrays):
    """Limits and typical steps of the free parameters, shapes (n_free,)."""

    low: Floats
    high: Floats
    steps: Floats

    def without(self, *indices: int) -> Bounds:
        """Return the bounds without those of some parameters, by index."""
        parts = (np.delete(part, indices) for part in (self.low, self.high, self.steps))
        return Bounds(*parts)


def minimise(
    objective: Objective, start: Floats, bounds: Bounds, enough: float = _ENOUGH
) -> Minimum:
    """Return the minimum next to a start.

    Parameters
    ----------
    objective
        The function to minimise.
    start
        Values to begin with; those outside the limits are moved there.
    bounds
        Limits and steps.
    enough
        Improvement of the statistic in one iteration at which the search ends.
    """
    values = np.clip(start, bounds.low, bounds.high)
    model = objective.model(values)
    statistic = objective.statistic(model)
    damping, converged = 1e-3, not len(values)
    history: list[float] = []
    for _ in range(_MOST_ITERATIONS if len(values) else 0):
        step = _Step(objective, values, model, bounds)
        history.append(statistic)
        while damping < _MOST_DAMPING:
            trial, promised = step.damped(damping)
            if promised < 1e-3 * enough:
                break
            tried = objective.model(trial)
            reached = objective.statistic(tried)
            if reached < statistic:
                values, model, statistic = trial, tried, reached
                damping = max(damping * 0.1, 1e-9)
                break
            damping *= 10.0
        if history[-1] - statistic <= enough or _crawls(history, statistic):
            converged = True
            break
    last = _Step(objective, values, model, bounds)
    at_limit = (values <= bounds.low) | (values >= bounds.high)
    covariance = _covariance(last.slopes, at_limit)
    return Minimum(values, statistic, covariance, converged, at_limit, last.distance)


def _crawls(history: list[float], statistic: float) -> bool:
    return len(history) >= _CRAWLING and history[-_CRAWLING] - statistic < 100 * _ENOUGH


def jacobian(model: Model, values: Floats, bounds: Bounds, n_data: int) -> Floats:
    """Return the derivatives of a model, shape (n_data, n_free), by central differences."""
    columns = []
    for index, step in enumerate(_small_steps(values, bounds)):
        above, below = values.copy(), values.copy()
        above[index] = min(values[index] + step, bounds.high[index])
        below[index] = max(values[index] - step, bounds.low[index])
        change = model(above) - model(below)
        columns.append(change / max(above[index] - below[index], _NO_ROOM))
    return np.nan_to_num(np.stack(columns, axis=1)) if columns else np.zeros((n_data, 0))


def _small_steps(values: Floats, bounds: Bounds) -> Floats:
    """Return a small change of each parameter."""
    steps: Floats = np.maximum(_RELATIVE_STEP * np.abs(values), _SMALL_STEP * bounds.steps)
    return steps


class _Step:
    """The minimum of a parabola with the slope and the expected curvature of a statistic."""

    def __init__(self, objective: Objective, values: Floats, model: Floats, bounds: Bounds) -> None:
        self._objective, self._values, self._model, self._bounds = objective, values, model, bounds
        first, second = (np.nan_to_num(part) for part in objective.derivatives(model))
        self._root = np.sqrt(second)
        unweighted = jacobian(objective.model, values, bounds, len(model))
        self.slopes = self._root[:, np.newaxis] * unweighted
        gradient = unweighted.T @ first
        outward = ((values <= bounds.low) & (gradient > 0)) | (
            (values >= bounds.high) & (gradient < 0)
        )
        self._moving = ~outward
        self._gradient = gradient[self._moving]
        self._moving_slopes = self.slopes[:, self._moving]
        self._curvature = self._moving_slopes.T @ self._moving_slopes
        self._units = _small_steps(values, bounds)[self._moving]

    @property
    def distance(self) -> float:
        """By how much the parabola is lower at its minimum."""
        inverse = self._inverse(1e-9)
        return float(self._gradient @ inverse @ self._gradient)

    def damped(self, damping: float) -> tuple[Floats, float]:
        """Return the values after a step, and the improvement that the parabola promises."""
        inverse = self._inverse(damping)
        straight = -inverse @ self._gradient
        promised = -2.0 * straight @ self._gradient - straight @ self._curvature @ straight
        bend = -0.5 * inverse @ (self._moving_slopes.T @ self._second(straight))
        scale = self._scale()
        length = np.linalg.norm(straight * scale)
        if 2.0 * np.linalg.norm(bend * scale) < _MOST_BEND * length:
            straight = straight + bend
        return self._moved(straight), float(promised)

    def _scale(self) -> Floats:
        diagonal = np.diagonal(self._curvature)
        # Parameters without curvature do not move. Compared are small changes of each parameter:
        # compPS has norms of 1e8, whose curvature is tiny only because of their unit.
        changes = diagonal * self._units**2
        floor = (1e-12 * changes.max(initial=0.0) + 1e-300) / self._units**2
        scale: Floats = np.sqrt(np.maximum(diagonal, floor))
        return scale

    def _inverse(self, damping: float) -> Floats:
        scale = self._scale()
        scaled = self._curvature / np.outer(scale, scale) + damping * np.eye(len(scale))
        inverse = np.linalg.pinv(scaled, rcond=1e-14, hermitian=True)
        return np.asarray(inverse / np.outer(scale, scale), dtype=np.float64)

    def _second(self, direction: Floats) -> Floats:
        """Return the second derivative of the weighted model along a direction."""
        ahead = self._objective.model(self._moved(_AHEAD * direction))
        change = self._root * (ahead - self._model)
        second: Floats = 2.0 / _AHEAD * (change / _AHEAD - self._moving_slopes @ direction)
        return second

    def _moved(self, change: Floats) -> Floats:
        trial = self._values.copy()
        trial[self._moving] += change
        return np.clip(trial, self._bounds.low, self._bounds.high)


def _covariance(slopes: Floats, at_limit: NDArray[np.bool_]) -> Floats:
    """Return the inverse curvature; NaN for parameters at a limit or without any."""
    n_free = slopes.shape[1]
    covariance = np.full((n_free, n_free), np.nan)
    inside = np.flatnonzero(~at_limit & (np.square(slopes).sum(axis=0) > 0))
    chosen = slopes[:, inside]
    scale = np.sqrt(np.square(chosen).sum(axis=0))
    inverse = np.linalg.pinv((chosen / scale).T @ (chosen / scale), rcond=1e-12)
    covariance[np.ix_(inside, inside)] = inverse / np.outer(scale, scale)
    return covariance


def observed_covariance(objective: Objective, minimum: Minimum, bounds: Bounds) -> Floats:
    """Return the inverse of half the second derivatives of the statistic at a minimum.

    For counts it differs from the expected one of `Minimum.covariance`: the data, not their mean,
    say how sharp the minimum is. Where it has no inverse, or limits are close, the expected one is
    returned.

    Parameters
    ----------
    objective, minimum, bounds
        The function, its minimum, and limits.

    Returns
    -------
    Floats
        Shape (n_free, n_free); NaN for parameters at a limit.
    """
    inside = np.flatnonzero(np.isfinite(np.diagonal(minimum.covariance)))
    expected = minimum.covariance[np.ix_(inside, inside)]
    try:
        axes = np.linalg.cholesky(expected)
    except np.linalg.LinAlgError:
        return minimum.covariance
    points = [minimum.values]

    def rise(step: float, *axes_and_signs: tuple[int, int]) -> float:
        """Return the delta statistic after steps of one length along some axes."""
        values = minimum.values.copy()
        for axis, sign in axes_and_signs:
            values[inside] += sign * step * axes[:, axis]
        points.append(values)
        return objective(values) - minimum.statistic

    fine, coarse = (
        _second_derivatives(len(inside), partial(rise, step), step) for step in (_STEP, 2 * _STEP)
    )
    second = (4.0 * fine - coarse) / 3.0  # without the error that grows with the square of the step
    outside = [np.any((v < bounds.low) | (v > bounds.high)) for v in points]
    if any(outside) or not np.isfinite(second).all():
        return minimum.covariance
    if np.linalg.eigvalsh(second).min(initial=1.0) < _FLATTEST:
        return minimum.covariance
    covariance = minimum.covariance.copy()
    covariance[np.ix_(inside, inside)] = axes @ np.linalg.inv(second) @ axes.T
    return covariance


def _second_derivatives(number: int, rise: Callable[..., float], step: float) -> Floats:
    """Return half the second derivatives along axes."""
    single = [(rise((i, 1)), rise((i, -1))) for i in range(number)]
    second = np.diag([0.5 * (above + below) for above, below in single])
    for i in range(number):
        for j in range(i):
            both = rise((i, 1), (j, 1)) + rise((i, -1), (j, -1))
            second[i, j] = second[j, i] = 0.25 * (both - sum(single[i]) - sum(single[j]))
    return second / step**2
