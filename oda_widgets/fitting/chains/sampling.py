"""Sampling by an ensemble of walkers.

A chain is made in parts, each a node of the history whose input is the part before. Parts in the
store are not sampled again: an interrupted chain resumes, and a longer one costs its new
steps only.

If there are enough walkers, they are split into groups that are independent for the length of
a part, each in a process of its own: groups that waited for each other at every step would wait
longer than they walk. Each part mixes them anew. A group leaves the density of its walkers
unchanged, and so do all groups together.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Event

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.config import load_settings
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.cancel import stop_if_set
from oda_widgets.fitting.chains.walk import Samples, Walk
from oda_widgets.fitting.chains.walking import Walking
from oda_widgets.fitting.history import chain_node, chain_part_node
from oda_widgets.fitting.minimise import Minimum
from oda_widgets.fitting.models.expression import components
from oda_widgets.fitting.models.numpy_models import NUMPY_FLUX_MODELS, NUMPY_MODELS
from oda_widgets.fitting.problem import Links, Recipe
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store

PART = 250  # steps of a part of a chain
_BALL = 0.5  # size of the first cloud of walkers, sigma
_WIDEST = 0.1  # largest size of that cloud, as a part of the range between limits
_GROUP = 20  # walkers

Progress = Callable[[int, int], object]


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
    recipe
        Data, model, parameters and statistic.
    minima
        Around which the walkers start.
    walkers, steps
        Number of walkers, and of steps of each.
    seed
        The same seed repeats the chain.
    processes
        Number of worker processes, 0 for this process; None is 0 for models of plain NumPy, and
        else all processors.
    progress
        Called with steps done and steps wanted.
    cancel
        Stops the chain when it is set; the parts that are done are kept.

    Raises
    ------
    JobCancelled
        If it was stopped.
    """
    _check_any_free(recipe)
    settings = load_settings()
    store = Store(settings.store_folder, settings.store_bytes)
    if processes is None:
        processes = 0 if is_plain(recipe) else os.cpu_count() or 1
    with Walking(recipe, processes) as walking:
        return _Sampling(recipe, minima, store, walking, progress, cancel).run(walkers, steps, seed)


def is_plain(recipe: Recipe) -> bool:
    """Tell whether a model is NumPy only and never calls XSPEC's library."""
    names = {part.model.name for part in components(recipe.tree)}
    return names <= {*NUMPY_MODELS, *NUMPY_FLUX_MODELS}


@contextmanager
def progress_bar(
    progress: Callable[[int, int], object] | None, name: str
) -> Iterator[Callable[[int, int], object]]:
    """Yield the function to call with the steps done and the steps wanted.

    Parameters
    ----------
    progress
        The function that the user gave; None shows a bar in the notebook or the terminal, and
        nothing in the log of a script.
    name
        Label of the bar.
    """
    if progress is not None:
        yield progress
        return
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield lambda _done, _wanted: None
        return
    from tqdm.auto import tqdm  # noqa: PLC0415 - imports widgets

    # Removing the bar shows an error on pages of Voila, where its widget is gone.
    with tqdm(desc=name) as bar:

        def show(done: int, wanted: int) -> None:
            bar.total = wanted
            bar.update(done - bar.n)

        yield show


def default_walkers(recipe: Recipe) -> int:
    """Return the default number of walkers: four per free parameter, doubled for slow models."""
    group = max(4 * len(recipe.parameters.free), _GROUP)
    return group if is_plain(recipe) else 2 * group


