"""Priors: weights that turn the samples of a chain into those of another prior.

A prior that is flat in the parameters favours the side of a curved valley with more parameter
space, which depends on how a model is written. Jeffreys' (1946, Proc. R. Soc. A 186, 453) is
flat in what the data can distinguish: its density is the root of the determinant of Fisher's
information, and is the same for a norm at 1 keV and a flux in 20-100 keV.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.cancel import stop_if_set
from oda_widgets.fitting.problem import Problem

Prior = Literal["flat", "jeffreys"]

PRIORS: tuple[Prior, ...] = ("flat", "jeffreys")
_MOST = 5000  # samples that are weighted: their quantiles are good to 0.02 sigma
_STEP = 0.05  # of the derivatives, in standard deviations of the samples


@dataclass(frozen=True, eq=False, repr=False)
class Weighting(KeptArrays):
    """Samples of a chain, resampled to another prior.

    Parameters
    ----------
    prior
        Name of the prior.
    chosen
        Indices of samples, each repeated in proportion to its weight.
    effective
        Effective number of samples, as a fraction of those weighted (Kish 1965).
    """

    prior: Prior
    chosen: NDArray[np.intp]
    effective: float


def weighted(
    problem: Problem,
    samples: Floats,
    seed: int,
    report: Callable[[int, int], object],
    cancel: Event | None = None,
) -> Weighting:
    """Return the weighting of samples from flat priors to Jeffreys'.

    Parameters
    ----------
    problem
        Data and model.
    samples
        Shape (n_samples, n_free).
    seed
        Seed of the resampling.
    report
        Called with samples weighted and samples to weight.
    cancel
        Stops the weighting when it is set.

    Raises
    ------
    BadParameter
        If the data do not constrain a parameter.
    JobCancelled
        If it was stopped.
    """
    indices = np.linspace(0, len(samples) - 1, min(_MOST, len(samples))).astype(np.intp)
    sizes = samples.std(axis=0)
    logarithms = np.empty(len(indices))
    for number, place in enumerate(indices, 1):
        stop_if_set(cancel, "The prior", "Ask for it again; the chain is kept.")
        logarithms[number - 1] = log_jeffreys(problem, samples[place], sizes)
        report(number, len(indices))
    if not np.isfinite(logarithms.max()):
        limit = "the data tell nothing about one of the free parameters"
        raise BadParameter("prior", "jeffreys", limit, 'Freeze it, or write prior="flat".')
    weights = np.exp(logarithms - logarithms.max())
    effective = float(weights.sum() ** 2 / (len(weights) * (weights @ weights)))
    return Weighting("jeffreys", indices[_resampled(weights, seed)], effective)


def log_jeffreys(problem: Problem, point: Floats, sizes: Floats) -> float:
    """Return the logarithm of Jeffreys' density at a point, up to a constant.

    Parameters
    ----------
    problem
        Data and model.
    point
        Free parameters, shape (n_free,).
    sizes
        Scale on which the model changes along each parameter, shape (n_free,).
    """
    here = problem.model(point)
    root = np.sqrt(problem.derivatives_of(here)[1])
    rows = []
    for place, size in enumerate(sizes):
        step = _STEP * size * (1.0 if point[place] + size < problem.links.high[place] else -1.0)
        there = point.copy()
        there[place] += step
        rows.append(root * (problem.model(there) - here) * (size / step if step else 0.0))
    slopes = np.array(rows)
    sign, logarithm = np.linalg.slogdet(slopes @ slopes.T)
    return 0.5 * float(logarithm) if sign > 0 else -np.inf


def checked_prior(prior: str) -> Prior:
    """Check the name of a prior, and return it.

    Raises
    ------
    BadParameter
        If there is no such prior.
    """
    for known in PRIORS:
        if isinstance(prior, str) and prior == known:
            return known
    raise BadParameter("prior", prior, "no such prior", f"Choose one of {', '.join(PRIORS)}.")


def _resampled(weights: Floats, seed: int) -> NDArray[np.intp]:
    """Return indices in proportion to weights, by equal steps along their sum."""
    ends = np.cumsum(weights) / weights.sum()
    first = np.random.default_rng(seed).random()
    steps = (first + np.arange(len(weights))) / len(weights)
    return np.searchsorted(ends, steps).clip(max=len(weights) - 1)
