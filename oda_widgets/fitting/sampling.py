"""Sampling by ensembles of walkers, with emcee.

Walkers stretch towards each other (Goodman & Weare 2010, CAMCoS 5, 65) or step by the difference
of two others (ter Braak 2006, Stat. Comput. 16, 239; ter Braak & Vrugt 2008, ibid. 18, 435): both
know all directions in which parameters hang together, and the second comes along faster.

A chain is made in parts, each a node of the history that rests on the one before. What is in the
store is not sampled again: a chain that was interrupted goes on, and a longer one costs its new
steps only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

import numpy as np

from oda_widgets.config import load_settings
from oda_widgets.errors import BadParameter, JobCancelled
from oda_widgets.fitting.coordinates import Coordinates
from oda_widgets.fitting.grid import Floats
from oda_widgets.fitting.history import chain_node, chain_part_node
from oda_widgets.fitting.likelihood import Likelihood, LogLikelihood
from oda_widgets.fitting.minimise import Minimum
from oda_widgets.fitting.problem import Links, Recipe
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store

PART = 250  # steps between looks at the store
_BALL = 0.5  # size of the first cloud of walkers, sigma
_WIDEST = 0.1  # and at most, of the range between limits
_STRETCH, _DIFFERENCE, _SNOOKER = 0.4, 0.5, 0.1  # parts of the steps

Progress = Callable[[int, int], object]


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


def sample(
    recipe: Recipe,
    minima: Sequence[Minimum],
    walkers: int,
    steps: int,
    seed: int,
    processes: int | None = None,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Samples:
    """Return a chain.

    Parameters
    ----------
    recipe, minima
        What was fitted, and where it ended; there the walkers start.
    walkers, steps
        How many.
    seed
        Makes the chain repeatable.
    processes
        See `Likelihood`.
    progress
        Called with steps done and steps wanted.
    cancel
        Stops the chain when it is set; the parts that are done are kept.

    Raises
    ------
    JobCancelled
        If it was stopped.
    """
    _refuse_nothing_free(recipe)
    settings = load_settings()
    store = Store(settings.store_folder, settings.store_bytes)
    with Likelihood(recipe, processes) as likelihood:
        return _Sampling(recipe, minima, store, likelihood, progress, cancel).run(
            walkers, steps, seed
        )


class _Sampling:
    """The making of one chain."""

    def __init__(
        self,
        recipe: Recipe,
        minima: Sequence[Minimum],
        store: Store,
        likelihood: LogLikelihood,
        progress: Progress | None,
        cancel: Event | None,
    ) -> None:
        self._recipe, self._minima, self._likelihood = recipe, minima, likelihood
        self._coordinates = Coordinates(Links(recipe.parameters).low)
        self._progress, self._cancel = progress, cancel
        self._run = Run(store, self._look, lambda _text: None)

    def run(self, walkers: int, steps: int, seed: int) -> Samples:
        """Return all parts as one chain."""
        node = chain_node(self._recipe, self._minima, walkers, seed)
        last = first_points(self._recipe, self._minima, walkers, seed)
        parts: list[Payload] = []
        for number in range((steps + PART - 1) // PART):
            n_steps = min(PART, steps - number * PART)
            node = chain_part_node(node, number, n_steps)
            start, done = last, number * PART
            random = np.random.SeedSequence([seed, number])

            def compute(
                start: Floats = start,
                n_steps: int = n_steps,
                random: np.random.SeedSequence = random,
                done: int = done,
            ) -> Payload:
                return self._part(start, n_steps, random, (done, steps))

            parts.append(self._run.result(Task(node, compute)))
            last = parts[-1].arrays["values"][-1]
            self._tell(done + n_steps, steps)
        values = np.concatenate([part.arrays["values"] for part in parts])
        logarithms = np.concatenate([part.arrays["log_likelihood"] for part in parts])
        return Samples(values, logarithms, float(np.mean([part.facts["moved"] for part in parts])))

    def _part(
        self, start: Floats, steps: int, seeds: np.random.SeedSequence, place: tuple[int, int]
    ) -> Payload:
        import emcee  # noqa: PLC0415 - only chains need it

        walkers, n_free = start.shape
        moves = [
            (emcee.moves.StretchMove(), _STRETCH),
            (emcee.moves.DEMove(), _DIFFERENCE),
            (emcee.moves.DESnookerMove(), _SNOOKER),
        ]
        sampler = emcee.EnsembleSampler(
            walkers, n_free, self._log_density, vectorize=True, moves=moves
        )
        state = np.random.RandomState(np.random.MT19937(seeds))
        sampler.random_state = state.get_state(legacy=False)
        done, wanted = place
        first = self._coordinates.of(start)
        for step, _ in enumerate(
            sampler.sample(first, iterations=steps, skip_initial_state_check=True), 1
        ):
            self._look()
            self._tell(done + step, wanted)
        walked = sampler.get_chain(flat=True)
        volumes = self._coordinates.log_volume(walked).reshape(steps, walkers)
        arrays = {
            "values": self._coordinates.values(walked).reshape(steps, walkers, n_free),
            "log_likelihood": sampler.get_log_prob() - volumes,
        }
        return Payload({"moved": float(np.mean(sampler.acceptance_fraction))}, arrays)

    def _log_density(self, coordinates: Floats) -> Floats:
        """Return the logarithm of the density of coordinates, flat in the parameters."""
        likelihood = self._likelihood(self._coordinates.values(coordinates))
        return likelihood + self._coordinates.log_volume(coordinates)

    def _look(self) -> None:
        if self._cancel is not None and self._cancel.is_set():
            problem = "The chain was cancelled."
            raise JobCancelled(problem, "Ask for it again: it goes on from its last full part.")

    def _tell(self, done: int, wanted: int) -> None:
        if self._progress is not None:
            self._progress(done, wanted)


def first_points(recipe: Recipe, minima: Sequence[Minimum], walkers: int, seed: int) -> Floats:
    """Return clouds of points around minima, within the limits, shape (walkers, n_free).

    The more likely a minimum is, the more walkers it has: later few pass from one to another.
    """
    links = Links(recipe.parameters)
    around = [each for each, n in zip(minima, _shares(minima, walkers), strict=True)
              for _ in range(n)]  # fmt: skip
    centres = np.array([minimum.values for minimum in around])
    sizes = np.array([_size(links, minimum) for minimum in around])
    rng = np.random.default_rng([seed, walkers])
    points = centres + _BALL * sizes * rng.standard_normal(centres.shape)
    # Walkers that would start beyond a limit are reflected into the range.
    points = np.where(points < links.low, 2 * links.low - points, points)
    points = np.where(points > links.high, 2 * links.high - points, points)
    inside: Floats = np.clip(points, links.low, links.high)
    return inside


def _shares(minima: Sequence[Minimum], walkers: int) -> list[int]:
    """Return how many walkers start around each minimum."""
    statistics = np.array([minimum.statistic for minimum in minima])
    likely = np.cumsum(np.exp(-0.5 * (statistics - statistics.min())))
    ends = np.rint(walkers * likely / likely[-1]).astype(int)
    shares: list[int] = np.diff(ends, prepend=0).tolist()
    return shares


def _size(links: Links, minimum: Minimum) -> Floats:
    """Return the errors at a minimum, or what is usual where there are none."""
    sigma = np.sqrt(np.diagonal(minimum.covariance))
    usual = np.maximum(np.abs(minimum.values) * 0.05, 0.1 * links.steps)
    known = np.isfinite(sigma) & (sigma > 0)
    size: Floats = np.minimum(np.where(known, sigma, usual), _WIDEST * (links.high - links.low))
    return size


def _refuse_nothing_free(recipe: Recipe) -> None:
    if not recipe.parameters.free:
        limit = "no parameter is free"
        raise BadParameter("chain", 0, limit, "Free one, for example free=['PhoIndex'].")
