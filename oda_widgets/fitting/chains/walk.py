"""Walkers: how a group of them goes some steps, with emcee.

They stretch towards each other (Goodman & Weare 2010, CAMCoS 5, 65) or step by the difference of
two others (ter Braak 2006, Stat. Comput. 16, 239; ter Braak & Vrugt 2008, ibid. 18, 435): both know
all directions in which parameters are correlated, and the second mixes faster.

They step in the logarithms of parameters that cannot be negative. Most parameters are correlated as
products of powers, like a norm and the fourth power of a temperature: along a curve of the
parameters, but along a straight line of their logarithms, where walkers mix three to ten times as
fast. The density that is sampled remains that of the parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.fitting.problem import Problem

_SMALLEST = 1e-300  # the least number that has a logarithm
_STRETCH, _DIFFERENCE, _SNOOKER = 0.4, 0.5, 0.1  # parts of the steps


@dataclass(frozen=True)
class Samples:
    """A chain as it was sampled.

    Parameters
    ----------
    values
        Of the free parameters, shape (n_steps, n_walkers, n_free).
    log_likelihood
        Shape (n_steps, n_walkers).
    moved
        Fraction of proposals accepted.
    """

    values: Floats
    log_likelihood: Floats
    moved: float


@dataclass(frozen=True)
class Walk:
    """What a group of walkers is to do.

    Parameters
    ----------
    start
        Where they stand, shape (n_walkers, n_free).
    steps
        How many.
    seeds
        Make them repeatable.
    """

    start: Floats
    steps: int
    seeds: tuple[int, ...]


def walked(problem: Problem, walk: Walk, tell: Callable[[int], None]) -> Samples:
    """Return where a group of walkers has been.

    Parameters
    ----------
    problem
        Tells how likely a place is.
    walk
        What they are to do.
    tell
        Called with the steps done; may raise to stop.
    """
    import emcee  # noqa: PLC0415 - only chains need it

    coordinates = Coordinates(problem.links.low)

    def log_density(places: Floats) -> Floats:
        """Return the logarithm of the density of coordinates, flat in the parameters."""
        found = log_likelihood(problem, coordinates.values(places))
        return found + coordinates.log_volume(places)

    walkers, n_free = walk.start.shape
    moves = [
        (emcee.moves.StretchMove(), _STRETCH),
        (emcee.moves.DEMove(), _DIFFERENCE),
        (emcee.moves.DESnookerMove(), _SNOOKER),
    ]
    sampler = emcee.EnsembleSampler(walkers, n_free, log_density, vectorize=True, moves=moves)
    seeds = np.random.SeedSequence(walk.seeds)
    sampler.random_state = np.random.RandomState(np.random.MT19937(seeds)).get_state(legacy=False)
    first = coordinates.of(walk.start)
    steps = sampler.sample(first, iterations=walk.steps, skip_initial_state_check=True)
    for done, _ in enumerate(steps, 1):
        tell(done)
    places = sampler.get_chain(flat=True)
    volumes = coordinates.log_volume(places).reshape(walk.steps, walkers)
    return Samples(
        coordinates.values(places).reshape(walk.steps, walkers, n_free),
        sampler.get_log_prob() - volumes,
        float(np.mean(sampler.acceptance_fraction)),
    )


def log_likelihood(problem: Problem, points: Floats) -> Floats:
    """Return the log likelihood of points, shape (n_points, n_free); -inf outside the limits."""
    low, high = problem.links.low, problem.links.high
    inside = np.all((points >= low) & (points <= high), axis=1)
    values = np.full(len(points), -np.inf)
    for number in np.flatnonzero(inside):
        values[number] = -0.5 * problem.statistic(points[number])
    return values


class Coordinates:
    """Parameters as coordinates and back; arrays of shape (n_points, n_free).

    Parameters
    ----------
    low
        Lower limits of the free parameters, shape (n_free,).
    """

    def __init__(self, low: Floats) -> None:
        self._logarithmic = low >= 0

    def of(self, values: Floats) -> Floats:
        """Return the coordinates of parameters."""
        logarithms = np.log(np.maximum(values, _SMALLEST))
        return np.where(self._logarithmic, logarithms, values)

    def values(self, coordinates: Floats) -> Floats:
        """Return the parameters at coordinates."""
        values = coordinates.copy()
        with np.errstate(over="ignore"):  # infinite is beyond all limits
            values[:, self._logarithmic] = np.exp(coordinates[:, self._logarithmic])
        return values

    def log_volume(self, coordinates: Floats) -> Floats:
        """Return the logarithm of the volume of parameters in a volume of coordinates."""
        volume: Floats = coordinates[:, self._logarithmic].sum(axis=1)
        return volume
