"""Walkers: move a group of them some steps, with emcee.

They stretch towards each other (Goodman & Weare 2010, CAMCoS 5, 65) or step by the difference of
two others (ter Braak 2006, Stat. Comput. 16, 239; ter Braak & Vrugt 2008, ibid. 18, 435): both
follow correlations of parameters in all directions, and the second mixes faster.

They step in the logarithms of parameters that cannot be negative. Most parameters are correlated as
products of powers, like a norm and the fourth power of a temperature: along a curve of the
parameters, but along a straight line of their logarithms, where walkers mix three to ten times as
fast. The density that is sampled remains that of the parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.fitting.problem import Problem

_SMALLEST = 1e-300  # the smallest number with a logarithm
_STRETCH, _DIFFERENCE, _SNOOKER = 0.4, 0.5, 0.1  # parts of the steps


@dataclass(frozen=True, eq=False, repr=False)
class Samples(KeptArrays):
    """A chain as it was sampled.

    Parameters
    ----------
    values
        Free parameters, shape (n_steps, n_walkers, n_free).
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
    """Start, length and seeds of the walk of one group.

    Parameters
    ----------
    start
        Free parameters of each walker, shape (n_walkers, n_free).
    steps
        Number of steps.
    seeds
        Seeds of the random numbers: the same seeds repeat the walk.
    """

    start: Floats
    steps: int
    seeds: tuple[int, ...]


def sample_walk(problem: Problem, walk: Walk, report: Callable[[int], None]) -> Samples:
    """Return the samples of a group of walkers.

    Parameters
    ----------
    problem
        Data and model, for the likelihood of points.
    walk
        Start, number of steps and seeds.
    report
        Called with the steps done; may raise to stop.
    """
    import emcee  # noqa: PLC0415 - only chains need it

    from oda_widgets.fitting.chains.sampler import Sampler  # noqa: PLC0415 - likewise

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
    sampler = Sampler(walkers, n_free, log_density, vectorize=True, moves=moves)
    seeds = np.random.SeedSequence(walk.seeds)
    sampler.random_state = np.random.RandomState(np.random.MT19937(seeds)).get_state(legacy=False)
    first = coordinates.of(walk.start)
    steps = sampler.sample(first, iterations=walk.steps, skip_initial_state_check=True)
    # The matrices are small: several threads wait for each other more than they work.
    with threadpool_limits(limits=1, user_api="blas"):
        for done, _ in enumerate(steps, 1):
            report(done)
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
    if inside.all():
        return -0.5 * problem.statistics_at(points)
    values = np.full(len(points), -np.inf)
    if inside.any():
        values[inside] = -0.5 * problem.statistics_at(points[inside])
    return values


class Coordinates:
    """Convert parameters to coordinates and back; arrays of shape (n_points, n_free).

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
        with np.errstate(over="ignore"):  # infinity is outside all limits
            values[:, self._logarithmic] = np.exp(coordinates[:, self._logarithmic])
        return values

    def log_volume(self, coordinates: Floats) -> Floats:
        """Return the logarithm of the volume of parameters in a volume of coordinates."""
        volume: Floats = coordinates[:, self._logarithmic].sum(axis=1)
        return volume