class _Sampling:
    """Samples one chain, part by part."""

    def __init__(
        self,
        recipe: Recipe,
        minima: Sequence[Minimum],
        store: Store,
        walking: Walking,
        progress: Progress | None,
        cancel: Event | None,
    ) -> None:
        self._recipe, self._minima, self._walking = recipe, minima, walking
        self._progress, self._cancel = progress, cancel
        self._run = Run(store, self._check_cancelled, lambda _text: None)

    def run(self, walkers: int, steps: int, seed: int) -> Samples:
        """Return all parts as one chain."""
        node = chain_node(self._recipe, self._minima, walkers, seed)
        last = first_points(self._recipe, self._minima, walkers, seed)
        parts: list[Payload] = []
        for number, done in enumerate(range(0, steps, PART)):
            n_steps = min(PART, steps - done)
            node = chain_part_node(node, number, n_steps)
            report = partial(self._report, done, steps)
            compute = partial(self._sample_part, last, n_steps, (seed, number), report)
            parts.append(self._run.result(Task(node, compute)))
            last = parts[-1].arrays["values"][-1]
            report(n_steps)
        values = [part.arrays["values"] for part in parts]
        logarithms = [part.arrays["log_likelihood"] for part in parts]
        moved = np.average([part.facts["moved"] for part in parts], weights=[*map(len, values)])
        return Samples(np.concatenate(values), np.concatenate(logarithms), float(moved))

    def _sample_part(
        self, start: Floats, steps: int, seeds: tuple[int, int], report: Callable[[int], None]
    ) -> Payload:
        groups = _groups(start.shape, seeds)
        walks = [Walk(start[group], steps, (*seeds, number)) for number, group in enumerate(groups)]
        found = self._walking(walks, report)
        arrays = {
            "values": np.empty((steps, *start.shape)),
            "log_likelihood": np.empty((steps, len(start))),
        }
        for group, samples in zip(groups, found, strict=True):
            arrays["values"][:, group] = samples.values
            arrays["log_likelihood"][:, group] = samples.log_likelihood
        return Payload({"moved": float(np.mean([samples.moved for samples in found]))}, arrays)

    def _check_cancelled(self) -> None:
        advice = "Ask for it again: it goes on from its last full part."
        stop_if_set(self._cancel, "The chain", advice)

    def _report(self, before: int, wanted: int, done: int) -> None:
        self._check_cancelled()
        if self._progress is not None:
            self._progress(before + done, wanted)


def _groups(shape: tuple[int, ...], seeds: tuple[int, int]) -> list[NDArray[np.intp]]:
    """Return the indices of the walkers of each group.

    Parameters
    ----------
    shape
        Numbers of walkers and of free parameters.
    seeds
        Seeds of the mixing.
    """
    walkers, n_free = shape
    number = max(walkers // max(2 * n_free, _GROUP), 1)
    mixed = np.random.default_rng(seeds).permutation(walkers)
    return [np.sort(mixed[first::number]) for first in range(number)]


def first_points(recipe: Recipe, minima: Sequence[Minimum], walkers: int, seed: int) -> Floats:
    """Return clouds of points around minima, within the limits, shape (walkers, n_free).

    A more likely minimum has more walkers, since few pass from one minimum to another later.
    """
    links = Links(recipe.parameters)
    around = [each for each, n in zip(minima, _shares(minima, walkers), strict=True)
              for _ in range(n)]  # fmt: skip
    centres = np.array([minimum.values for minimum in around])
    sizes = np.array([_cloud_size(links, minimum) for minimum in around])
    rng = np.random.default_rng([seed, walkers])
    points = centres + _BALL * sizes * rng.standard_normal(centres.shape)
    # Walkers that would start outside a limit are reflected into the range.
    points = np.where(points < links.low, 2 * links.low - points, points)
    points = np.where(points > links.high, 2 * links.high - points, points)
    inside: Floats = np.clip(points, links.low, links.high)
    return inside


def _shares(minima: Sequence[Minimum], walkers: int) -> list[int]:
    """Return the number of walkers that start around each minimum."""
    statistics = np.array([minimum.statistic for minimum in minima])
    likely = np.cumsum(np.exp(-0.5 * (statistics - statistics.min())))
    ends = np.rint(walkers * likely / likely[-1]).astype(int)
    shares: list[int] = np.diff(ends, prepend=0).tolist()
    return shares


def _cloud_size(links: Links, minimum: Minimum) -> Floats:
    """Return the errors at a minimum, or default sizes if it has none."""
    sigma = np.sqrt(np.diagonal(minimum.covariance))
    fallback = np.maximum(np.abs(minimum.values) * 0.05, 0.1 * links.steps)
    known = np.isfinite(sigma) & (sigma > 0)
    size: Floats = np.minimum(np.where(known, sigma, fallback), _WIDEST * (links.high - links.low))
    return size


def _check_any_free(recipe: Recipe) -> None:
    if not recipe.parameters.free:
        limit = "no parameter is free"
        raise BadParameter("chain", 0, limit, "Free one, for example free=['PhoIndex'].")
