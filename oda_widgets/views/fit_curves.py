"""The numbers behind the figures of a fit: data, model and terms, in groups of channels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.fitting.dataset import Dataset
from oda_widgets.fitting.models.scales import term_values
from oda_widgets.fitting.problem import Problem
from oda_widgets.products.spectrum_data import BAD, GOOD
from oda_widgets.views.grouping import channel_groups, gaps_between
from oda_widgets.views.log_range import informed

_TINY = 1e-300
LIMIT_BELOW = 2.0  # sigma; a limit lies as many sigma above the rate, or above zero
ARROWS = f"arrows: {LIMIT_BELOW:g} σ upper limits"
ARROW = 0.55  # rate at which the arrow of a limit ends, part of the limit


@dataclass(frozen=True)
class Curve:
    """One spectrum of a fit in groups of channels.

    Parameters
    ----------
    name
        Of the spectrum.
    low, high
        Edges of the groups, keV.
    rate, error, model
        Data, their errors and the model: counts/s/keV, or E F(E) in keV/cm2/s when unfolded.
    deviation
        (data - model) / error.
    terms
        The terms of the model, by name, in the unit of the model.
    """

    name: str
    low: Floats
    high: Floats
    rate: Floats
    error: Floats
    model: Floats
    deviation: Floats
    terms: dict[str, Floats] = field(default_factory=dict)

    @property
    def middle(self) -> Floats:
        """Middles of the groups on a logarithmic axis, keV."""
        return np.sqrt(self.low * self.high)

    @property
    def limited(self) -> NDArray[np.bool_]:
        """Mask of the groups drawn as upper limits, since a logarithmic axis cannot show them."""
        limited: NDArray[np.bool_] = self.rate < LIMIT_BELOW * self.error
        return limited

    @property
    def limit(self) -> Floats:
        """Two sigma above the rate, or above zero."""
        limit: Floats = np.maximum(self.rate, 0) + LIMIT_BELOW * self.error
        return limit

    @property
    def drawn(self) -> Floats:
        """Values that set the axis: rates less errors, and limits of informative channels."""
        points = ~self.limited
        limits = self.limit[self.limited & informed(self.error)]
        below = (self.rate - self.error)[points]
        return np.concatenate([self.rate[points], below, limits, ARROW * limits])

    @property
    def ratio(self) -> Floats:
        """Data over model."""
        return self.rate / np.maximum(self.model, _TINY)

    @property
    def ratio_error(self) -> Floats:
        """Error of the data over model."""
        return self.error / np.maximum(self.model, _TINY)


def curves(problem: Problem, free: Floats, significance: float, *, unfolded: bool) -> list[Curve]:
    """Return one curve per spectrum.

    Parameters
    ----------
    problem, free
        Data and model, and values of the free parameters.
    significance
        Channels are joined, for display only, until a point reaches it.
    unfolded
        Show E F(E): each point is moved with the model, so it depends on it.
    """
    return [
        _curve(problem, free, number, significance, unfolded=unfolded)
        for number in range(len(problem.recipe.datasets))
    ]


def holes_between(drawn: list[Curve]) -> list[tuple[float, float]]:
    """Return the ranges of energy, keV, between groups in which no spectrum has data."""
    pairs = [zip(curve.low.tolist(), curve.high.tolist(), strict=True) for curve in drawn]
    return gaps_between(chain(*pairs))


def _curve(
    problem: Problem, free: Floats, number: int, significance: float, *, unfolded: bool
) -> Curve:
    data = problem.recipe.datasets[number]
    values = problem.values_of(free, number)
    groups = _groups(data, significance)
    folded = _sums(problem.folded_with(values, number), groups)
    width = _sums(data.high - data.low, groups)
    measured = data.gaussian
    rate = _sums(measured.rate, groups)
    error = np.sqrt(_sums(measured.error**2, groups))
    low = np.array([data.low[first] for first, _ in groups])
    high = np.array([data.high[last - 1] for _, last in groups])
    factor = 1.0 / width
    if unfolded:
        emitted = _energy_flux(problem, values, number, low, high)
        factor = emitted / np.maximum(folded, _TINY)
    terms = {
        name: _sums(problem.folded_with(alone, number), groups) / width
        if not unfolded
        else _energy_flux(problem, alone, number, low, high)
        for name, alone in term_values(problem.recipe.tree, values).items()
    }
    deviation = (rate - folded) / error
    return Curve(
        data.spectrum.name, low, high, rate * factor, error * factor, folded * factor, deviation,
        terms,
    )  # fmt: skip


def _groups(data: Dataset, significance: float) -> list[tuple[int, int]]:
    """Return groups as indices among the channels used."""
    error = np.full(len(data.used), np.inf)
    error[data.used] = data.gaussian.error
    quality = np.where(data.used, GOOD, BAD).astype(np.int16)
    shown = replace(data.spectrum, error=error, quality=quality)
    position = np.cumsum(data.used) - 1
    pairs = channel_groups(shown, significance)
    return [(int(position[first]), int(position[last - 1]) + 1) for first, last in pairs]


def _sums(values: Floats, groups: list[tuple[int, int]]) -> Floats:
    return np.array([values[first:last].sum() for first, last in groups])


def _energy_flux(
    problem: Problem, values: Floats, number: int, low: Floats, high: Floats
) -> Floats:
    """Return E F(E), keV/cm2/s: the mean of E**2 N(E) between edges."""
    edges = problem.recipe.datasets[number].edges
    photons = problem.photons_with(values, number)
    middle = np.sqrt(edges[1:] * edges[:-1])
    total = np.concatenate([[0.0], np.cumsum(photons * middle**2)])
    summed: Floats = np.interp(high, edges, total) - np.interp(low, edges, total)
    return summed / (high - low)
